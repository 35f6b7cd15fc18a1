package dispatch_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

// What an agent writes down, and what the lists can be cut by.
func TestForm(t *testing.T) {
	for name, c := range map[string]struct {
		hotline string
		test    func(*hall)
	}{
		"KF-3.1.1 the caller's number is there, the name is asked for":        {"kf", named},
		"KF-3.1.2 a summary and what is to be done":                           {"kf", summed},
		"KF-3.1.3 answered, given out, or put to the leader on duty":          {"kf", disposed},
		"KF-2.1 three ways in, and criticism, opinions, suggestions, demands": {"kf", threeWays},
		"KF-2.2 companies' complaints have a list, and no unit ends them":     {"kf", companies},
		"XZ-9 nine categories":                                  {"xz", nine},
		"ZZ-3.3 a higher office's number and deadline are kept": {"zz", fromAbove},
	} {
		t.Run(name, func(t *testing.T) { c.test(newHall(t, c.hotline, filepath.Join(t.TempDir(), "h.db"))) })
	}
}

func named(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Phone = "13800000001" })
	h.same("the number", o.Phone, "13800000001")
	f := dispatch.Form{Disposition: "dispatch"}
	_, err := h.WriteDown(h.ctx(), o.Number, clerk, f)
	h.denies(err, dispatch.Refusal{Field: "name", Rule: "KF-3.1.1"}, dispatch.ErrInvalid)
	h.same("nothing changed", h.order(o.Number), o)
	f.Nameless = true
	_, err = h.WriteDown(h.ctx(), o.Number, clerk, f)
	h.ok(err)
	f = dispatch.Form{Disposition: "dispatch", Name: "王女士"}
	got, err := h.WriteDown(h.ctx(), o.Number, clerk, f)
	h.ok(err)
	h.same("the name", got.Name, "王女士")
}

func summed(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Summary, in.Name = "", "王" })
	_, err := h.WriteDown(h.ctx(), o.Number, clerk, dispatch.Form{Disposition: "dispatch"})
	h.denies(err, dispatch.Refusal{Field: "summary", Rule: "KF-3.1.2"}, dispatch.ErrInvalid)
	_, err = h.WriteDown(h.ctx(), o.Number, clerk, dispatch.Form{Summary: strings.Repeat("长", 201), Disposition: "dispatch"})
	h.denies(err, dispatch.Refusal{Field: "summary", Rule: "KF-3.1.2"}, dispatch.ErrInvalid)
	_, err = h.WriteDown(h.ctx(), o.Number, clerk, dispatch.Form{Summary: "路灯不亮"})
	h.denies(err, dispatch.Refusal{Field: "disposition", Rule: "KF-3.1.2"}, dispatch.ErrInvalid)
	h.same("nothing changed", h.order(o.Number), o)
	got, err := h.WriteDown(h.ctx(), o.Number, clerk, dispatch.Form{Summary: strings.Repeat("长", 200), Disposition: "dispatch"})
	h.ok(err)
	h.same("written", len([]rune(got.Summary)), 200)
}

func disposed(h *hall) {
	h.staffed()
	for disposition, waits := range map[string]int{"on_spot": 0, "dispatch": 0, "duty_leader": 1} {
		before := len(h.waiting())
		_, err := h.WriteDown(h.ctx(), h.open(nil).Number, clerk, dispatch.Form{Nameless: true, Disposition: disposition})
		h.ok(err)
		h.same(disposition, len(h.waiting())-before, waits)
	}
}

