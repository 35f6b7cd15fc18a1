package dispatch_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
)

// What Zhaoqing's regulation says of scope, of where deadlines begin, and of what a unit
// may not accept.
func TestTermsZQ(t *testing.T) {
	for name, test := range map[string]func(*hall){
		"ZQ-7.1 five types, each with its deadline":                  fiveTypes,
		"ZQ-11.0 the clock begins when the office gives it out":      fromGiving,
		"ZQ-5.2 answered and not told is late":                       notTold,
		"ZQ-9.3 a unit that does not accept shows why, and is heard": notAccepted,
	} {
		t.Run(name, func(t *testing.T) { test(newHall(t, "zq", filepath.Join(t.TempDir(), "h.db"))) })
	}
}

func fiveTypes(h *hall) {
	for kind, want := range map[dispatch.Type]struct {
		due  time.Time
		rule string
	}{
		dispatch.Consult:    {on(2023, 10, 9), "ZQ-11.1"},
		dispatch.Help:       {on(2023, 10, 19), "ZQ-11.2"},
		dispatch.Suggestion: {on(2023, 10, 19), "ZQ-11.2"},
		dispatch.Complaint:  {on(2023, 10, 26), "ZQ-11.3"},
		dispatch.Report:     {on(2023, 10, 26), "ZQ-11.3"},
	} {
		o := h.given(kind, on(2023, 9, 28, 10))
		h.same(string(kind), []any{o.Due.At, o.Due.Rule}, []any{want.due.UTC(), want.rule})
	}
}

// What was registered yesterday counts from today, when it was given out, and a second
// unit's time is its own.
func fromGiving(h *hall) {
	h.withUnits()
	for registered, given := range map[time.Time]time.Time{
		on(2023, 9, 28, 9): on(2023, 9, 28, 15),
		on(2023, 9, 26, 9): on(2023, 9, 28, 15),
	} {
		h.now = registered
		o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
		h.now = given
		o, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
		h.ok(err)
		h.same("from the giving, whose day is not counted", []any{o.Due.From, o.Due.At}, []any{given.UTC(), on(2023, 10, 9).UTC()})
	}
}

func notAccepted(h *hall) {
	o := h.given(dispatch.Help, on(2023, 9, 28, 10))
	ask := dispatch.ReturnAsked{Reason: "已进入诉讼", Basis: "第七条", NotAccept: true}
	_, err := h.AskReturn(h.ctx(), o.Number, water, ask)
	h.denies(err, dispatch.Refusal{Field: "evidence", Rule: "ZQ-9.3"}, dispatch.ErrInvalid)
	h.same("nothing changed", h.order(o.Number), o)
	ask.Evidence = "受理案件通知书"
	_, err = h.AskReturn(h.ctx(), o.Number, water, ask)
	h.ok(err)
	reject := dispatch.Rejection{Code: "other_procedure"}
	_, err = h.Reject(h.ctx(), o.Number, desk, reject)
	h.denies(err, dispatch.Refusal{Field: "told", Rule: "ZQ-7.2"}, dispatch.ErrInvalid)
	reject.Told = "已进入诉讼程序,依第七条不予受理"
	got, err := h.Reject(h.ctx(), o.Number, desk, reject)
	h.ok(err)
	h.same("the citizen was told, it is over", got.State, dispatch.OutOfScope)
}

// The unit has an answer, but nobody spoke to the citizen: its deadline breaks.
func notTold(h *hall) {
	o := h.given(dispatch.Help, on(2023, 9, 28, 10))
	_, err := h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Start(h.ctx(), o.Number, water, "已核实")
	h.ok(err)
	h.now = o.Due.At.Add(-time.Hour)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.denies(err, dispatch.Refusal{Field: "first_contact", Rule: "ZQ-13.1"}, dispatch.ErrInvalid)
	h.same("late", h.order(o.Number).Overdue(o.Due.At.Add(time.Second)), true)
}

