package console_test

import (
	"testing"

	"hotline/dispatch/console"
)

// TestZZ_13_2_SlipsArePrinted: a unit outside has its order on a sheet of paper with number,
// matter, deadline and a part that comes back; whoever printed it is in the audit.
func TestZZ_13_2_SlipsArePrinted(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	a := c.post("/orders", map[string]any{"type": "help", "phone": citizen, "name": "张三", "summary": "<b>路灯</b>不亮"})
	a.want(t, 201)
	var o struct{ Number string }
	a.into(t, &o)
	path := "/orders/" + o.Number
	c.post(path+"/dispatch", map[string]any{"lead": "power", "words": "请尽快"}).want(t, 200, `"state":"dispatched"`)
	c.get(path+"/assignments").want(t, 200, `"way":"paper"`)
	page := c.get(path + "/slip")
	page.want(t, 200, "受理单", o.Number, "供电公司", "张三", citizen, "&lt;b&gt;路灯&lt;/b&gt;不亮", "请尽快", "ZZ-17.1", "回执", "自送达之日重新起算")
	if kind := page.header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Errorf("it is %s", kind)
	}
	c.get("/audit?subject="+o.Number).want(t, 200, `"act":"exported"`, "打印受理单:供电公司", `"rule":"ZZ-13.2"`)
	c.post(path+"/sign", map[string]any{}).want(t, 200, `"state":"signed"`)
	c.get(path+"/slip?unit=water").want(t, 422, `"field":"unit"`, `"rule":"ZZ-13.2"`)
	c.get(path+"/slip?colour=red").want(t, 400, "colour")
	b.whoIs(console.Account{Name: "someone", Roles: []console.Role{console.UnitHandler}, Unit: "power"}).get(path+"/slip").want(t, 403)
}
