package console_test

import (
	"strings"
	"testing"
	"time"
)

// TestCallerRules: made, listed masked, in force until its time or until lifted, kept.
func TestCallerRules(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	until := tenOClock.Add(24 * time.Hour).Format(time.RFC3339)
	var made struct{ ID string }
	a := c.post("/caller-rules", map[string]any{"number": citizen, "reason": "反复骚扰,本人 " + citizen, "until": until})
	a.want(t, 201, "138****5678", `"counts":true`, `"by":"agent:admin"`)
	a.into(t, &made)
	c.post("/caller-rules", map[string]any{"number": "170", "prefix": true, "reason": "虚拟号段", "until": until}).want(t, 201, `"number":"170"`)
	list := c.get("/caller-rules?open=true")
	list.want(t, 200, made.ID, `"170"`, "138****5678")
	if strings.Contains(list.body, citizen) {
		t.Errorf("a number is shown: %s", list.body)
	}
	c.post("/caller-rules/"+made.ID+"/lift", map[string]any{}).want(t, 200, `"counts":false`, `"lifted_by":"agent:admin"`)
	if a := c.get("/caller-rules?open=true"); strings.Contains(a.body, made.ID) {
		t.Errorf("lifted and in force: %s", a.body)
	}
	c.get("/caller-rules").want(t, 200, made.ID)
	b.clock.Advance(25 * time.Hour)
	c = b.browser()
	if a := c.get("/caller-rules?open=true"); strings.Contains(a.body, `"id"`) {
		t.Errorf("over and in force: %s", a.body)
	}

	c.post("/caller-rules", map[string]any{"number": "1", "reason": "x", "until": until}).want(t, 422, "号码")
	c.post("/caller-rules", map[string]any{"number": citizen, "reason": "", "until": until}).want(t, 422, "原因")
	c.post("/caller-rules", map[string]any{"number": citizen, "reason": "x"}).want(t, 422, `"field":"until"`)
	c.post("/caller-rules/none/lift", map[string]any{}).want(t, 404)
	c.get("/caller-rules?order=x").want(t, 400)
	b.guest().get("/caller-rules").want(t, 401)
}
