package survey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Source is the record that windows are rebuilt from; SQL implements it.
type Source interface {
	// OpenWindows lists every window that is open, and should list those settled in
	// the last 7 days as Settled, so that late answers to them are known as late.
	OpenWindows(ctx context.Context) ([]Window, error)
}

// loadingFor is how long a crashed rebuild keeps others from trying; a rebuild that
// takes longer starts again. SQL judges meanwhile.
const loadingFor = 5 * time.Minute

// Rebuild fills cold buckets from SQL and makes them warm; warm ones only get what
// they lack. It sends nothing and shortens no deadline. It fails with ErrCold when
// somebody else is rebuilding, or when Redis was emptied meanwhile: try again.
//
// The source is read after the buckets are marked, and Open writes to cold buckets
// as well: so a window that opens during the rebuild is in one of the two.
func (w *Windows) Rebuild(ctx context.Context, src Source) error {
	token := rand.Text()
	cold, busy, err := w.begin(ctx, token)
	if err != nil {
		return fmt.Errorf("begin rebuilding survey windows: %w", err)
	}
	windows, err := src.OpenWindows(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("list open surveys: %w", err), w.giveUp(ctx, cold))
	}
	if err := w.load(ctx, cold, token, windows); err != nil {
		return errors.Join(fmt.Errorf("load survey windows: %w", err), w.giveUp(ctx, cold))
	}
	for b := range cold {
		if err := w.ready(ctx, b, token); err != nil {
			return fmt.Errorf("finish rebuilding survey windows: %w", err)
		}
	}
	if busy {
		return fmt.Errorf("%w: another controller is rebuilding them", ErrCold)
	}
	if len(cold) > 0 {
		w.cfg.Log.InfoContext(ctx, "survey windows rebuilt from SQL", "windows", len(windows), "buckets", len(cold))
	}
	return nil
}

// begin marks the cold buckets as ours; busy says that somebody else has some.
func (w *Windows) begin(ctx context.Context, token string) (cold map[int]bool, busy bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	epochs := make([]*redis.IntCmd, buckets)
	for b := range buckets {
		epochs[b] = pipe.Exists(ctx, w.bucket(b).epoch)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, false, err
	}
	marks := map[int]*redis.BoolCmd{}
	pipe = w.cfg.Redis.Pipeline()
	for b := range buckets {
		if epochs[b].Val() == 0 {
			marks[b] = pipe.SetNX(ctx, w.bucket(b).loading, token, loadingFor)
		}
	}
	if len(marks) > 0 {
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, false, err
		}
	}
	cold = map[int]bool{}
	for b, mark := range marks {
		if mark.Val() {
			cold[b] = true
		} else {
			busy = true
		}
	}
	return cold, busy, nil
}

// load adds the windows phone by phone.
func (w *Windows) load(ctx context.Context, cold map[int]bool, token string, windows []Window) error {
	byPhone := map[string][]Window{}
	for _, win := range windows {
		byPhone[win.Phone] = append(byPhone[win.Phone], win)
	}
	for phone, wins := range byPhone {
		p := w.place(phone)
		var pairs []string
		for _, win := range wins {
			packed, err := pack(win)
			if err != nil {
				// One bad row must not keep all windows cold; SQL's own sweep settles it.
				w.cfg.Log.ErrorContext(ctx, "survey window left out", "survey", win.ID, "err", err)
				continue
			}
			pairs = append(pairs, win.ID, packed)
			if err := w.cfg.Redis.Set(ctx, w.index(win.ID), p.phone, w.untilForgotten(win)).Err(); err != nil {
				return err
			}
		}
		if len(pairs) == 0 {
			continue
		}
		held := ""
		if cold[p.bucket] {
			held = token
		}
		if err := w.put(ctx, p, held, pairs); err != nil {
			return err
		}
	}
	return nil
}

// put adds windows of one phone; pairs are id, packed, id, packed ...
func (w *Windows) put(ctx context.Context, p place, token string, pairs []string) error {
	args := []any{p.phone, token, w.cfg.Now().UnixMilli(), w.cfg.Retain.Milliseconds()}
	for _, s := range pairs {
		args = append(args, s)
	}
	return coldOr(putScript.Run(ctx, w.cfg.Redis, []string{p.windows, p.due, p.loading}, args...).Err())
}

func (w *Windows) ready(ctx context.Context, bucket int, token string) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	p := w.bucket(bucket)
	return coldOr(readyScript.Run(ctx, w.cfg.Redis, []string{p.loading, p.epoch}, token).Err())
}

// giveUp lets the next rebuild start at once instead of after loadingFor.
func (w *Windows) giveUp(ctx context.Context, cold map[int]bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.cfg.Timeout)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	for b := range cold {
		pipe.Del(ctx, w.bucket(b).loading)
	}
	if len(cold) == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return err
}
