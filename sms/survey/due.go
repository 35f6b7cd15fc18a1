package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A proposal is one member of a due list.
type proposal struct {
	place
	id       string
	deadline time.Time
}

// Due proposes how windows ended whose last second is before now, oldest first and
// at most limit (<= 0: 200). It changes nothing: the caller lets SQL decide and then
// calls Confirm, so that a crash in between proposes again. Give it the inbound
// watermark as now when texts may still be on their way.
// A cold bucket proposes nothing; ErrCold says that all of them are.
func (w *Windows) Due(ctx context.Context, now time.Time, limit int) ([]Settlement, error) {
	if limit <= 0 {
		limit = 200
	}
	found, warm, err := w.scan(ctx, now, limit)
	if err != nil {
		return nil, fmt.Errorf("look for ended survey windows: %w", err)
	}
	if warm == 0 {
		return nil, ErrCold
	}
	slices.SortFunc(found, func(a, b proposal) int {
		return cmp.Or(a.deadline.Compare(b.deadline), strings.Compare(a.id, b.id))
	})
	settlements, err := w.propose(ctx, found[:min(limit, len(found))])
	if err != nil {
		return nil, fmt.Errorf("read ended survey windows: %w", err)
	}
	return settlements, nil
}

// scan asks all buckets in one round trip which windows ended before now's second,
// and how many buckets are warm.
func (w *Windows) scan(ctx context.Context, now time.Time, limit int) (found []proposal, warm int, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	epochs := make([]*redis.IntCmd, buckets)
	ended := make([]*redis.ZSliceCmd, buckets)
	before := "(" + strconv.FormatInt(now.Unix()*1000, 10)
	for b := range buckets {
		p := w.bucket(b)
		epochs[b] = pipe.Exists(ctx, p.epoch)
		ended[b] = pipe.ZRangeByScoreWithScores(ctx, p.due, &redis.ZRangeBy{Min: "-inf", Max: before, Count: int64(limit)})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, err
	}
	for b := range buckets {
		if epochs[b].Val() == 0 {
			continue
		}
		warm++
		for _, z := range ended[b].Val() {
			if id, phone, ok := strings.Cut(z.Member.(string), "|"); ok {
				found = append(found, proposal{place: w.placeOf(phone), id: id, deadline: time.UnixMilli(int64(z.Score)).UTC()})
			}
		}
	}
	return found, warm, nil
}

// propose reads the windows that ended. It also renews their index entries, which
// Confirm needs and which may have run out while nobody was there to settle.
func (w *Windows) propose(ctx context.Context, found []proposal) ([]Settlement, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	packed := make([]*redis.SliceCmd, len(found))
	for i, p := range found {
		packed[i] = pipe.HMGet(ctx, p.windows, p.id)
		pipe.Set(ctx, w.index(p.id), p.phone, w.cfg.Hold+w.cfg.Retain)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	settlements := make([]Settlement, 0, len(found))
	for i, p := range found {
		s := Settlement{SurveyID: p.id, Outcome: OutcomeUnrated, At: p.deadline}
		if value, ok := packed[i].Val()[0].(string); ok {
			if _, _, invalid, err := unpack(p.id, value); err == nil && invalid > 0 {
				s.Outcome = OutcomeInvalid
			}
		}
		settlements = append(settlements, s)
	}
	return settlements, nil
}

// next is the earliest deadline of all open windows, and whether every bucket is warm.
func (w *Windows) next(ctx context.Context) (deadline time.Time, warm bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	epochs := make([]*redis.IntCmd, buckets)
	first := make([]*redis.ZSliceCmd, buckets)
	for b := range buckets {
		p := w.bucket(b)
		epochs[b] = pipe.Exists(ctx, p.epoch)
		first[b] = pipe.ZRangeWithScores(ctx, p.due, 0, 0)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return time.Time{}, false, fmt.Errorf("look for the next deadline: %w", err)
	}
	warm = true
	for b := range buckets {
		warm = warm && epochs[b].Val() == 1
		for _, z := range first[b].Val() {
			if at := time.UnixMilli(int64(z.Score)); deadline.IsZero() || at.Before(deadline) {
				deadline = at
			}
		}
	}
	return deadline, warm, nil
}
