package dispatch

import (
	"context"
	"fmt"
	"time"
)

// alarmFor is how long after an urgent request its alarm is taken up again by a program
// that was restarted; what is older has been found by people.
const alarmFor = 24 * time.Hour

// ConfirmUrgent notes that a leader on duty knows of an urgent order (ZZ-16.5); actor
// says who. Nobody is called for it any more.
func (o *Office) ConfirmUrgent(ctx context.Context, number, actor, text string) error {
	_, err := o.change(ctx, number, func(u *unit, order *Order) error {
		return u.event(Event{Number: order.Number, Actor: actor, Kind: OnConfirmed, Rule: "ZZ-16.5", Text: cut(text, maxSummary)})
	})
	return err
}

// Unconfirmed lists the orders of the last 24 hours before a moment whose alarm no
// leader has confirmed, oldest first: an alarm lives in memory, and a program that died
// takes it up again from here (ZZ-16.5, ZZ-20.3).
func (o *Office) Unconfirmed(ctx context.Context, before time.Time) ([]Order, error) {
	orders, err := o.store.Unconfirmed(ctx, before.Add(-alarmFor), before)
	if err != nil {
		return nil, fmt.Errorf("urgent orders nobody confirmed: %w", err)
	}
	return orders, nil
}
