package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"hotline/dispatch"
)

func TestLifeXZ(t *testing.T) {
	onBoth(t, "xz", map[string]func(*hall){
		"XZ-2.2 a company's order is delivered twice":              deliveredTwice,
		"XZ-2.2 the copy shows the order as it stands":             copyFollows,
		"XZ-10 six reasons not to accept":                          sixReasons,
		"XZ-12.3.1 spoken to before it is done":                    spokenTo,
		"XZ-12.3.4 signed within one working hour":                 signedInTime,
		"XZ-12.3.5 XZ-12.7 XZ-8 deadlines by platform and source":  otherTerms,
		"XZ-12.4.1 looked at by three questions, no time for that": threeQuestions,
		"XZ-12.4.2 returned within one or two working days":        returnedByType,
		"XZ-12.4.3 more time before the deadline, as reviewed":     moreTime,
		"XZ-12.6 a written opinion on request":                     writtenOpinion,
		"XZ-27.2 returned twice, who leads is settled":             settledAfterTwo,
	})
}

func deliveredTwice(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Enterprise: true})
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: "hotline"})
	h.ok(err)
	all, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number, Open: true})
	h.ok(err)
	h.same("two deliveries", len(all), 2)
	watch := dispatch.By{Actor: "unit:enterprise:1", Role: dispatch.ByUnit, Unit: "enterprise"}
	if _, err := h.Sign(h.ctx(), o.Number, watch); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("who only watches signs: %v", err)
	}
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
}

// copyFollows: who watches reads the order itself, so that no copy of it is ever behind; it is
// counted once, and nothing that is done to it is the watcher's.
func copyFollows(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Enterprise: true})
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: "hotline"})
	h.ok(err)
	watch := dispatch.By{Actor: "unit:enterprise:1", Role: dispatch.ByUnit, Unit: "enterprise"}
	seen := func(want dispatch.State) {
		h.t.Helper()
		all, err := h.store.Orders(h.ctx(), dispatch.Filter{Unit: "enterprise"})
		h.ok(err)
		if len(all) != 1 || all[0].State != want {
			h.t.Errorf("the watcher sees %+v, want one order that is %s", all, want)
		}
	}
	seen(dispatch.Dispatched)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	seen(dispatch.Signed)
	_, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone", Evidence: "rec1", Due: true})
	h.ok(err)
	seen(dispatch.Processing)
	if _, err = h.Submit(h.ctx(), o.Number, watch, h.full()); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("who only watches submits: %v", err)
	}
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{Checks: []string{"规范", "具体", "完整"}})
	h.ok(err)
	seen(dispatch.Completed)
	from := h.now.Add(-time.Hour)
	h.now = h.now.Add(time.Hour)
	rows, err := h.Figures(h.ctx(), dispatch.FigureUnits, from, h.now)
	h.ok(err)
	h.same("counted once", rows[1:], [][]string{{"水务局", "1", "1", "1", "100.00%", "30"}})
}

func sixReasons(h *hall) {
	h.withUnits()
	h.same("six reasons", len(h.policy.Life.Reject), 6)
	for _, reason := range h.policy.Life.Reject {
		o := h.open(nil)
		_, err := h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: reason.Code, Told: "依第十条不予受理"})
		switch reason.Code {
		case "emergency":
			h.denies(err, dispatch.Refusal{Field: "code", Rule: "XZ-10"}, dispatch.ErrInvalid)
			continue
		case "no_content":
			h.denies(err, dispatch.Refusal{Field: "asked", Rule: "XZ-10"}, dispatch.ErrInvalid)
			_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: reason.Code, Told: "依第十条不予受理", Asked: true})
		}
		h.ok(err)
		h.same(reason.Code, h.order(o.Number).State, dispatch.OutOfScope)
	}
}

func spokenTo(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Start(h.ctx(), o.Number, water, "")
	h.ok(err)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.denies(err, dispatch.Refusal{Field: "first_contact", Rule: "XZ-12.3.1"}, dispatch.ErrInvalid)
}

func signedInTime(h *hall) {
	for at, want := range map[time.Time]time.Time{
		on(2026, 2, 13, 17):     on(2026, 2, 14, 9, 30),
		on(2026, 2, 13, 3):      on(2026, 2, 13, 10),
		on(2026, 2, 13, 11, 30): on(2026, 2, 13, 14),
	} {
		h.withUnits()
		h.now = at
		o := h.open(nil)
		_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: "hotline"})
		h.ok(err)
		all, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
		h.ok(err)
		h.same("sign by", all[0].SignBy, want.UTC())
	}
	o := h.open(nil)
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: "enterprise"})
	h.ok(err)
	all, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
	h.ok(err)
	h.same("not of the other platform's", all[0].SignBy.IsZero(), true)
}

func otherTerms(h *hall) {
	h.withUnits()
	for _, tt := range []struct {
		way, source string
		want        time.Time
		rule        string
	}{
		{"hotline", "", on(2026, 2, 26), "XZ-12.3.2"},
		{"enterprise", "", on(2026, 2, 15), "XZ-12.3.5"},
		{"hotline", "internet_supervision", on(2026, 2, 25), "XZ-12.7"},
	} {
		h.now = on(2026, 2, 13, 10)
		o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
		_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Source: tt.source})
		h.ok(err)
		o, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: tt.way})
		h.ok(err)
		h.same(tt.rule, []any{o.Source, o.Due.At, o.Due.Rule}, []any{tt.source, tt.want.UTC(), tt.rule})
	}
}

