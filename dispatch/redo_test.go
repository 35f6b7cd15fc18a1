package dispatch_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
	"hotline/sms/survey"
)

func TestRedo(t *testing.T) {
	onBoth(t, "zq", map[string]func(*hall){
		"ZQ-16.0 a first dissatisfied rating goes back once": sentBackOnce,
		"ZQ-15.7 the second rating counts":                   secondCounts,
		"ZQ-15.7 nobody rates the second time (Q13)":         secondUnrated,
		"ZQ-15.7 on demand, reviewed, once in all (Q14)":     onDemand,
		"ZQ-15.7 many demands are one redo":                  demandedOften,
		"ZQ-15.6 a mistake is corrected by two":              corrected,
		"what a unit asks for is decided elsewhere":          otherCommand,
		"ZQ-15.6 what is no correction":                      notCorrected,
		"ZQ-18 what the ratings come to (Q15)":               tallied,
	})
}

func TestRedoOfUnitFaults(t *testing.T) {
	onBoth(t, "xz", map[string]func(*hall){
		"XZ-12.5.2 sent back if its unit is at fault":            unitFault,
		"XZ-12.3.5 XZ-12.7 a redo has the term of its first way": termKept,
	})
}

// rated is an order of a type whose citizen answered 4 or 5.
func (h *hall) rated(t dispatch.Type, rating string) dispatch.Order {
	h.t.Helper()
	o := h.open(func(in *dispatch.Intake) { in.Type = t })
	h.complete(o.Number)
	h.deliver(o.Number)
	h.text(rating, h.survey(o.Number).Slot)
	return h.order(o.Number)
}

// called reaches the citizen about the order's newest callback.
func (h *hall) called(number string, change func(*dispatch.Called)) error {
	h.t.Helper()
	c := dispatch.Called{Actor: "agent:8001", Reached: true, Reason: "没解决"}
	if change != nil {
		change(&c)
	}
	_, err := h.FinishCallback(h.ctx(), h.callbacks(number)[0].ID, c)
	return err
}

// answerAgain completes an order that was sent back, delivers its second question and
// answers it, unless the answer is empty.
func (h *hall) answerAgain(number, answer string) dispatch.Order {
	h.t.Helper()
	h.now = h.now.Add(time.Minute) // lists tell the newer by its time
	_, err := h.Complete(h.ctx(), number, dispatch.Completion{Actor: "unit:住建局", Result: "已重新修好"})
	h.ok(err)
	m := h.sent(number, sms.KindSurvey)[0]
	h.move(m, sms.Sent)
	h.move(m, sms.Delivered)
	if answer != "" {
		h.same("taken as", h.text(answer, m.Ext), "survey")
	}
	return h.order(number)
}

func sentBackOnce(h *hall) {
	o := h.rated(dispatch.Complaint, "4")
	h.now = time.Date(2026, 11, 23, 11, 0, 0, 0, dispatch.Place) // Monday
	h.ok(h.called(o.Number, nil))
	got := h.order(o.Number)
	// 15 working days from the redo, as for the order itself (ZQ-11.3).
	due := time.Date(2026, 12, 15, 0, 0, 0, 0, dispatch.Place).UTC()
	h.same("sent back", []any{got.State, got.Redos, got.RedoneAt, got.Due.At, got.Due.Rule, got.Result, got.CompletedAt.IsZero(), got.Outcome, got.Rating},
		[]any{dispatch.Redone, 1, h.now.UTC(), due, "ZQ-11.3", "", true, dispatch.Pending, 0})
	h.same("not overdue yet, then it is", []bool{got.Overdue(due), got.Overdue(due.Add(time.Second))}, []bool{false, true})

	got = h.answerAgain(o.Number, "4")
	h.same("called about again", []any{got.State, len(h.callbacks(o.Number))}, []any{dispatch.CallBack, 2})
	h.ok(h.called(o.Number, nil))
	got = h.order(o.Number)
	h.same("not sent back again", []any{got.State, got.Rating, got.Redos}, []any{dispatch.Archived, 4, 1})
	h.same("redone, offered for supervision", []int{h.told(o.Number, dispatch.OnRedo), h.told(o.Number, dispatch.OnSuperviseOffer)}, []int{1, 1})
	for _, e := range h.events(o.Number) {
		if e.Kind == dispatch.OnRedo {
			h.same("who, when, by which clause", []any{e.Actor, e.At, e.Rule}, []any{"agent:8001", got.RedoneAt, "ZQ-16.0"})
		}
	}
	first, err := dispatch.ParseNumber(o.Number)
	h.ok(err)
	h.same("its number", first.String(), o.Number)
}

