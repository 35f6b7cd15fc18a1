package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotline/deploy/fault"
	"hotline/dispatch/calendar"
)

// OnCallPolicy is who answers for a unit outside business hours, holidays included (XZ-14):
// its people on call are texted and called about a sudden matter, and nobody about others. The
// zero value calls nobody.
type OnCallPolicy struct {
	// After is how long none of them may confirm; then the leaders on duty are called.
	After calendar.Span `yaml:"after"`
	Rule  string        `yaml:"rule"`
}

// checkOnCall looks at what is asked of units at night.
func (p *Policy) checkOnCall(d *fault.Document) {
	c := p.OnCall
	switch {
	case c.Rule == "" && c.After.N > 0:
		d.Fault("on_call", "it needs rule, the clause that it follows")
	case c.Rule != "" && c.After.N <= 0:
		d.Fault("on_call", "it needs after: how long nobody may confirm until the leaders are called")
	case c.Rule != "" && len(p.BusinessHours) == 0:
		d.Fault("on_call", "it needs business_hours: outside of them people are on call")
	}
}

// OnCall are those of a unit's people who are called outside business hours: those marked so,
// else all who have a mobile phone, the head first.
func (u Unit) OnCall() (all []Handler) {
	var heads, others []Handler
	for _, h := range u.Handlers {
		switch {
		case h.Mobile == "":
		case h.OnCall:
			all = append(all, h)
		case h.Head:
			heads = append(heads, h)
		default:
			others = append(others, h)
		}
	}
	if len(all) == 0 {
		all = append(heads, others...)
	}
	return all
}

// offHours says whether a moment lies outside business hours.
func (o *Office) offHours(at time.Time) bool {
	worked, _ := o.calendar().WorkingHoursBetween(at, at.Add(time.Second))
	return worked == 0
}

// onCalls: a sudden matter came to a unit outside business hours and none of its people knows
// yet; and when none confirmed in time, the leaders are called (XZ-14).
func onCalls(o *Office, w *Watched) []item {
	p := o.policy.OnCall
	a, ok := w.lead()
	if p.Rule == "" || !ok || !w.Urgent || w.UrgentAt.IsZero() || w.State != Dispatched {
		return nil
	}
	at := a.DispatchedAt
	if w.UrgentAt.After(at) {
		at = w.UrgentAt
	}
	if !w.UnitKnewAt.Before(at) || !o.offHours(at) {
		return nil
	}
	it := item{kind: ActOnCall, unit: a.Unit, about: at, step: 1, at: at, rule: p.Rule}
	late := it
	late.kind, late.at = ActOnCallLate, after(o.calendar().Add(at, p.After).At)
	return []item{it, late}
}

// UnitCall is a unit whose people on call are to be rung about an order.
type UnitCall struct {
	Order  Order
	Unit   Unit
	People []Officer // in the order to be rung
	Since  time.Time // when that became due
}

// UnitCalls lists whom to ring, of the last 24 hours, until one of them confirmed or it was
// given up.
func (o *Office) UnitCalls(ctx context.Context) ([]UnitCall, error) {
	if o.policy.OnCall.Rule == "" {
		return nil, nil
	}
	acts, err := o.store.Acts(ctx, ActFilter{Kinds: []ActKind{ActOnCall}, Since: o.now().Add(-alarmFor), Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("units to be called: %w", err)
	}
	var all []UnitCall
	for _, a := range acts {
		order, err := o.store.OrderBy(ctx, a.Order)
		if err != nil {
			return nil, fmt.Errorf("units to be called: %w", err)
		}
		over, err := o.unitCallOver(ctx, order)
		if err != nil {
			return nil, err
		}
		unit, known := o.unitOf(a.Unit)
		if over || !known || order.Unit != a.Unit {
			continue
		}
		call := UnitCall{Order: order, Unit: unit, Since: a.About}
		for _, h := range unit.OnCall() {
			call.People = append(call.People, Officer{Name: h.Name, Phone: h.Mobile})
		}
		all = append(all, call)
	}
	return all, nil
}

// UnitCallOver reports whether nobody of the unit need be rung about an order any more: one of
// its people confirmed, by phone, by text or by signing, or it was given up.
func (o *Office) UnitCallOver(ctx context.Context, number string) (bool, error) {
	order, err := o.store.OrderBy(ctx, number)
	if err != nil {
		return false, err
	}
	return o.unitCallOver(ctx, order)
}

func (o *Office) unitCallOver(ctx context.Context, order Order) (bool, error) {
	if order.State != Dispatched {
		return true, nil
	}
	events, err := o.store.Events(ctx, order.Number)
	over := true
	for _, e := range events {
		switch e.Kind {
		case OnUnitCalled:
			over = false
		case OnUnitKnows, OnUnitSilent:
			over = true
		}
	}
	return over, err
}

// EndUnitCall notes how ringing a unit's people ended: actor says who of them knows, or is
// empty when none could be reached and it is given up.
func (o *Office) EndUnitCall(ctx context.Context, number, actor, text string) error {
	e := Event{Actor: actor, Kind: OnUnitKnows, Rule: o.policy.OnCall.Rule, Text: cut(text, maxSummary)}
	if actor == "" {
		e.Actor, e.Kind = "system", OnUnitSilent
	}
	_, err := o.change(ctx, number, func(u *unit, order *Order) error {
		e.Number = order.Number
		return u.event(e)
	})
	return err
}

// onCallActor is who of its lead unit's people has a phone, as the timeline shows them; empty:
// nobody, or the hotline calls no units.
func (o *Office) onCallActor(order Order, phone string) string {
	unit, ok := o.unitOf(order.Unit)
	if !ok || o.policy.OnCall.Rule == "" || o.officers(phone) != "" {
		return ""
	}
	for _, h := range unit.Handlers {
		if h.Mobile == phone && phone != "" {
			return strings.Join([]string{"unit", unit.ID, h.Name}, ":")
		}
	}
	return ""
}

// onCallText tells a unit's people of a sudden matter: who asks is read on the order, by those
// who may.
const onCallText = "紧急！非工作时段突发工单{number}，请立即处理，收到请回复OK。"
