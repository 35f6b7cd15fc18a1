package dispatch_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// nightHall has a unit with one of its people on call, and leaders on duty.
func nightHall(t *testing.T, hotline string) *hall {
	h := newHall(t, hotline, filepath.Join(t.TempDir(), "h.db")).staffed()
	h.config.Units[0].Handlers = append(h.config.Units[0].Handlers, dispatch.Handler{ID: "7", Name: "夜班", Mobile: nightPhone, OnCall: true})
	h.Office = dispatch.NewOffice(h.config)
	return h
}

const nightPhone = "13700000009"

// sudden registers an urgent matter and gives it to the unit now.
func (h *hall) sudden() dispatch.Order {
	h.t.Helper()
	o := h.open(func(in *dispatch.Intake) { in.Urgent, in.Summary = true, h.now.String() })
	o, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "road"})
	h.ok(err)
	return o
}

// TestNightAndHolidays_XZ_14: on a holiday at two in the morning a sudden matter calls its
// unit's people on call; what none of them confirms goes to the leaders after five minutes.
func TestNightAndHolidays_XZ_14(t *testing.T) {
	h := nightHall(t, "xz")
	h.now = on(2026, 10, 1, 2)
	o := h.sudden()
	h.same("called at once", h.swept(), []string{"on_call1"})
	h.same("clause", h.rules(o.Number, dispatch.OnUnitCalled), []string{"XZ-14"})
	calls, err := h.UnitCalls(h.ctx())
	h.ok(err)
	h.same("whom to ring", []any{len(calls), calls[0].People}, []any{1, []dispatch.Officer{{Name: "夜班", Phone: nightPhone}}})
	var text sms.Message
	for _, m := range h.sent(o.Number, sms.KindDuty) {
		if strings.HasPrefix(m.Key, "act:") {
			text = m
		}
	}
	h.same("texted now", []any{text.To, text.NotBefore.After(h.now), strings.Contains(text.Text, "5678")}, []any{nightPhone, false, false})
	h.same("not yet", h.clock("2026-10-01 02:04:59"), []string{})
	h.exactly("2026-10-01 02:05:01", "escalate1", "on_call_late1")
	h.same("the leaders are called", h.told(o.Number, dispatch.OnMajor), 2)
	h.same("they are texted", strings.Contains(strings.Join(h.duty(o.Number), " "), leaderPhone), true)
}

// TestUnitAtNight_XZ_14: who confirms ends it, however they do; and nobody is woken for what
// is not sudden, or called in business hours.
func TestUnitAtNight_XZ_14(t *testing.T) {
	h := nightHall(t, "xz")
	over := func(number string, want bool) {
		t.Helper()
		got, err := h.UnitCallOver(h.ctx(), number)
		h.ok(err)
		calls, err := h.UnitCalls(h.ctx())
		h.ok(err)
		h.same("over", []any{got, len(calls) == 0}, []any{want, want})
	}
	for name, confirm := range map[string]func(dispatch.Order){
		"by phone": func(o dispatch.Order) { h.ok(h.EndUnitCall(h.ctx(), o.Number, "unit:road:夜班", "已按1确认")) },
		"by text":  func(dispatch.Order) { h.same("text", h.from(nightPhone, "收到"), dispatch.AsConfirmed) },
		"signed":   func(o dispatch.Order) { _, err := h.Sign(h.ctx(), o.Number, road); h.ok(err) },
		"given up": func(o dispatch.Order) { h.ok(h.EndUnitCall(h.ctx(), o.Number, "", "无人确认")) },
	} {
		h.now = h.now.AddDate(0, 0, 1)
		y, m, d := h.now.Date()
		h.now = on(y, m, d, 2)
		o := h.sudden()
		h.swept()
		over(o.Number, false)
		confirm(o)
		over(o.Number, true)
		h.now = h.now.Add(6 * time.Minute)
		h.swept()
		h.same(name+": the leaders", h.told(o.Number, dispatch.OnMajor) > 1, name == "given up")
	}

	h.now = on(2026, 10, 3, 2)
	plain := h.open(func(in *dispatch.Intake) { in.Summary = "咨询公积金" })
	_, err := h.Dispatch(h.ctx(), plain.Number, desk, dispatch.Giving{Lead: "road"})
	h.ok(err)
	for _, m := range h.sent(plain.Number, sms.KindDuty) {
		h.same("waits for the morning", m.NotBefore, on(2026, 10, 3, 8).UTC())
	}
	h.same("nobody called", h.told(plain.Number, dispatch.OnUnitCalled), 0)
	h.now = on(2026, 11, 24, 10) // a working day
	o := h.sudden()
	h.swept()
	h.same("by day", h.told(o.Number, dispatch.OnUnitCalled), 0)

	h = nightHall(t, "zq") // whose regulation does not ask for it
	h.now = on(2026, 10, 1, 2)
	o = h.sudden()
	h.swept()
	h.same("elsewhere", h.told(o.Number, dispatch.OnUnitCalled), 0)
}

// TestUnitsHaveSomebodyAtNight_XZ_14: a unit without is told of at its line.
func TestUnitsHaveSomebodyAtNight_XZ_14(t *testing.T) {
	h := nightHall(t, "xz")
	for list, want := range map[string]string{
		`handlers: [{id: "1", name: 甲, mobile: "13700000001"}]`:                "unit \"enterprise\" has 0 people with a mobile phone on call, at least 1 are asked for [XZ-14]",
		`handlers: [{id: "1", name: 甲, mobile: "13700000001", on_call: true}]`: "",
	} {
		files := fstest.MapFS{"units.yaml": {Data: []byte("units:\n  - {id: enterprise, name: 市企服平台, " + list + "}\n")}}
		problems, err := h.policy.CheckUnits(files, "units.yaml")
		h.ok(err)
		if got := problems.Error(); want == "" && len(problems) > 0 || !strings.Contains(got, want) {
			t.Errorf("%s: %s; want %q", list, got, want)
		}
	}
}
