package dispatch_test

import (
	"context"
	"errors"
	"testing"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/sms"
)

// errDied is what a process that dies leaves: its transaction ends.
var errDied = errors.New("died")

// dying is a store whose process dies after so many writes of a sweep.
type dying struct {
	dispatch.Store
	after int
	only  string // dies of this order alone
}

func (d *dying) Tx(ctx context.Context, f func(dispatch.Tx) error) error {
	return d.Store.Tx(ctx, func(tx dispatch.Tx) error { return f(dyingTx{tx, d}) })
}

type dyingTx struct {
	dispatch.Tx
	store *dying
}

func (t dyingTx) die(order string) error {
	if t.store.only != "" {
		if order == t.store.only {
			return errDied
		}
		return nil
	}
	if t.store.after--; t.store.after < 0 {
		return errDied
	}
	return nil
}

func (t dyingTx) InsertAct(a dispatch.Act) (bool, error) {
	if err := t.die(a.Order); err != nil {
		return false, err
	}
	return t.Tx.InsertAct(a)
}

func (t dyingTx) Append(e dispatch.Event) error { return errors.Join(t.die(e.Number), t.Tx.Append(e)) }

func (t dyingTx) Enqueue(m sms.Message) error { return errors.Join(t.die(m.Ref), t.Tx.Enqueue(m)) }

func (t dyingTx) LookAgain(l []dispatch.Look) error { return errors.Join(t.die(""), t.Tx.LookAgain(l)) }

func TestSweepDies(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZZ-23.3 a crash between any two writes repeats nothing": diesAnywhere,
	})
}

func diesAnywhere(h *hall) {
	h.staffed()
	for range 23 { // more than one transaction's worth
		h.atRoad(nil)
	}
	d := &dying{Store: h.store}
	h.config.Store = d
	h.Office = dispatch.NewOffice(h.config)
	h.now = h.at("2026-11-25 00:00:01")
	deaths := 0
	for d.after = 0; ; d.after = deaths * 5 {
		if _, err := h.SweepOrders(h.ctx()); err == nil {
			break
		} else if !errors.Is(err, errDied) {
			h.t.Fatal(err)
		}
		deaths++
	}
	if deaths < 20 {
		h.t.Errorf("it died %d times only", deaths)
	}
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Limit: 1000})
	h.ok(err)
	h.same("acts", len(acts), 46)
	for _, a := range acts {
		h.same("once each", []int{h.told(a.Order, dispatch.OnOverdue), h.told(a.Order, dispatch.OnUrged), len(h.duty(a.Order))}, []int{1, 1, 3})
	}
}

func oneFails(h *hall) {
	h.staffed()
	bad, good := h.atRoad(nil), h.atRoad(nil)
	d := &dying{Store: h.store, only: bad.Number}
	h.config.Store = d
	h.Office = dispatch.NewOffice(h.config)
	h.now = h.at("2026-11-25 00:00:01")
	s, err := h.SweepOrders(h.ctx())
	h.ok(err)
	h.same("the others", []any{s.Failed, s.Acts}, []any{1, map[dispatch.ActKind]int{dispatch.ActOverdue: 1, dispatch.ActUrge: 1}})
	h.same("overdue", []int{h.told(bad.Number, dispatch.OnOverdue), h.told(good.Number, dispatch.OnOverdue)}, []int{0, 1})
	d.only = "none"
	h.same("not at once again", h.swept(), []string{})
	h.same("in a minute", h.clock("2026-11-25 00:01:01"), []string{"overdue1", "urge1"})
	h.same("its order", h.told(bad.Number, dispatch.OnOverdue), 1)
}

// calendarChanged: Monday, 23 November is declared a day off after somebody asked on Friday.
func calendarChanged(h *hall) {
	h.staffed()
	o := h.atRoad(nil)
	h.ask(o.Number, dispatch.ForReturn, "ZZ-21")
	long := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Due.At = h.at("2026-12-31 00:00:00").UTC() })
	h.ask(long.Number, dispatch.ForReturn, "ZZ-21")
	h.same("waits", h.swept(), []string{})
	off := h.at("2026-11-23 00:00:00")
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	h.ok(err)
	year, ok := days.Year(2026)
	if !ok {
		h.t.Fatal("no year")
	}
	year.Days = append(year.Days[:len(year.Days):len(year.Days)], calendar.Day{Date: off, Name: "防台风停工"})
	next, _ := days.Year(2027)
	h.config.Calendar = calendar.New(year, next)
	h.Office = dispatch.NewOffice(h.config)
	s, err := h.SweepOrders(h.ctx())
	h.ok(err)
	h.same("the first is reminded next, as before; only the other is looked at again", s.Looked, 1)
	h.same("not when it was to be before", h.clock("2026-11-24 00:00:01"), []string{"remind1"})
	h.exactly("2026-11-25 00:00:01", "overdue1", "undecided1", "undecided1")
}

func TestSweepRemembers(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){"how long it stands still": standsStill})
}

func standsStill(h *hall) {
	h.staffed()
	h.atRoad(nil)
	h.swept()
	h.now = h.at("2026-11-24 00:05:00")
	stood, lag, err := h.SweepStood(h.ctx())
	h.ok(err)
	h.same("stood and late", []string{stood.String(), lag.String()}, []string{"86h5m0s", "5m0s"})
	h.swept()
	stood, lag, err = h.SweepStood(h.ctx())
	h.ok(err)
	h.same("caught up", []string{stood.String(), lag.String()}, []string{"0s", "0s"})
}
