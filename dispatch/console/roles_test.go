package console_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// entries are the audit's of one act, oldest first.
func (b *bench) entries(act string) []dispatch.Audit {
	b.t.Helper()
	var some []dispatch.Audit
	all, err := b.store.AuditChain(b.t.Context(), 0, 1000)
	must(b.t, err)
	for _, a := range all {
		if a.Act == act {
			some = append(some, a)
		}
	}
	return some
}

// one is an account with one role.
func one(r console.Role) console.Account {
	a := console.Account{Name: string(r), Roles: []console.Role{r}}
	if r == console.UnitHandler || r == console.UnitHead {
		a.Unit = "gongan"
	}
	return a
}

// give lets a unit have an order.
func (b *bench) give(order, unit, ended string) {
	b.t.Helper()
	must(b.t, b.store.Tx(b.t.Context(), func(tx dispatch.Tx) error {
		a := dispatch.Assignment{ID: order + unit + ended, Order: order, Unit: unit, Attempt: 1, Lead: true, DispatchedAt: tenOClock}
		if ended != "" {
			a.Ended, a.EndedAt = ended, tenOClock
		}
		return tx.InsertAssignment(a)
	}))
}

// TestRoutesAndRoles_ZZ_4: each role at each route of the table; whoever may not is told so
// by a problem document, which is an entry of the audit.
func TestRoutesAndRoles_ZZ_4(t *testing.T) {
	b := newBench(t)
	ops := operations(t, b.guest())
	for _, role := range console.Roles {
		t.Run(string(role), func(t *testing.T) {
			c := b.whoIs(one(role))
			var s struct{ May []string }
			c.get("/session").into(t, &s)
			may := map[string]bool{}
			for _, name := range s.May {
				may[name] = true
			}
			before := len(b.entries(dispatch.ActRefused))
			for op, public := range ops {
				method, path, _ := strings.Cut(op, " ")
				if public || strings.HasSuffix(path, "/logout") || strings.HasSuffix(path, "/events") && !strings.Contains(path, "number") {
					continue
				}
				body := ""
				if method == http.MethodPost {
					body = "{}"
				}
				a := c.do(method, regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "x"), body)
				after := len(b.entries(dispatch.ActRefused))
				refused := after - before
				before = after
				hidden := strings.HasSuffix(path, "/audio") || strings.HasSuffix(path, "/listen")
				switch {
				case may[op] && a.status == 403:
					t.Errorf("%s: %d %s", op, a.status, a.body)
				case may[op]:
				case hidden && (a.status != 404 || strings.Contains(a.body, "rule")), !hidden && (a.status != 403 || !strings.Contains(a.body, "ZZ-4")),
					a.header.Get("Content-Type") != "application/problem+json", refused != 1:
					t.Errorf("%s: %d %s, %d entries", op, a.status, a.body, refused)
				}
			}
		})
	}
}

// TestRefusalIsAudited_ZZ_4: a unit tries to do the office's work; the audit has who, what, and the rule.
func TestRefusalIsAudited_ZZ_4(t *testing.T) {
	b := newBench(t)
	s := b.story()
	b.give(s.order.Number, "gongan", "")
	c := b.whoIs(one(console.UnitHandler))
	c.post("/orders/"+s.order.Number+"/urgent", map[string]any{"reason": "催"}).want(t, 403, `"rule":"ZZ-4"`, "无权")
	got := b.entries(dispatch.ActRefused)
	if len(got) != 1 || got[0].Actor != "unit:gongan/unit_handler" || got[0].Subject != s.order.Number ||
		got[0].Text != "POST /api/v1/orders/{number}/urgent" || got[0].Rule != "ZZ-4" {
		t.Errorf("%+v", got)
	}
	c.do("POST", "/orders/"+s.order.Number+"/note", `{"text":"x"}`, "Authorization", "Bearer wrong").want(t, 401)
}

// TestRecordingsAreNotThere_ZZ_24: who may not hear recordings learns of none, and the try is one entry.
func TestRecordingsAreNotThere_ZZ_24(t *testing.T) {
	b := newBench(t)
	b.story()
	c := b.whoIs(one(console.UnitHead))
	there, nowhere := c.get("/voicemails/vm1/audio"), c.get("/voicemails/none/audio")
	if there.status != 404 || there.body != nowhere.body {
		t.Errorf("%d %s, and %s where there is none", there.status, there.body, nowhere.body)
	}
	if got := b.entries(dispatch.ActRefused); len(got) != 2 || got[0].Subject != "vm1" || got[0].Rule != "ZZ-24" {
		t.Errorf("%+v", got)
	}
}

