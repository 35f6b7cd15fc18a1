package console_test

import (
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// person is who works for a unit.
func (b *bench) person(unit string) *client {
	return b.whoIs(console.Account{Name: "of-" + unit, Roles: []console.Role{console.UnitHead}, Unit: unit})
}

// TestOthersNumbers_ZZ_10_8: a request to another unit was merged into a unit's order, and
// people wrote numbers into its words. In nothing that the unit reads stands an order that it
// does not have.
func TestOthersNumbers_ZZ_10_8(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	parent, child, own := c.newOrder(), c.newOrder(), c.newOrder()
	b.give(parent, "water", "")
	b.give(child, "roads", "")
	b.give(own, "water", "")
	c.post("/orders/"+parent+"/note", map[string]any{"text": "同" + child + "(" + digitsOf(t, child) + ")、" + own}).want(t, 204)
	c.post("/orders/"+child+"/merge", map[string]any{"parent": parent}).want(t, 200, `"parent":"`+parent)
	c.get("/orders/"+parent+"/links").want(t, 200, child)
	c.get("/orders/"+parent+"/events").want(t, 200, child, digitsOf(t, child))
	unit := b.person("water")
	for _, path := range []string{"", "/events", "/links", "/assignments", "/explain"} {
		a := unit.get("/orders/" + parent + path)
		if a.status != 200 || strings.Contains(a.body, child) || strings.Contains(a.body, digitsOf(t, child)) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	unit.get("/orders/"+parent+"/links").want(t, 200, `"items":[]`)
	unit.get("/orders/"+parent+"/events").want(t, 200, own, "同(他单位工单)((他单位工单))、"+own)
	must(t, b.store.Tx(t.Context(), func(tx dispatch.Tx) error {
		o, err := tx.Order(own)
		o.Parent = child
		if err == nil {
			err = tx.SaveOrder(&o)
		}
		return err
	}))
	unit.get("/orders").want(t, 200, `"parent":"(他单位工单)"`)
	unit.get("/work?unit=water").want(t, 200, `"items":`)
}

func digitsOf(t *testing.T, number string) string {
	t.Helper()
	n, err := dispatch.ParseNumber(number)
	must(t, err)
	return n.Digits()
}

// TestNameInWords_KF_3_1_5: those who handle a report write its informant's name down, in words to
// units, answers, requests and opinions. Whoever reads them does not read the name.
func TestNameInWords_KF_3_1_5(t *testing.T) {
	b := newBench(t)
	s := b.story()
	const name, number = "举报人甲", "13698765432"
	words := name + "说的,电话" + number
	must(t, b.store.Tx(t.Context(), func(tx dispatch.Tx) error {
		if err := tx.InsertAssignment(dispatch.Assignment{ID: "a1", Order: s.secret.Number, Unit: "gongan", Attempt: 1, Lead: true,
			DispatchedAt: tenOClock, Words: "转告" + words, By: "agent:" + name, SubmittedAt: tenOClock, Answer: `{"result":"已告知` + words + `"}`}); err != nil {
			return err
		}
		_, err := tx.InsertReview(dispatch.Review{ID: "r1", Order: s.secret.Number, Attempt: 1, Kind: dispatch.ForReturn, Rule: "ZQ-9.2", Unit: "gongan",
			Reason: "理由" + words, Evidence: "证据" + words, Basis: "依据" + words, Suggestion: "建议" + words, AskedBy: "unit:x", AskedAt: tenOClock,
			Opinion: "意见" + words, DecidedBy: "leader:x", DecidedAt: tenOClock})
		return err
	}))
	must(t, b.office.RecordCall(t.Context(), dispatch.Call{ID: "call2", From: number, To: "12345", Outcome: "answered", Order: s.secret.Number, StartedAt: tenOClock,
		EndedAt: tenOClock.Add(time.Minute), Detail: "座席:" + words, Steps: []dispatch.Step{{At: tenOClock, What: "note", Text: words}}}))
	office := b.browser()
	office.post("/orders/"+s.secret.Number+"/note", map[string]any{"text": words}).want(t, 204)
	for who, c := range map[string]*client{"office": office, "unit": b.whoIs(one(console.UnitHandler)), "agent": b.whoIs(one(console.Agent))} {
		for _, path := range []string{"/orders/" + s.secret.Number, "/orders/" + s.secret.Number + "/events", "/orders/" + s.secret.Number + "/assignments",
			"/orders/" + s.secret.Number + "/explain", "/orders", "/work", "/reviews", "/calls", "/calls/call2", "/audit"} {
			a := c.get(path)
			if a.status != 200 && a.status != 403 || strings.Contains(a.body, name) || strings.Contains(a.body, number) || strings.Contains(a.body, "*5432") {
				t.Errorf("%s reads at %s: %d %s", who, path, a.status, a.body)
			}
		}
	}
	office.get("/orders/"+s.secret.Number+"/assignments").want(t, 200, "转告(保密)说的", "已告知(保密)说的")
	office.get("/reviews").want(t, 200, "理由(保密)", "依据(保密)", "意见(保密)")
	b.whoIs(one(console.UnitHandler)).get("/orders").want(t, 200, s.secret.Number)
	duty := b.whoIs(one(console.DutyOfficer))
	duty.post("/handovers", map[string]any{"text": "回电" + number + "、" + citizen}).want(t, 204)
	duty.get("/handovers").want(t, 200, "回电(保密)、138****5678")
	office.get("/audit").want(t, 200, "回电(保密)、138****5678")
}

// TestConsent_XZ_12_6: a party of the matter reads the order without who asks, whatever it is about;
// with an informant's consent the unit that it is for reads the name, and no other does.
func TestConsent_XZ_12_6(t *testing.T) {
	b := newBench(t)
	s := b.story()
	b.give(s.order.Number, "roads", "")
	b.give(s.secret.Number, "water", "")
	must(t, b.store.Tx(t.Context(), func(tx dispatch.Tx) error {
		return tx.InsertAssignment(dispatch.Assignment{ID: "assists", Order: s.secret.Number, Unit: "roads", Attempt: 1, DispatchedAt: tenOClock})
	}))
	said := func(order, unit string, given bool) {
		b.clock.Advance(time.Second)
		must(t, b.store.Tx(t.Context(), func(tx dispatch.Tx) error {
			_, err := tx.InsertReview(dispatch.Review{ID: order + unit + b.clock.Now().String(), Order: order, Attempt: 1, Kind: dispatch.ForConsent, Rule: "XZ-12.6",
				Unit: unit, Approved: given, AskedBy: "agent:x", AskedAt: b.clock.Now(), DecidedBy: "citizen", DecidedAt: b.clock.Now()})
			return err
		}))
	}
	water, roads := b.person("water"), b.person("roads")
	roads.get("/orders/"+s.order.Number).want(t, 200, "王先生", "138****5678", `"confidential":false`)
	said(s.order.Number, "roads", false)
	for _, path := range []string{"", "/events", "/assignments", "/explain"} {
		a := roads.get("/orders/" + s.order.Number + path)
		if a.status != 200 || strings.Contains(a.body, "王先生") || strings.Contains(a.body, "*5678") || strings.Contains(a.body, citizen) {
			t.Errorf("a party reads at %q: %d %s", path, a.status, a.body)
		}
	}
	roads.post("/orders/"+s.order.Number+"/phone", map[string]any{"reason": "联系"}).want(t, 403, "XZ-12.6")
	if a := roads.get("/orders?q=王先生"); strings.Contains(a.body, s.order.Number) {
		t.Errorf("a party finds by name: %s", a.body)
	}
	said(s.secret.Number, "water", true)
	water.get("/orders/"+s.secret.Number).want(t, 200, "举报人甲", "136****5432", `"confidential":true`)
	water.get("/orders").want(t, 200, "举报人甲")
	water.post("/orders/"+s.secret.Number+"/phone", map[string]any{"reason": "经本人同意联系"}).want(t, 200, "13698765432")
	roads.post("/orders/"+s.secret.Number+"/phone", map[string]any{"reason": "联系"}).want(t, 403, "KF-3.1.5")
	for who, c := range map[string]*client{"roads": roads, "office": b.browser()} {
		if a := c.get("/orders/" + s.secret.Number); a.status != 200 || strings.Contains(a.body, "举报人甲") || strings.Contains(a.body, "*5432") {
			t.Errorf("%s reads %d %s", who, a.status, a.body)
		}
	}
	said(s.secret.Number, "water", false)
	water.post("/orders/"+s.secret.Number+"/phone", map[string]any{"reason": "联系"}).want(t, 403, "KF-3.1.5")
}
