package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/sms"
)

// alert is what an officer was texted about.
type alert struct {
	found bool   // the phone was sent an alert of late
	order string // empty: the alert was about the hotline itself
	open  bool   // leaders, or its unit's people, are still called for it
}

// takeConfirmation takes an officer's 收到 to an alert. While leaders are still called for
// its order that ends: somebody knows (ZZ-16.5). Of several alerts the latest whose order
// is still called for is meant; the officer is told which, and the next 收到 means the next.
func (o *Office) takeConfirmation(ctx context.Context, in reading) (string, error) {
	if !in.confirms {
		return "", nil
	}
	a, err := o.alertTo(ctx, in.Inbound)
	if err != nil || !a.found {
		return "", err
	}
	return o.once(ctx, in.Inbound, AsConfirmed, func(u *unit) error {
		if a.order == "" {
			return nil
		}
		e := Event{Number: a.order, Actor: "duty:" + o.officer(in.From), Kind: OnNote, Text: "短信回复已知悉:" + cut(in.Text, 20)}
		order, err := u.Order(a.order)
		if err != nil {
			return err
		}
		switch actor := o.onCallActor(order, in.From); {
		case actor != "" && a.open:
			e.Actor, e.Kind, e.Rule = actor, OnUnitKnows, o.policy.OnCall.Rule
		case actor != "":
			e.Actor = actor
		case a.open:
			e.Kind, e.Rule, e.Text = OnConfirmed, "ZZ-16.5", "短信确认知悉:"+cut(in.Text, 20)
		}
		if err := u.event(e); err != nil {
			return err
		}
		return u.reply(in.Inbound, "", o.policy.Texts.Confirmed, map[string]string{"number": a.order})
	})
}

// mayConfirm says whether a text could be an officer's word about an alert that leaders
// are still called for. What was sent to a survey's own extension is about the survey.
func (o *Office) mayConfirm(ctx context.Context, in reading) (bool, error) {
	if !in.confirms || in.Ext != "" {
		return false, nil
	}
	a, err := o.alertTo(ctx, in.Inbound)
	return a.open, err
}

// alertTo finds the alert that a phone would confirm: whoever was sent one is an officer,
// for as long as an alarm is taken up again.
func (o *Office) alertTo(ctx context.Context, in sms.Inbound) (alert, error) {
	sent, err := o.store.Messages(ctx, Filter{Phone: in.From, Kind: sms.KindDuty,
		Since: in.EventAt.Add(-alarmFor), Until: in.EventAt.Add(time.Minute), Limit: mostAlerts})
	if err != nil {
		return alert{}, fmt.Errorf("alerts sent: %w", err)
	}
	var a alert
	for _, m := range sent {
		if m.Status == sms.Failed || m.Status == sms.Expired {
			continue // never reached the officer
		}
		a.found = true
		if m.Ref == "" {
			continue
		}
		if a.order == "" {
			a.order = m.Ref
		}
		open, err := o.callsFor(ctx, m.Ref, in.From)
		if err != nil {
			return alert{}, err
		}
		if open {
			return alert{found: true, order: m.Ref, open: true}, nil
		}
	}
	return a, nil
}

// mostAlerts is how many alerts of one officer's day are looked through.
const mostAlerts = 100

// callsFor says whether an order is urgent and nobody has confirmed it: of its unit, where the
// phone is one of its people's, or else of the leaders.
func (o *Office) callsFor(ctx context.Context, number, phone string) (bool, error) {
	order, err := o.store.OrderBy(ctx, number)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil || !order.Urgent {
		return false, err
	}
	ended := o.AlarmOver
	if o.onCallActor(order, phone) != "" {
		ended = o.UnitCallOver
	}
	over, err := ended(ctx, number)
	return !over, err
}

// officer is the name of a phone in the roster, or the phone masked.
func (o *Office) officer(phone string) string {
	if name := o.officers(phone); name != "" {
		return name
	}
	return sms.Mask(phone)
}
