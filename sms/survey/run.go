package survey

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sink takes the proposals of ended windows; dispatch implements it over SQL.
type Sink interface {
	// Settle applies a settlement if the survey is not settled yet; that it was is not an error.
	Settle(ctx context.Context, s Settlement) error
}

// Bounds of Run's pauses.
const (
	retryFirst = 200 * time.Millisecond
	retryMost  = 10 * time.Second
	batch      = 200
)

// Run keeps Redis filled and settles windows as they end, until ctx is done. Any
// number of controllers may run it on one Redis: SQL applies each settlement once.
// It never fails for Redis or SQL being away; it tries again, slower and slower up
// to 10 s, and says so in the log once per change.
func (w *Windows) Run(ctx context.Context, src Source, sink Sink) error {
	retry, failing := retryFirst, ""
	for {
		pause, err := w.Step(ctx, src, sink)
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

// Step is one round of Run: rebuild what is cold, settle what has ended, and say how
// long there is nothing to do.
func (w *Windows) Step(ctx context.Context, src Source, sink Sink) (pause time.Duration, err error) {
	_, warm, err := w.next(ctx)
	if err != nil {
		return 0, err
	}
	if !warm {
		if err := w.Rebuild(ctx, src); err != nil {
			return 0, err
		}
	}
	for {
		n, err := w.settle(ctx, sink)
		if err != nil {
			return 0, err
		}
		if n < batch {
			break
		}
	}
	deadline, _, err := w.next(ctx)
	if err != nil {
		return 0, err
	}
	return w.pause(deadline), nil
}

// settle hands one batch to the sink. A settlement that fails stays proposed; the
// others of the batch are not held up by it.
func (w *Windows) settle(ctx context.Context, sink Sink) (int, error) {
	due, err := w.Due(ctx, w.endOfArrivals(), batch)
	if err != nil {
		return 0, err
	}
	var failed error
	done := make([]string, 0, len(due))
	for _, s := range due {
		if err := sink.Settle(ctx, s); err != nil {
			failed = errors.Join(failed, fmt.Errorf("settle survey %s: %w", s.SurveyID, err))
			continue
		}
		done = append(done, s.SurveyID)
	}
	return len(due), errors.Join(failed, w.Confirm(ctx, done))
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
func (w *Windows) pause(deadline time.Time) time.Duration {
	if deadline.IsZero() {
		return w.cfg.Sleep
	}
	over := deadline.Truncate(time.Second).Add(time.Second)
	return min(max(over.Sub(w.cfg.Now()), time.Second), w.cfg.Sleep)
}
