package dispatch_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"hotline/dispatch"
	"hotline/sms"
	"hotline/sms/survey"
)

const day = 24 * time.Hour

func TestSurvey(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZQ-15.1 one question, however often":          asksOnce,
		"ZZ-10.1 the type comes first":                 typeFirst,
		"ZZ-18.4 the result goes by text":              tellsResult,
		"ZZ-18.4 nobody to ask is archived":            nobodyToAsk,
		"ZQ-15.1 not at night":                         notAtNight,
		"ZQ-15.2 the last second counts":               lastSecond,
		"ZQ-15.2 wrong answers leave the window open":  wrongAnswers,
		"ZQ-15.2 no answer is unrated, settled once":   unrated,
		"ZQ-15.2 acceptance without receipts":          withoutReceipts,
		"ZQ-15.2 an answer before its receipt":         beforeReceipt,
		"ZQ-15.2 the sweep waits for texts":            sweepWaits,
		"ZQ-15.3 two questions of one phone":           twoQuestions,
		"ZQ-15.4 satisfied is archived":                satisfied,
		"ZQ-15.5 dissatisfied is called back":          dissatisfied,
		"ZQ-15.5 unreachable after three calls":        unreachable,
		"ZQ-15.5 tries late in the day":                lateTries,
		"ZQ-15.5 one agent at a time":                  claims,
		"ZQ-15.2 many at once make one rating":         oneRating,
		"ZZ-3.1 an answer or a request (Q7)":           answerOrRequest,
		"what Redis and sweeps propose, SQL decides":   sqlDecides,
		"opening hands the window over":                opensWindows,
		"a failing Redis changes nothing":              failingWindows,
		"rebuilding knows what is open":                rebuilds,
		"a policy that asks nobody archives the order": asksNobody,
	})
}

func asksOnce(h *hall) {
	o := h.open(nil)
	done := h.complete(o.Number)
	h.same("again", h.complete(o.Number), done)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Result: "路灯已修好"})
			if err != nil {
				h.t.Errorf("complete: %v", err)
			}
		})
	}
	all.Wait()
	m := h.question(o.Number)
	for _, want := range []string{o.Number, "1非常满意", "2满意", "3基本满意", "4不满意", "5非常不满意", "回复", "24小时"} {
		if !strings.Contains(m.Text, want) {
			h.t.Errorf("%q is missing in %q", want, m.Text)
		}
	}
	if n := len(utf16.Encode([]rune("【" + h.policy.Hotline.Signature + "】" + m.Text))); n > 70 {
		h.t.Errorf("the question takes %d characters", n)
	}
	s := h.survey(o.Number)
	h.same("text and survey", []string{m.To, m.Ext, m.Ref}, []string{citizen, s.Slot, s.ID})
	h.same("validity", m.ValidUntil, h.now.Add(12*time.Hour).UTC())
	h.same("window", s.OpenedAt.IsZero(), true)
	if _, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Result: "另一种说法"}); !errors.Is(err, dispatch.ErrIllegal) {
		h.t.Errorf("another result: %v", err)
	}
}

func typeFirst(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Unset })
	c := dispatch.Completion{Actor: "agent:8001", Result: "好了"}
	if _, err := h.Complete(h.ctx(), o.Number, c); !errors.Is(err, dispatch.ErrIllegal) || !strings.Contains(err.Error(), "ZZ-10.1") {
		h.t.Errorf("unset type: %v", err)
	}
	o, err := h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Consult)
	h.ok(err)
	c.Version = o.Version - 1
	if _, err := h.Complete(h.ctx(), o.Number, c); !errors.Is(err, dispatch.ErrConflict) {
		h.t.Errorf("stale version: %v", err)
	}
	if _, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Result: " "}); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("no result: %v", err)
	}
	c.Version = o.Version
	_, err = h.Complete(h.ctx(), o.Number, c)
	h.ok(err)
	h.same("questions", len(h.sent(o.Number, sms.KindSurvey)), 1)
}

func tellsResult(h *hall) {
	o := h.open(nil)
	_, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Result: strings.Repeat("长", 500)})
	h.ok(err)
	list := h.sent(o.Number, sms.KindResult)
	if len(list) != 1 || !strings.Contains(list[0].Text, o.Number) || !strings.Contains(list[0].Text, o.PIN) || strings.Count(list[0].Text, "长") != 59 {
		h.t.Errorf("result texts %+v", list)
	}
}

