package dispatch

import (
	"cmp"
	"context"
	"fmt"

	"hotline/dispatch/calendar"
)

// aWorkday is how long a unit has to react where the policy does not say.
var aWorkday = calendar.Span{N: 1, Unit: calendar.Workdays}

// Urge is 催办 by somebody of the office: numbered, to whom, how, and until when it asks for
// an answer (KF-3.3.1). It counts with those of the clock. It fails with ErrIllegal where no
// unit has the order, and with ErrEarly before the time has passed that the one before gave:
// three a day are not three (ZZ-23.4).
func (o *Office) Urge(ctx context.Context, number string, by By, words string) (Order, error) {
	words = cut(words, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "urge", do: func(u *unit, order *Order) error {
		rule := cmp.Or(o.policy.Urge.Rule, "KF-3.3.1")
		if err := by.may(rule, ByOffice, ByDuty, ByLeader, ByAgent); err != nil {
			return err
		}
		w := Watched{Order: *order}
		if !w.atUnit() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "工单不在承办单位手上,不能催办"})
		}
		var err error
		if w.Acts, err = u.ActsOf(order.Number); err != nil {
			return err
		}
		a := Act{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Kind: ActUrge, Unit: order.Unit, About: order.Due.At, Step: 1, Rule: rule,
			Actor: by.Actor, Words: words, DueAt: u.now, At: u.now}
		if done := w.urged(); len(done) > 0 {
			last := done[len(done)-1]
			if !u.now.After(last.AnswerBy) {
				return refuse(ErrEarly, Refusal{Rule: "ZZ-23.4", Text: "上次催办的期限为" + moment(last.AnswerBy) + ",期满后再催"})
			}
			a.Step = last.Step + 1
		}
		it := item{step: a.Step, answer: aWorkday}
		if o.policy.Urge.Every.N > 0 {
			it.answer = o.policy.Urge.Every
		}
		return u.enact(&w, &a, it)
	}})
}

// superviseByHand keeps a 督办 by somebody's word, at any time while the order is in hand,
// extended or not: numbered, how, and until when it asks for an answer (KF-3.3.2, KF-3.3.3).
// The caller saves the order.
func (u *unit) superviseByHand(order *Order, by By, s Supervision) error {
	mode := cmp.Or(s.Mode, "phone")
	switch {
	case !order.inHand():
		return refuse(ErrIllegal, Refusal{Field: "state", Rule: s.Rule, Text: "工单已办结,不再督办"})
	case Modes[mode] == "":
		return refuse(ErrInvalid, Refusal{Field: "mode", Rule: "KF-3.3.2", Text: "督办方式为phone、onsite或coordinate"})
	}
	order.Supervised = true
	w := Watched{Order: *order}
	var err error
	if w.Acts, err = u.ActsOf(order.Number); err != nil {
		return err
	}
	it := item{kind: SuperHand, unit: order.Unit, step: 1, answer: aWorkday}
	if u.office.policy.Supervise.Answer.N > 0 {
		it.answer = u.office.policy.Supervise.Answer
	}
	for _, a := range w.Acts {
		if a.Kind == SuperHand && a.Attempt == w.attempt() {
			it.step = max(it.step, a.Step+1)
		}
	}
	a := Act{ID: u.id(), Order: order.Number, Attempt: w.attempt(), Kind: SuperHand, Unit: it.unit, Step: it.step, Rule: s.Rule,
		Actor: by.Actor, Mode: mode, Words: s.Reason, DueAt: u.now, At: u.now}
	return u.enact(&w, &a, it)
}

// AnswerAct writes what came of a 督办, or of a 催办, into its record (KF-3.3.2), or what the
// leader on duty found in an order of the day's 抽查 (ZZ-11.1). The same answer again changes
// nothing; another one fails with ErrIllegal. Of another unit's a unit learns nothing
// (ErrNotFound), and it signs no 抽查 (ErrRole).
func (o *Office) AnswerAct(ctx context.Context, id string, by By, answer string) (Act, error) {
	answer = cut(answer, maxSummary)
	var a Act
	err := o.do(ctx, func(u *unit) error {
		var err error
		if a, err = u.Act(id); err != nil {
			return err
		}
		if by.ofUnit() && a.Unit != by.Unit {
			return fmt.Errorf("act of unit %s: %w", by.Unit, ErrNotFound)
		}
		if a.Kind == ActSpot {
			if err := by.may(a.Rule, ByDuty, ByLeader, ByOffice); err != nil {
				return err
			}
		}
		switch {
		case answer == "":
			return refuse(ErrInvalid, Refusal{Field: "answer", Rule: a.Rule, Text: "请填写办理情况"})
		case a.Answer == answer && a.AnsweredBy == by.Actor:
			return nil
		case a.Answer != "" || a.Kind != ActUrge && a.Kind != ActSpot && !a.Kind.Supervises():
			return refuse(ErrIllegal, Refusal{Rule: a.Rule, Text: "无须答复或已有答复"})
		}
		a.Answer, a.AnsweredBy, a.AnsweredAt = answer, by.Actor, u.now
		if err := u.SaveAct(a); err != nil || a.Order == "" {
			return err
		}
		text := a.Serial + "答复:"
		if a.Kind == ActSpot {
			text = "抽查签注:"
		}
		return u.event(Event{Number: a.Order, Actor: by.Actor, Kind: OnActAnswered, Rule: a.Rule, Text: text + answer})
	})
	if err != nil {
		return Act{}, fmt.Errorf("act %s: %w", id, err)
	}
	return a, nil
}
