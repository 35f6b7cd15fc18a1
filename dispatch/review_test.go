package dispatch_test

import (
	"strings"

	"hotline/dispatch"
)

func (h *hall) correction(number string, rating int, evidence string) (dispatch.Review, error) {
	return h.AskReview(h.ctx(), dispatch.Review{Order: number, Kind: dispatch.ForCorrection, Rating: rating, Evidence: evidence, AskedBy: "agent:8001"}, 0)
}

func corrected(h *hall) {
	o := h.rated(dispatch.Help, "4")
	_, err := h.correction(o.Number, 2, "")
	h.refused(err, dispatch.ErrInvalid, "evidence", "ZQ-15.6")
	r, err := h.correction(o.Number, 2, "REC-1")
	h.ok(err)
	_, err = h.correction(o.Number, 1, "REC-1")
	h.refused(err, dispatch.ErrConflict, "", "ZQ-15.6")
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8001", Approve: true})
	h.refused(err, dispatch.ErrSame, "", "ZQ-15.6")
	h.same("until then", h.order(o.Number).Rating, 4)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.ok(err)
	got, s, task := h.order(o.Number), h.survey(o.Number), h.callbacks(o.Number)[0]
	h.same("order, survey, task", []any{got.State, got.Rating, s.Rating, s.Original, task.Reason}, []any{dispatch.Archived, 2, 2, 4, "误评,已核改"})
	trail := ""
	for _, e := range h.events(o.Number) {
		if e.Kind == dispatch.OnCorrected {
			trail = e.Text
		}
	}
	for _, want := range []string{"不满意", "满意", "agent:8001", "REC-1"} {
		if !strings.Contains(trail, want) {
			h.t.Errorf("%q is missing in %q", want, trail)
		}
	}
}

// What a unit asks for has commands of its own.
func otherCommand(h *hall) {
	o := h.given(dispatch.Help, on(2023, 9, 28, 10))
	_, err := h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "应由住建局办", Basis: "三定方案"})
	h.ok(err)
	_, err = h.DecideReview(h.ctx(), h.waiting()[0].ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.refused(err, dispatch.ErrIllegal, "kind", "ZQ-9.2")
	h.same("it waits", len(h.waiting()), 1)
}

func notCorrected(h *hall) {
	o := h.rated(dispatch.Help, "4")
	for _, rating := range []int{0, 4, 6} {
		_, err := h.correction(o.Number, rating, "REC-1")
		h.refused(err, dispatch.ErrInvalid, "rating", "ZQ-15.6")
	}
	_, err := h.AskReview(h.ctx(), dispatch.Review{Order: o.Number, Kind: "what"}, 0)
	h.refused(err, dispatch.ErrInvalid, "kind", "ZQ-15.6")
	h.ok(h.RecordCall(h.ctx(), dispatch.Call{ID: "other", From: "13700000000", StartedAt: h.now}))
	h.ok(h.RecordCall(h.ctx(), dispatch.Call{ID: "own", To: citizen, StartedAt: h.now}))
	_, err = h.correction(o.Number, 2, "other")
	h.refused(err, dispatch.ErrInvalid, "evidence", "ZQ-15.6")
	// From 4 to 5 the citizen is called on; the rating is the corrected one.
	r, err := h.correction(o.Number, 5, "own")
	h.ok(err)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.ok(err)
	h.same("goes on", []any{h.order(o.Number).State, h.callbacks(o.Number)[0].Rating, h.callbacks(o.Number)[0].DoneAt.IsZero()}, []any{dispatch.CallBack, 5, true})
	// Asked for and left behind: the order was sent back meanwhile.
	r, err = h.correction(o.Number, 1, "own")
	h.ok(err)
	h.ok(h.called(o.Number, nil))
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.refused(err, dispatch.ErrIllegal, "", "ZQ-15.6")
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Opinion: "已发回重办"})
	h.ok(err)
	h.same("sent back all the same", h.order(o.Number).State, dispatch.Redone)
	_, err = h.correction(h.rated(dispatch.Help, "1").Number, 5, "own")
	h.refused(err, dispatch.ErrIllegal, "", "ZQ-15.6")
}
