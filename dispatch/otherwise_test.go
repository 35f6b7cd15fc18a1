package dispatch_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// landline is a number that gets no texts.
const landline = "037167980000"

func TestAskedOtherwise(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZQ-15.2 a text that never arrived":          neverArrived,
		"ZQ-15.2 nobody else asks":                   nobodyElse,
		"KF-3.1.5 who informed is not called":        notInformants,
		"ZQ-15.1 an agent asks":                      agentAsks,
		"ZQ-15.2 an agent is not answered":           agentUnanswered,
		"XZ-12.5.1 a landline is asked by a call":    keyed,
		"ZQ-15.5 dissatisfied by a key":              keyedDissatisfied,
		"ZQ-15.2 nobody answers the hotline's call":  voiceUnanswered,
		"ZQ-15.2 at permitted hours, once":           voiceHours,
		"ZQ-15.7 sent back while a rating is asked":  sentBackWhileAsked,
		"ZQ-15.3 one phone is called once at a time": oncePerPhone,
	})
}

// undelivered is an order whose question, sent twice, did not arrive.
func (h *hall) undelivered() dispatch.Order {
	h.t.Helper()
	o := h.open(nil)
	h.complete(o.Number)
	h.move(h.question(o.Number), sms.Expired)
	h.move(h.resent(o.Number), sms.Expired)
	return h.order(o.Number)
}

// resent is the second text with the same question.
func (h *hall) resent(number string) sms.Message {
	h.t.Helper()
	list := h.sent(number, sms.KindSurvey)
	for _, m := range list {
		if len(list) == 2 && strings.HasSuffix(m.Key, ":again") {
			return m
		}
	}
	h.t.Fatalf("not sent again once: %+v", list)
	return sms.Message{}
}

func neverArrived(h *hall) {
	for _, end := range []sms.Status{sms.Undelivered, sms.Failed, sms.Expired} {
		o := h.open(nil)
		h.complete(o.Number)
		m := h.question(o.Number)
		if end == sms.Undelivered {
			h.move(m, sms.Sent)
		}
		h.move(m, end)
		if end != sms.Failed { // what was refused for good is not sent again
			h.same("not called yet", h.order(o.Number).State, dispatch.Completed)
			again := h.resent(o.Number)
			h.same("the same question, an hour later", []any{again.Text, again.Ext, again.Ref, again.NotBefore},
				[]any{m.Text, m.Ext, m.Ref, h.now.Add(time.Hour).UTC()})
			h.move(again, sms.Sent)
			h.move(again, sms.Undelivered)
		}
		got, s, tasks := h.order(o.Number), h.survey(o.Number), h.callbacks(o.Number)
		h.same(string(end), []any{got.State, got.Outcome, s.Outcome, s.OpenedAt.IsZero()},
			[]any{dispatch.CallBack, dispatch.Pending, dispatch.Pending, true})
		h.same("told once", h.told(o.Number, dispatch.OnNotDelivered), 1)
		h.same("asked by an agent", []any{len(tasks), tasks[0].Rating, tasks[0].Voice}, []any{1, 0, false})
	}
}

func nobodyElse(h *hall) {
	h.policy.Survey.Undelivered, h.policy.Survey.Resend = dispatch.ByNobody, 0
	o := h.open(nil)
	h.complete(o.Number)
	h.move(h.question(o.Number), sms.Expired)
	got := h.order(o.Number)
	h.same("archived as not asked", []any{got.State, got.Outcome}, []any{dispatch.Archived, dispatch.Undelivered})
}

func notInformants(h *hall) {
	for _, phone := range []string{landline, citizen} {
		o := h.open(func(in *dispatch.Intake) { in.Phone, in.Type = phone, dispatch.Report })
		h.complete(o.Number)
		if phone == citizen {
			h.move(h.question(o.Number), sms.Failed)
		}
		h.same("archived, nobody called", []any{h.order(o.Number).State, len(h.callbacks(o.Number))}, []any{dispatch.Archived, 0})
	}
}