func (h *hall) events(number string) []dispatch.Event {
	h.t.Helper()
	list, err := h.store.Events(h.ctx(), number)
	h.ok(err)
	return list
}

func secondCounts(h *hall) {
	o := h.rated(dispatch.Help, "5")
	first := h.survey(o.Number)
	h.ok(h.called(o.Number, nil))
	h.same("late for the first question", h.text("1", first.Slot), "late")
	got := h.answerAgain(o.Number, "2")
	h.same("the second", []any{got.State, got.Rating, got.Result}, []any{dispatch.Archived, 2, "已重新修好"})
	surveys, err := h.store.Surveys(h.ctx(), dispatch.Filter{Order: o.Number})
	h.ok(err)
	h.same("both are kept", []int{surveys[0].Attempt, surveys[0].Rating, surveys[1].Attempt, surveys[1].Rating}, []int{2, 2, 1, 5})
	again, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: "unit:住建局", Result: "已重新修好"})
	h.ok(err)
	h.same("completing again changes nothing", again, got)
	_, err = h.demand(o.Number)
	h.refused(err, dispatch.ErrIllegal, "", "ZQ-15.7")
}

func (h *hall) demand(number string) (dispatch.Review, error) {
	return h.AskReview(h.ctx(), dispatch.Review{Order: number, Kind: dispatch.ForRedo, Reason: "路灯又坏了", AskedBy: "agent:8001"}, 0)
}

func secondUnrated(h *hall) {
	for _, tt := range []struct {
		fallback bool
		outcome  dispatch.Outcome
		rating   int
	}{{false, dispatch.Unrated, 0}, {true, dispatch.Rated, 5}} {
		h.policy.Redo.FallbackFirst = tt.fallback
		o := h.rated(dispatch.Help, "5")
		h.ok(h.called(o.Number, nil))
		h.answerAgain(o.Number, "")
		h.now = h.now.Add(day + time.Second)
		h.sweep()
		got := h.order(o.Number)
		h.same(fmt.Sprint("fall back to the first: ", tt.fallback), []any{got.State, got.Outcome, got.Rating}, []any{dispatch.Archived, tt.outcome, tt.rating})
		h.now = h.now.Add(9 * day)
	}
}

func onDemand(h *hall) {
	o := h.rated(dispatch.Help, "2")
	_, err := h.AskReview(h.ctx(), dispatch.Review{Order: o.Number, Kind: dispatch.ForRedo, AskedBy: "agent:8001"}, 0)
	h.refused(err, dispatch.ErrInvalid, "reason", "ZQ-15.7")
	_, err = h.AskReview(h.ctx(), dispatch.Review{Order: o.Number, Kind: dispatch.ForRedo, Reason: "x", AskedBy: "agent:8001"}, o.Version-1)
	if !errors.Is(err, dispatch.ErrConflict) {
		h.t.Errorf("a stale version: %v", err)
	}
	r, err := h.demand(o.Number)
	h.ok(err)
	again, err := h.demand(o.Number)
	h.ok(err)
	h.same("asked again", again, r)
	h.same("waits", h.order(o.Number).State, dispatch.Archived)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8001", Approve: true})
	h.refused(err, dispatch.ErrSame, "", "ZQ-15.7")
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002"})
	h.refused(err, dispatch.ErrInvalid, "opinion", "ZQ-15.7")
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Opinion: "已按标准修好"})
	h.ok(err)
	h.same("refused", []any{h.order(o.Number).State, h.order(o.Number).Redos}, []any{dispatch.Archived, 0})

	r, err = h.demand(o.Number)
	h.ok(err)
	yes := dispatch.Decision{Actor: "agent:8002", Approve: true}
	done, err := h.DecideReview(h.ctx(), r.ID, yes)
	h.ok(err)
	twice, err := h.DecideReview(h.ctx(), r.ID, yes)
	h.ok(err)
	h.same("decided again", twice, done)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8003", Opinion: "不"})
	h.refused(err, dispatch.ErrIllegal, "", "ZQ-15.7")
	got := h.order(o.Number)
	h.same("sent back", []any{got.State, got.Redos, got.ArchivedAt.IsZero()}, []any{dispatch.Redone, 1, true})
	// Dissatisfied after it: once is all, by itself and on demand together.
	h.answerAgain(o.Number, "5")
	h.ok(h.called(o.Number, nil))
	h.same("not again", []any{h.order(o.Number).State, h.order(o.Number).Rating}, []any{dispatch.Archived, 5})
}

