package console_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/dispatch"
)

// schema is what openapi.json says of one value.
type schema struct {
	Type       string
	Enum       []string
	Format     string
	Minimum    *int
	Maximum    *int
	MaxLength  int
	MinLength  int
	Properties map[string]schema
	Required   []string
}

// command is an operation that changes something, as it is described.
type command struct {
	method, path, id string
	public           bool
	body             schema
}

// commands reads the description as any client does.
func commands(t *testing.T, c *client) (all []command) {
	t.Helper()
	var d struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    *[]any
			RequestBody struct {
				Content map[string]struct{ Schema schema }
			}
		}
	}
	c.get("/openapi.json").into(t, &d)
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for method, op := range d.Paths[path] {
			if method != "get" {
				all = append(all, command{strings.ToUpper(method), path, op.OperationID, op.Security != nil, op.RequestBody.Content["application/json"].Schema})
			}
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d commands are described", len(all))
	}
	return all
}

// bad is a body that has to be refused, and the field that has to be named, if one has to.
type bad struct{ why, body, field string }

// badBodies makes them from the description: what is no object, unknown, missing, of
// another kind, not in the list, too small, too large, too long.
func badBodies(t *testing.T, s schema) []bad {
	t.Helper()
	with := func(name string, value any) string {
		body := map[string]any{}
		for _, r := range s.Required {
			body[r] = plausible(s.Properties[r])
		}
		if body[name] = value; value == nil {
			delete(body, name)
		}
		text, err := json.Marshal(body)
		must(t, err)
		return string(text)
	}
	list := []bad{{"no JSON", `{"`, ""}, {"a list", `[]`, ""}, {"two", `{} {}`, ""}, {"unknown", with("no_such_field", 1), "no_such_field"}}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		list = append(list, bad{"of another kind", with(name, another(p)), name})
		if slices.Contains(s.Required, name) {
			list = append(list, bad{"missing", with(name, nil), name})
		}
		if len(p.Enum) > 0 {
			list = append(list, bad{"not in the list", with(name, "no_such_word"), name})
		}
		if p.Minimum != nil {
			list = append(list, bad{"too small", with(name, *p.Minimum-2), name})
		}
		if p.Maximum != nil {
			list = append(list, bad{"too large", with(name, *p.Maximum+1), name})
		}
		if p.MinLength > 0 {
			list = append(list, bad{"blank", with(name, " \n"), name})
		}
		if p.MaxLength > 0 {
			list = append(list, bad{"too long", with(name, strings.Repeat("长", p.MaxLength+1)), name})
		}
	}
	return list
}

// plausible is a value that fits.
func plausible(s schema) any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[len(s.Enum)-1]
	case s.Format == "date-time":
		return tenOClock.Add(24 * time.Hour).Format(time.RFC3339)
	case s.Type == "integer":
		return 1
	case s.Type == "boolean":
		return true
	case s.Type == "array":
		return []any{}
	case s.Type == "object":
		return map[string]any{}
	}
	return "13800000000"
}

// another is a value of another kind.
func another(s schema) any {
	if s.Type == "object" || s.Type == "array" || s.Type == "boolean" || s.Type == "integer" {
		return "no"
	}
	return map[string]any{"no": 1}
}

// everything is all the database has, but for what it writes of refusals.
func (b *bench) everything() (all []string) {
	b.t.Helper()
	db, err := sql.Open("sqlite", b.file)
	must(b.t, err)
	defer db.Close()
	for _, table := range column(b.t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%audit%' AND name NOT LIKE '%refus%' ORDER BY name") {
		rows, err := db.QueryContext(b.t.Context(), `SELECT * FROM "`+table+`"`)
		must(b.t, err)
		names, err := rows.Columns()
		must(b.t, err)
		for rows.Next() {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			must(b.t, rows.Scan(into...))
			all = append(all, fmt.Sprintln(table, values))
		}
		must(b.t, rows.Err())
		must(b.t, rows.Close())
	}
	return all
}

