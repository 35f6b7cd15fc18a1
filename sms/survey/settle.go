package survey

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Sink takes how windows ended; dispatch implements it over SQL.
type Sink interface {
	// SettleAll applies settlements to surveys that are not settled yet; that one was is
	// not an error. It names the surveys that cannot be settled yet and have to be offered
	// again, or fails and has then taken none. It gets at most 200 at once.
	SettleAll(ctx context.Context, all []Settlement) (later []string, err error)
}

// How settlements are read. All controllers read under one name: what matters of an entry
// is not who took it but when. One that nobody acknowledged in claimAfter is taken over,
// since who took it may be dead; taking it too early only asks SQL twice.
const (
	batch      = 200
	group      = "settle"
	reader     = "controller"
	claimAfter = 30 * time.Second
)

// work is what there is to do in one bucket.
type work struct {
	bucket
	warm    bool
	next    time.Time // the first deadline; zero when there is no open window
	backlog int64     // settlements that SQL has not taken
}

// look asks all buckets in one round trip what there is to do.
func (w *Windows) look(ctx context.Context) ([]work, error) {
	ctx, cancel := w.unhurried(ctx)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	epochs := make([]*redis.IntCmd, buckets)
	first := make([]*redis.ZSliceCmd, buckets)
	backlog := make([]*redis.IntCmd, buckets)
	for n := range buckets {
		b := w.bucket(n)
		epochs[n] = pipe.Exists(ctx, b.epoch)
		first[n] = pipe.ZRangeWithScores(ctx, b.due, 0, 0)
		backlog[n] = pipe.XLen(ctx, b.settlements)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("look at the survey windows: %w", err)
	}
	all := make([]work, buckets)
	for n := range buckets {
		all[n] = work{bucket: w.bucket(n), warm: epochs[n].Val() == 1, backlog: backlog[n].Val()}
		for _, z := range first[n].Val() {
			all[n].next = time.Unix(int64(z.Score), 0)
		}
	}
	return all, nil
}

// settle settles what there is to settle, one bucket after the other, and returns how
// many settlements it took into its hands. Controllers begin anywhere, so that several
// seldom meet in a bucket; where they do, each entry is still one's.
func (w *Windows) settle(ctx context.Context, all []work, sink Sink) (taken int, err error) {
	before := w.endOfArrivals()
	for i, from := 0, rand.IntN(buckets); i < buckets; i++ {
		b := all[(from+i)%buckets]
		if !b.warm || b.backlog == 0 && (b.next.IsZero() || b.next.Unix() >= before.Unix()) {
			continue
		}
		n, err := w.settleBucket(ctx, b.bucket, before, sink)
		if taken += n; err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// settleBucket empties one bucket of what was over before a moment, not in its second.
// It ends no more windows than SQL takes.
func (w *Windows) settleBucket(ctx context.Context, b bucket, before time.Time, sink Sink) (taken int, err error) {
	for {
		ended, err := w.expire(ctx, b, before)
		if err != nil {
			return taken, err
		}
		entries, err := w.read(ctx, b)
		if err != nil {
			return taken, err
		}
		taken += len(entries)
		if err := w.hand(ctx, b, entries, sink); err != nil {
			return taken, err
		}
		if ended == 0 && len(entries) < batch {
			return taken, nil
		}
	}
}

// expire ends windows of one bucket that are over, at most a batch of phones.
func (w *Windows) expire(ctx context.Context, b bucket, before time.Time) (ended int, err error) {
	ctx, cancel := w.unhurried(ctx)
	defer cancel()
	phones, err := w.cfg.Redis.ZRangeByScore(ctx, b.due, &redis.ZRangeBy{Min: "-inf",
		Max: "(" + seconds(before), Count: batch}).Result()
	if err != nil {
		return 0, fmt.Errorf("look for ended survey windows: %w", err)
	}
	if len(phones) == 0 {
		return 0, nil
	}
	keys := []string{b.epoch, b.due, b.settlements}
	for _, phone := range phones {
		keys = append(keys, b.hash(phone))
	}
	ended, err = expireScript.Run(ctx, w.cfg.Redis, keys, before.Unix(), w.cfg.Now().Unix(), secondsOf(w.cfg.Retain)).Int()
	if err != nil {
		return 0, fmt.Errorf("end survey windows: %w", coldOr(err))
	}
	return ended, nil
}

// read takes settlements that nobody has taken yet.
func (w *Windows) read(ctx context.Context, b bucket) ([]redis.XMessage, error) {
	ctx, cancel := w.unhurried(ctx)
	defer cancel()
	streams, err := w.cfg.Redis.XReadGroup(ctx, &redis.XReadGroupArgs{Group: group, Consumer: reader,
		Streams: []string{b.settlements, ">"}, Count: batch, Block: -1}).Result()
	if errors.Is(err, redis.Nil) || redis.HasErrorPrefix(err, "NOGROUP") {
		return nil, nil // nothing there, or not even the stream
	}
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	return streams[0].Messages, nil
}

// claim takes over settlements that somebody took and did not acknowledge, each at most
// once, in all buckets that have a backlog, and hands them to the sink.
func (w *Windows) claim(ctx context.Context, all []work, sink Sink) error {
	for _, b := range all {
		for from := "0-0"; b.warm && b.backlog > 0; {
			entries, next, err := w.cfg.Redis.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: b.settlements, Group: group,
				Consumer: reader, MinIdle: claimAfter, Start: from, Count: batch}).Result()
			if err != nil && !redis.HasErrorPrefix(err, "NOGROUP") {
				return fmt.Errorf("take over settlements: %w", err)
			}
			if err := w.hand(ctx, b.bucket, entries, sink); err != nil {
				return err
			}
			if from = next; next == "0-0" || next == "" {
				break
			}
		}
	}
	return nil
}

