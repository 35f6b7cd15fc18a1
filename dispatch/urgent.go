package dispatch

import (
	"context"
	"fmt"
	"time"
)

// alarmFor is how long after an urgent request its alarm is taken up again by a program
// that was restarted; what is older has been found by people.
const alarmFor = 24 * time.Hour

// EndAlarm notes how the alarm of an urgent order ended (ZZ-16.5): actor says which leader
// on duty knows of it, or is empty when none could be reached and the alarm gave up.
// Nobody is called for it any more.
func (o *Office) EndAlarm(ctx context.Context, number, actor, text string) error {
	e := Event{Actor: actor, Kind: OnConfirmed, Rule: "ZZ-16.5", Text: cut(text, maxSummary)}
	if actor == "" {
		e.Actor, e.Kind = "system", OnUnconfirmed
	}
	_, err := o.change(ctx, number, func(u *unit, order *Order) error {
		e.Number = order.Number
		return u.event(e)
	})
	return err
}

// AlarmOver reports whether nobody need be called for an order any more: its alarm ended,
// here or on another controller, or the matter was completed.
func (o *Office) AlarmOver(ctx context.Context, number string) (bool, error) {
	order, err := o.store.OrderBy(ctx, number)
	if err != nil || !order.inHand() {
		return err == nil, err
	}
	events, err := o.store.Events(ctx, order.Number)
	ended, major := alarmEnded(events)
	return ended || !major && order.State != Registered, err
}

// Unconfirmed lists the orders of the last 24 hours before a moment whose alarm has not
// ended, oldest first: an alarm lives in memory, and that of a program that died is
// taken up again from here (ZZ-16.5, ZZ-20.3).
func (o *Office) Unconfirmed(ctx context.Context, before time.Time) ([]Order, error) {
	orders, err := o.store.Unconfirmed(ctx, before.Add(-alarmFor), before)
	if err != nil {
		return nil, fmt.Errorf("urgent orders nobody confirmed: %w", err)
	}
	return orders, nil
}