func agentAsks(h *hall) {
	o := h.undelivered()
	answer := func(c dispatch.Called) error {
		c.Actor, c.Reached = "agent:8001", true
		_, err := h.FinishCallback(h.ctx(), h.callbacks(o.Number)[0].ID, c)
		return err
	}
	h.refused(answer(dispatch.Called{Reason: "x"}), dispatch.ErrInvalid, "rating", "ZQ-15.1")
	h.refused(answer(dispatch.Called{Rating: 5}), dispatch.ErrInvalid, "reason", "ZQ-15.5")
	h.ok(answer(dispatch.Called{Rating: 2}))
	got, s := h.order(o.Number), h.survey(o.Number)
	h.same("satisfied", []any{got.State, got.Outcome, got.Rating, s.Outcome, s.Rating}, []any{dispatch.Archived, dispatch.Rated, 2, dispatch.Rated, 2})
	h.refused(answer(dispatch.Called{Rating: 1}), dispatch.ErrIllegal, "", "ZQ-15.5")

	o = h.undelivered()
	h.ok(answer(dispatch.Called{Rating: 4, Reason: "没解决"}))
	got = h.order(o.Number)
	h.same("dissatisfied: sent back", []any{got.State, h.survey(o.Number).Rating}, []any{dispatch.Redone, 4})

	o = h.undelivered()
	h.ok(answer(dispatch.Called{NoReason: true}))
	got = h.order(o.Number)
	h.same("no rating given", []any{got.State, got.Outcome}, []any{dispatch.Archived, dispatch.Unrated})
}

// unanswered lets every call of the order's task go by until something else follows.
func (h *hall) unanswered(number, actor string) {
	h.t.Helper()
	for range 3 {
		task := h.callbacks(number)[0]
		if task.NextAt.After(h.now) {
			h.now = task.NextAt
		}
		_, err := h.FinishCallback(h.ctx(), task.ID, dispatch.Called{Actor: actor})
		h.ok(err)
	}
}

func agentUnanswered(h *hall) {
	o := h.undelivered()
	h.unanswered(o.Number, "agent:8001")
	got := h.order(o.Number)
	h.same("not asked", []any{got.State, got.Outcome, h.survey(o.Number).Outcome}, []any{dispatch.Archived, dispatch.Undelivered, dispatch.Undelivered})
}

// voiced is an order of a landline, which the hotline itself calls.
func (h *hall) voiced() dispatch.Order {
	h.t.Helper()
	o := h.open(func(in *dispatch.Intake) { in.Phone = landline })
	h.complete(o.Number)
	return h.order(o.Number)
}

func keyed(h *hall) {
	o := h.voiced()
	task, err := h.NextVoice(h.ctx(), "system:a")
	h.ok(err)
	h.same("called", []any{task.Order, task.Phone, task.Rating}, []any{o.Number, landline, 0})
	for n, keys := range []string{"7", "12", ""} {
		rating, err := h.Keyed(h.ctx(), task.ID, "system:a", keys)
		h.ok(err)
		h.same("wrong keys", []any{rating, h.survey(o.Number).Invalid}, []any{0, n + 1})
	}
	rating, err := h.Keyed(h.ctx(), task.ID, "system:a", "2")
	h.ok(err)
	got, s := h.order(o.Number), h.survey(o.Number)
	h.same("rated", []any{rating, got.State, got.Outcome, got.Rating, s.Rating}, []any{2, dispatch.Archived, dispatch.Rated, 2, 2})
	_, err = h.Keyed(h.ctx(), task.ID, "system:a", "5")
	h.refused(err, dispatch.ErrIllegal, "", "ZQ-15.5")
	h.same("the first valid one counts", h.order(o.Number).Rating, 2)
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{})
	h.ok(err)
	h.same("texts", len(all), 0)
}