// TestInformantsVoice_KF_3_1_5: a recording of a report is the office's alone.
func TestInformantsVoice_KF_3_1_5(t *testing.T) {
	b := newBench(t)
	o, err := b.office.LeaveVoicemail(t.Context(), dispatch.Intake{Type: dispatch.Report, Phone: "13698765432", CallID: "call3",
		Voicemail: &dispatch.Voicemail{ID: "vm3", File: "one.wav", Duration: time.Second}})
	must(t, err)
	agent := b.whoIs(one(console.Agent))
	agent.post("/voicemails/vm3/listen", map[string]any{"reason": "好奇"}).want(t, 404)
	agent.get("/voicemails/vm3/audio").want(t, 404)
	agent.get("/orders/"+o.Number).want(t, 200, `"anonymous":true`, `"confidential":true`)
	c := b.browser()
	c.post("/voicemails/vm3/listen", map[string]any{"reason": "登记举报"}).want(t, 204)
	c.get("/voicemails/vm3/audio").want(t, 200)
	if got := b.entries(dispatch.ActRefused); len(got) != 2 || got[0].Rule != "KF-3.1.5" {
		t.Errorf("%+v", got)
	}
}

// TestOwnUnitAlone_ZQ_24: a unit sees the orders that it has, or had to their end; others do not exist
// for it, not even as refused (ZZ-10.8).
func TestOwnUnitAlone_ZQ_24(t *testing.T) {
	b := newBench(t)
	s := b.story()
	other, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: citizen, Summary: "井盖没了"})
	must(t, err)
	b.give(s.secret.Number, "gongan", "")
	b.give(s.order.Number, "gongan", "returned")
	b.give(s.order.Number, "chengguan", "")
	for _, role := range []console.Role{console.UnitHandler, console.UnitHead} {
		c := b.whoIs(one(role))
		list := c.get("/orders")
		list.want(t, 200, s.secret.Number)
		for _, secret := range []string{s.order.Number, other.Number, "13698765432", "举报人甲"} {
			if strings.Contains(list.body, secret) {
				t.Errorf("%s: the list has %s: %s", role, secret, list.body)
			}
		}
		c.get("/orders/"+s.secret.Number).want(t, 200, "保密")
		c.get("/orders/"+s.secret.Digits+"/events").want(t, 200)
		nowhere := c.get("/orders/ZZ20991231-00001-1")
		for _, number := range []string{s.order.Number, s.order.Digits, other.Number} {
			for _, path := range []string{"", "/events"} {
				if a := c.get("/orders/" + number + path); a.status != 404 || a.body != nowhere.body {
					t.Errorf("%s: %s%s: %d %s", role, number, path, a.status, a.body)
				}
			}
			for _, path := range []string{"/note", "/phone"} {
				if a := c.post("/orders/"+number+path, map[string]any{"text": "x"}); a.status != 404 || a.body != nowhere.body {
					t.Errorf("%s: %s%s: %d %s", role, number, path, a.status, a.body)
				}
			}
		}
		if q := c.get("/orders?q=" + s.order.Digits); strings.Contains(q.body, s.order.Digits) {
			t.Errorf("%s: found %s", role, q.body)
		}
		if a, b := c.get("/work?after="+other.Number), c.get("/work?after=ZZ20991231-00001-1"); a.status != 400 || a.body != b.body {
			t.Errorf("%s: behind another's order: %d %s, behind none: %d %s", role, a.status, a.body, b.status, b.body)
		}
		var status struct {
			Parts []any
			Todo  map[string]int
		}
		c.get("/status").into(t, &status)
		if len(status.Parts) > 0 || status.Todo["callbacks"] > 0 {
			t.Errorf("%s: the strip tells %+v", role, status)
		}
	}
	if got := b.entries(dispatch.ActRefused); len(got) != 2*(1+3*4+2) || got[0].Rule != "ZQ-24" {
		t.Errorf("%d entries, %+v", len(got), got[0])
	}
}

