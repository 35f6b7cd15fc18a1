package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hotline/dispatch/console"
)

// newOrder registers a request for help and says its number.
func (c *client) newOrder() string {
	c.t.Helper()
	a := c.post("/orders", map[string]any{"type": "help", "phone": citizen, "summary": "路灯不亮"})
	a.want(c.t, http.StatusCreated)
	var o struct{ Number string }
	a.into(c.t, &o)
	return o.Number
}

// TestLifeOverTheAPI follows one order from its registration to its survey.
func TestLifeOverTheAPI(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	path := "/orders/" + c.newOrder()
	c.get("/work?hotline=true").want(t, 200, `"state_text":"已登记"`)
	c.post(path+"/classify", map[string]any{"points": 1}).want(t, 200, `"points":1`)
	c.post(path+"/dispatch", map[string]any{"lead": "water", "assist": []string{"roads"}, "words": "请办理"}).
		want(t, 200, `"state":"dispatched"`, `"unit":"water"`)
	c.get("/work?unit=water&state=dispatched&supervised=false").want(t, 200, `"unit":"water"`)
	c.get("/work?unit=roads").want(t, 200, `"items":[]`)
	c.get(path+"/assignments").want(t, 200, `"unit":"water","lead":true`, `"unit":"roads","lead":false`)
	c.post(path+"/sign", map[string]any{}).want(t, 200, `"state":"signed"`)
	c.post(path+"/start", map[string]any{"words": "已核实"}).want(t, 200, `"state":"processing"`)
	c.post(path+"/contact", map[string]any{"how": "phone", "evidence": "rec1", "told_due": true}).want(t, 200)
	c.post(path+"/extension", map[string]any{"reason": "待料", "told": []string{"office", "hotline", "caller"}}).want(t, 200, `"state":"extension_requested"`)
	c.get("/reviews?open=true").want(t, 200, `"kind":"extension"`, `"unit":"water"`)
	boss := b.as("boss")
	boss.post(path+"/extension/allow", map[string]any{"until": "2026-11-30T16:00:00Z"}).want(t, 200, `"due":"2026-11-30T16:00:00Z"`)
	c.post(path+"/submit", map[string]any{"process": "维修", "result": "已修好"}).want(t, 200, `"state":"submitted"`)
	c.post(path+"/send-back", map[string]any{"opinion": "再查"}).want(t, 200, `"state":"processing"`)
	c.post(path+"/submit", map[string]any{"process": "维修", "result": "已修好"}).want(t, 200)
	c.post(path+"/supervise", map[string]any{"on": true, "reason": "重点"}).want(t, 200, `"supervised":true`)
	boss.post(path+"/pass", map[string]any{}).want(t, 200, `"state":"completed"`, `"result":"已修好"`)
	c.get("/work").want(t, 200, `"items":[]`)
	c.get(path+"/events").want(t, 200, `"kind":"dispatched"`, `"kind":"extended"`, `"rule":"ZZ-17.4"`, `"kind":"review_passed"`)
}

// TestCommandsOnceAndInTurn: a key makes a command one, and an old version is refused.
func TestCommandsOnceAndInTurn(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	first, again := c.newOrder(), c.newOrder()
	path := "/orders/" + again
	c.post(path+"/supervise", map[string]any{"on": true, "reason": "一"}, "Idempotency-Key", "k1").want(t, 200, `"version":2`)
	c.post(path+"/supervise", map[string]any{"on": true, "reason": "一"}, "Idempotency-Key", "k1").want(t, 200, `"version":2`)
	c.post(path+"/merge", map[string]any{"parent": first}, "Idempotency-Key", "k1").want(t, 409, `"field":"key"`)
	c.post(path+"/sign", map[string]any{}, "Idempotency-Key", strings.Repeat("k", 200)).want(t, 400, `"field":"key"`)
	c.post(path+"/merge", map[string]any{"parent": first}, "If-Match", `"1"`).want(t, 409, `"field":"version"`)
	c.post(path+"/merge", map[string]any{"parent": first, "version": 1}, "If-Match", `"2"`).want(t, 400, `"field":"version"`)
	c.post(path+"/merge", map[string]any{"parent": first, "version": 2}).want(t, 200, `"parent":"`+first, `"state":"archived"`)
	c.get("/orders/"+first+"/links").want(t, 200, `"kind":"child"`, again)
	c.get("/orders/"+first).want(t, 200, `"repeats":1`)
}