func nobodyToAsk(h *hall) {
	h.policy.Survey.NoText = dispatch.ByNobody
	for phone, reasons := range map[string]int{landline: 2, "": 2} {
		o := h.open(func(in *dispatch.Intake) { in.Phone = phone })
		done := h.complete(o.Number)
		h.same("state and outcome", []any{done.State, done.Outcome}, []any{dispatch.Archived, dispatch.Skipped})
		why := 0
		for _, e := range h.events(o.Number) {
			if strings.Contains(e.Text, "no_mobile") {
				why++
			}
		}
		h.same("reasons", why, reasons)
	}
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{})
	h.ok(err)
	h.same("texts", len(all), 0)
}

func asksNobody(h *hall) {
	h.policy.Survey.Enabled = false
	o := h.complete(h.open(nil).Number)
	h.same("state and questions", []any{o.State, len(h.sent(o.Number, sms.KindSurvey))}, []any{dispatch.Archived, 0})
	h.policy.Survey.Enabled, h.policy.Survey.NotFor = true, []dispatch.Type{dispatch.Help}
	h.same("type not asked", h.complete(h.open(nil).Number).State, dispatch.Archived)
}

func notAtNight(h *hall) {
	h.now = time.Date(2026, 11, 20, 22, 30, 0, 0, dispatch.Place)
	o := h.open(nil)
	h.complete(o.Number)
	morning := time.Date(2026, 11, 21, 8, 30, 0, 0, dispatch.Place).UTC()
	h.same("question", h.question(o.Number).NotBefore, morning)
	h.same("result", h.sent(o.Number, sms.KindResult)[0].NotBefore, morning.Add(-30*time.Minute))
}

func lastSecond(h *hall) {
	for _, tt := range []struct {
		after   time.Duration
		text    string
		as      string
		outcome dispatch.Outcome
		rating  int
	}{
		{day, "2", "survey", dispatch.Rated, 2},
		{day + 999*time.Millisecond, "２", "survey", dispatch.Rated, 2},
		{day + time.Second, "2", "late", dispatch.Unrated, 0},
		{time.Second, "不满意", "survey", dispatch.Rated, 4},
		{time.Second, "非常不满意。", "survey", dispatch.Rated, 5},
	} {
		h.now = h.now.Truncate(time.Second).Add(9 * day)
		delivered := h.now
		o, s := h.surveyed()
		h.same("deadline", s.Deadline, delivered.Add(day).UTC())
		h.same("state while open", o.State, dispatch.Surveyed)
		h.now = delivered.Add(tt.after)
		h.same("taken as", h.text(tt.text, s.Slot), tt.as)
		h.now = delivered.Add(day + 2*time.Second)
		h.sweep()
		got := h.order(o.Number)
		h.same(tt.text+" after "+tt.after.String(), []any{got.Outcome, got.Rating}, []any{tt.outcome, tt.rating})
		h.same("late replies kept", h.told(o.Number, dispatch.OnLateReply) == 1, tt.as == "late")
	}
}

func wrongAnswers(h *hall) {
	o, s := h.surveyed()
	for i, words := range []string{"1 2", "6", "1和2", "好的吧"} {
		h.same(words, h.text(words, s.Slot), "invalid")
		h.same("attempts", h.survey(o.Number).Invalid, i+1)
	}
	h.same("the first valid one counts", h.text("3", s.Slot), "survey")
	h.same("a change of mind does not", h.text("5", s.Slot), "late")
	got := h.order(o.Number)
	h.same("order", []any{got.State, got.Rating}, []any{dispatch.Archived, 3})

	h.now = h.now.Add(9 * day)
	o, s = h.surveyed()
	h.text("1 2", s.Slot)
	h.now = h.now.Add(day + time.Second)
	h.same("settled", h.sweep(), 1)
	got = h.order(o.Number)
	h.same("only wrong ones", []any{got.State, got.Outcome, got.Rating}, []any{dispatch.Archived, dispatch.Invalid, 0})
}

