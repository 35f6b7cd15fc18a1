package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/dispatch"
)

// ledger is a store that knows call records only. Its transactions take a while, and
// one with a refused call in it fails whole.
type ledger struct {
	dispatch.Store
	refuse string

	mu      sync.Mutex
	commits [][]string // the calls of each
}

type page struct {
	dispatch.Tx
	ledger *ledger
	calls  []string
}

func (l *ledger) Tx(ctx context.Context, f func(dispatch.Tx) error) error {
	p := &page{ledger: l}
	if err := f(p); err != nil {
		return err
	}
	select {
	case <-time.After(2 * time.Millisecond):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commits = append(l.commits, p.calls)
	return nil
}

var errRefused = errors.New("refused")

func (p *page) SaveCall(c dispatch.Call) error {
	if c.ID == p.ledger.refuse {
		return errRefused
	}
	if c.ID == "panic" {
		panic("the store is broken")
	}
	p.calls = append(p.calls, c.ID)
	return nil
}

// recordAll records calls of these ids at once and returns their errors, in order.
func recordAll(ctx context.Context, o *dispatch.Office, ids ...string) []error {
	errs := make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			errs[i] = o.RecordCall(ctx, dispatch.Call{ID: id})
		})
		synctest.Wait() // they come in order
	}
	all.Wait()
	return errs
}

func TestRecordsShareCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		o := dispatch.NewOffice(dispatch.Config{Store: l, Now: time.Now})
		began := time.Now()
		for i, err := range recordAll(t.Context(), o, "a", "b", "c", "d") {
			if err != nil {
				t.Errorf("record %d: %v", i, err)
			}
		}
		// The first finds nobody and is written at once, the others together.
		if len(l.commits) != 2 || len(l.commits[0]) != 1 || !slices.Equal(l.commits[1], []string{"b", "c", "d"}) {
			t.Errorf("commits %v", l.commits)
		}
		if took := time.Since(began); took > 260*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

func TestOneRecordSpoilsOnlyItself(t *testing.T) {
	for _, spoiler := range []string{"refused", "panic"} {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{refuse: "refused"}
			o := dispatch.NewOffice(dispatch.Config{Store: l, Now: time.Now})
			errs := recordAll(t.Context(), o, "a", "b", spoiler, "c")
			for i, err := range errs {
				if (err != nil) != (i == 2) {
					t.Errorf("%s, record %d: %v", spoiler, i, err)
				}
			}
			if got := slices.Sorted(slices.Values(slices.Concat(l.commits...))); !slices.Equal(got, []string{"a", "b", "c"}) {
				t.Errorf("%s: committed %v", spoiler, l.commits)
			}
		})
	}
}

// TestRecordAbandoned lets whoever has the lead, and another who waits, run out of time;
// those behind them are written all the same.
func TestRecordAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		o := dispatch.NewOffice(dispatch.Config{Store: l, Now: time.Now})
		recordAll(t.Context(), o, "first")
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		for _, id := range []string{"leader", "other"} {
			all.Go(func() {
				if err := o.RecordCall(short, dispatch.Call{ID: id}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v", id, err)
				}
			})
			synctest.Wait()
		}
		for _, err := range recordAll(t.Context(), o, "patient") {
			if err != nil {
				t.Error(err)
			}
		}
		all.Wait()
		if got := slices.Concat(l.commits...); !slices.Equal(got, []string{"first", "patient"}) {
			t.Errorf("committed %v", l.commits)
		}
	})
}
