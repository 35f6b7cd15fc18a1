package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"hotline/cmd/gauge"
	"hotline/dispatch"
)

// record is what was measured in one database.
type record struct {
	in         string
	seeded     time.Duration
	bytes      int64 // of the database, its indices included
	tables     []table
	alone      pair
	together   pair // eight at once
	lists      []list
	sweepFound int // by the sweep for surveys
	sweep      time.Duration
	clock      clock
}

// clock is what sweeps over open orders took: of what had come due since the orders were made,
// of all of them when every one had changed, and as most are, when none had.
type clock struct {
	acts              int
	due, all, nothing time.Duration
	looked            int // in all
}

// pair are how long the two took, each time.
type pair struct{ register, give []time.Duration }

// list is one kind of page and how long it took, each time.
type list struct {
	name  string
	took  []time.Duration
	rows  int  // on the last
	aimed bool // a work list, of which the issue speaks
}

// together is how many register and dispatch at once.
const together = 8

// looks is how often each list is read.
const looks = 40

// measure fills the database and measures in it.
func (h *house) measure(ctx context.Context, in string) (record, error) {
	r := record{in: in}
	fmt.Fprintf(h.o.progress, "%s: making %d orders\n", in, h.o.Orders)
	began := time.Now()
	if err := h.seed(ctx); err != nil {
		return r, fmt.Errorf("make orders: %w", err)
	}
	r.seeded = time.Since(began)
	var err error
	if r.tables, err = h.sizes(ctx); err != nil {
		return r, fmt.Errorf("sizes: %w", err)
	}
	for _, t := range r.tables {
		r.bytes += t.bytes + t.indices
	}
	fmt.Fprintf(h.o.progress, "%s: %d bytes an order; registering and dispatching\n", in, r.bytes/int64(h.o.Orders))
	if r.alone, err = h.registerAndGive(ctx, 1); err != nil {
		return r, err
	}
	if r.together, err = h.registerAndGive(ctx, together); err != nil {
		return r, err
	}
	fmt.Fprintf(h.o.progress, "%s: reading lists\n", in)
	if r.lists, err = h.workLists(ctx); err != nil {
		return r, err
	}
	others, err := h.otherLists(ctx)
	if err != nil {
		return r, err
	}
	r.lists = append(r.lists, others...)
	began = time.Now()
	r.sweepFound, err = h.SweepDue(ctx, time.Now(), time.Now())
	r.sweep = time.Since(began)
	if err != nil {
		return r, err
	}
	fmt.Fprintf(h.o.progress, "%s: sweeping\n", in)
	r.clock, err = h.sweeps(ctx)
	return r, err
}

// sweeps lets the clock do its work over the open orders.
func (h *house) sweeps(ctx context.Context) (c clock, err error) {
	sweep := func(into *time.Duration) (done dispatch.Swept) {
		if err != nil {
			return done
		}
		began := time.Now()
		done, err = h.SweepOrders(ctx)
		*into = time.Since(began)
		return done
	}
	for _, n := range sweep(&c.due).Acts {
		c.acts += n
	}
	if err == nil {
		_, err = h.db.ExecContext(ctx, "UPDATE orders SET look_at = 0 WHERE look_at <> 0") // as a change does
	}
	c.looked = sweep(&c.all).Looked
	sweep(&c.nothing)
	return c, err
}