func unrated(h *hall) {
	o, s := h.surveyed()
	h.now = h.now.Add(day)
	h.same("in the last second", h.sweep(), 0)
	if err := h.Settle(h.ctx(), survey.Settlement{SurveyID: s.ID, Outcome: survey.OutcomeUnrated}); !errors.Is(err, dispatch.ErrIllegal) {
		h.t.Errorf("settled in the last second: %v", err)
	}
	h.now = h.now.Add(time.Second)
	h.same("after it", h.sweep(), 1)
	h.same("again", h.sweep(), 0)
	got := h.order(o.Number)
	h.same("order", []any{got.State, got.Outcome}, []any{dispatch.Archived, dispatch.Unrated})
	h.same("story", h.story(o.Number), []string{dispatch.OnRegistered, dispatch.OnCompleted, dispatch.OnSurveyQueued,
		dispatch.OnSurveyDelivered, dispatch.OnUnrated, dispatch.OnArchived})
	h.same("afterwards", h.text("1", s.Slot), "late")
	h.same("unchanged", h.order(o.Number), got)
}

func withoutReceipts(h *hall) {
	h.config.Receipts = func(link string) bool { return link != "a" }
	h.Office = dispatch.NewOffice(h.config)
	o := h.open(nil)
	h.complete(o.Number)
	h.move(h.question(o.Number), sms.Sent)
	h.same("opened", h.survey(o.Number).OpenedAt, h.now.UTC())

	h.Office = dispatch.NewOffice(dispatch.Config{Store: h.store, Policy: h.policy, Calendar: h.config.Calendar, Now: h.config.Now})
	o = h.open(nil)
	h.complete(o.Number)
	sent := h.now
	h.move(h.question(o.Number), sms.Sent)
	h.now = sent.Add(26 * time.Hour)
	h.sweep()
	h.same("still waiting for the receipt", h.survey(o.Number).OpenedAt.IsZero(), true)
	h.now = h.now.Add(time.Second)
	h.sweep()
	s := h.survey(o.Number)
	h.same("acceptance counts, and its day is over", []any{s.OpenedAt, s.Outcome}, []any{sent.UTC(), dispatch.Unrated})
	h.move(h.question(o.Number), sms.Delivered) // a receipt after all changes nothing
	h.same("unchanged", h.survey(o.Number), s)
}

func beforeReceipt(h *hall) {
	o := h.open(nil)
	h.complete(o.Number)
	m := h.question(o.Number)
	h.same("before it was sent", h.text("1", ""), "order")
	h.move(m, sms.Sent)
	h.now = h.now.Add(2 * time.Minute)
	h.same("after", h.text("1", m.Ext), "survey")
	s := h.survey(o.Number)
	h.move(m, sms.Delivered)
	h.same("the receipt changes nothing", h.survey(o.Number), s)
	h.same("archived", h.order(o.Number).State, dispatch.Archived)
}

func sweepWaits(h *hall) {
	o, s := h.surveyed()
	over := s.Deadline.Add(time.Second)
	h.now = over.Add(time.Hour)
	// The inbound link was down from before the deadline on: the answer may be with the carrier.
	n, err := h.SweepDue(h.ctx(), h.now, s.Deadline)
	h.ok(err)
	h.same("while texts may be on their way", n, 0)
	// It is back, and a text of before the deadline is stored but not read.
	in := sms.Inbound{ID: "01INX", Key: "x", From: citizen, Ext: s.Slot, Text: "1", EventAt: s.Deadline, ReceivedAt: h.now}
	_, err = h.store.Receive(h.ctx(), in)
	h.ok(err)
	h.same("while it is not read", h.sweep(), 0)
	if err := h.Settle(h.ctx(), survey.Settlement{SurveyID: s.ID, Outcome: survey.OutcomeUnrated}); !errors.Is(err, dispatch.ErrTextsWait) {
		h.t.Errorf("settled meanwhile: %v", err)
	}
	as, err := h.TakeText(h.ctx(), in)
	h.ok(err)
	h.same("the answer counts", []any{as, h.order(o.Number).Rating}, []any{"survey", 1})

	o, s = h.surveyed()
	h.now = s.Deadline.Add(2 * day)
	n, err = h.SweepDue(h.ctx(), h.now, time.Time{})
	h.ok(err)
	h.same("but not longer than two days", n, 0)
	h.now = h.now.Add(time.Second)
	n, err = h.SweepDue(h.ctx(), h.now, time.Time{})
	h.ok(err)
	h.same("then it ends", []any{n, h.order(o.Number).Outcome}, []any{1, dispatch.Unrated})
}
