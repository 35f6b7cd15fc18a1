package dispatch_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
	"hotline/sms/survey"
)

// TestReplies is about what a text is taken for at the edges of a survey's life.
func TestReplies(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZZ-3.1 short words after the window are a request (Q7)":    shortRequests,
		"ZQ-15.2 the extension proves that the question arrived":    unwrittenOutcome,
		"ZQ-15.3 an answer that names another order rates nothing":  namesAnother,
		"ZQ-15.3 an open question goes before what Redis remembers": staleHint,
		"a refusal takes back what has not left yet":                takenBack,
		"ZZ-18.3 guesses at the same time are counted one by one":   guessesAtOnce,
		"KF-3.1.5 what became confidential later says nothing":      confidentialResult,
	})
}

// shortRequests: a few words are an attempt at an answer only while there is a question.
func shortRequests(h *hall) {
	o, s := h.surveyed()
	h.same("in the window", h.text("停电了", s.Slot), "invalid")
	h.now = s.Deadline.Add(time.Second)
	h.same("settled", h.sweep(), 1)
	h.same("afterwards", h.text("停电了", s.Slot), "order")
	for _, words := range []string{"2", "1 2", "满意", "谢谢", "不太满意", "👍"} {
		h.same(words, h.text(words, s.Slot), "late")
	}
	h.same("the outcome stays", h.order(o.Number).Outcome, dispatch.Invalid)
}

// unwrittenOutcome: the carrier took the question and we could not write that down yet.
func unwrittenOutcome(h *hall) {
	o := h.complete(h.open(nil).Number)
	s := h.survey(o.Number)
	h.same("nobody was asked yet", h.text("2", ""), "order")
	claimed, err := h.store.Claim(h.ctx(), sms.Want{Now: h.now, Limit: 10, Lease: time.Minute})
	h.ok(err)
	if len(claimed) == 0 {
		h.t.Fatal("nothing claimed")
	}
	h.same("answered to its extension", h.text("2", s.Slot), "survey")
	h.same("rated", h.order(o.Number).Rating, 2)
}

func namesAnother(h *hall) {
	o, s := h.surveyed()
	other := dispatch.Number{Prefix: "ZZ", Day: "20261101", Serial: 7}.String()
	h.same("another order", h.text("5 "+other, s.Slot), "invalid")
	h.same("not rated", h.order(o.Number).Rating, 0)
	h.same("its own", h.text("1 "+o.Number, ""), "survey")
	h.same("rated", h.order(o.Number).Rating, 1)
}

// staleHint: Redis missed the opening of the second question and knows only the first,
// and the carrier leaves the extension off.
func staleHint(h *hall) {
	a, sa := h.surveyed()
	h.same("the first", h.text("1", sa.Slot), "survey")
	h.now = h.now.Add(time.Hour)
	b, _ := h.surveyed()
	h.with(&redisStub{verdict: survey.Verdict{Kind: survey.Late, Window: sa.Window()}})
	h.same("the second", h.text("3", ""), "survey")
	h.same("ratings", []int{h.order(a.Number).Rating, h.order(b.Number).Rating}, []int{1, 3})
}

// takenBack: who refuses texts at night must not find one in the morning.
func takenBack(h *hall) {
	h.now = time.Date(2026, 11, 20, 23, 0, 0, 0, dispatch.Place)
	o := h.complete(h.open(nil).Number)
	h.same("refusal", h.text("TD", ""), "opt-out")
	morning := time.Date(2026, 11, 21, 9, 0, 0, 0, dispatch.Place)
	left, err := h.store.Claim(h.ctx(), sms.Want{Now: morning, Limit: 10, Lease: time.Minute})
	h.ok(err)
	for _, m := range left {
		if m.Kind != sms.KindNotice { // that nothing more will come
			h.t.Errorf("a %s text still leaves", m.Kind)
		}
	}
	o = h.order(o.Number)
	h.same("the order", []any{o.State, o.Outcome}, []any{dispatch.Archived, dispatch.Skipped})
	h.same("its survey", h.survey(o.Number).Outcome, dispatch.Skipped)
	h.same("its question", h.question(o.Number).Status, sms.Failed)
}

func guessesAtOnce(h *hall) {
	o := h.open(nil)
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			_, err := h.Query(h.ctx(), o.Digits, "9999")
			if !errors.Is(err, dispatch.ErrWrong) && !errors.Is(err, dispatch.ErrLocked) {
				h.t.Errorf("a guess: %v", err)
			}
		})
	}
	all.Wait()
	h.ok(h.store.Tx(h.ctx(), func(tx dispatch.Tx) error {
		count, _, err := tx.CodeFails(o.Digits)
		h.same("codes compared before the lock", count, 3)
		return err
	}))
}

// confidentialResult: an order that became a report after its officers were told.
func confidentialResult(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Unset; in.Summary = "举报某人" })
	_, err := h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Report)
	h.ok(err)
	_, err = h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: "agent:8001", Result: "已移交纪检"})
	h.ok(err)
	for _, m := range h.sent(o.Number, sms.KindResult) {
		if m.Text != "工单"+o.Number+"已办结，请按预留方式联系查询。" {
			h.t.Errorf("the result says %q", m.Text)
		}
	}
	a, err := h.Query(h.ctx(), o.Digits, o.PIN)
	h.ok(err)
	h.same("answer", a, dispatch.Answer{Confidential: true})
}
