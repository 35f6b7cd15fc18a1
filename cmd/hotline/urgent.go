package main

import (
	"context"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

// recallUrgent takes up the alarms that the program before this one did not bring to an
// end (ZZ-16.5): they live in memory, their orders in SQL. Only what was registered
// before this program began is taken, so that nothing is alarmed twice.
func (a *app) recallUrgent(ctx context.Context) error {
	began := a.clock.Now()
	select {
	case <-a.tower.Ready():
	case <-ctx.Done():
		return nil
	}
	for {
		orders, err := a.office.Unconfirmed(ctx, began)
		if err == nil {
			a.recall(orders)
			return nil
		}
		a.log.Warn("urgent orders not looked for, trying again", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(importEvery):
		}
	}
}

func (a *app) recall(orders []dispatch.Order) {
	for _, o := range orders {
		alert := ivr.Alert{CallID: o.CallID, Order: o.Number, Digits: o.Digits, Phone: o.Phone, Why: ivr.UrgentMessage}
		if o.Type == dispatch.EmergencyCase {
			alert.Why = ivr.FailedEmergency
		}
		a.log.Warn("urgent order without a leader's confirmation, calling again", "order", o.Number)
		a.alarm.Raise(alert)
	}
}