// Whose a matter may be goes by the place and by the subject; a person decides.
func TestWhose(t *testing.T) {
	for _, tt := range []struct {
		name, hotline, summary string
		want                   []string
	}{
		{"KF-1 both where it is and whose subject it is", "kf", "祥符区居民反映供水水压低", []string{"xiangfu", "urban"}},
		{"XZ-11.1 whose subject it is", "xz", "燃气管道漏气", []string{"gas"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHall(t, tt.hotline, filepath.Join(t.TempDir(), "h.db"))
			h.withUnits()
			h.config.Units[2].Topics = []string{"燃气"} // an office keeps the list it was given
			if tt.hotline == "kf" {
				var err error
				h.config.Units, err = dispatch.LoadUnits(deploy.Files, "hotlines/kf/units.yaml")
				h.ok(err)
				h.Office = dispatch.NewOffice(h.config)
			}
			hints, err := h.Suggest(h.ctx(), dispatch.Asked{Summary: tt.summary})
			h.ok(err)
			for _, id := range tt.want {
				if !slices.ContainsFunc(hints.Units, func(x dispatch.Hint) bool { return x.ID == id }) {
					t.Errorf("%s is not among %+v", id, hints.Units)
				}
			}
			if o := h.open(func(in *dispatch.Intake) { in.Summary = tt.summary }); o.Unit != "" {
				t.Errorf("given to %s by itself", o.Unit)
			}
		})
	}
}

// An order that nobody could do is on time if the unit explained why before the deadline
// and the hotline accepted that; an explanation that is sent back saves nobody.
func TestExplainedInTime(t *testing.T) {
	for name, accepted := range map[string]bool{"ZZ-14.2 accepted": true, "ZZ-14.2 sent back": false} {
		t.Run(name, func(t *testing.T) {
			h := newHall(t, "zz", filepath.Join(t.TempDir(), "h.db"))
			o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
			h.now = o.Due.At.Add(-time.Hour)
			s := dispatch.Submission{Process: "现场查看", Outcome: "explained_constraint", Basis: "某规划第三条",
				Result: "该路段明年列入改造计划,目前受管线条件所限不能施工,已向您解释"}
			_, err := h.Submit(h.ctx(), o.Number, water, s)
			h.ok(err)
			_, err = h.ReviewPass(h.ctx(), o.Number, waterHd, dispatch.Pass{})
			h.ok(err)
			h.now = o.Due.At.Add(time.Hour) // the office may take its time
			if accepted {
				_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
			} else {
				_, err = h.ReviewRefuse(h.ctx(), o.Number, desk, dispatch.Refused{Opinion: "解释不成立"})
			}
			h.ok(err)
			h.same("overdue", h.order(o.Number).Overdue(h.now), !accepted)
		})
	}
}

// termKept: what is sent back has the term of where it came from and of how it was given.
func termKept(h *hall) {
	h.withUnits()
	for _, tt := range []struct {
		way, source string
		want        time.Time
		rule        string
	}{
		{"hotline", "", on(2026, 11, 26), "XZ-12.3.2"},
		{"enterprise", "", on(2026, 11, 24), "XZ-12.3.5"},
		{"hotline", "internet_supervision", on(2026, 11, 25), "XZ-12.7"},
	} {
		o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
		_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Source: tt.source})
		h.ok(err)
		_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: tt.way})
		h.ok(err)
		_, err = h.Sign(h.ctx(), o.Number, water)
		h.ok(err)
		_, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone", Evidence: "rec1", Due: true})
		h.ok(err)
		_, err = h.Submit(h.ctx(), o.Number, water, h.full())
		h.ok(err)
		_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{Checks: h.policy.Life.Review.Checks})
		h.ok(err)
		h.deliver(o.Number)
		h.text("4", h.survey(o.Number).Slot)
		h.ok(h.called(o.Number, func(c *dispatch.Called) { c.UnitFault = true }))
		got := h.order(o.Number)
		h.same(tt.rule, []any{got.State, got.Due.At, got.Due.Rule}, []any{dispatch.Dispatched, tt.want.UTC(), tt.rule})
	}
}