// TestBadCommands: missing, wrong and forbidden fields answer a problem document that names
// field and clause, and change nothing.
func TestBadCommands(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	number := c.newOrder()
	path := "/orders/" + number
	before := c.get(path).body
	for _, tt := range []struct {
		command     string
		body        map[string]any
		status      int
		field, rule string
	}{
		{"answer", map[string]any{}, 422, "result", "ZZ-16.2"},
		{"own", map[string]any{}, 422, "owner", "ZZ-21"},
		{"transfer", map[string]any{}, 422, "to", "ZZ-10.4"},
		{"reject", map[string]any{}, 422, "told", "ZZ-16.4"},
		{"reopen", map[string]any{}, 422, "reason", "ZQ-7.2"},
		{"reopen", map[string]any{"reason": "x"}, 409, "state", "ZZ-10.2"},
		{"classify", map[string]any{"points": -1}, 422, "points", "ZQ-14.2"},
		{"dispatch", map[string]any{}, 422, "lead", "ZZ-11.2"},
		{"dispatch", map[string]any{"lead": "nobody"}, 422, "units", "ZZ-11.2"},
		{"sign", map[string]any{}, 409, "state", "ZQ-11.0"},
		{"start", map[string]any{}, 409, "state", "ZQ-9.1"},
		{"contact", map[string]any{}, 422, "how", "ZQ-9.1"},
		{"no-reply", map[string]any{"reason": "busy"}, 422, "reason", "ZQ-13.2"},
		{"return", map[string]any{"reason": "x"}, 409, "state", "ZZ-15.1"},
		{"return/allow", map[string]any{}, 409, "state", "ZQ-9.2"},
		{"return/refuse", map[string]any{"opinion": "x"}, 409, "state", "ZQ-9.2"},
		{"extension", map[string]any{"reason": "x"}, 409, "state", "ZZ-17.4"},
		{"extension/allow", map[string]any{}, 409, "state", "ZQ-12.3"},
		{"extension/refuse", map[string]any{"opinion": "x"}, 409, "state", "ZQ-12.3"},
		{"submit", map[string]any{"process": "x"}, 422, "result", "ZZ-15.2"},
		{"submit", map[string]any{"process": "x", "result": "y"}, 409, "state", "ZZ-18.1"},
		{"pass", map[string]any{}, 409, "state", "ZZ-18.1"},
		{"send-back", map[string]any{"opinion": "x"}, 409, "state", "ZZ-18.1"},
		{"file", map[string]any{}, 409, "state", "SQ-5.4"},
		{"understood", map[string]any{"yes": true}, 409, "state", "SQ-5.3"},
		{"withdraw", map[string]any{}, 422, "reason", "ZQ-13.2"},
		{"merge", map[string]any{"parent": number}, 422, "parent", "ZQ-17"},
		{"urge", map[string]any{}, 409, "state", "ZZ-23.3"},
		{"visit", map[string]any{"who": "张三"}, 422, "where", "SQ-4.5.2"},
		{"visit/arrived", map[string]any{}, 409, "state", "SQ-4.5.2"},
		{"supervise", map[string]any{"on": true}, 422, "reason", "KF-3.3.1"},
		{"opinion", map[string]any{}, 422, "reason", "XZ-12.6"},
		{"opinion/give", map[string]any{}, 422, "words", "XZ-12.6"},
		{"form", map[string]any{"disposition": "party"}, 422, "disposition", "KF-3.1.2"},
		{"ask", map[string]any{"kind": "meeting"}, 422, "kind", "SQ-3.4"},
		{"ask/decide", map[string]any{"kind": "meeting"}, 422, "kind", "SQ-3.4"},
		{"reply", map[string]any{"mode": "private"}, 422, "reason", "ZZ-25"},
		{"tier", map[string]any{"tier": 2}, 422, "tier", "KF-3.2.2"},
		{"approve", map[string]any{"level": "mayor"}, 403, "role", "KF-3.2.1"},
	} {
		t.Run(tt.command, func(t *testing.T) {
			c.post(path+"/"+tt.command, tt.body).want(t, tt.status, fmt.Sprintf(`"field":%q`, tt.field), fmt.Sprintf(`"rule":%q`, tt.rule))
			tt.body["surprise"] = 1
			c.post(path+"/"+tt.command, tt.body).want(t, 400, "surprise")
			c.post("/orders/ZZ20260101-00001-0/"+tt.command, map[string]any{}).want(t, 404)
		})
	}
	if after := c.get(path).body; after != before {
		t.Errorf("refused commands changed the order:\n%s%s", before, after)
	}
	c.get("/work?due_before=tomorrow").want(t, 400, `"field":"due_before"`)
	c.get("/work?after=x").want(t, 400, `"field":"after"`)
	c.get("/work?colour=red").want(t, 400, "colour")
}

