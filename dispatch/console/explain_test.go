package console_test

import (
	"strings"
	"testing"

	"hotline/dispatch/console"
)

// TestExplainOrder_KF_3_1_5: an explanation leaves with numbers masked, and of a report with
// nothing that anybody wrote; a unit explains its own orders alone (ZZ-10.8).
func TestExplainOrder_KF_3_1_5(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	path := "/orders/" + c.newOrder()
	c.post(path+"/dispatch", map[string]any{"lead": "water", "words": "回电" + citizen}).want(t, 200)
	c.get(path+"/explain").want(t, 200, `"state_text":"已派发"`, `"title":"期限怎样算出"`, "138****5678", `"rule":"ZZ-17.1"`, "2026-11-24 周二 第1个工作日",
		`"clause":"《ZZ》"`)
	unit := b.whoIs(console.Account{Name: "zhao", Roles: []console.Role{console.UnitHandler}, Unit: "water"})
	roads := b.whoIs(console.Account{Name: "sun", Roles: []console.Role{console.UnitHandler}, Unit: "roads"})
	unit.get(path+"/explain").want(t, 200)
	roads.get(path+"/explain").want(t, 404)
	c.get("/orders/ZZ20260101-00001-0/explain").want(t, 404)

	s := b.story()
	path = "/orders/" + s.secret.Number
	c.post(path+"/supervise", map[string]any{"on": true, "reason": "举报人甲催办,13698765432"}).want(t, 200)
	a := c.get(path + "/explain")
	a.want(t, 200, "按保密件办理", "督办(")
	for _, leak := range []string{"举报人甲", "*5432", "吃拿卡要", citizen} {
		if strings.Contains(a.body, leak) {
			t.Errorf("%s in %s", leak, a.body)
		}
	}
}
