package main

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// taken is a file that leaves by an operation, and who may take it.
type taken struct {
	path  string
	body  map[string]any
	words bool // what a report says must not be in it either
}

// exports are all of them: tables of orders, every table of figures, the last month's volume,
// and each report as evidence.
func (c *canary) exports() (all []taken) {
	month := time.Date(storyDay.Year(), storyDay.Month(), 1, 0, 0, 0, 0, dispatch.Place)
	for _, format := range []string{"csv", "xlsx"} {
		all = append(all, taken{path: "orders", body: map[string]any{"format": format}})
	}
	for _, table := range dispatch.FigureKinds {
		all = append(all, taken{path: "figures", words: true, body: map[string]any{"format": "csv", "table": table,
			"since": month.AddDate(0, -1, 0), "until": night}})
	}
	all = append(all, taken{path: "volume", body: map[string]any{"month": month.AddDate(0, -1, 0).Format("2006-01")}})
	for _, i := range c.people {
		all = append(all, taken{path: "orders/" + i.order.Number})
	}
	return all
}

// takesEverything takes every file that a role may, looks into it, and asks for the papers of
// who informed, which nobody is shown (XZ-12.1).
func (c *canary) takesEverything(client *consoleClient, role console.Role) {
	c.t.Helper()
	took := 0
	for _, e := range c.exports() {
		body := map[string]any{"reason": "核查"}
		for name, value := range e.body {
			body[name] = value
		}
		var file string
		switch err := client.post(c.ctx, "/api/v1/export/"+e.path, body, &file); {
		case err == nil:
			took++
			for name, text := range c.unpacked(file) {
				c.tellsNothing(fmt.Sprintf("%s of %s %v, taken by %s", name, e.path, e.body, role), name+"\n"+text, e.words)
			}
		case !strings.Contains(err.Error(), "403"):
			c.t.Errorf("%s takes %s: %v", role, e.path, err)
		}
	}
	for channel, i := range c.people {
		var answer string
		err := client.post(c.ctx, "/api/v1/orders/"+i.order.Number+"/identity/show", map[string]string{"reason": "好奇"}, &answer)
		if err == nil || i.paper != "" && strings.Contains(err.Error(), i.paper) {
			c.t.Errorf("%s asks for the papers of who informed by %s: %q, %v", role, channel, answer, err)
		}
	}
	if takes := role == "admin" || role == console.HotlineAdmin || role == console.Supervisor; takes && took < 13 {
		c.t.Errorf("%s took only %d files", role, took)
	}
}

// unpacked is what is in a file, by name; an archive's parts each by itself.
func (c *canary) unpacked(file string) map[string]string {
	c.t.Helper()
	if !strings.HasPrefix(file, "PK") {
		return map[string]string{"a table": file}
	}
	parts := map[string]string{}
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	c.must(err)
	for _, f := range z.File {
		r, err := f.Open()
		c.must(err)
		text, err := io.ReadAll(io.LimitReader(r, 16<<20))
		c.must(err)
		c.must(r.Close())
		parts[f.Name] = string(text)
	}
	return parts
}
