package dispatch

import (
	"context"
	"fmt"
	"time"

	"hotline/sms"
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
// time, those of days that were missed first (SQ-5.1.1). One counts what came since the one
// before it, so that nothing falls between two; the first counts its own day.
func (s *sweep) digests(ctx context.Context) error {
	p := s.policy.Digest
	if p.At == 0 {
		return nil
	}
	now := s.now()
	var last time.Time
	err := s.do(ctx, func(u *unit) error {
		all, err := u.HotlineActs(ActDigest, now.AddDate(0, 0, -mostDigests-1))
		last = time.Time{}
		if len(all) > 0 {
			last = all[len(all)-1].About
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("digests done: %w", err)
	}
	if last.IsZero() {
		y, m, d := now.In(Place).Date()
		last = time.Date(y, m, d, 0, 0, 0, 0, Place)
	}
	for _, at := range p.At.since(last, now) {
		if err := s.digest(ctx, last, at); err != nil {
			return fmt.Errorf("digest of %s: %w", at.In(Place).Format(time.DateOnly), err)
		}
		last = at
	}
	return nil
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

// digest writes one and texts it.
func (s *sweep) digest(ctx context.Context, from, at time.Time) error {
	t, err := s.store.Tally(ctx, from, at)
	if err != nil {
		return err
	}
	done := false
	err = s.do(ctx, func(u *unit) error {
		a := Act{ID: u.id(), Attempt: 1, Kind: ActDigest, About: at.UTC(), Step: 1, Rule: s.policy.Digest.Rule, Actor: "system",
			Words: t.Words(at), DueAt: at.UTC(), At: u.now}
		fresh, err := u.InsertAct(a)
		if err != nil || !fresh {
			return err
		}
		for _, phone := range u.phones(leaders, "") {
			m := sms.Message{Key: "act:" + a.ID + ":" + phone, Kind: sms.KindNotice, To: phone, Text: a.Words + "。", Priority: replyPriority}
			if err := u.send(m); err != nil {
				return err
			}
			break // the leader on duty; the others stand by
		}
		done = true
		return nil
	})
	if err == nil && done {
		s.done.Acts[ActDigest]++
		s.done.Lag = max(s.done.Lag, s.now().Sub(at))
	}
	return err
}
