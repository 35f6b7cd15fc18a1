package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// majorRules are the clauses by which leaders hear of a major matter at once.
var majorRules = map[string]string{"zz": "ZZ-16.5", "sq": "SQ-3.4", "kf": "KF-3.1.6", "zq": "ZQ-21.3", "xz": "XZ-20"}

// majorRule is the clause of a hotline; of one that is none of the five, the first's (rec).
func (o *Office) majorRule() string {
	if rule := majorRules[o.policy.Hotline.ID]; rule != "" {
		return rule
	}
	return "ZZ-16.5"
}

// MarkMajor says that an order is a major matter: the leaders in why.Notify are texted in
// the same transaction, and the phone calls them until one presses 1 (ZZ-16.5, SQ-3.4,
// KF-3.1.6, ZQ-21.3, XZ-20). Reason is required, the order must be in hand. Again it
// changes nothing.
func (o *Office) MarkMajor(ctx context.Context, number string, why Urgency) (Order, error) {
	why.Reason = cut(strings.TrimSpace(why.Reason), 200)
	if why.Reason == "" {
		return Order{}, fmt.Errorf("reason 必填(%s): %w", o.majorRule(), ErrInvalid)
	}
	events, err := o.store.Events(ctx, number)
	if err != nil {
		return Order{}, err
	}
	return o.change(ctx, number, func(u *unit, order *Order) error {
		if slices.ContainsFunc(events, func(e Event) bool { return e.Kind == OnMajor }) {
			return nil
		}
		if !order.inHand() {
			return fmt.Errorf("order %s is %s and no major matter any more (%s): %w", order.Number, order.State, o.majorRule(), ErrIllegal)
		}
		order.Urgent = true
		if err := u.event(Event{Number: order.Number, Actor: why.Actor, Kind: OnMajor, Rule: o.majorRule(), Text: "标为重大事项:" + why.Reason}); err != nil {
			return err
		}
		if err := u.slip(*order, why); err != nil {
			return err
		}
		return u.textDuty("major", *order, o.policy.Texts.Urgent, why.Notify)
	})
}

// UnconfirmedMajor lists the orders marked major in the 24 hours before a moment whose
// alarm has not ended, as [Office.Unconfirmed] does urgent messages.
func (o *Office) UnconfirmedMajor(ctx context.Context, before time.Time) ([]Order, error) {
	orders, err := o.store.UnconfirmedMajor(ctx, before.Add(-alarmFor), before)
	if err != nil {
		return nil, fmt.Errorf("major matters nobody confirmed: %w", err)
	}
	return slices.DeleteFunc(orders, func(order Order) bool { return !order.inHand() }), nil
}

// Worked reports whether an agent has done something to an order beside registering it:
// what the call is about is then written down (KF-3.1.4).
func (o *Office) Worked(ctx context.Context, number string) (bool, error) {
	events, err := o.store.Events(ctx, number)
	return slices.ContainsFunc(events, func(e Event) bool {
		return strings.HasPrefix(e.Actor, "agent:") && e.Kind != OnRegistered && e.Kind != OnHeard
	}), err
}

// alarmEnded reports whether an order's alarm ended since it was raised last, and whether
// it was raised because the matter is major.
func alarmEnded(events []Event) (ended, major bool) {
	for _, e := range events {
		switch e.Kind {
		case OnMajor:
			ended, major = false, true
		case OnConfirmed, OnUnconfirmed:
			ended = true
		}
	}
	return ended, major
}
