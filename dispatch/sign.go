package dispatch

import (
	"cmp"
	"context"
	"fmt"
)

// Sign is a unit taking what it was given (XZ-12.3.4). The lead's moves the order; a late
// one is signed and says so. The office signs for a lead that works on paper (ZZ-13.2).
func (o *Office) Sign(ctx context.Context, number string, by By) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "sign", do: func(u *unit, order *Order) error {
		rule := u.office.policy.Life.Sign.Rule
		id := by.Unit
		if !by.ofUnit() {
			id = order.Unit
		}
		a, err := u.partOf(*order, id)
		if err != nil {
			return err
		}
		if !a.SignedAt.IsZero() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: ruleOf(rule, Signed), Text: "已由" + a.SignedBy + "签收"})
		}
		a.SignedAt, a.SignedBy = u.now, by.Actor
		text := u.office.unitName(id) + "签收"
		if !by.ofUnit() && u.office.onPaper(id) {
			u.delivered(order, &a)
			text = "受理单送达" + u.office.unitName(id) + ",热线代录,期限" + a.Due.Words()
		}
		if err := u.SaveAssignment(a); err != nil {
			return err
		}
		if !a.SignBy.IsZero() && u.now.After(a.SignBy) {
			text += fmt.Sprintf(",超时%s", u.now.Sub(a.SignBy).Round(1e9))
		}
		if a.Lead {
			return u.step(order, step{By: by, from: []State{Dispatched}, to: Signed, kind: OnSigned, rule: rule, text: text})
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnSigned, Rule: ruleOf(rule, Signed), Text: text})
	}})
}

// partOf is a unit's open part in an order; without one it fails with ErrIllegal.
func (u *unit) partOf(order Order, id string) (Assignment, error) {
	all, err := u.AssignmentsOf(order.Number)
	if err != nil {
		return Assignment{}, fmt.Errorf("assignments of %s: %w", order.Number, err)
	}
	for _, a := range all {
		if a.Unit == id && a.Copy == "" && a.EndedAt.IsZero() {
			return a, nil
		}
	}
	return Assignment{}, refuse(ErrIllegal, Refusal{Field: "state", Rule: "ZQ-11.0", Text: "工单不在承办单位手中"})
}

// Start is the lead unit looking into the matter (ZQ-9.1): what it found says whether it is
// its business.
func (o *Office) Start(ctx context.Context, number string, by By, words string) (Order, error) {
	words = cut(words, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "start", do: func(u *unit, order *Order) error {
		return u.step(order, step{By: by, from: []State{Signed}, to: Processing, kind: OnStarted, text: "开始办理:" + words})
	}})
}

// Contact is a talk with the citizen.
type Contact struct {
	How      string // phone, sms, visit ...
	Evidence string // number of the recording, id of the text
	Words    string
	// Due says that the citizen was told until when (XZ-12.3.1); Extended, that there is more
	// time now and why (ZQ-12.3).
	Due, Extended bool
}

// Contacted notes that the citizen was spoken to: the first of it counts (ZQ-13.1,
// XZ-12.3.1). A unit that signed is at work from then on.
func (o *Office) Contacted(ctx context.Context, number string, by By, c Contact) (Order, error) {
	c.How, c.Evidence, c.Words = cut(c.How, maxName), cut(c.Evidence, maxName), cut(c.Words, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "contact", do: func(u *unit, order *Order) error {
		rule := ruleOf(u.office.policy.Life.ContactRule, Processing)
		if err := by.may(rule, append([]Role{ByAgent, ByDuty}, unitsDesk...)...); err != nil {
			return err
		}
		if err := needs(rule, blank{"how", "联系方式", c.How == ""}, blank{"evidence", "录音或短信编号", c.Evidence == ""}); err != nil {
			return err
		}
		switch order.State {
		case Signed:
			if by.ofUnit() {
				if err := u.step(order, step{By: by, to: Processing, kind: OnStarted, text: "联系诉求人,开始办理"}); err != nil {
					return err
				}
			}
		case Processing, ReturnRequested, ExtensionRequested, Submitted, Registered, Redone:
		default:
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "签收后才能联系诉求人;现为“" + StateWords[order.State] + "”"})
		}
		if order.ContactedAt.IsZero() {
			order.ContactedAt = u.now
		}
		text := "联系诉求人(" + cmp.Or(choiceWords[c.How], c.How) + "," + c.Evidence + ")"
		if c.Due {
			text += ",已告知期限"
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnContacted, Rule: rule, Text: text + ":" + c.Words}); err != nil {
			return err
		}
		if !c.Extended {
			return nil
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnTold, Rule: ruleOf(u.office.policy.Life.Extension.TellRule, ExtensionRequested),
			Text: "已告知诉求人延期及原因"})
	}})
}

// ContactNone says why the citizen gets no reply, and with that no question (ZQ-13.2).
func (o *Office) ContactNone(ctx context.Context, number string, by By, reason string) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "no-reply", do: func(u *unit, order *Order) error {
		const rule = "ZQ-13.2"
		words, known := noReplyWords[reason]
		switch {
		case !known:
			return refuse(ErrInvalid, Refusal{Field: "reason", Rule: rule, Text: "无须回复只有三种:匿名(anonymous)、明确不需回复(declined)、撤回(withdrawn)"})
		case reason == "anonymous" && order.Phone != "" && order.Name != "":
			return refuse(ErrInvalid, Refusal{Field: "reason", Rule: rule, Text: "诉求人留有姓名和号码,不是匿名"})
		case !order.inHand():
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "工单已不在办理"})
		}
		order.NoReply = reason
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnNoReply, Rule: rule, Text: "无须回复:" + words})
	}})
}

// noReplyWords are the three cases without a reply (ZQ-13.2).
var noReplyWords = map[string]string{"anonymous": "匿名,没有联系方式", "declined": "诉求人明确不需要回复", "withdrawn": "诉求人撤回诉求"}
