package ivr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/dispatch"
)

// Budgets of what a call asks of others. They are short where a caller listens and
// long where nobody waits.
const (
	budgetCaller = 3 * time.Second  // somebody on the phone waits for it
	budgetRecord = 10 * time.Second // the call is over, its goroutine is not
	budgetHangup = 5 * time.Second
)

// retries are the pauses before a write that failed is tried again in the background.
// Their sum is longer than a restart of a database.
var retries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// errBudget ends a context whose time is up.
var errBudget = errors.New("took longer than its budget")

// within runs f and waits for it no longer than its budget, on the injected clock. An
// f that does not heed its context is left behind; its result is lost.
func within[T any](r *Runner, budget time.Duration, f func(context.Context) (T, error)) (T, error) {
	return withinOf(context.Background(), r, budget, f)
}

// whileHere is within for what a caller listens for: it ends when the caller hangs up
// or presses the emergency key.
func whileHere[T any](v *visit, budget time.Duration, f func(context.Context) (T, error)) (T, error) {
	return withinOf(v.live, v.r, budget, f)
}

func withinOf[T any](ctx context.Context, r *Runner, budget time.Duration, f func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := r.cfg.Clock.AfterFunc(budget, func() { cancel(errBudget) })
	defer cancel(nil)
	defer stop()
	done := make(chan result, 1)
	go func() {
		var got result
		defer func() {
			if p := recover(); p != nil {
				got.err = fmt.Errorf("panic: %v", p)
			}
			done <- got
		}()
		got.value, got.err = f(ctx)
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// errand does f, which must be safe to repeat, until it succeeds or all retries are
// used up. Only the first try is waited for. What is kept on disk needs no retries of
// ours: it is written from there.
func (r *Runner) errand(what string, f func(context.Context) error) error {
	try := func() error {
		_, err := within(r, budgetRecord, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) })
		return err
	}
	err := try()
	if err == nil {
		return nil
	}
	if errors.Is(err, dispatch.ErrKept) {
		r.cfg.Log.Warn("kept on disk, written later", "what", what, "err", err)
		return err
	}
	r.cfg.Log.Warn("not written yet, trying again in the background", "what", what, "err", err)
	r.errands.Go(func() {
		var err error
		for _, pause := range retries {
			r.pause(pause)
			if err = try(); err == nil || errors.Is(err, dispatch.ErrKept) {
				r.cfg.Log.Info("written at last", "what", what, "kept", err != nil)
				return
			}
		}
		r.cfg.Observe(Happening{What: "unsaved", Outcome: what})
		r.cfg.Log.Error("given up writing", "what", what, "err", err)
	})
	return err
}

// pause waits on the injected clock.
func (r *Runner) pause(d time.Duration) {
	done := make(chan struct{})
	r.cfg.Clock.AfterFunc(d, func() { close(done) })
	<-done
}
