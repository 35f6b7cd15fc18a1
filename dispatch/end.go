package dispatch

import (
	"context"
	"fmt"
)

// Withdraw ends an order whose citizen wants it no more (ZQ-13.2): units stop, nobody asks
// for a rating.
func (o *Office) Withdraw(ctx context.Context, number string, by By, reason string) (Order, error) {
	reason = cut(reason, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "withdraw", do: func(u *unit, order *Order) error {
		const rule = "ZQ-13.2"
		if err := needs(rule, blank{"reason", "撤回的经过", reason == ""}); err != nil {
			return err
		}
		if err := u.endEarly(order, step{By: by, kind: OnWithdrawn, rule: rule, text: "诉求人撤回:" + reason}); err != nil {
			return err
		}
		order.Withdrawn, order.NoReply = true, "withdrawn"
		return nil
	}})
}

// endEarly archives an order that is not handled to its end.
func (u *unit) endEarly(order *Order, s step) error {
	if !order.inHand() {
		return refuse(ErrIllegal, Refusal{Field: "state", Rule: s.rule, Text: "工单现为“" + StateWords[order.State] + "”,已不在办理"})
	}
	if s.to = Archived; s.ofUnit() {
		return refuse(ErrRole, Refusal{Field: "role", Rule: s.rule, Text: "承办单位不能这样做"})
	}
	if err := u.step(order, s); err != nil {
		return err
	}
	if err := u.dropAsked(*order, s.Actor); err != nil {
		return err
	}
	order.Outcome, order.CompletedAt, order.ArchivedAt = Skipped, u.now, u.now
	return u.endAssignments(order.Number, s.kind)
}

// dropAsked ends what waits for a decision that nobody needs any more.
func (u *unit) dropAsked(order Order, actor string) error {
	all, err := u.ReviewsOf(order.Number, order.attempt())
	if err != nil {
		return fmt.Errorf("reviews: %w", err)
	}
	for _, r := range all {
		if !r.DecidedAt.IsZero() {
			continue
		}
		r.DecidedBy, r.DecidedAt, r.Opinion = actor, u.now, "工单已结束"
		if err := u.SaveReview(r); err != nil {
			return fmt.Errorf("end review: %w", err)
		}
	}
	return nil
}

// Merge puts a repeated request into the order that it repeats. It is a child from then on
// and ends; that its citizen asked again is counted on the parent and stays (ZQ-17).
func (o *Office) Merge(ctx context.Context, number string, by By, parent string) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "merge", also: []string{parent}, do: func(u *unit, order *Order) error {
		const rule = "ZQ-17"
		if err := by.may(rule, ByAgent, ByOffice, ByDuty, BySystem); err != nil {
			return err
		}
		first, err := u.Order(parent)
		if err != nil {
			return err
		}
		switch {
		case first.Number == order.Number:
			return refuse(ErrInvalid, Refusal{Field: "parent", Rule: rule, Text: "工单不能并入自己"})
		case first.Parent != "":
			return refuse(ErrInvalid, Refusal{Field: "parent", Rule: rule, Text: "该单已并入" + first.Parent + ",请并入后者"})
		case !first.inHand():
			return refuse(ErrIllegal, Refusal{Field: "parent", Rule: rule, Text: "只能并入在办的工单;再次反映的请重新受理"})
		case order.Repeats > 0:
			return refuse(ErrIllegal, Refusal{Field: "parent", Rule: rule, Text: "已有工单并入本单,不能再并入他单"})
		case first.Confidential != order.Confidential:
			return refuse(ErrInvalid, Refusal{Field: "parent", Rule: "KF-3.1.5", Text: "保密件与普通件不能合并"})
		}
		if err := u.endEarly(order, step{By: by, kind: OnMerged, rule: rule, text: "并入" + first.Number}); err != nil {
			return err
		}
		order.Parent = first.Number
		return u.repeat(&first, *order, Link{Kind: LinkChild, Actor: by.Actor})
	}})
}

// Supervision is a numbered urging from above (督办, KF-3.3.1): how, to whom, until when.
type Supervision struct {
	On     bool   `json:"on"`
	Reason string `json:"reason"`
	Mode   string `json:"-"`    // one of Modes; empty: by phone (KF-3.3.2)
	Rule   string `json:"rule"` // the clause, where one says so: ZQ-17.1 ...
}

// Supervise puts an order under supervision, or takes it out of it. It may be done at any
// time, in an extension too (KF-3.3.3).
func (o *Office) Supervise(ctx context.Context, number string, by By, s Supervision) (Order, error) {
	s.Reason, s.Rule = cut(s.Reason, maxSummary), cut(s.Rule, maxName)
	if s.Rule == "" {
		s.Rule = "KF-3.3.1"
	}
	return o.command(ctx, number, deed{By: by, name: "supervise", do: func(u *unit, order *Order) error {
		if err := needs(s.Rule, blank{"reason", "督办的理由", s.Reason == ""}); err != nil {
			return err
		}
		if err := by.may(s.Rule, BySystem, ByOffice, ByDuty, ByLeader); err != nil {
			return err
		}
		if s.On {
			return u.superviseByHand(order, by, s)
		}
		order.Supervised = false
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnUnsupervised, Rule: s.Rule, Text: "解除督办:" + s.Reason})
	}})
}
