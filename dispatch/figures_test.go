package dispatch_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hotline/dispatch"
)

// What is busy is no part of the rate; every call that a person took is an order.
func TestCalls_SQ_4_2(t *testing.T) {
	h := newHall(t, "sq", filepath.Join(t.TempDir(), "h.db"))
	began := h.now
	for i := range 100 {
		c := dispatch.Call{ID: "C" + string(rune('A'+i/26)) + string(rune('A'+i%26)), From: citizen, StartedAt: h.now, EndedAt: h.now, Outcome: "answered", AnsweredAt: h.now, Order: "SQ1"}
		switch {
		case i < 5:
			c.Outcome, c.AnsweredAt, c.Order = "refused", time.Time{}, ""
		case i < 7:
			c.Outcome, c.AnsweredAt, c.Order = "abandoned", time.Time{}, ""
		}
		h.ok(h.store.Tx(h.ctx(), func(tx dispatch.Tx) error { return tx.SaveCall(c) }))
	}
	h.now = h.now.Add(time.Hour)
	rows, err := h.Figures(h.ctx(), dispatch.FigureCalls, began, h.now)
	h.ok(err)
	h.same("the table", rows[1], []string{"100", "5", "93", "97.89%", "93", "100.00%"})
}

// The regulation's own steps: nothing is taken off at 95, and one point for each percent below.
func TestOnTimePoints_KF_A4_3_1(t *testing.T) {
	for _, tt := range []struct{ onTime, due, want int }{
		{95, 100, 30}, {9499, 10000, 30}, {945, 1000, 30}, {94, 100, 29}, {90, 100, 25}, {60, 100, 0}, {0, 100, 0}, {100, 100, 30}, {0, 0, 30},
	} {
		if got := dispatch.OnTimePoints(tt.onTime, tt.due); got != tt.want {
			t.Errorf("%d of %d: %d points, want %d", tt.onTime, tt.due, got, tt.want)
		}
	}
}

func TestFigures(t *testing.T) {
	for name, c := range map[string]struct {
		hotline string
		test    func(*hall)
	}{
		"KF-3.6.2 the same span is the same table":              {"kf", sameTable},
		"ZZ-10.10 every suggestion for those above":             {"zz", suggestions},
		"KF-3.2.1 a week's report on what was asked about most": {"kf", hotTopics},
		"KF-3.6.1 six figures of each desk":                     {"kf", sixFigures},
		"what cannot be counted":                                {"kf", notCounted},
	} {
		t.Run(name, func(t *testing.T) { c.test(newHall(t, c.hotline, filepath.Join(t.TempDir(), "h.db"))) })
	}
}

func sameTable(h *hall) {
	from := h.now
	inTime := h.handled(dispatch.Help, h.now)
	_, err := h.Submit(h.ctx(), inTime.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), inTime.Number, desk, dispatch.Pass{})
	h.ok(err)
	late := h.handled(dispatch.Complaint, h.now)
	h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
	to := late.Due.At.Add(time.Hour)
	h.now = to
	h.open(nil) // after the span
	tables := map[dispatch.FigureKind][][]string{
		dispatch.FigureTypes: {{"类型", "类别", "主办单位", "诉求人", "受理", "办结", "应办结", "按期"},
			{"咨询", "", "", "群众", "1", "0", "1", "0"}, {"投诉", "", "水务局", "群众", "1", "0", "1", "0"}, {"求助", "", "水务局", "群众", "1", "1", "1", "1"}},
		dispatch.FigureUnits: {{"单位", "受理", "应办结", "按期", "按期办结率", "得分(满分30)"}, {"水务局", "2", "2", "1", "50.00%", "0"}},
	}
	for kind, want := range tables {
		rows, err := h.Figures(h.ctx(), kind, from, to)
		h.ok(err)
		h.same(string(kind), rows, want)
	}
	h.now = h.now.Add(time.Hour)
	_, err = h.Submit(h.ctx(), late.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), late.Number, desk, dispatch.Pass{})
	h.ok(err)
	for kind, want := range tables {
		rows, err := h.Figures(h.ctx(), kind, from, to)
		h.ok(err)
		h.same(string(kind)+" after the late one was done", rows, want)
	}
}

func suggestions(h *hall) {
	h.withUnits()
	from := h.now
	want := []string{}
	for i := range 5 {
		o := h.open(func(in *dispatch.Intake) { in.Type, in.Summary = dispatch.Suggestion, "增设路灯" })
		if i == 0 {
			_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
			h.ok(err)
		}
		want = append(want, o.Number)
	}
	h.open(nil)
	h.open(func(in *dispatch.Intake) { in.Type, in.Confidential = dispatch.Suggestion, true })
	h.now = h.now.Add(7 * 24 * time.Hour)
	rows, err := h.Figures(h.ctx(), dispatch.FigureSuggestions, from, h.now)
	h.ok(err)
	got := []string{}
	for _, row := range rows[1:] {
		got = append(got, row[0])
	}
	slices.Sort(got)
	h.same("these five", got, want)
	h.same("and who has it", rows[1][3], "水务局")
}

func notCounted(h *hall) {
	for _, span := range [][2]time.Time{{h.now, h.now}, {h.now, h.now.Add(-time.Hour)}, {h.now.Add(-time.Hour), h.now.Add(time.Hour)}} {
		_, err := h.Figures(h.ctx(), dispatch.FigureTypes, span[0], span[1])
		h.denies(err, dispatch.Refusal{Field: "until", Rule: "KF-3.6.2"}, dispatch.ErrInvalid)
	}
	_, err := h.Figures(h.ctx(), "luck", h.now.Add(-time.Hour), h.now)
	h.denies(err, dispatch.Refusal{Field: "table", Rule: "KF-3.6.2"}, dispatch.ErrInvalid)
}