func threeWays(h *hall) {
	kinds := []dispatch.Type{dispatch.Criticism, dispatch.Opinion, dispatch.Suggestion, dispatch.Demand}
	for i, kind := range kinds {
		channel := []dispatch.Channel{dispatch.ByPhone, dispatch.ByMailbox, dispatch.ByWeb, dispatch.ByWeb}[i]
		h.open(func(in *dispatch.Intake) { in.Type, in.Channel = kind, channel })
	}
	all, err := h.store.Orders(h.ctx(), dispatch.Filter{})
	h.ok(err)
	count := map[any]int{}
	for _, o := range all {
		count[o.Channel]++
		count[o.Type]++
	}
	h.same("each", count, map[any]int{dispatch.ByPhone: 1, dispatch.ByMailbox: 1, dispatch.ByWeb: 2,
		dispatch.Criticism: 1, dispatch.Opinion: 1, dispatch.Suggestion: 1, dispatch.Demand: 1})
}

func companies(h *hall) {
	h.withUnits()
	h.open(nil) // a citizen's
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Complaint })
	_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Enterprise: true, Category: "taxes"})
	h.denies(err, dispatch.Refusal{Field: "category", Rule: "KF-2.2"}, dispatch.ErrInvalid)
	_, err = h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Enterprise: true, Category: "law_enforcement"})
	h.ok(err)
	list, err := h.store.Work(h.ctx(), dispatch.WorkFilter{Enterprise: true})
	h.ok(err)
	if len(list) != 1 || list[0].Number != o.Number || list[0].Category != "law_enforcement" {
		h.t.Errorf("the list: %+v", list)
	}
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"}) // whom it is about
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Start(h.ctx(), o.Number, water, "已核实")
	h.ok(err)
	got, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	h.same("it is not at its end", got.State, dispatch.Submitted)
	_, err = h.ReviewPass(h.ctx(), o.Number, water, dispatch.Pass{})
	if !errors.Is(err, dispatch.ErrRole) {
		h.t.Errorf("the unit passes its own answer: %v", err)
	}
	_, err = h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: water.Actor, Result: "已办结"})
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "ZQ-14.1"}, dispatch.ErrIllegal)
}

func nine(h *hall) {
	for _, c := range h.policy.Life.Categories {
		_, err := h.Classify(h.ctx(), h.open(nil).Number, clerk, dispatch.Facts{Enterprise: true, Category: c.Code})
		h.ok(err)
	}
	all, err := h.store.Orders(h.ctx(), dispatch.Filter{})
	h.ok(err)
	count := map[string]int{}
	for _, o := range all {
		count[o.Category]++
	}
	h.same("one of each", []int{len(count), len(all)}, []int{9, 9})
	_, err = h.Classify(h.ctx(), h.open(nil).Number, clerk, dispatch.Facts{Category: "tenth"})
	h.denies(err, dispatch.Refusal{Field: "category", Rule: "XZ-9"}, dispatch.ErrInvalid)
}

// The earlier of two deadlines counts; both are kept, and whether the higher office's was.
func fromAbove(h *hall) {
	h.withUnits()
	for _, tt := range []struct {
		upper time.Time
		want  dispatch.Deadline
	}{
		{on(2026, 11, 23, 17), dispatch.Deadline{At: on(2026, 11, 23, 17).UTC(), Rule: "ZZ-3.3"}},
		{on(2026, 12, 31, 17), dispatch.Deadline{At: on(2026, 11, 25).UTC(), Rule: "ZZ-17.1"}},
	} {
		o := h.open(func(in *dispatch.Intake) {
			in.Imported, in.Source, in.UpperDue = "SZDH-7", "zz_mayor", tt.upper
		})
		h.same("kept", []any{o.Upper, o.Source, o.UpperDue}, []any{"SZDH-7", "zz_mayor", tt.upper.UTC()})
		h.same("registered", []any{o.Due.At, o.Due.Rule}, []any{tt.want.At, tt.want.Rule})
		got, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
		h.ok(err)
		h.same("given out", []any{got.Due.At, got.Due.Rule}, []any{tt.want.At, tt.want.Rule})
		h.same("late for the higher office", []bool{got.LateForUpper(tt.upper), got.LateForUpper(tt.upper.Add(time.Second))}, []bool{false, true})
	}
}
