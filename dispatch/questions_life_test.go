package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"hotline/dispatch"
)

func afterReturn(t *testing.T) {
	const line = "    window: {default: {workdays: 2, rule: ZQ-9.2}}"
	for changed, want := range map[string]time.Time{line: on(2023, 10, 11), "    keep_due: {is: true, rec: 时限不断}\n" + line: on(2023, 10, 9)} {
		h := under(t, "zq", line, changed)
		o := h.given(dispatch.Consult, on(2023, 9, 28, 10))
		h.now = on(2023, 10, 8, 9)
		_, err := h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
		h.ok(err)
		got, err := h.AllowReturn(h.ctx(), o.Number, desk, dispatch.Returned{To: dispatch.Giving{Lead: "roads"}})
		h.ok(err)
		h.same(changed, got.Due.At, want.UTC())
	}
}

func fromGivingOrNot(t *testing.T) {
	for changed, want := range map[string]time.Time{head: on(2023, 10, 9), "deadline: {start: registered, rec: 从严}\n" + head: on(2023, 10, 8)} {
		h := under(t, "zq", head, changed)
		h.withUnits()
		h.now = on(2023, 9, 27, 10)
		o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
		h.now = on(2023, 9, 28, 10)
		got, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
		h.ok(err)
		h.same(changed, got.Due.At, want.UTC())
	}
}

func onTimeBy(t *testing.T) {
	const line = "    fields_rule: ZQ-14.2\n"
	for changed, late := range map[string]bool{line: false, "    on_time: {is: passed, rec: 以审核通过为准}\n" + line: true} {
		h := under(t, "zq", line, changed)
		o := h.handled(dispatch.Consult, on(2023, 9, 28, 10))
		h.now = on(2023, 10, 8, 20)
		_, err := h.Submit(h.ctx(), o.Number, water, h.full())
		h.ok(err)
		h.now = on(2023, 10, 9, 10)
		got, err := h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
		h.ok(err)
		h.same(changed, got.Overdue(h.now), late)
	}
}

func companiesQuestions(t *testing.T) {
	const line = `    "enterprise:consult": {workdays: 1, rule: XZ-12.3.5}` + "\n"
	for _, tt := range []struct {
		changed, way string
		want         time.Time
	}{
		{line, "hotline", on(2026, 2, 26)},
		{line, "enterprise", on(2026, 2, 15)}, // the 14th is worked
		{line + `    "dual:consult": {workdays: 1, rule: XZ-12.3.5}` + "\n", "hotline", on(2026, 2, 15)},
	} {
		h := under(t, "xz", line, tt.changed)
		h.withUnits()
		h.now = on(2026, 2, 13, 10)
		o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
		_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Enterprise: true})
		h.ok(err)
		got, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: tt.way})
		h.ok(err)
		h.same(tt.changed+tt.way, got.Due.At, tt.want.UTC())
	}
}

func workedHours(t *testing.T) {
	const line = `business_hours: {is: ["09:00-12:00", "13:30-17:30"],`
	for changed, want := range map[string]time.Time{line: on(2026, 11, 23, 9, 30), `business_hours: {is: ["08:30-18:00"],`: on(2026, 11, 20, 18)} {
		h := under(t, "xz", line, changed)
		h.withUnits()
		h.now = on(2026, 11, 20, 17) // a Friday
		o := h.open(nil)
		_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: "hotline"})
		h.ok(err)
		all, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
		h.ok(err)
		h.same(changed, all[0].SignBy, want.UTC())
	}
}

func namelessReports(t *testing.T) {
	nameless := dispatch.Intake{Channel: dispatch.ByWeb, Type: dispatch.Report, Summary: "举报"}
	h := under(t, "kf", "", "")
	o, err := h.Open(h.ctx(), nameless)
	h.ok(err)
	h.same("taken, and marked", o.Anonymous(), true)

	h = under(t, "kf", "  supervise_from", "  real_name: KF-3.1.5\n  supervise_from")
	_, err = h.Open(h.ctx(), nameless)
	h.denies(err, dispatch.Refusal{Field: "name", Rule: "KF-3.1.5"}, dispatch.ErrInvalid)
	named := nameless
	named.Name = "王某"
	_, err = h.Open(h.ctx(), named)
	h.ok(err)
	o = h.open(nil)
	_, err = h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Report)
	h.denies(err, dispatch.Refusal{Field: "name", Rule: "KF-3.1.5"}, dispatch.ErrInvalid)
	h.same("nothing changed", h.order(o.Number), o)
}

func rounds(t *testing.T) {
	const line = "max_rounds: {is: 3,"
	for changed, need := range map[string]int{line: 3, "max_rounds: {is: 1,": 1} {
		h := under(t, "sq", line, changed)
		o := h.promisedTo(dispatch.Help)
		for round := 0; ; round++ {
			_, err := h.Submit(h.ctx(), o.Number, water, h.full())
			h.ok(err)
			_, err = h.File(h.ctx(), o.Number, water, "")
			h.ok(err)
			_, err = h.ReviewPass(h.ctx(), o.Number, leader, dispatch.Pass{Opinion: "已尽力"})
			if err == nil || !errors.Is(err, dispatch.ErrIllegal) {
				h.ok(err)
				h.same(changed, round, need)
				break
			}
			_, err = h.Understood(h.ctx(), o.Number, clerk, false)
			h.ok(err)
		}
	}
}

func noCalendar(t *testing.T) {
	h := under(t, "zq", "", "")
	h.now = on(2026, 12, 30, 10)
	o := h.open(nil)
	h.same("provisional", o.Due.Provisional, true)
	h.now = on(2026, 11, 20, 10)
	h.same("not so in a year that is known", h.open(nil).Due.Provisional, false)
}
