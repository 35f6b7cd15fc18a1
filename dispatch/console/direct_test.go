package console_test

import (
	"testing"

	"hotline/dispatch/console"
)

// TestUnitsOwnCalls_ZZ_14_1: what a unit was called about itself is registered too, and is its
// own at once.
func TestUnitsOwnCalls_ZZ_14_1(t *testing.T) {
	b := newBench(t)
	c := b.whoIs(console.Account{Name: "unit", Roles: []console.Role{console.UnitHandler}, Unit: "water"})
	c.post("/orders", map[string]any{"summary": "水压低"}).want(t, 422, `"field":"type"`, "ZZ-10.1")
	c.post("/orders", map[string]any{"summary": "水压低", "type": "help"}).want(t, 201, `"unit":"water"`, `"state":"dispatched"`)
	var list struct{ Items []struct{ Unit string } }
	a := c.get("/orders")
	a.want(t, 200)
	a.into(t, &list)
	if len(list.Items) != 1 || list.Items[0].Unit != "water" {
		t.Errorf("counted for the unit: %+v", list)
	}
}
