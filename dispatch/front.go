package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/sms"
)

// Spot is an answer given at once, while the citizen is on the line (ZZ-16.2).
type Spot struct {
	Result string
	Source string // the knowledge it rests on
}

// AnswerOnTheSpot completes an order that no unit was needed for (ZZ-16.2, SQ-4.4).
func (o *Office) AnswerOnTheSpot(ctx context.Context, number string, by By, a Spot) (Order, error) {
	a.Result, a.Source = cut(a.Result, maxResult), cut(a.Source, maxName)
	return o.command(ctx, number, deed{By: by, name: "answer", do: func(u *unit, order *Order) error {
		const rule = "ZZ-16.2"
		if err := needs(rule, blank{"result", "答复内容", a.Result == ""}, blank{"type", "诉求类型", order.Type == Unset}); err != nil {
			return err
		}
		if err := o.citable(a.Source); err != nil {
			return err
		}
		if order.State != Registered {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "只有未派发的工单可以当场答复"})
		}
		if err := by.may(rule, counterDesk...); err != nil {
			return err
		}
		if err := u.mayAnswer(*order); err != nil {
			return err
		}
		if err := u.owned(order, by); err != nil {
			return err
		}
		text := "当场答复"
		if a.Source != "" {
			text += ",依据" + a.Source
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnAnswered, Rule: rule, Text: text}); err != nil {
			return err
		}
		return u.finish(order, Completion{Actor: by.Actor, Result: a.Result})
	}})
}

// finish completes an order inside a command, which saves it.
func (u *unit) finish(order *Order, c Completion) error {
	done, err := u.completed(*order, c)
	if err == nil {
		*order = done
	}
	return err
}

// owned says whether somebody answers for an order that is to be closed (SQ-4.3). What
// closes it is one of the four things the first owner may do: handle, answer, forward, guide.
// What no person took yet is the first one's who does one of these, where the first to take it
// follows it to its end (ZZ-21).
func (u *unit) owned(order *Order, by By) error {
	p := u.office.policy.Life
	if order.Owner == "" && p.FollowRule != "" {
		order.Owner = firstOwner(by.Actor)
	}
	if p.OwnerRule == "" {
		return nil
	}
	return needs(p.OwnerRule, blank{"owner", "首问责任人", order.Owner == ""})
}

// Own says who is the first owner of an order (SQ-4.3, ZZ-16.1). No other command changes it:
// who goes hands it over this way, and the timeline says from whom (ZZ-21).
func (o *Office) Own(ctx context.Context, number string, by By, owner string) (Order, error) {
	owner = cut(owner, maxName)
	return o.command(ctx, number, deed{By: by, name: "own", do: func(u *unit, order *Order) error {
		rule := cmp.Or(o.policy.Life.OwnerRule, o.policy.Life.FollowRule, "SQ-4.3")
		if err := needs(rule, blank{"owner", "首问责任人", owner == ""}); err != nil {
			return err
		}
		if err := by.may(rule, counterDesk...); err != nil {
			return err
		}
		if !order.inHand() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "工单已不在办理"})
		}
		text := "首问责任人:" + owner
		if order.Owner != "" && order.Owner != owner {
			text += ",由" + order.Owner + "交接"
		}
		order.Owner = owner
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnOwned, Rule: rule, Text: text})
	}})
}

// Handover is where a citizen was put through.
type Handover struct {
	To     string // name: 12345政务服务便民热线
	Number string // its number, told where nobody answers
}

// Transfer ends an order whose citizen was put through to another hotline or unit (ZZ-10.4).
func (o *Office) Transfer(ctx context.Context, number string, by By, h Handover) (Order, error) {
	h.To, h.Number = cut(h.To, maxName), cut(h.Number, maxName)
	return o.command(ctx, number, deed{By: by, name: "transfer", do: func(u *unit, order *Order) error {
		if err := needs("ZZ-10.4", blank{"to", "转接去向", h.To == ""}); err != nil {
			return err
		}
		if err := u.owned(order, by); err != nil {
			return err
		}
		if err := u.step(order, step{By: by, to: Transferred, kind: OnTransferred, text: "转接至" + h.To}); err != nil {
			return err
		}
		return u.close(order, by.Actor)
	}})
}

// close ends an order that nobody here handles any more.
func (u *unit) close(order *Order, actor string) error {
	order.CompletedAt, order.Outcome = u.now, Skipped
	if err := u.dropAsked(*order, actor); err != nil {
		return err
	}
	return u.endAssignments(order.Number, "closed")
}

// Rejection is why a request is not accepted, and what its citizen was told.
type Rejection struct {
	Code     string // one of the policy's reasons; where it has none, Told says it
	Told     string // why, by which basis
	ReferTo  string // who can help, and its number; or 未找到
	Phone    string // of ReferTo
	Ref      string // the order that this one repeats
	Asked    bool   // the citizen was asked for more first (XZ-10)
	Evidence string // a unit's proof (ZQ-9.3)
}

