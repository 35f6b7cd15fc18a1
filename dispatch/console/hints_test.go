package console_test

import (
	"strings"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// TestHintsAtTheCounter: an agent hears what a request may repeat, and never of a report.
func TestHintsAtTheCounter_ZQ_17_KF_3_1_5(t *testing.T) {
	b := newBench(t)
	c := b.whoIs(one(console.Agent))
	number := c.newOrder()
	b.story()
	c.post("/orders/suggest", map[string]any{"phone": citizen, "summary": "小区路灯不亮"}).want(t, 200, number, `"id":"help"`, "可能重复", "138****5678")
	if a := c.post("/orders/suggest", map[string]any{"phone": "13698765432", "summary": "某局公务员吃拿卡要"}); !strings.Contains(a.body, `"repeats":[]`) {
		t.Errorf("an informant's number: %s", a.body)
	}
	c.post("/orders/suggest", map[string]any{"surprise": 1}).want(t, 400, "surprise")
	c.get("/orders/"+number+"/suggestions").want(t, 200, `"id":"help"`)
	c.get("/orders/ZZ20260101-00001-0/suggestions").want(t, 404)
	c.get("/choices").want(t, 200, `"units":[{"value":"water","words":"水务局"`, `"extension.told"`)
	b.whoIs(console.Account{Name: "zhao", Roles: []console.Role{console.UnitHandler}, Unit: "water"}).get("/orders/"+number+"/suggestions").want(t, 403)
}

// TestHandover: what one officer on duty leaves to the next stands in the audit.
func TestHandover(t *testing.T) {
	b := newBench(t)
	c := b.whoIs(one(console.DutyOfficer))
	c.get("/handovers").want(t, 200, `"items":[]`)
	c.post("/handovers", map[string]any{"text": " "}).want(t, 422, `"field":"text"`)
	c.post("/handovers", map[string]any{"text": "三号楼停水,水务局在修,回电13812345678"}).want(t, 204)
	c.post("/handovers", map[string]any{"text": "无事"}).want(t, 204)
	c.get("/handovers").want(t, 200, `"actor":"agent:duty_officer"`, "138****5678")
	if a := c.get("/handovers?limit=1"); !strings.Contains(a.body, "无事") || strings.Contains(a.body, "停水") || !strings.Contains(a.body, `"next":1`) {
		t.Errorf("the newest: %s", a.body)
	}
	if got := b.entries(dispatch.ActHandOver); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	b.whoIs(one(console.Agent)).get("/handovers").want(t, 403)
}
