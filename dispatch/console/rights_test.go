package console

import (
	"maps"
	"slices"
	"strings"
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

// privileges are what each role may at most read and change, by the first word of an address,
// with the commands of orders (requirements of all five: as little as the work needs).
var privileges = map[Role]struct{ reads, writes, commands string }{
	Agent: {"calendar callbacks caller-rules calls choices desks exceptions inbound knowledge messages opt-outs orders published red reviews surveys talks targets voicemails work",
		"callbacks calls desks orders talks voicemails",
		"answer ask attach classify complete consent contact dispatch file form identity major merge no-reply note opinion own phone reject reopen reply reviews transfer type understood urgent withdraw urge visit visit/arrived"},
	DutyOfficer: {"calendar caller-rules calls choices desks handovers inbound knowledge links messages opt-outs orders published red talks targets voicemails work",
		"calls handovers orders talks voicemails",
		"answer ask attach classify complete consent contact dispatch file form identity major merge no-reply note opinion own phone reject reopen reply transfer type understood urgent withdraw urge visit visit/arrived"},
	DutyLeader: {"calendar callbacks caller-rules calls choices desks evidence-key exceptions handovers knowledge links orders published red reviews satisfaction surveys voicemails work acts",
		"caller-rules export handovers orders red reviews voicemails acts",
		"answer ask ask/decide attach classify consent dispatch extension/allow extension/refuse form identity/show major merge note opinion opinion/give own pass reject reopen reply return/allow return/refuse send-back preserve supervise tier transfer urgent urge"},
	UnitHandler: {"calendar choices orders work", "orders",
		"attach contact extension file no-reply note opinion/give phone reply return sign start submit visit visit/arrived"},
	UnitHead: {"calendar choices orders work", "orders",
		"attach contact extension file no-reply note opinion opinion/give pass phone reply return send-back sign start submit visit visit/arrived"},
	Upper:      {"calendar choices orders published satisfaction work", "export", ""},
	Leader:     {"calendar choices evidence-key orders published reviews satisfaction surveys work acts", "export orders reviews acts", "approve ask/decide attach opinion/give pass preserve reply send-back supervise tier"},
	Supervisor: {"calendar callbacks caller-rules calls choices evidence-key orders published reviews satisfaction surveys work acts", "export orders acts", "note preserve supervise"},
	Auditor:    {"audit", "", ""},
}

// TestLeastPrivilege_ZZ_4: whoever widens a role's rights widens this list too, and sees it.
func TestLeastPrivilege_ZZ_4(t *testing.T) {
	for role, may := range privileges {
		for name := range maps.Keys(rights) {
			if !(Account{Roles: []Role{role}, Unit: "x"}).mayUse(name).allowed || slices.Contains([]string{"logout", "session", "status", "events"}, name[strings.LastIndex(name, "/")+1:]) && strings.Count(name, "/") == 3 {
				continue
			}
			method, path, _ := strings.Cut(name, " /api/v1/")
			area, _, _ := strings.Cut(path, "/")
			list := may.reads
			if method == "POST" {
				list = may.writes
			}
			if !slices.Contains(strings.Fields(list), area) {
				t.Errorf("%s may %s", role, name)
			}
			if command, is := strings.CutPrefix(path, "orders/{number}/"); is && method == "POST" && !slices.Contains(strings.Fields(may.commands), command) {
				t.Errorf("%s may give %s", role, command)
			}
		}
	}
	for _, role := range Roles {
		if _, ok := privileges[role]; !ok && role != HotlineAdmin { // who may do everything here
			t.Errorf("%s has no line", role)
		}
	}
}
