package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ReviewRefuse sends an answer back to its unit (ZQ-14.1, KF-3.4, XZ-12.4.1): the deadline
// stays, and the order is late if it passes meanwhile.
func (o *Office) ReviewRefuse(ctx context.Context, number string, by By, r Refused) (Order, error) {
	r.Opinion = cut(r.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "send-back", do: func(u *unit, order *Order) error {
		rule := ruleOf(u.office.policy.Life.Review.Rule, Submitted)
		if r.Code == Perfunctory {
			rule = perfunctoryRule
		}
		if err := needs(rule, blank{"opinion", "退回的理由", r.Opinion == ""}); err != nil {
			return err
		}
		if r.Code != "" && (r.Code != Perfunctory || o.policy.Urge.Perfunctory.N == 0) {
			return refuse(ErrInvalid, Refusal{Field: "code", Rule: rule, Text: "没有这一种退回,请写明退回的理由"})
		}
		err := u.rework(order, step{By: by, to: Processing, kind: OnReviewRefused, rule: rule,
			text: "审核不通过:" + r.Opinion + ",期限仍为" + order.Due.Words()})
		if err != nil || r.Code != Perfunctory {
			return err
		}
		return u.fobbedOff(*order, by, r.Opinion)
	}})
}

// Perfunctory is the code by which an answer is sent back that fobs the citizen off (KF-3.3.1).
const Perfunctory = "perfunctory"

// perfunctoryRule is the clause by which it is done again.
const perfunctoryRule = "KF-3.3.1"

// fobbedOff keeps that a unit has to handle an order again for it: which time it is, and by
// when. The order's own deadline stays, and with it whether it is on time.
func (u *unit) fobbedOff(order Order, by By, why string) error {
	w := Watched{Order: order}
	var err error
	if w.Acts, err = u.ActsOf(order.Number); err != nil {
		return err
	}
	it := item{step: 1, answer: u.office.policy.Urge.Perfunctory}
	for _, a := range w.Acts {
		if a.Kind == ActPerfunctory {
			it.step++
		}
	}
	a := Act{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Kind: ActPerfunctory, Unit: order.Unit, Step: it.step,
		Rule: perfunctoryRule, Actor: by.Actor, Words: why, DueAt: u.now, At: u.now}
	return u.enact(&w, &a, it)
}

// handledAgain answers what asked a unit to handle an order again: its new answer is in.
func (u *unit) handledAgain(order Order, by By) error {
	if u.office.policy.Urge.Perfunctory.N == 0 {
		return nil
	}
	acts, err := u.ActsOf(order.Number)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Kind != ActPerfunctory || a.Answer != "" {
			continue
		}
		a.Answer, a.AnsweredBy, a.AnsweredAt = "已重新提交", by.Actor, u.now
		if err := u.SaveAct(a); err != nil {
			return err
		}
	}
	return nil
}

// rework has a unit do better.
func (u *unit) rework(order *Order, s step) error {
	if err := s.may(s.rule, ByOffice, ByDuty, ByLeader, ByHead, ByAgent); err != nil {
		return err
	}
	if order.State != Submitted {
		return refuse(ErrIllegal, Refusal{Field: "state", Rule: s.rule, Text: "没有待审核的办理结果;工单现为“" + StateWords[order.State] + "”"})
	}
	waits, err := u.WaitingReview(order.Number, order.attempt(), ForHead)
	if err == nil {
		waits.DecidedBy, waits.DecidedAt, waits.Opinion = s.Actor, u.now, s.text
		err = u.SaveReview(waits)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if s.kind == OnNotUnderstood { // whether it was in time goes by the first answer (SQ-5.3)
		return u.step(order, s)
	}
	order.SubmittedAt = time.Time{}
	a, err := u.openLead(order.Number)
	if err != nil {
		return err
	}
	a.SubmittedAt = time.Time{}
	if err := u.SaveAssignment(a); err != nil {
		return err
	}
	return u.step(order, s)
}

// File notes that a unit's own answer is on file (SQ-5.4).
func (o *Office) File(ctx context.Context, number string, by By, words string) (Order, error) {
	words = cut(words, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "file", do: func(u *unit, order *Order) error {
		const rule = "SQ-5.4"
		if order.State != Submitted {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "提交答复后才能备案"})
		}
		if err := by.may(rule, append([]Role{ByAgent, ByDuty}, unitsDesk...)...); err != nil {
			return err
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnFiled, Rule: rule, Text: "答复已备案:" + words})
	}})
}

// Understood notes whether the citizen understood the answer (SQ-5.3). One who did not is
// answered again: the order goes back to its unit.
func (o *Office) Understood(ctx context.Context, number string, by By, yes bool) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "understood", do: func(u *unit, order *Order) error {
		const rule = "SQ-5.3"
		if order.State != Submitted {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "没有待确认的答复"})
		}
		if err := by.may(rule, ByAgent, ByOffice, ByDuty); err != nil {
			return err
		}
		if yes {
			return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnUnderstood, Rule: rule, Text: "诉求人确认理解或满意"})
		}
		order.Rounds++
		return u.rework(order, step{By: by, to: Processing, kind: OnNotUnderstood, rule: rule,
			text: fmt.Sprintf("诉求人第%d次表示未理解,继续答复", order.Rounds)})
	}})
}
