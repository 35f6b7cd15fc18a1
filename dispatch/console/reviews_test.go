package console_test

import (
	"net/http"
	"testing"

	"hotline/dispatch/console"
)

// as is a second person at the console, of the hotline's office.
func (b *bench) as(account string) *client {
	b.t.Helper()
	return b.whoIs(console.Account{Name: account, Roles: []console.Role{console.HotlineAdmin}})
}

// whoIs is somebody at the console.
func (b *bench) whoIs(who console.Account) *client {
	b.t.Helper()
	account := who.Name
	must(b.t, b.accounts.Add(who, password))
	c := b.guest()
	a := c.post("/login", map[string]any{"account": account, "password": password, "bearer": true})
	a.want(b.t, http.StatusOK)
	var s struct{ Token string }
	a.into(b.t, &s)
	c.header.Set("Authorization", "Bearer "+s.Token)
	return c
}

// TestCorrection_ZQ15_6: one asks with a recording, another decides; the old rating stays.
func TestCorrection_ZQ15_6(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c, boss := b.browser(), b.as("boss")
	path := "/orders/" + s.order.Number + "/reviews"
	b.clerkOf(c, s.callback.ID)
	c.post(path, map[string]any{"kind": "correction", "rating": 2}).want(t, 422, `"field":"evidence"`, `"rule":"ZQ-15.6"`)
	c.post(path, map[string]any{"kind": "correction", "rating": 9, "evidence": "call1"}).want(t, 422, `"field":"rating"`)
	c.post(path, map[string]any{"kind": "correction", "rating": 2, "evidence": "call2"}).want(t, 422, `"field":"evidence"`) // somebody else's call
	c.post(path, map[string]any{"kind": "correction", "rating": 2, "evidence": "call1", "version": 1}).want(t, 409)
	a := c.post(path, map[string]any{"kind": "correction", "rating": 2, "evidence": "call1"})
	a.want(t, 201, `"asked_by":"agent:admin"`)
	var r struct{ ID string }
	a.into(t, &r)
	c.get("/reviews?open=true").want(t, 200, r.ID)
	c.get("/status").want(t, 200, `"reviews":1`)
	c.post("/reviews/"+r.ID+"/decide", map[string]any{"approve": true}).want(t, 403, "ZQ-15.6")
	boss.post("/reviews/"+r.ID+"/decide", map[string]any{"approve": false}).want(t, 422, `"field":"opinion"`)
	boss.post("/reviews/"+r.ID+"/decide", map[string]any{"approve": true}).want(t, 200, `"decided_by":"agent:boss"`)
	boss.post("/reviews/"+r.ID+"/decide", map[string]any{"approve": true}).want(t, 200)
	boss.post("/reviews/"+r.ID+"/decide", map[string]any{"approve": false, "opinion": "x"}).want(t, 409)
	c.get("/orders/"+s.order.Number).want(t, 200, `"state":"archived"`, `"rating":2`)
	c.get("/surveys?order="+s.order.Number).want(t, 200, `"rating":2,"original_rating":5`)
	c.get("/satisfaction").want(t, 200, `"rated":1,"satisfied":1`, `"corrected_rate":1`)
	c.get("/satisfaction?month=2026-10").want(t, 200, `"rated":0`)
	c.get("/satisfaction?month=x").want(t, 400, "month")
	c.get("/exceptions").want(t, 200, "ZQ-16.1", "ZQ-16.7", "隐匿信息")
	c.post("/reviews/none/decide", map[string]any{"approve": true}).want(t, 404)
}

// clerkOf claims a task, which nobody else has from then on.
func (b *bench) clerkOf(c *client, id string) {
	b.t.Helper()
	c.post("/callbacks/"+id+"/claim", map[string]any{}).want(b.t, 200, `"claimed_by":"agent:admin"`)
	other := b.as("other")
	other.post("/callbacks/"+id+"/phone", map[string]any{"reason": "回访"}).want(b.t, 409, "正在回访")
	other.post("/callbacks/"+id+"/finish", map[string]any{"reached": false}).want(b.t, 409, "ZQ-15.5")
}