// TestWorkIsPaged: pages follow each other without a gap, the nearest deadline first.
func TestWorkIsPaged(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	var want []string
	for range 5 {
		want = append(want, c.newOrder())
		b.clock.Advance(time.Hour)
	}
	var got []string
	for after := ""; ; {
		a := c.get("/work?limit=2&after=" + url.QueryEscape(after))
		if after == "" {
			a = c.get("/work?limit=2")
		}
		a.want(t, 200)
		var page struct {
			Items []struct{ Number string }
			After string
		}
		a.into(t, &page)
		for _, o := range page.Items {
			got = append(got, o.Number)
		}
		if after = page.After; after == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("work list %v, want %v", got, want)
	}
}

// TestUnitsAtWork_ZZ_4_ZQ_4: a unit handles its own orders and gives none out; what others
// have does not exist for it.
func TestUnitsAtWork_ZZ_4_ZQ_4(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	unit := b.whoIs(console.Account{Name: "zhao", Roles: []console.Role{console.UnitHandler}, Unit: "water"})
	head := b.whoIs(console.Account{Name: "qian", Roles: []console.Role{console.UnitHead}, Unit: "water"})
	roads := b.whoIs(console.Account{Name: "sun", Roles: []console.Role{console.UnitHandler}, Unit: "roads"})
	path := "/orders/" + c.newOrder()
	unit.post(path+"/sign", map[string]any{}).want(t, 404)
	c.post(path+"/dispatch", map[string]any{"lead": "water"}).want(t, 200)
	unit.post(path+"/dispatch", map[string]any{"lead": "roads"}).want(t, 403)
	unit.post(path+"/supervise", map[string]any{"on": true, "reason": "x"}).want(t, 403)
	roads.post(path+"/sign", map[string]any{}).want(t, 404)
	roads.get("/work?unit=water").want(t, 200, `"items":[]`)
	unit.get("/work").want(t, 200, `"unit":"water"`)
	unit.post(path+"/sign", map[string]any{}).want(t, 200, `"state":"signed"`)
	unit.post(path+"/start", map[string]any{}).want(t, 200)
	unit.post(path+"/submit", map[string]any{"process": "维修", "result": "已修好"}).want(t, 200)
	c.post(path+"/pass", map[string]any{}).want(t, 409, `"field":"head"`, `"rule":"ZZ-18.1"`)
	unit.post(path+"/pass", map[string]any{}).want(t, 403)
	head.post(path+"/pass", map[string]any{}).want(t, 200, `"state":"submitted"`)
	c.post(path+"/pass", map[string]any{}).want(t, 200, `"state":"completed"`)
}
