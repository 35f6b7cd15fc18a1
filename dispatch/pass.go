package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// Pass is a review that an answer passes.
type Pass struct {
	Opinion string
	Checks  []string // what was looked at (XZ-12.4.1)
}

// ReviewPass is the unit's head agreeing to an answer (ZZ-18.1), or the office: then the
// order is completed with it (ZQ-14.1). What the policy asks for before is refused by name:
// that the citizen was told of more time (ZQ-12.3), that a unit's own answer is on file
// (SQ-5.4), that the citizen understood (SQ-5.3), the written opinion that was asked for
// (XZ-12.6).
func (o *Office) ReviewPass(ctx context.Context, number string, by By, pass Pass) (Order, error) {
	pass.Opinion = cut(pass.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "pass", do: func(u *unit, order *Order) error {
		r := u.office.policy.Life.Review
		if order.State != Submitted {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: ruleOf(r.Rule, Submitted), Text: "没有待审核的办理结果;工单现为“" + StateWords[order.State] + "”"})
		}
		if by.Role == ByHead {
			if err := u.decideAsked(*order, ForHead, Decision{Actor: by.Actor, Approve: true, Opinion: pass.Opinion}); err != nil {
				return err
			}
			return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnHeadPassed, Rule: ruleOf(r.HeadRule, Submitted), Text: "单位负责人审核通过" + opinion(Decision{Opinion: pass.Opinion})})
		}
		m, _ := findMove(Submitted, Completed)
		if err := by.may(m.Rule, m.By...); err != nil {
			return err
		}
		if err := u.mayClose(*order, by, pass); err != nil {
			return err
		}
		return u.pass(order, by, pass)
	}})
}

// pass completes an order with what its unit submitted.
func (u *unit) pass(order *Order, by By, pass Pass) error {
	a, err := u.openLead(order.Number)
	if err != nil {
		return err
	}
	var s Submission
	if err := json.Unmarshal([]byte(a.Answer), &s); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnReviewPassed, Rule: ruleOf(u.office.policy.Life.Review.Rule, Submitted),
		Text: "审核通过" + opinion(Decision{Opinion: pass.Opinion})}); err != nil {
		return err
	}
	return u.finish(order, Completion{Actor: by.Actor, Result: s.Result})
}

// mayClose says what is missing before an order is completed.
func (u *unit) mayClose(order Order, by By, pass Pass) error {
	p := u.office.policy.Life
	for _, check := range p.Review.Checks {
		if !slices.Contains(pass.Checks, check) {
			return refuse(ErrInvalid, Refusal{Field: "checks", Rule: p.Review.FieldsRule, Text: "请逐项审查:" + check})
		}
	}
	all, err := u.ReviewsOf(order.Number, order.attempt())
	if err != nil {
		return fmt.Errorf("reviews: %w", err)
	}
	for _, r := range all {
		if r.DecidedAt.IsZero() && (r.Kind == ForHead || r.Kind == ForOpinion) {
			return refuse(ErrIllegal, Refusal{Field: string(r.Kind), Rule: askedRules[r.Kind], Text: waitingWords[r.Kind]})
		}
	}
	if err := u.toldOfExtension(order, all); err != nil {
		return err
	}
	return u.understood(order, by, pass)
}

// waitingWords are what an order waits for.
var waitingWords = map[ReviewKind]string{ForHead: "须先经承办单位负责人审核", ForOpinion: "书面意见尚未出具"}

// toldOfExtension says whether the citizen knows of the last extension (ZQ-12.3).
func (u *unit) toldOfExtension(order Order, all []Review) error {
	rule := u.office.policy.Life.Extension.TellRule
	i := slices.IndexFunc(all, func(r Review) bool { return r.Kind == ForExtension && r.Approved })
	if rule == "" || i < 0 || order.NoReply != "" {
		return nil
	}
	given, err := u.LastEvent(order.Number, OnExtended)
	if err != nil {
		return err
	}
	told, err := u.LastEvent(order.Number, OnTold)
	if err != nil {
		return err
	}
	return needs(rule, blank{"told", "将延期告知诉求人的记录", told.Seq < given.Seq})
}

// understood says whether a unit's answer is on file and its citizen understood it; after
// some rounds a leader may close it all the same, and says why (SQ-5.3, SQ-5.4, Q29).
func (u *unit) understood(order Order, by By, pass Pass) error {
	p := u.office.policy.Life
	submitted, err := u.LastEvent(order.Number, OnSubmitted)
	if err != nil {
		return err
	}
	if p.FileRule != "" {
		filed, err := u.LastEvent(order.Number, OnFiled)
		if err != nil {
			return err
		}
		if err := needs(p.FileRule, blank{"filed", "答复备案", filed.Seq < submitted.Seq}); err != nil {
			return err
		}
	}
	if p.UnderstoodRule == "" || order.NoReply != "" {
		return nil
	}
	yes, err := u.LastEvent(order.Number, OnUnderstood)
	if err != nil || yes.Seq > submitted.Seq {
		return err
	}
	if (by.Role == ByLeader || by.Role == ByDuty) && pass.Opinion != "" && order.Rounds >= p.MaxRounds {
		return nil
	}
	return refuse(ErrIllegal, Refusal{Field: "understood", Rule: p.UnderstoodRule, Text: "诉求人尚未确认理解或满意"})
}
