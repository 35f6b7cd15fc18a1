package dispatch_test

import (
	"fmt"
	"slices"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

const (
	handlerPhone = "13700000001"
	headPhone    = "13700000002"
	leaderPhone  = "13700000003"
	onDuty       = "13700000004"
)

// road is who handles orders at the hall's office.
var road = dispatch.By{Actor: "unit:road:1", Role: dispatch.ByUnit, Unit: "road"}

// staffed gives the hall's office people to text.
func (h *hall) staffed() *hall {
	h.config.Units = []dispatch.Unit{{ID: "road", Name: "路政", Handlers: []dispatch.Handler{{Name: "张三", Mobile: handlerPhone}, {Name: "李局", Mobile: headPhone, Head: true}}}}
	h.config.Shift = func(time.Time) dispatch.Shift {
		return dispatch.Shift{Duty: []dispatch.Officer{{Name: "值班", Phone: onDuty}}, Leader: []dispatch.Officer{{Name: "带班", Phone: leaderPhone}}}
	}
	h.Office = dispatch.NewOffice(h.config)
	return h
}

// at is a moment in Asia/Shanghai: "2026-11-24 00:00:01".
func (h *hall) at(s string) time.Time {
	h.t.Helper()
	t, err := time.ParseInLocation(time.DateTime, s, dispatch.Place)
	h.ok(err)
	return t
}

// alter changes an order and what belongs to it, as commands do.
func (h *hall) alter(number string, f func(tx dispatch.Tx, o *dispatch.Order) error) dispatch.Order {
	h.t.Helper()
	h.ok(h.store.Tx(h.ctx(), func(tx dispatch.Tx) error {
		o, err := tx.Order(number)
		if err != nil {
			return err
		}
		if err := f(tx, &o); err != nil {
			return err
		}
		return tx.SaveOrder(&o)
	}))
	return h.order(number)
}

// give gives an order to a unit now.
func (h *hall) give(number string, change func(*dispatch.Order, *dispatch.Assignment)) dispatch.Order {
	h.t.Helper()
	return h.alter(number, func(tx dispatch.Tx, o *dispatch.Order) error {
		a := dispatch.Assignment{ID: "A" + number, Order: number, Attempt: o.Redos + 1, Unit: "road", Lead: true,
			DispatchedAt: h.now.UTC(), FirstAt: h.now.UTC()}
		o.State, o.Unit = dispatch.Dispatched, "road"
		o.ContactedAt = h.now.UTC()
		if change != nil {
			change(o, &a)
		}
		a.Due = o.Due
		return tx.InsertAssignment(a)
	})
}

// atRoad registers an order and gives it to a unit.
func (h *hall) atRoad(change func(*dispatch.Order, *dispatch.Assignment)) dispatch.Order {
	h.t.Helper()
	return h.give(h.open(nil).Number, change)
}

// clock sweeps at a moment and lists what was done: kind and step.
func (h *hall) clock(when string) (did []string) {
	h.t.Helper()
	h.now = h.at(when)
	return h.swept()
}

// everyDays are the acts that come with the day, the week or the month, whatever orders there are.
var everyDays = []dispatch.ActKind{dispatch.ActSpots, dispatch.ActSpot, dispatch.ActWeekly, dispatch.ActVolume, dispatch.ActKeep, dispatch.ActAbsences, dispatch.ActAbsent}

func (h *hall) swept() (did []string) {
	h.t.Helper()
	before, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Limit: 1000})
	h.ok(err)
	s, err := h.SweepOrders(h.ctx())
	h.ok(err)
	after, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Limit: 1000})
	h.ok(err)
	known := map[string]bool{}
	for _, a := range before {
		known[a.ID] = true
	}
	did = []string{}
	for _, a := range slices.Backward(after) {
		if !known[a.ID] && !slices.Contains(everyDays, a.Kind) {
			did = append(did, fmt.Sprint(a.Kind, a.Step))
		}
	}
	sum := 0
	for _, n := range s.Acts {
		sum += n
	}
	for _, kind := range everyDays {
		sum -= s.Acts[kind]
	}
	h.same("counted", sum, len(did))
	return did
}

// exactly sweeps a second before a moment, when there is nothing to do, and then.
func (h *hall) exactly(when string, want ...string) {
	h.t.Helper()
	t := h.at(when)
	h.same("before "+when, h.clock(t.Add(-time.Second).Format(time.DateTime)), []string{})
	h.same(when, sorted(h.clock(when)), sorted(want))
	h.same("again at "+when, h.swept(), []string{})
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// duty lists the phones that duty texts about an order went to since a moment.
func (h *hall) duty(number string) (to []string) {
	h.t.Helper()
	for _, m := range append(h.sent(number, sms.KindDuty), h.sent(number, sms.KindNotice)...) {
		to = append(to, m.To)
	}
	slices.Sort(to)
	return to
}

// rules lists the clauses of an order's events of a kind.
func (h *hall) rules(number, kind string) (rules []string) {
	h.t.Helper()
	for _, e := range h.events(number) {
		if e.Kind == kind {
			rules = append(rules, e.Rule)
		}
	}
	return rules
}

// words lists what an order's events of a kind say.
func (h *hall) words(number, kind string) (words []string) {
	h.t.Helper()
	for _, e := range h.events(number) {
		if e.Kind == kind {
			words = append(words, e.Text)
		}
	}
	return words
}