// sentBackWhileAsked demands a redo while the hotline's call still asks for the rating.
func sentBackWhileAsked(h *hall) {
	h.now = time.Date(2026, 11, 20, 10, 0, 0, 0, dispatch.Place)
	o := h.voiced()
	task, err := h.NextVoice(h.ctx(), "system:a")
	h.ok(err)
	first := h.survey(o.Number)
	r, err := h.demand(o.Number)
	h.ok(err)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.ok(err)
	h.same("the order", []any{h.order(o.Number).State, h.order(o.Number).Outcome}, []any{dispatch.Redone, dispatch.Pending})
	h.same("the question ends", h.survey(o.Number).Outcome, dispatch.Unrated)
	if _, err = h.Keyed(h.ctx(), task.ID, "system:a", "1"); !errors.Is(err, dispatch.ErrIllegal) {
		h.t.Errorf("an answer to the first question: %v", err)
	}
	h.ok(h.Settle(h.ctx(), survey.Settlement{SurveyID: first.ID, Outcome: survey.OutcomeRated, Rating: 1, At: h.now}))
	h.same("it changes nothing", []any{h.order(o.Number).State, h.order(o.Number).Outcome, h.survey(o.Number).Outcome},
		[]any{dispatch.Redone, dispatch.Pending, dispatch.Unrated})
}

func demandedOften(h *hall) {
	o := h.rated(dispatch.Help, "5")
	r, err := h.demand(o.Number)
	h.ok(err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: fmt.Sprint("agent:9", i), Approve: true})
			if err != nil && !errors.Is(err, dispatch.ErrIllegal) {
				h.t.Error(err)
			}
			if err := h.called(o.Number, nil); err != nil && !errors.Is(err, dispatch.ErrIllegal) {
				h.t.Error(err)
			}
		})
	}
	all.Wait()
	h.same("one redo, its task done", []any{h.told(o.Number, dispatch.OnRedo), h.order(o.Number).Redos, h.callbacks(o.Number)[0].DoneAt.IsZero()}, []any{1, 1, false})
}

func tallied(h *hall) {
	from := h.now
	h.rated(dispatch.Help, "1")
	h.rated(dispatch.Help, "3")
	excepted := h.rated(dispatch.Suggestion, "5")
	h.ok(h.called(excepted.Number, func(c *dispatch.Called) {
		c.Exception = dispatch.Claim{Rule: "ZQ-16.2", Evidence: "住建局复函"}
	}))
	o := h.rated(dispatch.Help, "4")
	r, err := h.correction(o.Number, 2, "REC-1")
	h.ok(err)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.ok(err)
	redone := h.rated(dispatch.Help, "1")
	h.now = h.now.Add(time.Minute)
	r, err = h.demand(redone.Number)
	h.ok(err)
	_, err = h.DecideReview(h.ctx(), r.ID, dispatch.Decision{Actor: "agent:8002", Approve: true})
	h.ok(err)
	h.answerAgain(redone.Number, "5") // the second one counts
	h.complete(h.open(nil).Number)    // nobody has rated it
	s, err := h.Satisfaction(h.ctx(), from, h.now.Add(time.Second))
	h.ok(err)
	h.same("counted", s, dispatch.Satisfaction{Rated: 5, Satisfied: 3, Excepted: 1, Corrected: 1})
	h.same("rates", []float64{s.Rate(), s.RateWithoutExceptions(), s.CorrectedRate()}, []float64{0.6, 0.75, 0.2})
	s, err = h.Satisfaction(h.ctx(), h.now.Add(time.Hour), h.now.Add(2*time.Hour))
	h.ok(err)
	h.same("nothing", []any{s, s.Rate()}, []any{dispatch.Satisfaction{}, 0.0})
}

func unitFault(h *hall) {
	delete(h.policy.Life.Asks, dispatch.ForRecheck) // the second is about the same; that is shown elsewhere
	o := h.rated(dispatch.Help, "4")
	h.ok(h.called(o.Number, nil))
	h.same("the policy's fault", h.order(o.Number).State, dispatch.Archived)
	o = h.rated(dispatch.Help, "4")
	h.ok(h.called(o.Number, func(c *dispatch.Called) { c.UnitFault = true }))
	h.same("the unit's", h.order(o.Number).State, dispatch.Redone)
	h.answerAgain(o.Number, "5")
	h.ok(h.called(o.Number, func(c *dispatch.Called) { c.UnitFault = true }))
	h.same("and again: no limit there", []any{h.order(o.Number).State, h.order(o.Number).Redos}, []any{dispatch.Redone, 2})
}
