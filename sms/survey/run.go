package survey

import (
	"context"
	"errors"
	"time"
)

// Bounds of Run's pauses.
const (
	retryFirst = 200 * time.Millisecond
	retryMost  = 10 * time.Second
)

// Run keeps Redis filled, settles windows as they end, and walks, until ctx is done. Any
// number of controllers may run it on one Redis: SQL applies each settlement once. Each
// Windows is run once. It never fails for Redis or SQL being away; it tries again, slower
// and slower up to 10 s, and says so in the log once per change.
func (w *Windows) Run(ctx context.Context, src Source, sink Sink) error {
	retry, failing := retryFirst, ""
	for {
		pause, err := w.Step(ctx, src, sink)
		if err == nil {
			pause, err = w.goOnWalking(ctx, src, pause)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			if failing != err.Error() {
				w.cfg.Log.WarnContext(ctx, "survey windows wait", "err", err)
			}
			failing, pause = err.Error(), retry
			retry = min(retry*2, retryMost)
		} else {
			if failing != "" {
				w.cfg.Log.InfoContext(ctx, "survey windows work again")
			}
			retry, failing = retryFirst, ""
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		case <-w.cfg.After(pause):
		}
	}
}

// Step is one round of Run without its walk: rebuild what is cold, settle what has ended,
// and say how long there is nothing to do. What is warm is settled even where something
// else is cold.
func (w *Windows) Step(ctx context.Context, src Source, sink Sink) (pause time.Duration, err error) {
	all, err := w.look(ctx)
	if err != nil {
		w.note(nil)
		return 0, err
	}
	var cold error
	if !w.note(all) {
		cold = w.Rebuild(ctx, src)
	}
	cold = errors.Join(cold, w.claim(ctx, all, sink)) // what nobody can take keeps no other waiting
	for {
		if all, err = w.look(ctx); err != nil {
			return 0, errors.Join(cold, err)
		}
		taken, err := w.settle(ctx, all, sink)
		if err != nil {
			return 0, errors.Join(cold, err)
		}
		if taken == 0 {
			w.note(all)
			return w.pause(all), cold
		}
	}
}

// endOfArrivals is the moment before which every text has arrived: an outage of the
// carrier must not turn answers that are stuck there into "unrated". It is bounded,
// so that a link that never comes back does not keep windows open for ever.
func (w *Windows) endOfArrivals() time.Time {
	now := w.cfg.Now()
	upTo := w.cfg.UpTo()
	if oldest := now.Add(-w.cfg.Hold); upTo.Before(oldest) {
		upTo = oldest
	}
	if upTo.After(now) {
		return now
	}
	return upTo
}

// pause lasts until the next window is over, which is one second after its
// deadline's own; at most Sleep, so that a cold Redis is noticed.
func (w *Windows) pause(all []work) time.Duration {
	pause := w.cfg.Sleep
	for _, b := range all {
		if !b.next.IsZero() {
			pause = min(pause, b.next.Add(time.Second).Sub(w.cfg.Now()))
		}
	}
	return max(pause, time.Second)
}
