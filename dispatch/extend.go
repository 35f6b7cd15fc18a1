package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/dispatch/calendar"
)

// ExtensionAsked is a unit asking for more time.
type ExtensionAsked struct {
	Code   string // one of the policy's reasons, where it has some
	Reason string
	Form   string    // number of the form (ZQ-12.3)
	Signed bool      // by the unit's leader
	Told   []string  // who was told already (ZZ-17.4)
	Until  time.Time // what is wished, where the policy says no length
}

// AskExtension asks for more time (ZQ-12, XZ-12.4.3, ZZ-17.4, KF-A4.3.1): before the
// deadline, as early and as often as the policy says, with its form. The clock goes on.
func (o *Office) AskExtension(ctx context.Context, number string, by By, e ExtensionAsked) (Order, error) {
	e.Reason, e.Form = cut(e.Reason, maxSummary), cut(e.Form, maxName)
	return o.command(ctx, number, deed{By: by, name: "ask-extension", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life.Extension
		a, err := u.openLead(order.Number)
		if errors.Is(err, ErrNotFound) {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: ruleOf(p.Rule, ExtensionRequested), Text: "工单不在承办单位手中"})
		}
		if err != nil {
			return err
		}
		if err := u.mayExtend(a, e); err != nil {
			return err
		}
		if err := u.step(order, step{By: by, to: ExtensionRequested, kind: OnExtensionAsked, rule: p.Rule,
			text: "申请延期:" + e.Code + " " + e.Reason}); err != nil {
			return err
		}
		return u.insertAsked(Review{Order: order.Number, Attempt: order.attempt(), Kind: ForExtension, Rule: p.Rule, Reason: e.Reason, Fact: e.Code,
			Evidence: e.Form, Signed: e.Signed, Unit: a.Unit, AskedBy: by.Actor, Due: e.Until})
	}})
}

// mayExtend says why a unit may not ask for more time.
func (u *unit) mayExtend(a Assignment, e ExtensionAsked) error {
	p := u.office.policy.Life.Extension
	switch last := p.lastAsk(u.office.calendar(), a); {
	case !p.Allowed:
		return refuse(ErrIllegal, Refusal{Rule: ruleOf(p.Rule, ExtensionRequested), Text: "本热线不延期"})
	case p.Max > 0 && a.Extensions >= p.Max:
		return refuse(ErrIllegal, Refusal{Field: "extensions", Rule: p.MaxRule, Text: fmt.Sprintf("延期至多%d次", p.Max)})
	case !u.now.Before(last):
		return refuse(ErrIllegal, Refusal{Field: "at", Rule: p.BeforeRule,
			Text: "已过申请延期的时限,须在" + Deadline{At: last}.Words() + "前提出"})
	}
	if len(p.Reasons) > 0 && !slices.Contains(p.Reasons, e.Code) {
		return refuse(ErrInvalid, Refusal{Field: "code", Rule: p.Rule, Text: "延期事由须是规定的一种:" + strings.Join(p.Reasons, "、")})
	}
	if err := needs(p.Rule, blank{"reason", "延期理由", e.Reason == "" && (len(p.Reasons) == 0 || e.Code == "other")}); err != nil {
		return err
	}
	if p.Form {
		if err := needs(p.FormRule, blank{"form", "延期申请表", e.Form == ""}, blank{"signed", "单位分管领导签批", !e.Signed}); err != nil {
			return err
		}
	}
	for _, who := range p.Told {
		if !slices.Contains(e.Told, who) {
			return refuse(ErrInvalid, Refusal{Field: "told", Rule: p.Rule, Text: "延期须先报告或告知:" + strings.Join(p.Told, "、") + ",缺" + who})
		}
	}
	return nil
}

// lastAsk is until when more time may be asked for: some days before the last one (ZQ-12.2),
// but, if the policy says so, the day an order came in any case (Q17).
func (p ExtensionPolicy) lastAsk(c *calendar.Calendar, a Assignment) time.Time {
	last := c.Before(a.Due.At, p.Before).At
	y, m, d := a.DispatchedAt.In(Place).Date()
	if first := time.Date(y, m, d+1, 0, 0, 0, 0, Place); p.SameDay && last.Before(first) {
		last = first
	}
	return last.UTC()
}

// Extended is more time.
type Extended struct {
	Until   time.Time // where the policy says no length
	Opinion string
}

// AllowExtension moves the deadline: by the type's own length from the old one (ZQ-12.4), or
// to what the reviewer says (XZ-12.4.3).
func (o *Office) AllowExtension(ctx context.Context, number string, by By, e Extended) (Order, error) {
	e.Opinion = cut(e.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "allow-extension", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life.Extension
		a, err := u.openLead(order.Number)
		if err != nil {
			return u.decideAsked(*order, ForExtension, Decision{Actor: by.Actor, Approve: true})
		}
		due := Deadline{At: e.Until.UTC().Truncate(time.Microsecond), Rule: p.Rule}
		if p.Same {
			due = a.Due.Extended(u.office.calendar(), u.office.policy.term(*order, a.Way))
		} else if !due.At.After(a.Due.At) {
			return refuse(ErrInvalid, Refusal{Field: "until", Rule: p.Rule, Text: "新期限须晚于原期限" + a.Due.Words()})
		}
		if err := u.decideAsked(*order, ForExtension, Decision{Actor: by.Actor, Approve: true, Opinion: e.Opinion, due: due.At}); err != nil {
			return err
		}
		was := a.Due
		a.Due, a.Extensions = due, a.Extensions+1
		if err := u.SaveAssignment(a); err != nil {
			return err
		}
		to, err := u.stood(*order)
		if err != nil {
			return err
		}
		order.Due = due
		return u.step(order, step{By: by, to: to, kind: OnExtended, rule: p.Rule,
			text: fmt.Sprintf("同意第%d次延期,期限由%s改为%s", a.Extensions, was.Words(), due.Words())})
	}})
}

// RefuseExtension leaves the deadline as it is; a refused one does not count among those
// that are allowed.
func (o *Office) RefuseExtension(ctx context.Context, number string, by By, r Refused) (Order, error) {
	r.Opinion = cut(r.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "refuse-extension", do: func(u *unit, order *Order) error {
		if err := u.decideAsked(*order, ForExtension, Decision{Actor: by.Actor, Opinion: r.Opinion}); err != nil {
			return err
		}
		to, err := u.stood(*order)
		if err != nil {
			return err
		}
		return u.step(order, step{By: by, to: to, kind: OnNotExtended, rule: u.office.policy.Life.Extension.Rule,
			text: "不同意延期:" + r.Opinion + ",期限仍为" + order.Due.Words()})
	}})
}