// TestNumberNeedsAReason_ZQ_24: a number is masked until somebody who handles the order asks for
// it with a reason; an informant's is nobody's (KF-3.1.5).
func TestNumberNeedsAReason_ZQ_24(t *testing.T) {
	b := newBench(t)
	s := b.story()
	b.give(s.order.Number, "gongan", "")
	b.give(s.secret.Number, "gongan", "")
	c := b.whoIs(one(console.UnitHandler))
	c.get("/orders/"+s.order.Number).want(t, 200, "138****5678")
	c.post("/orders/"+s.order.Number+"/phone", map[string]any{}).want(t, 422, `"field":"reason"`)
	c.post("/orders/"+s.order.Number+"/phone", map[string]any{"reason": "上门前联系"}).want(t, 200, citizen)
	c.post("/orders/"+s.secret.Number+"/phone", map[string]any{"reason": "上门前联系"}).want(t, 403, "KF-3.1.5")
	b.browser().post("/orders/"+s.secret.Number+"/phone", map[string]any{"reason": "核实"}).want(t, 403, "KF-3.1.5")
	c.get("/orders/"+s.order.Number+"/events").want(t, 200, "查看诉求人号码:上门前联系", "unit:gongan/unit_handler")
	if got := b.entries(dispatch.ActPhone); len(got) != 1 || got[0].Subject != s.order.Number || got[0].Text != "上门前联系" || got[0].Rule != "ZQ-24" {
		t.Errorf("%+v", got)
	}
	if got := b.entries(dispatch.ActRefused); len(got) != 2 || got[1].Actor != "agent:admin" || got[1].Rule != "KF-3.1.5" {
		t.Errorf("%+v", got)
	}
}

// TestAuditPages_ZZ_24: an auditor reads the audit and verifies it, and nothing else; what it tells of an
// informant is hidden.
func TestAuditPages_ZZ_24(t *testing.T) {
	b := newBench(t)
	s := b.story()
	b.browser().post("/orders/"+s.order.Number+"/phone", map[string]any{"reason": "核实 13698765432"}).want(t, 200)
	b.guest().post("/login", map[string]any{"account": "admin", "password": "wrong wrong"}).want(t, 401)
	c := b.whoIs(one(console.Auditor))
	c.get("/orders").want(t, 403, "ZZ-4")
	a := c.get("/audit")
	a.want(t, 200, "phone_seen", "log_in", "log_in_refused", "refused", "核实 (保密)", "opt_out", "(保密)")
	for _, secret := range []string{citizen, "13698765432"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%s in %s", secret, a.body)
		}
	}
	c.get("/audit?act=phone_seen&actor=agent:admin&subject="+s.order.Number).want(t, 200, "核实", `"seq"`)
	c.get("/audit?act=refused&actor=agent:admin").want(t, 200, `"items":[]`)
	c.get("/audit?subject=13698765432").want(t, 400)
	var v console.ChainView
	c.get("/audit/verify").into(t, &v)
	if !v.Intact || !v.Known || v.Entries < 5 {
		t.Errorf("%+v", v)
	}
	c.get("/audit/verify?known="+v.Head).want(t, 200, `"intact":true`)
	c.get("/audit/verify?known="+fmt.Sprintf("1:%064d", 0)).want(t, 200, `"intact":false`, `"known":false`)
	c.get("/audit/verify?known=x").want(t, 400, "known")
}

// TestDecisionsAreAudited_ZZ_24: what one asked for and another decided.
func TestDecisionsAreAudited_ZZ_24(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	c.post("/callbacks/"+s.callback.ID+"/claim", map[string]any{}).want(t, 200)
	a := c.post("/orders/"+s.order.Number+"/reviews", map[string]any{"kind": "correction", "rating": 2, "evidence": "call1"})
	a.want(t, 201)
	var r struct{ ID string }
	a.into(t, &r)
	c.post("/reviews/"+r.ID+"/decide", map[string]any{"approve": true}).want(t, 403, "ZQ-15.6")
	b.whoIs(one(console.DutyLeader)).post("/reviews/"+r.ID+"/decide", map[string]any{"approve": true}).want(t, 200)
	if got := b.entries(dispatch.ActDecide); len(got) != 1 || got[0].Actor != "agent:duty_leader" || got[0].Subject != s.order.Number || got[0].Rule != "ZQ-15.6" {
		t.Errorf("%+v", got)
	}
	if got := b.entries(dispatch.ActRefused); len(got) != 1 || got[0].Rule != "ZQ-15.6" {
		t.Errorf("%+v", got)
	}
}

// TestAccounts_ZZ_4: an account without a role, with one that there is not, or of a unit that it cannot be of,
// is none.
func TestAccounts_ZZ_4(t *testing.T) {
	accounts, err := console.NewAccounts(time.Now)
	must(t, err)
	accounts.Cheapen()
	for _, who := range []console.Account{
		{Name: "x"}, {Name: "x", Roles: []console.Role{"system"}}, {Name: "x", Roles: []console.Role{"boss"}},
		{Name: "x", Roles: []console.Role{console.UnitHandler}}, {Name: "x", Roles: []console.Role{console.Agent}, Unit: "gongan"},
	} {
		if err := accounts.Add(who, password); err == nil {
			t.Errorf("%+v was accepted", who)
		}
	}
}
