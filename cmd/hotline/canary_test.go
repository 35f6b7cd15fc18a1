package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cmd/rig"
	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/dispatch/sqlstore"
)

// informant is somebody whose number, name and words leave by no exit.
type informant struct {
	number, name, words string
	paper               string // the number of an identity card
	order               orderSeen
}

// secrets are what must not be found: the number in any way it is written, the four digits
// that a mask leaves, the name, and with words what was said.
func (i informant) secrets(words bool) []string {
	n := i.number
	all := []string{n, n[:3] + "-" + n[3:7] + "-" + n[7:], n[:3] + " " + n[3:7] + " " + n[7:], "****" + n[7:]}
	for _, secret := range []string{i.name, i.paper} {
		if secret != "" {
			all = append(all, secret)
		}
	}
	if words {
		all = append(all, i.words)
	}
	return all
}

// canary is a hotline with four informants: by phone, at the counter, by voicemail, by text.
type canary struct {
	*calm
	store  *sqlstore.Store
	people map[string]*informant
}

// canaryUnit has every informant's order.
const canaryUnit = "gongan"

// accountsOf writes an account for each role, "role test-password role [unit]".
func accountsOf(t *testing.T) (file string) {
	t.Helper()
	var lines strings.Builder
	for _, r := range console.Roles {
		unit := ""
		if r == console.UnitHandler || r == console.UnitHead {
			unit = canaryUnit
		}
		fmt.Fprintln(&lines, r, "test-password", r, unit)
	}
	file = filepath.Join(t.TempDir(), "accounts")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// newCanary starts a hotline and plants the informants.
func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{calm: newCalm(t, testRig(t, "HOTLINE_ACCOUNTS="+accountsOf(t))), people: map[string]*informant{
		"phone":     {number: "13755557391"},
		"counter":   {number: "13755557394", name: "上官婉秋", words: "紫云英七号仓库", paper: "41108119870304926X"},
		"voicemail": {number: "13755557392"},
		"text":      {number: "13755557393", name: "欧阳墨白", words: "青鸾路验收作弊"},
	}}
	var err error
	c.store, err = sqlstore.Open(c.ctx, filepath.Join(c.rig.Dir, "hotline.db"))
	c.must(err)
	t.Cleanup(func() { _ = c.store.Close() })
	c.byPhone(c.people["phone"])
	c.atCounter(c.people["counter"])
	c.byText(c.people["text"])
	c.byVoicemail(c.people["voicemail"])
	for _, who := range c.people {
		c.must(c.store.Tx(c.ctx, func(tx dispatch.Tx) error {
			return tx.InsertAssignment(dispatch.Assignment{ID: "given-" + who.number[7:], Order: who.order.Number, Unit: canaryUnit, Attempt: 1,
				Lead: true, DispatchedAt: storyDay})
		}))
	}
	return c
}

// byPhone calls and talks with an agent, who sees that it is a report.
func (c *canary) byPhone(i *informant) {
	c.t.Helper()
	hangUp(c.talks(i.number, talk{to: "8001", far: 620, near: 440}))
	call, err := newest(c.ctx, c.console, "/api/v1/calls", func(k callSeen) error {
		if k.Order == "" {
			return errors.New("no order yet")
		}
		return want("outcome", k.Outcome, "answered")
	})
	c.must(err)
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+call.Order+"/type", map[string]any{"type": "report"}, &i.order))
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+i.order.Number+"/note", map[string]any{"text": "来电" + i.number + "再次反映"}, nil))
}

// atCounter comes in person; an agent registers the report with name and number. It is asked for by text.
func (c *canary) atCounter(i *informant) {
	c.t.Helper()
	c.must(c.console.post(c.ctx, "/api/v1/orders", map[string]any{"type": "report", "channel": "phone", "phone": i.number, "name": i.name,
		"receipt_text": true, "urgent": true, "summary": i.name + "举报" + i.words + "有问题,电话" + i.number}, &i.order))
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+i.order.Number+"/identity", map[string]any{"name": i.name, "kind": "id_card", "id_number": i.paper}, nil))
	receipt, err := c.carrier.text(c.ctx, i.number, i.order.Number)
	c.must(err)
	c.must(c.carrier.write(c.ctx, i.number, receipt.Peer, "查 "+i.order.Digits+" "+i.order.PIN))
	_, err = c.carrier.text(c.ctx, i.number, "预留方式")
	c.must(err)
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+i.order.Number+"/note", map[string]any{"text": i.name + "再次来电" + i.number}, nil))
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+i.order.Number+"/attach", map[string]any{"name": i.name + "身份证" + i.number + ".txt",
		"file": []byte(i.name + i.number + i.words)}, nil))
}