// registerAndGive does so, some at once.
func (h *house) registerAndGive(ctx context.Context, atOnce int) (pair, error) {
	var mu sync.Mutex
	var p pair
	var failed error
	var all sync.WaitGroup
	for worker := range atOnce {
		all.Go(func() {
			for i := range h.o.Tries / atOnce {
				began := time.Now()
				order, err := h.Open(ctx, dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: fmt.Sprintf("137%08d", i*together+worker),
					Actor: agent.Actor, Summary: "小区门口垃圾未清运"})
				opened := time.Since(began)
				var given time.Duration
				if err == nil {
					began = time.Now()
					_, err = h.give(ctx, order.Number, h.units[i%len(h.units)].ID)
					given = time.Since(began)
				}
				mu.Lock()
				if err != nil {
					failed = err
				}
				p.register, p.give = append(p.register, opened), append(p.give, given)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return p, failed
}

// workLists reads the first and a later page of each work list.
func (h *house) workLists(ctx context.Context) ([]list, error) {
	unit := h.units[0].ID
	soon := time.Now().Add(24 * time.Hour)
	var all []list
	for _, w := range []struct {
		name string
		f    dispatch.WorkFilter
	}{
		{"all work", dispatch.WorkFilter{}},
		{"the hotline's own", dispatch.WorkFilter{Hotline: true}},
		{"a unit's", dispatch.WorkFilter{Unit: unit}},
		{"to be reviewed", dispatch.WorkFilter{State: dispatch.Submitted}},
		{"to be signed by a unit", dispatch.WorkFilter{Unit: unit, State: dispatch.Dispatched}},
		{"supervised", dispatch.WorkFilter{Supervised: true}},
		{"due within a day", dispatch.WorkFilter{DueBefore: soon}},
	} {
		for _, page := range []struct {
			name  string
			pages int
		}{{", first page", 1}, {", page 20", 19}} {
			f := w.f
			for range page.pages - 1 {
				rows, err := h.store.Work(ctx, f)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", w.name, err)
				}
				if len(rows) > 0 {
					f.After = rows[len(rows)-1]
				}
			}
			l, err := timed(w.name+page.name, func() (int, error) { rows, err := h.store.Work(ctx, f); return len(rows), err })
			if err != nil {
				return nil, err
			}
			l.aimed = true
			all = append(all, l)
		}
	}
	return all, nil
}

// otherLists reads what stands on other pages; no aim speaks of them.
func (h *house) otherLists(ctx context.Context) ([]list, error) {
	unit := h.units[0].ID
	var all []list
	some, err := h.store.Orders(ctx, dispatch.Filter{Limit: 1})
	if err != nil || len(some) == 0 {
		return nil, fmt.Errorf("no order: %w", err)
	}
	others := map[string]func() (int, error){
		"orders, newest":       func() (int, error) { return count(h.store.Orders(ctx, dispatch.Filter{})) },
		"orders, page 20":      func() (int, error) { return count(h.store.Orders(ctx, dispatch.Filter{Offset: 1900})) },
		"archived":             func() (int, error) { return count(h.store.Orders(ctx, dispatch.Filter{State: dispatch.Archived})) },
		"a phone's":            func() (int, error) { return count(h.store.Orders(ctx, dispatch.Filter{Phone: some[0].Phone})) },
		"all a unit ever had":  func() (int, error) { return count(h.store.Orders(ctx, dispatch.Filter{Unit: unit})) },
		"words in any order":   func() (int, error) { return count(h.store.Orders(ctx, dispatch.Filter{Search: "没有这样的词"})) },
		"an order's timeline":  func() (int, error) { return count(h.store.Events(ctx, some[0].Number)) },
		"calls, newest":        func() (int, error) { return count(h.store.Calls(ctx, dispatch.Filter{})) },
		"surveys, newest":      func() (int, error) { return count(h.store.Surveys(ctx, dispatch.Filter{})) },
		"texts, newest":        func() (int, error) { return count(h.store.Messages(ctx, dispatch.Filter{})) },
		"decisions that wait":  func() (int, error) { return count(h.store.Reviews(ctx, dispatch.Filter{Open: true})) },
		"callbacks to be made": func() (int, error) { return count(h.store.Callbacks(ctx, dispatch.Filter{Open: true})) },
		"orders of the last 1h": func() (int, error) {
			return count(h.store.Orders(ctx, dispatch.Filter{Since: time.Now().Add(-time.Hour)}))
		},
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		l, err := timed(name, others[name])
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

func count[T any](rows []T, err error) (int, error) { return len(rows), err }

// timed reads a list again and again.
func timed(name string, read func() (int, error)) (list, error) {
	l := list{name: name}
	for range looks {
		began := time.Now()
		rows, err := read()
		if err != nil {
			return l, fmt.Errorf("%s: %w", name, err)
		}
		l.took, l.rows = append(l.took, time.Since(began)), rows
		if time.Since(began) > 2*time.Second && len(l.took) > 4 {
			break // it is slow, and that is known now
		}
	}
	return l, nil
}

func p99(of []time.Duration) time.Duration { return gauge.Percentile(of, 99) }