// Reject ends an order that is not within scope (ZQ-7.2, XZ-10, ZZ-16.4, SQ-4.6). The
// citizen is told why and where to go, by text where the phone gets any.
func (o *Office) Reject(ctx context.Context, number string, by By, r Rejection) (Order, error) {
	r.Told, r.ReferTo, r.Phone, r.Evidence = cut(r.Told, maxSummary), cut(r.ReferTo, maxName), cut(r.Phone, maxName), cut(r.Evidence, maxName)
	var also []string
	if r.Ref != "" {
		also = []string{r.Ref}
	}
	return o.command(ctx, number, deed{By: by, name: "reject", also: also, do: func(u *unit, order *Order) error {
		reason, err := u.rejectReason(r)
		if err != nil {
			return err
		}
		if err := u.office.quotable("told", r.Told); err != nil {
			return err
		}
		if err := u.repeats(*order, reason, r, by); err != nil {
			return err
		}
		text := "不予受理:" + reason.Words + ";已告知:" + r.Told
		if r.ReferTo != "" {
			text += ";建议联系" + r.ReferTo + r.Phone
		}
		if err := u.step(order, step{By: by, to: OutOfScope, kind: OnRejected, rule: reason.Rule, text: text}); err != nil {
			return err
		}
		if err := u.close(order, by.Actor); err != nil {
			return err
		}
		return u.textReferral(*order, r)
	}})
}

// rejectReason finds the policy's reason and checks what it asks for.
func (u *unit) rejectReason(r Rejection) (RejectReason, error) {
	p := u.office.policy.Life
	reason := RejectReason{Words: "不属受理范围", Rule: "ZZ-16.4"}
	if len(p.Reject) > 0 {
		i := slices.IndexFunc(p.Reject, func(x RejectReason) bool { return x.Code == r.Code })
		if i < 0 {
			return RejectReason{}, refuse(ErrInvalid, Refusal{Field: "code", Rule: p.Reject[0].Rule, Text: "不予受理的理由须是规定的一种"})
		}
		reason = p.Reject[i]
	}
	if p.ReferRule != "" {
		reason.Rule = p.ReferRule
	}
	if reason.Emergency {
		return reason, refuse(ErrInvalid, Refusal{Field: "code", Rule: reason.Rule, Text: "紧急求助不得拒绝,请立即转接"})
	}
	return reason, needs(reason.Rule, blank{"told", "告知诉求人的理由和依据", r.Told == ""},
		blank{"ref", "被重复的原工单号", reason.Ref && r.Ref == ""},
		blank{"asked", "已追问诉求人", reason.Asked && !r.Asked},
		blank{"refer_to", "可以联系的单位及电话,或“未找到”", p.ReferRule != "" && r.ReferTo == ""},
		blank{"phone", "该单位的电话", p.ReferRule != "" && r.ReferTo != "未找到" && r.Phone == ""})
}

// repeats keeps that a refused request repeats another of the same citizen (ZQ-7.2.5).
func (u *unit) repeats(order Order, reason RejectReason, r Rejection, by By) error {
	if r.Ref == "" {
		return nil
	}
	first, err := u.Order(r.Ref)
	if errors.Is(err, ErrNotFound) || err == nil && (first.Number == order.Number || first.Phone != order.Phone) {
		return refuse(ErrInvalid, Refusal{Field: "ref", Rule: reason.Rule, Text: "原工单须是同一诉求人的另一工单"})
	}
	if err != nil {
		return err
	}
	return u.repeat(&first, order, Link{Kind: LinkRepeat, Actor: by.Actor})
}

// repeat counts on an order that another one repeats it, and keeps the tie.
func (u *unit) repeat(first *Order, again Order, l Link) error {
	l.Order, l.Other, l.At = again.Number, first.Number, u.now
	if err := u.InsertLink(l); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	first.Repeats++
	if err := u.event(Event{Number: first.Number, Actor: l.Actor, Kind: OnRepeated, Rule: "ZQ-17",
		Text: fmt.Sprintf("诉求人第%d次重复反映,工单%s", first.Repeats, again.Number)}); err != nil {
		return err
	}
	return u.SaveOrder(first)
}

// textReferral tells who can help instead (ZZ-16.4).
func (u *unit) textReferral(order Order, r Rejection) error {
	if r.ReferTo == "" || r.Phone == "" || order.Phone == "" {
		return nil
	}
	return u.textCitizen(order, sms.Message{Key: "referral:" + order.Number, Kind: sms.KindNotice, Priority: resultPriority},
		"您反映的事项不属本热线受理范围,请联系"+r.ReferTo+",电话"+r.Phone+"。")
}

// Reopen takes up again what was transferred or rejected: nobody answered there, something
// new came up, or it was judged wrongly (ZZ-10.2, ZQ-7.2).
func (o *Office) Reopen(ctx context.Context, number string, by By, reason string) (Order, error) {
	reason = cut(reason, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "reopen", do: func(u *unit, order *Order) error {
		if err := needs("ZQ-7.2", blank{"reason", "重新受理的理由", reason == ""}); err != nil {
			return err
		}
		if err := u.step(order, step{By: by, from: []State{Transferred, OutOfScope}, to: Registered, kind: OnReopened, text: "重新受理:" + reason}); err != nil {
			return err
		}
		order.CompletedAt, order.Outcome, order.Unit = time.Time{}, Pending, ""
		return nil
	}})
}