func threeQuestions(h *hall) {
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	h.now = o.Due.At.Add(-time.Hour)
	_, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{Checks: []string{"规范", "具体"}})
	h.denies(err, dispatch.Refusal{Field: "checks", Rule: "XZ-12.4.1"}, dispatch.ErrInvalid)
	got, err := h.ReviewRefuse(h.ctx(), o.Number, desk, dispatch.Refused{Opinion: "不完整"})
	h.ok(err)
	h.same("the deadline stays", got.Due.At, o.Due.At)
	h.now = o.Due.At.Add(time.Hour)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	got, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{Checks: []string{"规范", "具体", "完整"}})
	h.ok(err)
	h.same("late", got.Overdue(h.now), true)
}

func returnedByType(h *hall) {
	ask := dispatch.ReturnAsked{Basis: "三定方案", Suggestion: "请转住建局"}
	for _, tt := range []struct {
		t    dispatch.Type
		late time.Time
	}{{dispatch.Consult, on(2026, 2, 15)}, {dispatch.Help, on(2026, 2, 25)}} {
		o := h.given(tt.t, on(2026, 2, 13, 10))
		h.now = tt.late
		_, err := h.AskReturn(h.ctx(), o.Number, water, ask)
		h.denies(err, dispatch.Refusal{Field: "at", Rule: "XZ-12.4.2"}, dispatch.ErrIllegal)
		h.now = tt.late.Add(-time.Minute)
		_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Basis: "三定方案"})
		h.denies(err, dispatch.Refusal{Field: "suggestion", Rule: "XZ-12.4.2"}, dispatch.ErrInvalid)
		_, err = h.AskReturn(h.ctx(), o.Number, water, ask)
		h.ok(err)
	}
}

func moreTime(h *hall) {
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	h.now = o.Due.At
	_, err := h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{Reason: "材料未到"})
	h.denies(err, dispatch.Refusal{Field: "at", Rule: "XZ-12.4.3"}, dispatch.ErrIllegal)
	h.now = o.Due.At.Add(-time.Second)
	_, err = h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{})
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "XZ-12.4.3"}, dispatch.ErrInvalid)
	_, err = h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{Reason: "材料未到"})
	h.ok(err)
	_, err = h.AllowExtension(h.ctx(), o.Number, desk, dispatch.Extended{Until: o.Due.At})
	h.denies(err, dispatch.Refusal{Field: "until", Rule: "XZ-12.4.3"}, dispatch.ErrInvalid)
	got, err := h.AllowExtension(h.ctx(), o.Number, desk, dispatch.Extended{Until: o.Due.At.AddDate(0, 0, 3)})
	h.ok(err)
	h.same("until", got.Due.At, o.Due.At.AddDate(0, 0, 3))
	got, err = h.Supervise(h.ctx(), o.Number, desk, dispatch.Supervision{On: true, Reason: "延期期内督办"})
	h.ok(err)
	h.same("supervised", got.Supervised, true)
}

func writtenOpinion(h *hall) {
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.AskOpinion(h.ctx(), o.Number, clerk, "诉求人要求书面意见")
	h.ok(err)
	all := h.events(o.Number)
	h.same("within five working days", all[len(all)-1].Text, "请出具书面意见:诉求人要求书面意见,最迟11月27日")
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	pass := dispatch.Pass{Checks: []string{"规范", "具体", "完整"}}
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, pass)
	h.denies(err, dispatch.Refusal{Field: "opinion", Rule: "XZ-12.6"}, dispatch.ErrIllegal)
	_, err = h.GiveOpinion(h.ctx(), o.Number, water, dispatch.WrittenOpinion{Words: "已修复"})
	h.denies(err, dispatch.Refusal{Field: "file", Rule: "XZ-12.6"}, dispatch.ErrInvalid)
	_, err = h.GiveOpinion(h.ctx(), o.Number, water, dispatch.WrittenOpinion{Words: "已修复", File: "徐水字1号"})
	h.ok(err)
	got, err := h.ReviewPass(h.ctx(), o.Number, desk, pass)
	h.ok(err)
	h.same("completed", got.State, dispatch.Completed)
}

func settledAfterTwo(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	ask := dispatch.ReturnAsked{Basis: "三定方案", Suggestion: "请转他局"}
	_, err := h.AskReturn(h.ctx(), o.Number, water, ask)
	h.ok(err)
	_, err = h.AllowReturn(h.ctx(), o.Number, desk, dispatch.Returned{To: dispatch.Giving{Lead: "roads"}})
	h.ok(err)
	_, err = h.AskReturn(h.ctx(), o.Number, roads, ask)
	h.ok(err)
	got, err := h.AllowReturn(h.ctx(), o.Number, desk, dispatch.Returned{To: dispatch.Giving{Lead: "water"}})
	h.ok(err)
	h.same("supervised", []any{got.Supervised, got.Returns}, []any{true, 2})
	_, err = h.AskReturn(h.ctx(), o.Number, water, ask)
	h.denies(err, dispatch.Refusal{Field: "coordinated", Rule: "ZQ-9.4"}, dispatch.ErrIllegal)
}
