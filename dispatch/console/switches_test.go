package console_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// register is a register of one Asterisk and those added.
type register struct{ all []console.Switch }

func (r *register) List(context.Context) ([]console.Switch, error) { return r.all, nil }

func (r *register) Add(_ context.Context, in console.NewSwitch) error {
	if in.URL == "" {
		return fmt.Errorf("its address is not http://host:port: %w", dispatch.ErrInvalid)
	}
	for _, sw := range r.all {
		if sw.Name == in.Name {
			return dispatch.ErrConflict
		}
	}
	r.all = append(r.all, console.Switch{Name: in.Name, URL: in.URL, Want: "serving", State: "connecting"})
	return nil
}

func (r *register) Want(_ context.Context, name, want string) error {
	for i := range r.all {
		if r.all[i].Name == name {
			r.all[i].Want = want
			return nil
		}
	}
	return dispatch.ErrNotFound
}

func TestSwitches(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	c.get("/switches").want(t, 200, `"want":"serving"`, `"name":"main"`)
	two := map[string]any{"name": "two", "url": "http://127.0.0.1:8089", "user": "u", "password": "geheim"}
	if a := c.post("/switches", two); a.status != 200 || strings.Contains(a.body, "geheim") || !strings.Contains(a.body, `"name":"two"`) {
		t.Errorf("added: %d %s", a.status, a.body)
	}
	c.post("/switches", two).want(t, 409, "这个名称已在使用")
	c.post("/switches", map[string]any{"name": "three"}).want(t, 422, `"field":"url"`)
	c.post("/switches/two/drain", map[string]any{}).want(t, 200, `"want":"draining"`)
	c.post("/switches/two/resume", map[string]any{}).want(t, 200)
	c.post("/switches/two/remove", map[string]any{}).want(t, 200, `"want":"removed"`)
	c.post("/switches/nine/drain", map[string]any{}).want(t, 404, "没有这个 Asterisk")
	b.guest().get("/switches").want(t, 401)
}
