package dispatch_test

import (
	"strings"
	"testing"

	"hotline/dispatch"
)

// TestExceptions is scenario 13: of each of the seven cases one, and its near misses.
func TestExceptions(t *testing.T) {
	onBoth(t, "zq", map[string]func(*hall){
		"ZQ-16.1 no answer was needed":         func(h *hall) { h.excepted(dispatch.Help, "ZQ-16.1", "declined", "来电录音 1") },
		"ZQ-16.2 a suggestion not adopted":     func(h *hall) { h.excepted(dispatch.Suggestion, "ZQ-16.2", "", "复函 12 号") },
		"ZQ-16.3 handled by the law":           func(h *hall) { h.excepted(dispatch.Complaint, "ZQ-16.3", "enforcement", "处罚决定书 7 号") },
		"ZQ-16.4 mediated":                     func(h *hall) { h.excepted(dispatch.Complaint, "ZQ-16.4", "terminated", "终止调解书 3 号") },
		"ZQ-16.5 no reason given":              noReasonGiven,
		"ZQ-16.6 false, with opinion":          falseWithOpinion,
		"ZQ-16.6 without opinion it goes back": falseWithoutOpinion,
		"ZQ-16.7 force majeure":                func(h *hall) { h.excepted(dispatch.Help, "ZQ-16.7", "", "台风红色预警") },
		"ZQ-16.0 what is no exception":         noExceptions,
		"ZQ-15.7 a demand goes before it":      demandOverrides,
	})
}

// excepted takes a dissatisfied order for an exception: it is not sent back, archived with
// its reason, and its rating stays.
func (h *hall) excepted(t dispatch.Type, rule, fact, evidence string) {
	h.t.Helper()
	o := h.rated(t, "4")
	h.ok(h.called(o.Number, func(c *dispatch.Called) {
		c.Exception = dispatch.Claim{Rule: rule, Fact: fact, Evidence: evidence}
	}))
	h.keptFromRedo(o.Number, rule, "agent:8001", evidence)
}

func (h *hall) keptFromRedo(number, rule, actor, evidence string) {
	h.t.Helper()
	got := h.order(number)
	h.same("order", []any{got.State, got.Exception, got.Rating, got.Redos}, []any{dispatch.Archived, rule, 4, 0})
	for _, e := range h.events(number) {
		if e.Kind == dispatch.OnException {
			h.same("who and by which clause", []string{e.Actor, e.Rule}, []string{actor, rule})
			if !strings.Contains(e.Text, evidence) {
				h.t.Errorf("%q is not in %q", evidence, e.Text)
			}
		}
	}
	h.same("told", []int{h.told(number, dispatch.OnException), h.told(number, dispatch.OnRedo)}, []int{1, 0})
}

func noReasonGiven(h *hall) {
	o := h.rated(dispatch.Help, "4")
	h.ok(h.called(o.Number, func(c *dispatch.Called) { c.Reason, c.NoReason = "", true }))
	h.keptFromRedo(o.Number, "ZQ-16.5", "agent:8001", "")
	o = h.rated(dispatch.Help, "4")
	err := h.called(o.Number, func(c *dispatch.Called) { c.Exception = dispatch.Claim{Rule: "ZQ-16.5", Evidence: "x"} })
	h.refused(err, dispatch.ErrInvalid, "exception.rule", "ZQ-16.5")
}

// pending claims that a complaint is malicious, which waits for the office's opinion.
func (h *hall) malicious() (dispatch.Order, dispatch.Review) {
	h.t.Helper()
	o := h.rated(dispatch.Complaint, "4")
	h.ok(h.called(o.Number, func(c *dispatch.Called) {
		c.Exception = dispatch.Claim{Rule: "ZQ-16.6", Fact: "malicious", Evidence: "核查报告 5 号"}
	}))
	h.same("waits", h.order(o.Number).State, dispatch.CallBack)
	waiting, err := h.store.Reviews(h.ctx(), dispatch.Filter{Order: o.Number, Open: true})
	h.ok(err)
	if len(waiting) != 1 {
		h.t.Fatalf("reviews %+v", waiting)
	}
	return o, waiting[0]
}

func falseWithOpinion(h *hall) {
	o, r := h.malicious()
	_, err := h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8001", Approve: true, Opinion: "同意"})
	h.refused(err, dispatch.ErrSame, "", "ZQ-16.6")
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.refused(err, dispatch.ErrInvalid, "opinion", "ZQ-16.6")
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true, Opinion: "情况属实"})
	h.ok(err)
	h.keptFromRedo(o.Number, "ZQ-16.6", "agent:8002", "情况属实")
}

func falseWithoutOpinion(h *hall) {
	o, r := h.malicious()
	_, err := h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Opinion: "证据不足"})
	h.ok(err)
	got := h.order(o.Number)
	h.same("sent back", []any{got.State, got.Redos, got.Exception}, []any{dispatch.Redone, 1, ""})
}

func noExceptions(h *hall) {
	o := h.rated(dispatch.Help, "4")
	for _, tt := range []struct {
		claim       dispatch.Claim
		field, rule string
	}{
		{dispatch.Claim{Rule: "ZQ-16.2", Evidence: "x"}, "exception.rule", "ZQ-16.2"}, // help is no suggestion
		{dispatch.Claim{Rule: "ZQ-16.3", Evidence: "x"}, "exception.fact", "ZQ-16.3"},
		{dispatch.Claim{Rule: "ZQ-16.1", Fact: "mediation", Evidence: "x"}, "exception.fact", "ZQ-16.1"},
		{dispatch.Claim{Rule: "ZQ-16.7"}, "exception.evidence", "ZQ-16.7"},
		{dispatch.Claim{Rule: "ZQ-16.9", Evidence: "x"}, "exception.rule", "ZQ-16"},
	} {
		err := h.called(o.Number, func(c *dispatch.Called) { c.Exception = tt.claim })
		h.refused(err, dispatch.ErrInvalid, tt.field, tt.rule)
	}
	h.same("still to be called, no try counted", []any{h.order(o.Number).State, h.callbacks(o.Number)[0].Attempts}, []any{dispatch.CallBack, 0})
	h.ok(h.called(o.Number, nil))
	h.answerAgain(o.Number, "5")
	err := h.called(o.Number, func(c *dispatch.Called) { c.Exception = dispatch.Claim{Rule: "ZQ-16.7", Evidence: "台风"} })
	h.refused(err, dispatch.ErrInvalid, "exception.rule", "ZQ-16.7") // article 16 is about first ratings
}

func demandOverrides(h *hall) {
	o := h.rated(dispatch.Help, "4")
	h.ok(h.called(o.Number, func(c *dispatch.Called) {
		c.Exception = dispatch.Claim{Rule: "ZQ-16.7", Evidence: "台风"}
	}))
	r, err := h.demand(o.Number)
	h.ok(err)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.ok(err)
	got := h.order(o.Number)
	h.same("sent back", []any{got.State, got.Redos, got.Exception}, []any{dispatch.Redone, 1, ""})
	last := h.events(o.Number)[len(h.events(o.Number))-1]
	if !strings.Contains(last.Text, "ZQ-16.7") || last.Rule != "ZQ-15.7" {
		h.t.Errorf("%+v does not say what it goes before", last)
	}
}
