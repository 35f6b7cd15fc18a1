package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/crew"
	"hotline/ivr"
)

// recallAfter is how old an urgent order is before anybody but its own controller looks
// after its alarm.
const recallAfter = time.Minute

// recallUrgent takes up the alarms that a controller which died did not bring to an end
// (ZZ-16.5): they live in memory, their orders in SQL. It goes on looking, since another
// controller may die at any time. An alarm that is still rung for elsewhere waits until
// that one is over or its controller is dead; one of this controller's own it knows.
func (a *app) recallUrgent(ctx context.Context) error {
	before := a.clock.Now() // at first everything that is not from this program
	select {
	case <-a.tower.Ready():
	case <-ctx.Done():
		return nil
	}
	for {
		orders, err := a.office.Unconfirmed(ctx, before)
		major, errMajor := a.office.UnconfirmedMajor(ctx, before)
		if err = errors.Join(err, errMajor); err != nil {
			a.log.Warn("urgent orders not looked for, trying again", "err", err)
		} else {
			a.recall(orders)
			a.recallMajor(major)
			a.callUnits(ctx)
			before = latest(before, a.clock.Now().Add(-recallAfter))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(importEvery):
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// recall raises alarms again. While Redis is away nobody knows who rings where: then only
// what was there before this program is taken up, for it may be the only one.
func (a *app) recall(orders []dispatch.Order) {
	apart := a.crew.Standing() == crew.Cut
	for _, o := range orders {
		if apart && !o.CreatedAt.Before(a.began) {
			continue
		}
		alert := ivr.Alert{CallID: o.CallID, Order: o.Number, Digits: o.Digits, Phone: o.Phone, Why: ivr.UrgentMessage, Waits: !apart}
		if o.Type == dispatch.EmergencyCase {
			alert.Why = ivr.FailedEmergency
		}
		a.alarm.Raise(alert)
	}
}

// recallMajor is recall for orders that were marked major. While Redis is away each
// controller rings for those marked on it, and no other does.
func (a *app) recallMajor(orders []dispatch.Order) {
	if a.crew.Standing() == crew.Cut {
		return
	}
	for _, o := range orders {
		alert := majorAlert(o)
		alert.Waits = true
		a.alarm.Raise(alert)
	}
}

// majorAlert is the alarm for an order that was marked major, one for each order.
func majorAlert(o dispatch.Order) ivr.Alert {
	return ivr.Alert{CallID: cmp.Or(o.CallID, o.Number), Order: o.Number, Digits: o.Digits, Phone: o.Phone, Why: ivr.MajorMatter}
}

// loudOffice is the office whose major matters ring the leaders at once (ZZ-16.5).
type loudOffice struct {
	*dispatch.Office
	raise func(ivr.Alert)
}

// MarkMajor is part of console.Marking. An alarm that is over already ends when it looks.
func (o loudOffice) MarkMajor(ctx context.Context, number string, why dispatch.Urgency) (dispatch.Order, error) {
	order, err := o.Office.MarkMajor(ctx, number, why)
	if err == nil {
		o.raise(majorAlert(order))
	}
	return order, err
}

// ringAlone rings for one matter on one controller at a time. An alarm raised here rings
// without Redis too: better twice than never.
func (a *app) ringAlone(ctx context.Context, alert ivr.Alert, ring func(context.Context) error) error {
	role := "alarm:" + alert.Matter()
	if alert.Waits {
		return a.crew.Hold(ctx, role, ring)
	}
	return a.crew.Lead(ctx, role, ring)
}
