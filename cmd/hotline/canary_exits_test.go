package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// known lists the ids of what the record has, by the part of an address they stand in.
func (c *canary) known() map[string][]string {
	c.t.Helper()
	all := dispatch.Filter{Limit: 1000}
	ids := map[string][]string{}
	orders, err := c.store.Orders(c.ctx, all)
	c.must(err)
	for _, o := range orders {
		ids["orders"] = append(ids["orders"], o.Number)
		files, err := c.store.Attachments(c.ctx, o.Number)
		c.must(err)
		for _, f := range files {
			ids["attachments"] = append(ids["attachments"], o.Number+"/attachments/"+f.ID)
		}
	}
	calls, err := c.store.Calls(c.ctx, all)
	c.must(err)
	for _, k := range calls {
		ids["calls"] = append(ids["calls"], k.ID)
	}
	voicemails, err := c.store.Voicemails(c.ctx, all)
	c.must(err)
	for _, v := range voicemails {
		ids["voicemails"] = append(ids["voicemails"], v.ID)
	}
	out, err := c.store.Messages(c.ctx, all)
	c.must(err)
	for _, m := range out {
		ids["messages"] = append(ids["messages"], m.ID)
	}
	in, err := c.store.Inbounds(c.ctx, all)
	c.must(err)
	for _, m := range in {
		ids["inbound"] = append(ids["inbound"], m.ID)
	}
	ids["talks"] = append(slices.Clone(ids["messages"]), ids["inbound"]...)
	for name, n := range map[string]int{"orders": 3, "attachments": 1, "calls": 3, "voicemails": 1, "messages": 4, "inbound": 3} {
		if len(ids[name]) < n {
			c.t.Fatalf("only %d %s: the canary sings to nobody", len(ids[name]), name)
		}
	}
	return ids
}

// addresses are everything that can be read of the console, its page and the engineer's pages.
func (c *canary) addresses(ids map[string][]string) []string {
	c.t.Helper()
	var doc struct{ Paths map[string]map[string]any }
	c.must(c.console.get(c.ctx, "/api/v1/openapi.json", &doc))
	all := []string{"/", "/metrics", "/readyz", "/crew", "/healthz"}
	for path, methods := range doc.Paths {
		if methods["get"] == nil || path == "/events" {
			continue
		}
		name, _, _ := strings.Cut(path[1:], "/")
		before, rest, has := strings.Cut(path, "{")
		if !has {
			all = append(all, "/api/v1"+path)
			continue
		}
		_, after, _ := strings.Cut(rest, "}")
		if after == "/attachments/{id}" {
			name, after = "attachments", ""
		}
		if len(ids[name]) == 0 {
			c.t.Errorf("no id for %s", path)
		}
		for _, id := range ids[name] {
			all = append(all, "/api/v1"+before+id+after)
		}
	}
	slices.Sort(all)
	return all
}

// asksEverything reads all that a role may read, and what it may not.
func (c *canary) asksEverything(client *consoleClient, role console.Role, ids map[string][]string) {
	c.t.Helper()
	read := 0
	for _, path := range c.addresses(ids) {
		status, body := c.read(client, path)
		if strings.Contains(path, "/attachments/") {
			if office := role == "admin" || role == console.HotlineAdmin; (status == http.StatusOK) != office {
				c.t.Errorf("%s takes an informant's file: %d", role, status)
			}
			continue
		}
		if strings.HasSuffix(path, "/audio") {
			if status == http.StatusOK && role != "admin" { // who did give a reason
				c.t.Errorf("%s heard %s without a reason", role, path)
			}
			continue
		}
		if status == http.StatusOK {
			read++
		} else if status < 400 || status >= 500 && status != http.StatusServiceUnavailable {
			c.t.Errorf("%s: %s: %d %s", role, path, status, body)
		}
		// What a report says is for who handles it, on its order.
		onOrder := strings.HasPrefix(path, "/api/v1/orders") || path == "/api/v1/work"
		c.tellsNothing(fmt.Sprintf("%s to %s", path, role), body, !onOrder)
	}
	for _, id := range ids["voicemails"] {
		var answer string
		err := client.post(c.ctx, "/api/v1/voicemails/"+id+"/listen", map[string]string{"reason": "好奇"}, &answer)
		if office := role == "admin" || role == console.HotlineAdmin; (err == nil) != office {
			c.t.Errorf("%s asks to hear an informant: %v", role, err)
		}
	}
	for _, i := range c.people {
		var answer string
		err := client.post(c.ctx, "/api/v1/orders/"+i.order.Number+"/phone", map[string]string{"reason": "好奇"}, &answer)
		if err == nil || strings.Contains(err.Error(), i.number) {
			c.t.Errorf("%s asks for an informant's number: %q, %v", role, answer, err)
		}
	}
	if read < 6 {
		c.t.Errorf("%s read only %d pages", role, read)
	}
}

// read is one request, whatever comes back.
func (c *canary) read(client *consoleClient, path string) (status int, body string) {
	c.t.Helper()
	ctx, cancel := c.limitedTo()
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, client.base+path, nil)
	c.must(err)
	req.Header = client.header.Clone()
	res, err := http.DefaultClient.Do(req)
	c.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	c.must(err)
	for name, values := range res.Header {
		c.tellsNothing("header "+name+" of "+path, strings.Join(values, "\n"), true)
	}
	return res.StatusCode, string(b)
}

// searchesFindNobody looks for orders by who might have informed.
func (c *canary) searchesFindNobody() {
	c.t.Helper()
	client := c.as(console.HotlineAdmin)
	for channel, i := range c.people {
		var answer string
		c.must(client.post(c.ctx, "/api/v1/orders/search", map[string]string{"phone": i.number}, &answer))
		for _, secret := range append(i.secrets(true), i.order.Number) {
			if secret != "" && strings.Contains(answer, secret) {
				c.t.Errorf("a search by the number of who informed by %s finds %q", channel, secret)
			}
		}
		c.must(client.post(c.ctx, "/api/v1/talks/search", map[string]string{"phone": i.number}, &answer))
		for _, secret := range []string{i.name, i.words, i.order.Number, i.order.Digits} {
			if secret != "" && strings.Contains(answer, secret) {
				c.t.Errorf("the talk with who informed by %s has %q: %s", channel, secret, answer)
			}
		}
		if i.name == "" {
			continue
		}
		if _, body := c.read(client, "/api/v1/orders?q="+i.name); strings.Contains(body, i.order.Number) {
			c.t.Errorf("by the name of who informed by %s: %s", channel, body)
		}
		if status, _ := c.read(client, "/api/v1/orders?q="+i.number); status != http.StatusBadRequest {
			c.t.Errorf("a number in an address is answered with %d", status)
		}
	}
}

// textsTellNothing reads every handset by the carrier's own record.
func (c *canary) textsTellNothing() {
	c.t.Helper()
	var handsets []struct{ Number string }
	c.must(c.carrier.get(c.ctx, "/api/handsets", &handsets))
	for _, h := range handsets {
		texts, err := c.carrier.texts(c.ctx, h.Number)
		c.must(err)
		for _, text := range texts {
			for channel, i := range c.people {
				for _, secret := range []string{i.number, i.name, i.words, i.paper} {
					if secret != "" && strings.Contains(text.Text, secret) {
						c.t.Errorf("the handset %s reads %q of who informed by %s: %s", h.Number, secret, channel, text.Text)
					}
				}
			}
		}
	}
}