// byText writes in, gets a receipt, and refuses more; the agent sees that it is a report.
func (c *canary) byText(i *informant) {
	c.t.Helper()
	r, err := c.request(c.ctx, i.number, "我是"+i.name+",举报"+i.words+",电话"+i.number)
	c.must(err)
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+r.Number+"/type", map[string]any{"type": "report"}, &i.order))
	i.order.PIN = r.PIN
	c.must(c.carrier.write(c.ctx, i.number, hotlineTexts, "TD"))
	_, err = c.carrier.text(c.ctx, i.number, "已为您退订")
	c.must(err)
}

// byVoicemail leaves a message at night; whoever hears it sees that it is a report.
func (c *canary) byVoicemail(i *informant) {
	c.t.Helper()
	c.must(c.clockTo(c.ctx, night))
	s := c.leavesMessage(i.number)
	hangUp(s)
	v, err := newest(c.ctx, c.console, "/api/v1/voicemails", func(v voicemailSeen) error {
		if v.Order == "" {
			return errors.New("no order yet")
		}
		return nil
	})
	c.must(err)
	_, err = c.carrier.text(c.ctx, dutyNumber, v.Order)
	c.must(err)
	_, err = c.console.audio(c.ctx, v.ID)
	c.must(err)
	c.must(c.console.post(c.ctx, "/api/v1/orders/"+v.Order+"/type", map[string]any{"type": "report"}, &i.order))
}

// TestCanary_KF_3_1_5 plants informants by phone, at the counter, by voicemail and by text, and looks for their numbers, names and
// words at every exit (ZZ-24, ZQ-24, XZ-12.6, scenario 14).
func TestCanary_KF_3_1_5(t *testing.T) {
	c := newCanary(t)
	c.speechTellsOneSentence()
	ids := c.known()
	for _, role := range append([]console.Role{"admin"}, console.Roles...) {
		client := c.as(role) // once: a log-in is made to be slow
		c.asksEverything(client, role, ids)
		c.takesEverything(client, role)
	}
	c.searchesFindNobody()
	c.textsTellNothing()
	c.filesTellNothing()
	c.redisTellsNothing()
	c.traceTellsNothing()
	c.intact()
}

// speechTellsOneSentence asks for the counter's report with its code.
func (c *canary) speechTellsOneSentence() {
	c.t.Helper()
	i := c.people["counter"]
	c.must(c.tellsOneSentence(c.ctx, i.number, i.order))
}

// traceTellsNothing asks for the texts of each number. Whoever knows a number may learn that
// it was opted out, and no more: a report is not among its texts.
func (c *canary) traceTellsNothing() {
	c.t.Helper()
	for channel, i := range c.people {
		out := c.shows([]string{}, "trace", i.number)
		for _, secret := range []string{i.number, i.name, i.words, i.order.Number, i.order.Digits} {
			if secret != "" && strings.Contains(out, secret) {
				c.t.Errorf("hotline sms trace tells %q of who informed by %s: %s", secret, channel, out)
			}
		}
	}
}

// intact looks whether all of that left an unbroken audit.
func (c *canary) intact() {
	c.t.Helper()
	var v console.ChainView
	c.must(c.console.get(c.ctx, "/api/v1/audit/verify", &v))
	if !v.Intact || v.Entries < 20 {
		c.t.Errorf("the audit: %+v", v)
	}
}

// tellsNothing looks for every informant's secrets in what left somewhere.
func (c *canary) tellsNothing(exit, text string, words bool) {
	c.t.Helper()
	for channel, i := range c.people {
		for _, secret := range i.secrets(words) {
			if secret != "" && strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				c.t.Errorf("%s tells %q of who informed by %s: ...%s...", exit, secret, channel, text[max(0, at-120):min(len(text), at+120)])
			}
		}
	}
}

// as logs in with a role's account; "admin" is the hotline's first one.
func (c *canary) as(role console.Role) *consoleClient {
	c.t.Helper()
	var session struct{ Token string }
	at := jsonClient{base: "http://" + rig.Local(c.ports.HTTP)}
	c.must(at.post(c.ctx, "/api/v1/login", map[string]any{"account": role, "password": "test-password", "bearer": true}, &session))
	at.header = map[string][]string{"Authorization": {"Bearer " + session.Token}}
	return &consoleClient{jsonClient: at}
}

// soon is how long a request at an exit may take.
const soon = time.Minute

// limitedTo is a context that ends soon.
func (c *canary) limitedTo() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.ctx, soon)
}