// hand gives settlements to the sink and acknowledges those it took. The others may be
// claimed by anybody from the next step on.
func (w *Windows) hand(ctx context.Context, b bucket, entries []redis.XMessage, sink Sink) error {
	if len(entries) == 0 {
		return nil
	}
	var all []Settlement
	var took, left []any
	entryOf := map[string]any{}
	for _, e := range entries {
		text, _ := e.Values["s"].(string)
		s, err := readEntry(text)
		if err != nil { // nobody will ever understand it
			w.cfg.Log.ErrorContext(ctx, "settlement left out", "entry", e.ID, "err", err)
			took = append(took, e.ID)
			continue
		}
		if other := entryOf[s.SurveyID]; other != nil { // written again by a walk; one is enough
			took = append(took, e.ID)
			continue
		}
		all, entryOf[s.SurveyID] = append(all, s), e.ID
	}
	later, err := sink.SettleAll(ctx, all)
	for _, s := range all {
		if err != nil || slices.Contains(later, s.SurveyID) {
			left = append(left, entryOf[s.SurveyID])
		} else {
			took = append(took, entryOf[s.SurveyID])
		}
	}
	if err != nil {
		err = fmt.Errorf("settle %d surveys: %w", len(all), err)
	}
	return errors.Join(err, w.acknowledge(ctx, b, took), w.release(ctx, b, left))
}

// acknowledge forgets settlements that SQL has.
func (w *Windows) acknowledge(ctx context.Context, b bucket, entries []any) error {
	if len(entries) == 0 {
		return nil
	}
	ctx, cancel := w.unhurried(context.WithoutCancel(ctx)) // SQL has them: stopping now would only ask it again
	defer cancel()
	if err := ackScript.Run(ctx, w.cfg.Redis, []string{b.settlements}, entries...).Err(); err != nil {
		return fmt.Errorf("acknowledge settlements: %w", err)
	}
	return nil
}

// release lets settlements that SQL did not take look as if they had been taken long
// ago, so that whoever steps next offers them again.
func (w *Windows) release(ctx context.Context, b bucket, entries []any) error {
	if len(entries) == 0 {
		return nil
	}
	ctx, cancel := w.unhurried(context.WithoutCancel(ctx))
	defer cancel()
	args := append([]any{"XCLAIM", b.settlements, group, reader, "0"}, entries...)
	args = append(args, "IDLE", strconv.FormatInt(claimAfter.Milliseconds(), 10), "JUSTID")
	if err := w.cfg.Redis.Do(ctx, args...).Err(); err != nil {
		return fmt.Errorf("release settlements: %w", err)
	}
	return nil
}
