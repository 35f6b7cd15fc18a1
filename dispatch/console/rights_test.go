package console

import (
	"slices"
	"testing"
)

// TestEveryRouteHasALineOfRights_ZZ_4: and every line is a route's, with roles that there are.
func TestEveryRouteHasALineOfRights_ZZ_4(t *testing.T) {
	left := map[string]bool{}
	for name, roles := range rights {
		left[name] = true
		for _, r := range roles {
			if !slices.Contains(Roles, r) {
				t.Errorf("%s: role %q", name, r)
			}
		}
	}
	for _, rt := range routes {
		if _, ok := rights[rt.name()]; ok == rt.public {
			t.Errorf("%s: public %t, a line of rights %t", rt.name(), rt.public, ok)
		}
		delete(left, rt.name())
	}
	for name := range left {
		t.Errorf("%s is no route", name)
	}
	if l := (Account{Roles: Roles[:1]}).mayUse("GET /api/v1/made-up"); l.allowed {
		t.Error("a route without a line is open")
	}
}
