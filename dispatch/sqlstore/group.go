package sqlstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// group lets goroutines that want the same of the database at the same time have it in one
// transaction: what a commit costs, in processor and in disk, it costs whatever it holds.
// Nobody waits for company: what comes while one group is being written makes the next.
type group[In, Out any] struct {
	most int // in one transaction
	run  func(ctx context.Context, all []In) ([]Out, error)

	mu      sync.Mutex
	busy    bool // somebody leads
	waiting []*wish[In, Out]
}

// wish is one goroutine's part of a group.
type wish[In, Out any] struct {
	ctx  context.Context
	in   In
	out  Out
	err  error
	lead chan bool // one slot: true is to write the next group, false that it is done
}

// do has one wish fulfilled with others. One that spoils a group fails alone. A caller
// whose ctx ends while the group is being written does not learn what became of it.
func (g *group[In, Out]) do(ctx context.Context, in In) (Out, error) {
	w := &wish[In, Out]{ctx: ctx, in: in, lead: make(chan bool, 1)}
	g.join(w)
	select {
	case lead := <-w.lead:
		if lead {
			g.write()
		}
		return w.out, w.err
	case <-ctx.Done():
		if g.leaves(w) {
			g.write()
		}
		var none Out
		return none, context.Cause(ctx)
	}
}

func (g *group[In, Out]) join(w *wish[In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	if !g.busy {
		g.busy = true
		w.lead <- true
	}
}

// leaves takes back a wish of which nothing was begun, and reports whether its turn to lead
// came in that moment: the others rely on it.
func (g *group[In, Out]) leaves(w *wish[In, Out]) (leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.waiting, w); at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
	}
	select {
	case leads = <-w.lead:
	default:
	}
	return leads
}

// write fulfils the wishes of one group, its leader's among them, and passes the lead on.
func (g *group[In, Out]) write() {
	g.mu.Lock()
	n := min(g.most, len(g.waiting))
	now := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	g.mu.Unlock()
	defer func() { // also when a database driver panics
		for _, w := range now {
			select {
			case w.lead <- false:
			default: // the leader's own
			}
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.busy = len(g.waiting) > 0
		if g.busy {
			g.waiting[0].lead <- true
		}
	}()
	if n > 0 {
		g.fulfil(now)
	}
}

// errUnfinished is what the others hear when a group's writer panics.
var errUnfinished = errors.New("the transaction came to no end")

// fulfil writes a group, and each alone when together they fail.
func (g *group[In, Out]) fulfil(now []*wish[In, Out]) {
	ctx, cancel := together(now)
	defer cancel(nil)
	all := make([]In, len(now))
	for i, w := range now {
		all[i], w.err = w.in, errUnfinished
	}
	out, err := g.run(ctx, all)
	for i, w := range now {
		switch {
		case err == nil:
			w.out, w.err = out[i], nil
		case len(now) == 1 || ctx.Err() != nil:
			w.err = err
		default:
			alone, failed := g.run(ctx, all[i:i+1])
			if w.err = failed; failed == nil {
				w.out = alone[0]
			}
		}
	}
}

// together is a context that ends when all of a group's have ended: one that gives up takes
// nothing from the others.
func together[In, Out any](all []*wish[In, Out]) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(all[0].ctx))
	var left atomic.Int64
	left.Store(int64(len(all)))
	stops := make([]func() bool, len(all))
	for i, w := range all {
		stops[i] = context.AfterFunc(w.ctx, func() {
			if left.Add(-1) == 0 {
				cancel(context.Cause(w.ctx))
			}
		})
	}
	return ctx, func(cause error) {
		for _, stop := range stops {
			stop()
		}
		cancel(cause)
	}
}
