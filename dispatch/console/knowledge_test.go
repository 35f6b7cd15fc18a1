package console_test

import (
	"strings"
	"testing"

	"hotline/dispatch/console"
)

// TestKnowledgeAtTheConsole_ZQ_22_2: agents find what is internal, marked as what answers
// nobody; the public does not, units may not ask, and a hotline without policies pushes none.
func TestKnowledgeAtTheConsole_ZQ_22_2(t *testing.T) {
	b := newBench(t)
	agent := b.whoIs(one(console.Agent))
	agent.get("/knowledge?q=派").want(t, 200, "职责有争议的单怎样派", `"quotable":false`, `"pushable":false`)
	agent.get("/knowledge").want(t, 200, `{"items":[{"id":"burst"`) // what is urgent first
	agent.get("/knowledge?q=爆管").want(t, 200, `"quotable":true`)
	if a := b.guest().get("/public/knowledge"); a.status != 200 || strings.Contains(a.body, "争议") {
		t.Errorf("the public finds %d %s", a.status, a.body)
	}
	b.whoIs(one(console.UnitHead)).get("/knowledge").want(t, 403, "ZZ-4")
	agent.post("/knowledge/terms/push", map[string]any{}).want(t, 403)
	b.browser().post("/knowledge/terms/push", map[string]any{}).want(t, 409, "本热线不推送政策")
}

// TestPapersAreShownForAReason_XZ_12_1: to the leader on duty, who says why; it is audited, and
// of an informant nobody sees them (ZQ-24, KF-3.1.5).
func TestPapersAreShownForAReason_XZ_12_1(t *testing.T) {
	b := newBench(t)
	s := b.story()
	agent, leader := b.whoIs(one(console.Agent)), b.whoIs(one(console.DutyLeader))
	const paper = "41108119870304926X"
	for _, number := range []string{s.order.Number, s.secret.Number} {
		a := agent.post("/orders/"+number+"/identity", map[string]any{"name": "王先生", "kind": "id_card", "id_number": paper})
		if a.want(t, 200); strings.Contains(a.body, paper) {
			t.Errorf("the number is told: %s", a.body)
		}
	}
	show := "/orders/" + s.order.Number + "/identity/show"
	agent.post(show, map[string]any{"reason": "核对"}).want(t, 403)
	leader.post(show, map[string]any{}).want(t, 422, `"field":"reason"`)
	leader.post(show, map[string]any{"reason": " "}).want(t, 422, `"field":"reason"`)
	leader.post(show, map[string]any{"reason": "核对"}).want(t, 200, paper, "居民身份证", `"verified":false`)
	a := leader.post("/orders/"+s.secret.Number+"/identity/show", map[string]any{"reason": "核对"})
	if a.want(t, 403, "KF-3.1.5"); strings.Contains(a.body, paper) {
		t.Errorf("an informant's papers: %s", a.body)
	}
	b.browser().get("/audit?act=identity_seen").want(t, 200, s.order.Number, "核对", "agent:duty_leader")
}
