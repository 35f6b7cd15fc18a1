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

// entry is one settlement in the stream of its bucket.
type entry struct {
	bucket
	id string
	Settlement
}

// settle settles what was over before the end of arrivals, not in its second, and returns
// how many settlements it took into its hands. Controllers begin anywhere, so that several
// seldom meet in a bucket; where they do, each entry is still one's. What the buckets have
// is put together for SQL, and no more windows end than SQL takes.
func (w *Windows) settle(ctx context.Context, all []work, sink Sink) (taken int, err error) {
	before := w.endOfArrivals()
	var held []entry
	for i, from := 0, rand.IntN(buckets); i < buckets; i++ {
		b := all[(from+i)%buckets]
		more := b.warm && (b.backlog > 0 || !b.next.IsZero() && b.next.Unix() < before.Unix())
		for more {
			ended, err := w.expire(ctx, b.bucket, before)
			if err != nil {
				return taken, errors.Join(err, w.release(ctx, held))
			}
			entries, err := w.read(ctx, b.bucket)
			if err != nil {
				return taken, errors.Join(err, w.release(ctx, held))
			}
			taken += len(entries)
			if held, err = w.hand(ctx, append(held, entries...), batch, sink); err != nil {
				return taken, err
			}
			more = ended > 0 || len(entries) == batch
		}
	}
	_, err = w.hand(ctx, held, 1, sink)
	return taken, err
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
func (w *Windows) read(ctx context.Context, b bucket) ([]entry, error) {
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
	return w.entries(b, streams[0].Messages), nil
}

// entries reads what a stream has. What nobody will ever understand is left with no survey
// to settle, and acknowledged with the others.
func (w *Windows) entries(b bucket, messages []redis.XMessage) []entry {
	all := make([]entry, len(messages))
	for i, m := range messages {
		text, _ := m.Values["s"].(string)
		s, err := readEntry(text)
		if err != nil {
			w.cfg.Log.Error("settlement left out", "entry", m.ID, "err", err)
		}
		all[i] = entry{b, m.ID, s}
	}
	return all
}

// claim takes over settlements that somebody took and did not acknowledge, each at most
// once, in all buckets that have a backlog, and hands them to the sink.
func (w *Windows) claim(ctx context.Context, all []work, sink Sink) error {
	var held []entry
	for _, b := range all {
		for from := "0-0"; b.warm && b.backlog > 0; {
			messages, next, err := w.cfg.Redis.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: b.settlements, Group: group,
				Consumer: reader, MinIdle: claimAfter, Start: from, Count: batch}).Result()
			if err != nil && !redis.HasErrorPrefix(err, "NOGROUP") {
				return errors.Join(fmt.Errorf("take over settlements: %w", err), w.release(ctx, held))
			}
			if held, err = w.hand(ctx, append(held, w.entries(b.bucket, messages)...), batch, sink); err != nil {
				return err
			}
			if from = next; next == "0-0" || next == "" {
				break
			}
		}
	}
	_, err := w.hand(ctx, held, 1, sink)
	return err
}

// hand gives settlements to the sink, a batch at once, while there are at least so many,
// and returns the rest. When the sink fails everybody may claim all of them.
func (w *Windows) hand(ctx context.Context, held []entry, least int, sink Sink) ([]entry, error) {
	for len(held) >= least && len(held) > 0 {
		n := min(batch, len(held))
		if err := w.handBatch(ctx, held[:n], sink); err != nil {
			return nil, errors.Join(err, w.release(ctx, held[n:]))
		}
		held = held[n:]
	}
	return held, nil
}

// handBatch acknowledges what the sink took. The others may be claimed by anybody from the
// next step on.
func (w *Windows) handBatch(ctx context.Context, held []entry, sink Sink) error {
	var all []Settlement
	var took, left []entry
	seen := map[string]bool{"": true} // a walk may have written one again
	for _, e := range held {
		if !seen[e.SurveyID] {
			all = append(all, e.Settlement)
		}
		seen[e.SurveyID] = true
	}
	later, err := sink.SettleAll(ctx, all)
	for _, e := range held {
		if err != nil || slices.Contains(later, e.SurveyID) {
			left = append(left, e)
		} else {
			took = append(took, e)
		}
	}
	if err != nil {
		err = fmt.Errorf("settle %d surveys: %w", len(all), err)
	}
	return errors.Join(err, w.acknowledge(ctx, took), w.release(ctx, left))
}

// perBucket lists the ids of entries by their streams.
func perBucket(entries []entry) map[string][]any {
	all := map[string][]any{}
	for _, e := range entries {
		all[e.settlements] = append(all[e.settlements], e.id)
	}
	return all
}

// acknowledge forgets settlements that SQL has. Stopping in between would only ask it again.
func (w *Windows) acknowledge(ctx context.Context, entries []entry) error {
	var calls []*call
	for stream, ids := range perBucket(entries) {
		calls = append(calls, &call{ackScript, []string{stream}, ids})
	}
	if _, err := w.runAll(context.WithoutCancel(ctx), calls); err != nil {
		return fmt.Errorf("acknowledge settlements: %w", err)
	}
	return nil
}

// release lets settlements that SQL did not take look as if they had been taken long
// ago, so that whoever steps next offers them again.
func (w *Windows) release(ctx context.Context, entries []entry) error {
	if len(entries) == 0 {
		return nil
	}
	ctx, cancel := w.unhurried(context.WithoutCancel(ctx))
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	for stream, ids := range perBucket(entries) {
		args := append([]any{"XCLAIM", stream, group, reader, "0"}, ids...)
		pipe.Do(ctx, append(args, "IDLE", strconv.FormatInt(claimAfter.Milliseconds(), 10), "JUSTID")...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("release settlements: %w", err)
	}
	return nil
}
