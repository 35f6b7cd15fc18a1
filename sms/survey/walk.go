package survey

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Drift is how Redis compares with SQL. Redis is away, or was emptied, while Warm is
// false; the rest was found by the last whole walk, which has repaired it.
type Drift struct {
	Warm     bool      // at the last look all windows were known
	Waiting  int       // settlements that SQL had not taken then
	At       time.Time // when the last whole walk ended; zero until there was one
	SQL      int       // open windows it saw in SQL
	Redis    int       // and in Redis
	Missing  int       // open in SQL and not in Redis: added
	Ended    int       // open in SQL and ended in Redis, at two walks in a row: opened again
	Stale    int       // open in Redis and not in SQL: ended
	Repaired uint64    // all of these since the program began
}

// Differing is how many windows the last whole walk had to repair.
func (d Drift) Differing() int { return d.Missing + d.Ended + d.Stale }

// drifting is a Drift that others may ask for.
type drifting struct {
	mu  sync.Mutex
	now Drift
}

// Drift says how Redis compares with SQL, as far as Run on this controller has seen.
func (w *Windows) Drift() Drift {
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	return w.seen.now
}

// note remembers what a look has found and says whether every bucket is warm.
func (w *Windows) note(all []work) (warm bool) {
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	d := &w.seen.now
	d.Warm, d.Waiting = len(all) > 0, 0
	for _, b := range all {
		d.Warm = d.Warm && b.warm
		d.Waiting += int(b.backlog)
	}
	return d.Warm
}

// The walk compares walkPage windows, pauses for walkPause, and goes on; after the last
// it rests for as long as Run does. A million takes an hour and little of anybody's time.
// What was opened a moment ago may be on its way to Redis yet.
const (
	walkPage    = 500
	walkPause   = time.Second
	justOpened  = time.Minute
	suspectMost = 10_000
)

// walk is how far Run has come in comparing SQL's windows with Redis's: first all of
// SQL's, then all of Redis's.
type walk struct {
	next     time.Time // when to go on
	inRedis  bool      // SQL's are done
	last     Window    // the last of SQL's
	bucket   int       // of Redis
	cursor   uint64    // in the bucket
	found    Drift
	suspects map[string]bool // open in SQL and ended in Redis, this time
	before   map[string]bool // and the last time
}

// goOnWalking compares one page, if its time has come, and says how long Run may pause
// who wanted to pause for that long.
func (w *Windows) goOnWalking(ctx context.Context, src Source, pause time.Duration) (time.Duration, error) {
	now := w.cfg.Now()
	if wait := w.walk.next.Sub(now); wait > 0 && wait <= w.cfg.Sleep { // longer: the clock was set back
		return min(pause, wait), nil
	}
	done, err := w.walkOn(ctx, src)
	if err != nil {
		return 0, fmt.Errorf("compare survey windows: %w", err)
	}
	rest := min(walkPause, w.cfg.Sleep)
	if done {
		rest = w.cfg.Sleep
	}
	w.walk.next = now.Add(rest)
	return min(pause, rest), nil
}

// walkOn compares one page and says whether it was the last.
func (w *Windows) walkOn(ctx context.Context, src Source) (done bool, err error) {
	k := &w.walk
	if !k.inRedis {
		page, err := src.OpenWindows(ctx, k.last, walkPage)
		if err != nil {
			return false, err
		}
		if err := w.compare(ctx, page); err != nil {
			return false, err
		}
		if k.inRedis = len(page) < walkPage; !k.inRedis {
			k.last = page[len(page)-1]
		}
		return false, nil
	}
	for seen := 0; seen < walkPage; {
		if k.bucket == buckets {
			w.walked()
			return true, nil
		}
		n, err := w.weed(ctx, src)
		if err != nil {
			return false, err
		}
		seen += n
	}
	return false, nil
}

