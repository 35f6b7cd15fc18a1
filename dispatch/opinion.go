package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hotline/dispatch/calendar"
)

// AskOpinion asks for a written opinion: of a leader, or at the citizen's wish of the unit,
// with its seal (XZ-12.6). An order whose opinion is asked for waits for it.
func (o *Office) AskOpinion(ctx context.Context, number string, by By, reason string) (Order, error) {
	reason = cut(reason, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "ask-opinion", do: func(u *unit, order *Order) error {
		rule := askedRules[ForOpinion]
		if err := by.may(rule, ByCitizen, ByAgent, ByOffice, ByDuty, ByHead); err != nil {
			return err
		}
		if err := needs(rule, blank{"reason", "需要书面意见的事项", reason == ""}); err != nil {
			return err
		}
		if !order.inHand() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "工单已不在办理"})
		}
		r := Review{Order: order.Number, Attempt: order.attempt(), Kind: ForOpinion, Rule: rule, Reason: reason, Unit: order.Unit, AskedBy: by.Actor}
		text := "请出具书面意见:" + reason
		if within := u.office.policy.Life.OpinionIn; within != (calendar.Span{}) {
			r.Due = u.office.calendar().Add(u.now, within).At.UTC()
			text += ",最迟" + Deadline{At: r.Due}.Words()
		}
		if err := u.insertAsked(r); err != nil {
			return err
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnOpinionAsked, Rule: rule, Text: text})
	}})
}

// WrittenOpinion is what somebody put in writing.
type WrittenOpinion struct {
	Words string
	File  string // number of the sealed paper, where a unit gives it
}

// GiveOpinion is the opinion that was asked for, by a leader, the unit's head or its handler;
// a unit's comes with the sealed paper.
func (o *Office) GiveOpinion(ctx context.Context, number string, by By, w WrittenOpinion) (Order, error) {
	w.Words, w.File = cut(w.Words, maxSummary), cut(w.File, maxName)
	return o.command(ctx, number, deed{By: by, name: "opinion", do: func(u *unit, order *Order) error {
		rule := askedRules[ForOpinion]
		if err := by.may(rule, ByLeader, ByDuty, ByOffice, ByUnit, ByHead); err != nil {
			return err
		}
		if err := needs(rule, blank{"words", "意见", w.Words == ""}, blank{"file", "加盖公章的书面意见", by.ofUnit() && w.File == ""}); err != nil {
			return err
		}
		if err := u.decideAsked(*order, ForOpinion, Decision{Actor: by.Actor, Approve: true, Opinion: w.Words, code: w.File}); err != nil {
			return err
		}
		text := "书面意见"
		if order.Confidential {
			text += "(内容保密)"
		} else {
			text += ":" + w.Words
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnOpinion, Rule: rule, Text: text + " " + w.File})
	}})
}

// SetTier says at which level an order is decided (KF-3.2): who has to agree before it is
// given out is asked one after the other.
func (o *Office) SetTier(ctx context.Context, number string, by By, tier int) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "tier", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life
		rule := tierRule(tier)
		if err := by.may(rule, ByOffice, ByDuty, ByLeader); err != nil {
			return err
		}
		if tier < 1 || tier > len(p.Tiers) {
			return refuse(ErrInvalid, Refusal{Field: "tier", Rule: rule, Text: fmt.Sprintf("没有第%d类处理方式", tier)})
		}
		if order.State != Registered {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "派发前才能定处理类别"})
		}
		order.Tier = tier
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnTier, Rule: rule, Text: fmt.Sprintf("按第%d类处理", tier)}); err != nil {
			return err
		}
		return u.askNext(*order, by.Actor)
	}})
}

// tierRule is the clause of a level.
func tierRule(tier int) string { return fmt.Sprintf("KF-3.2.%d", min(max(tier, 1), 3)) }

// askNext asks the next who has to agree, if somebody has to.
func (u *unit) askNext(order Order, actor string) error {
	missing, err := u.missingApproval(order)
	if err != nil || missing == "" {
		return err
	}
	if _, err := u.WaitingReview(order.Number, order.attempt(), missing); !errors.Is(err, ErrNotFound) {
		return err
	}
	return u.insertAsked(Review{Order: order.Number, Attempt: order.attempt(), Kind: missing, Rule: tierRule(order.Tier),
		Reason: order.Summary, AskedBy: actor})
}

// missingApproval is the first who has not agreed yet; empty when all have.
func (u *unit) missingApproval(order Order) (ReviewKind, error) {
	all, err := u.ReviewsOf(order.Number, order.attempt())
	if err != nil {
		return "", fmt.Errorf("reviews: %w", err)
	}
	for _, kind := range u.office.policy.Life.approvals(order.Tier) {
		if !slices.ContainsFunc(all, func(r Review) bool { return r.Kind == kind && r.Approved }) {
			return kind, nil
		}
	}
	return "", nil
}

// Approval is what one level says to an order.
type Approval struct {
	Level   ReviewKind // ForApproval1 ...
	Approve bool
	Opinion string // 批示: it goes to the units with the order
}

// Approve is one level's word on an order before it is given out (KF-3.2.2, KF-3.2.3). Who
// asked does not decide. One that does not agree is asked again when the tier is set again.
func (o *Office) Approve(ctx context.Context, number string, by By, a Approval) (Order, error) {
	a.Opinion = cut(a.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "approve-" + string(a.Level), do: func(u *unit, order *Order) error {
		rule := tierRule(order.Tier)
		if err := by.may(rule, ByLeader); err != nil {
			return err
		}
		if !slices.Contains(u.office.policy.Life.approvals(order.Tier), a.Level) {
			return refuse(ErrInvalid, Refusal{Field: "level", Rule: rule, Text: "这一类工单没有这一级批示"})
		}
		if err := u.decideAsked(*order, a.Level, Decision{Actor: by.Actor, Approve: a.Approve, Opinion: a.Opinion}); err != nil {
			return err
		}
		words := "批示:不同意:"
		if a.Approve {
			words = "批示:同意"
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnReviewDecided, Rule: rule, Text: words + a.Opinion}); err != nil {
			return err
		}
		if !a.Approve {
			return nil
		}
		return u.askNext(*order, by.Actor)
	}})
}

// agreed says whether all who have to agree did before an order is given out.
func (u *unit) agreed(order Order, g Giving) error {
	missing, err := u.missingApproval(order)
	if err != nil {
		return err
	}
	rule := tierRule(order.Tier)
	if missing != "" {
		return refuse(ErrIllegal, Refusal{Field: string(missing), Rule: rule, Text: "须先经批示,才能派发"})
	}
	if order.Tier != 3 {
		return nil
	}
	return needs(rule, blank{"leader", "责任领导", g.Leader == ""}, blank{"promised_at", "办结时限", g.Promised.IsZero()})
}