// column is the first column of what a query finds.
func column(t testing.TB, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		must(t, rows.Scan(&s))
		all = append(all, s)
	}
	must(t, rows.Err())
	return all
}

// furnished is a bench with one of each thing that a command is about.
func furnished(t *testing.T) (*bench, *client) {
	t.Helper()
	b := newBench(t)
	s := b.story()
	c := b.browser()
	c.post("/orders/"+s.order.Number+"/reviews", map[string]any{"kind": "correction", "rating": 2, "reason": "按错", "evidence": "REC-1"}).want(t, 201)
	c.post("/caller-rules", map[string]any{"number": "13700000000", "reason": "骚扰", "until": tenOClock.Add(24 * time.Hour)}).want(t, 201)
	b.clock.Advance(time.Minute)
	_, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: citizen, Summary: "路灯不亮"})
	must(t, err)
	return b, c
}

// address is a command's path with the newest thing of its kind, or with none.
func (c *client) address(path string) string {
	c.t.Helper()
	list, rest, ok := strings.Cut(path, "/{")
	if !ok {
		return path
	}
	_, rest, _ = strings.Cut(rest, "}")
	var found struct {
		Items []struct{ Number, ID, Name string }
	}
	if a := c.get(list); a.status == 200 {
		a.into(c.t, &found)
	}
	if len(found.Items) == 0 {
		return list + "/none" + rest
	}
	i := found.Items[0]
	return list + "/" + max(i.Number, i.ID, i.Name) + rest
}

// isProblem checks a refusal: a problem document that names the field and changes nothing.
func isProblem(t *testing.T, a answer, field string) {
	t.Helper()
	var p struct {
		Title, Detail, Field string
		Status               int
	}
	if a.status < 400 || a.status >= 500 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("%d %s: %s", a.status, a.header.Get("Content-Type"), a.body)
		return
	}
	a.into(t, &p)
	if p.Status != a.status || p.Title == "" || p.Detail == "" {
		t.Errorf("problem document %+v", p)
	}
	if asked := a.status == 400 || a.status == 422; asked && field != "" && p.Field != field {
		t.Errorf("names the field %q, want %q: %s", p.Field, field, a.body)
	}
}

// TestEveryCommandRefusesBadInput walks the description: whatever is missing, wrong or
// unknown in a command's body is refused by a problem document that names it, and nothing
// in the database is other than before.
func TestEveryCommandRefusesBadInput(t *testing.T) {
	b, c := furnished(t)
	before := b.everything() // and, since nothing changes it, after each of them
	for _, op := range commands(t, c) {
		if op.public || op.id == "logOut" {
			continue
		}
		path := c.address(op.path)
		for _, bad := range badBodies(t, op.body) {
			t.Run(op.id+" "+bad.why+" "+bad.field, func(t *testing.T) {
				isProblem(t, c.do(op.method, path, bad.body), bad.field)
				after := b.everything()
				if !slices.Equal(before, after) { // which is cheap
					t.Errorf("it changed the database: %s", cmp.Diff(before, after))
				}
				before = after
			})
		}
	}
}

// TestEveryCommandAsksWhoAndFromWhere: nobody who is not logged in commands anything, and
// no page of somebody else does in their name.
func TestEveryCommandAsksWhoAndFromWhere(t *testing.T) {
	b, c := furnished(t)
	guest := b.guest()
	before := b.everything()
	for _, op := range commands(t, c) {
		if op.public {
			continue
		}
		path := c.address(op.path)
		if a := guest.do(op.method, path, "{}"); a.status != 401 {
			t.Errorf("%s without a session: %d %s", op.id, a.status, a.body)
		}
		if a := c.do(op.method, path, "{}", "X-CSRF-Token", "wrong"); a.status != 403 {
			t.Errorf("%s with a wrong token: %d %s", op.id, a.status, a.body)
		}
	}
	if diff := cmp.Diff(before, b.everything()); diff != "" {
		t.Errorf("it changed the database: %s", diff)
	}
}