func keyedDissatisfied(h *hall) {
	o := h.voiced()
	task, err := h.NextVoice(h.ctx(), "system:a")
	h.ok(err)
	_, err = h.Keyed(h.ctx(), task.ID, "system:a", "4")
	h.ok(err)
	task = h.callbacks(o.Number)[0]
	h.same("a person asks why", []any{task.Rating, task.Voice, task.Attempts, task.ClaimedBy, h.order(o.Number).Rating}, []any{4, false, 0, "", 4})
	h.ok(h.called(o.Number, nil))
	h.same("sent back", h.order(o.Number).State, dispatch.Redone)
	h.now = h.now.Add(time.Minute)
	h.complete(o.Number)
	task, err = h.NextVoice(h.ctx(), "system:a")
	h.ok(err)
	_, err = h.Keyed(h.ctx(), task.ID, "system:a", "1")
	h.ok(err)
	h.same("the second rating counts", []any{h.order(o.Number).State, h.order(o.Number).Rating, task.Attempt}, []any{dispatch.Archived, 1, 2})
}

func voiceUnanswered(h *hall) {
	o := h.voiced()
	first := h.now
	h.unanswered(o.Number, "system:a")
	task := h.callbacks(o.Number)[0]
	h.same("then a person tries", []any{task.Voice, task.Attempts, task.DoneAt.IsZero(), h.now.Sub(first) > 20*time.Hour}, []any{false, 0, true, true})
	h.unanswered(o.Number, "agent:8001")
	h.same("then nobody", []any{h.order(o.Number).State, h.order(o.Number).Outcome}, []any{dispatch.Archived, dispatch.Undelivered})

	h.policy.Survey.VoiceThen = dispatch.ByNobody
	o = h.voiced()
	h.unanswered(o.Number, "system:a")
	h.same("unrated by the policy", []any{h.order(o.Number).State, h.order(o.Number).Outcome}, []any{dispatch.Archived, dispatch.Unrated})
}

func voiceHours(h *hall) {
	h.now = time.Date(2026, 11, 20, 20, 30, 0, 0, dispatch.Place)
	h.voiced()
	next := func(actor string) error {
		_, err := h.NextVoice(h.ctx(), actor)
		return err
	}
	if err := next("system:a"); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("called in the evening: %v", err)
	}
	h.now = time.Date(2026, 11, 21, 9, 0, 0, 0, dispatch.Place)
	h.ok(next("system:a"))
	if err := next("system:b"); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("called by two: %v", err)
	}
	h.now = h.now.Add(31 * time.Minute) // the first one died over it
	var got atomic.Int32
	var all sync.WaitGroup
	for range 8 { // lines of one controller
		all.Go(func() {
			if err := next("system:b"); err == nil {
				got.Add(1)
			} else if !errors.Is(err, dispatch.ErrNotFound) {
				h.t.Error(err)
			}
		})
	}
	all.Wait()
	h.same("one line calls", got.Load(), int32(1))
}

// Two orders of one landline are two calls, one after the other.
func oncePerPhone(h *hall) {
	h.now = time.Date(2026, 11, 20, 10, 0, 0, 0, dispatch.Place)
	for range 2 {
		h.voiced()
	}
	var mu sync.Mutex
	var got []dispatch.Callback
	var all sync.WaitGroup
	for range 8 { // lines of several controllers
		all.Go(func() {
			task, err := h.NextVoice(h.ctx(), "system:a")
			if err != nil && !errors.Is(err, dispatch.ErrNotFound) {
				h.t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got = append(got, task)
			}
		})
	}
	all.Wait()
	h.same("calls to one phone at once", len(got), 1)
	_, err := h.Keyed(h.ctx(), got[0].ID, "system:a", "1")
	h.ok(err)
	next, err := h.NextVoice(h.ctx(), "system:a")
	h.ok(err)
	h.same("then about the other", []any{next.Phone, next.Order != got[0].Order}, []any{landline, true})
}
