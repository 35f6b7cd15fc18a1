package asterisk

import (
	"context"
	"sync"
)

// errands is what a Switch does beside its calls, such as to hang up a leg that did not
// hang up at once. None of it outlives Run, and what can wait for long ends with it.
type errands struct {
	mu    sync.Mutex
	going sync.WaitGroup
	ctx   context.Context
	end   context.CancelFunc
}

func newErrands() *errands {
	e := &errands{}
	e.ctx, e.end = context.WithCancel(context.Background())
	return e
}

// run does it in a goroutine of its own; not at all once the Switch has ended.
func (e *errands) run(do func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() == nil {
		e.going.Go(do)
	}
}

// close ends them and waits until they have.
func (e *errands) close() {
	e.mu.Lock()
	e.end()
	e.mu.Unlock()
	e.going.Wait()
}
