package dispatch

import (
	"context"
	"fmt"
	"time"
)

// Tally counts what a span of time brought to a hotline and what there is at its end.
type Tally struct {
	Registered int // orders registered in the span
	Completed  int // and completed in it
	Open       int // that somebody has to handle
	Overdue    int // of these, whose deadline passed
	Waiting    int // what waits for a decision
	Late       int // of these, what waited when the span began already (待批超时)
}

// Words is the tally as the leader on duty reads it.
func (t Tally) Words(day time.Time) string {
	return fmt.Sprintf("%s日汇总:登记%d件,办结%d件,在办%d件,超期%d件,待批%d件,待批超时%d件", day.In(Place).Format("1月2"),
		t.Registered, t.Completed, t.Open, t.Overdue, t.Waiting, t.Late)
}

// mostDigests is how many days of a pause are caught up with.
const mostDigests = 31

// digests writes the day's list for the leader on duty, once for each day at the policy's
// time (SQ-5.1.1). One counts what came since the one before it.
func (s *sweep) digests(ctx context.Context) error {
	return s.daily(ctx, ActDigest, s.policy.Digest.At, func(ctx context.Context, from, at time.Time) error {
		t, err := s.store.Tally(ctx, from, at)
		if err != nil {
			return err
		}
		_, err = s.today(ctx, Act{Kind: ActDigest, About: at.UTC(), Rule: s.policy.Digest.Rule, Words: t.Words(at)}, func(*unit) error { return nil })
		return err
	})
}

// since lists the moments of a time of day after one and up to another.
func (c Clock) since(after, now time.Time) (all []time.Time) {
	y, m, d := now.In(Place).Date()
	for i := mostDigests; i >= 0; i-- {
		at := time.Date(y, m, d-i, 0, int(c), 0, 0, Place)
		if at.After(after) && !at.After(now) {
			all = append(all, at)
		}
	}
	return all
}