// walked ends a walk and makes the next one begin.
func (w *Windows) walked() {
	found := w.walk.found
	w.walk = walk{before: w.walk.suspects}
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	d := &w.seen.now
	found.Warm, found.Waiting, found.At = d.Warm, d.Waiting, w.cfg.Now()
	found.Repaired = d.Repaired + uint64(found.Differing())
	if *d = found; found.Differing() > 0 {
		w.cfg.Log.Warn("survey windows repaired from SQL", "missing", found.Missing, "ended", found.Ended, "stale", found.Stale)
	}
}

// compare adds to Redis what SQL has open. One that Redis has ended may be on its way to
// SQL, as an answer or as a settlement: it is opened again when it is found so twice, and
// not when it is over, since it would only end again.
func (w *Windows) compare(ctx context.Context, page []Window) error {
	k := &w.walk
	limit, cancel := w.unhurried(ctx)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	packed := make([]*redis.SliceCmd, len(page))
	for i, win := range page {
		packed[i] = pipe.HMGet(limit, w.place(win.Phone).windows, win.ID)
	}
	if len(page) > 0 {
		if _, err := pipe.Exec(limit); err != nil {
			return err
		}
	}
	now := w.cfg.Now()
	var missing, ended []Window
	for i, win := range page {
		text, there := packed[i].Val()[0].(string)
		switch {
		case !there && now.Sub(win.OpenedAt) < justOpened:
		case !there:
			missing = append(missing, win)
		case text[:1] == stateOpen || Over(now, win.Deadline):
		case k.before[win.ID]:
			ended = append(ended, win)
		case len(k.suspects) < suspectMost:
			if k.suspects == nil {
				k.suspects = map[string]bool{}
			}
			k.suspects[win.ID] = true
		}
	}
	added, err := w.put(ctx, "", "", missing)
	k.found.Missing += added
	if err != nil {
		return err
	}
	again, err := w.put(ctx, "", "again", ended)
	k.found.Ended += again
	k.found.SQL += len(page)
	return err
}

// weed ends what is open in a part of one bucket of Redis and not in SQL, and goes on to
// the next part. It says how many phones it looked at.
func (w *Windows) weed(ctx context.Context, src Source) (seen int, err error) {
	k := &w.walk
	b := w.bucket(k.bucket)
	limit, cancel := w.unhurried(ctx)
	defer cancel()
	phones, cursor, err := w.cfg.Redis.ZScan(limit, b.due, k.cursor, "", walkPage).Result() // phone, score, phone, score ...
	if err != nil {
		return 0, err
	}
	if len(phones) > 0 {
		if err := w.weedPhones(ctx, src, b, phones); err != nil {
			return 0, err
		}
	}
	if k.cursor = cursor; cursor == 0 {
		k.bucket++
	}
	return len(phones) / 2, nil
}

// weedPhones does so for some phones, each with a score behind it.
func (w *Windows) weedPhones(ctx context.Context, src Source, b bucket, phones []string) error {
	limit, cancel := w.unhurried(ctx)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	hashes := make([]*redis.MapStringStringCmd, 0, len(phones)/2)
	for i := 0; i < len(phones); i += 2 {
		hashes = append(hashes, pipe.HGetAll(limit, b.hash(phones[i])))
	}
	if _, err := pipe.Exec(limit); err != nil {
		return err
	}
	var open []string
	keyOf := map[string]string{}
	for i, h := range hashes {
		for id, packed := range h.Val() {
			if packed[:1] == stateOpen {
				open, keyOf[id] = append(open, id), b.hash(phones[2*i])
			}
		}
	}
	w.walk.found.Redis += len(open)
	if len(open) == 0 {
		return nil
	}
	closed, err := src.Closed(ctx, open)
	if err != nil || len(closed) == 0 {
		return err
	}
	end := &call{closeScript, []string{b.due}, []any{w.cfg.Now().Unix(), secondsOf(w.cfg.Retain)}}
	for _, id := range closed {
		end.keys = append(end.keys, keyOf[id])
		end.args = append(end.args, len(end.keys), id)
	}
	said, err := w.runAll(ctx, []*call{end})
	w.walk.found.Stale += said[0]
	return err
}
