package survey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Source is the record that windows are rebuilt from and compared with; SQL implements it.
type Source interface {
	// OpenWindows lists at most limit of the surveys that are open, by deadline and id,
	// those after a given one; the zero Window comes before all.
	OpenWindows(ctx context.Context, after Window, limit int) ([]Window, error)
	// Closed says which of these surveys are not open: settled, or not there at all.
	Closed(ctx context.Context, ids []string) ([]string, error)
}

// loadPage is how many windows a rebuild reads at once. loadingFor is how long one that
// died, or whose SQL hangs, keeps others from trying; SQL judges meanwhile.
const (
	loadPage   = 5000
	loadingFor = 30 * time.Second
)

// Rebuild fills cold buckets from SQL and makes them warm, page by page, so that its
// memory is bounded. It sends nothing and shortens no deadline. What ended before Redis
// was lost is not filled in: late answers to it are SQL's to know. It fails with ErrCold
// when somebody else is rebuilding, or when Redis was emptied meanwhile: try again.
//
// SQL is read after the buckets are marked, and Open writes to cold buckets as well: so
// a window that opens during the rebuild is in one of the two. Two rebuilds at once, when
// a mark has run out, only add the same windows.
func (w *Windows) Rebuild(ctx context.Context, src Source) error {
	token := rand.Text()
	cold, busy, err := w.begin(ctx, token)
	if err != nil {
		return fmt.Errorf("begin rebuilding survey windows: %w", err)
	}
	if len(cold) > 0 {
		added, err := w.load(ctx, src, cold, token)
		if err == nil {
			err = w.ready(ctx, cold, token)
		}
		if err != nil {
			return errors.Join(err, w.giveUp(ctx, cold, token))
		}
		w.cfg.Log.InfoContext(ctx, "survey windows rebuilt from SQL", "windows", added, "buckets", len(cold))
	}
	if busy {
		return fmt.Errorf("%w: another controller is rebuilding them", ErrCold)
	}
	return nil
}

// begin marks the cold buckets as ours; busy says that somebody else has some.
func (w *Windows) begin(ctx context.Context, token string) (cold map[int]bool, busy bool, err error) {
	all, err := w.look(ctx)
	if err != nil {
		return nil, false, err
	}
	ctx, cancel := w.unhurried(ctx)
	defer cancel()
	marks := map[int]*redis.BoolCmd{}
	pipe := w.cfg.Redis.Pipeline()
	for _, b := range all {
		if !b.warm {
			marks[b.number] = pipe.SetNX(ctx, b.loading, token, loadingFor)
		}
	}
	if len(marks) > 0 {
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, false, err
		}
	}
	cold = map[int]bool{}
	for n, mark := range marks {
		if mark.Val() {
			cold[n] = true
		} else {
			busy = true
		}
	}
	return cold, busy, nil
}

// load adds the windows of the cold buckets, and says how many were not there.
func (w *Windows) load(ctx context.Context, src Source, cold map[int]bool, token string) (added int, err error) {
	var last Window
	for {
		page, err := src.OpenWindows(ctx, last, loadPage)
		if err != nil {
			return added, fmt.Errorf("list open surveys: %w", err)
		}
		if len(page) > 0 {
			last = page[len(page)-1]
		}
		var here []Window
		for _, win := range page {
			if cold[w.place(win.Phone).number] {
				here = append(here, win)
			}
		}
		n, err := w.put(ctx, token, "", here)
		if added += n; err != nil {
			return added, fmt.Errorf("load survey windows: %w", err)
		}
		if len(page) < loadPage {
			return added, nil
		}
		if err := w.onAll(ctx, cold, func(pipe redis.Pipeliner, b bucket) { pipe.PExpire(ctx, b.loading, loadingFor) }); err != nil {
			return added, fmt.Errorf("go on rebuilding survey windows: %w", err)
		}
	}
}

// put adds windows, one script for each bucket in one round trip, and says how many were
// not open there. A bad one must not keep the others out; SQL's own sweep settles it.
func (w *Windows) put(ctx context.Context, token, again string, windows []Window) (added int, err error) {
	byBucket := map[int]*call{}
	var calls []*call
	for _, win := range windows {
		packed, err := pack(win)
		if err != nil {
			w.cfg.Log.ErrorContext(ctx, "survey window left out", "survey", win.ID, "err", err)
			continue
		}
		p := w.place(win.Phone)
		c := byBucket[p.number]
		if c == nil {
			c = &call{putScript, []string{p.due, p.loading}, []any{token, again}}
			byBucket[p.number], calls = c, append(calls, c)
		}
		c.keys = append(c.keys, p.windows)
		c.args = append(c.args, len(c.keys), win.ID, packed)
	}
	said, err := w.runAll(ctx, calls)
	for _, n := range said {
		added += n
	}
	return added, err
}

// ready makes buckets warm.
func (w *Windows) ready(ctx context.Context, cold map[int]bool, token string) error {
	var calls []*call
	for n := range cold {
		b := w.bucket(n)
		calls = append(calls, &call{readyScript, []string{b.loading, b.epoch}, []any{token}})
	}
	if _, err := w.runAll(ctx, calls); err != nil {
		return fmt.Errorf("finish rebuilding survey windows: %w", err)
	}
	return nil
}

// giveUp lets the next rebuild start at once instead of after loadingFor.
func (w *Windows) giveUp(ctx context.Context, cold map[int]bool, token string) error {
	var calls []*call
	for n := range cold {
		calls = append(calls, &call{giveUpScript, []string{w.bucket(n).loading}, []any{token}})
	}
	_, err := w.runAll(context.WithoutCancel(ctx), calls)
	return err
}

// onAll does something with each of some buckets in one round trip.
func (w *Windows) onAll(ctx context.Context, some map[int]bool, do func(redis.Pipeliner, bucket)) error {
	ctx, cancel := w.unhurried(ctx)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	for n := range some {
		do(pipe, w.bucket(n))
	}
	_, err := pipe.Exec(ctx)
	return err
}
