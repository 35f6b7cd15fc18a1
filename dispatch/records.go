package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Commits of call records begin at least this long apart, and take at most so many each.
// A commit costs 0.9 ms of processor whatever it holds and a further record 0.05 ms: at
// 30 calls a second this makes a fifth of what records would cost. A call that the
// program dies of in that time is still up in Asterisk and taken over from there.
const (
	commitGap    = 250 * time.Millisecond
	mostTogether = 256
)

// RecordCall writes a call's record, whole; a call written before is replaced. One that
// comes within 250 ms of another's commit, or during it, waits and shares the next with
// whatever else comes. It returns once the record is on the disk; one that spoils a
// group fails alone. A caller whose ctx ends while the group is being written does not
// learn whether it was.
func (o *Office) RecordCall(ctx context.Context, c Call) error {
	if c.ID == "" {
		return fmt.Errorf("record a call without an id: %w", ErrInvalid)
	}
	r := &record{call: c, turn: make(chan turn, 1)}
	o.records.join(r)
	t := o.records.await(ctx, r)
	if t.lead {
		t.err = o.writeGroup(ctx, r)
	}
	if errors.Is(t.err, errSpoilt) {
		t.err = o.writeRecords(ctx, []*record{r})
	}
	if t.err != nil {
		return fmt.Errorf("record call %s: %w", c.ID, t.err)
	}
	return nil
}

// writeGroup gathers r's group and writes it. Whatever becomes of it, the others of the
// group hear of it and the next group gets its turn.
func (o *Office) writeGroup(ctx context.Context, r *record) (err error) {
	if wait := o.records.gap(o.now()); wait > 0 {
		select {
		case <-o.after(wait):
		case <-ctx.Done(): // fails below, and the others need not wait for that
		}
	}
	group := o.records.take(o.now())
	err = errSpoilt
	defer func() {
		if len(group) > 1 {
			recover() // it comes again to the one whose record it is
		}
		for _, other := range group {
			if other != r {
				other.turn <- turn{err: err}
			}
		}
		o.records.next()
	}()
	if failed := o.writeRecords(ctx, group); failed == nil || len(group) == 1 {
		err = failed
	}
	return err
}

// writeRecords writes records in one transaction.
func (o *Office) writeRecords(ctx context.Context, group []*record) error {
	return o.do(ctx, func(u *unit) error {
		for _, r := range group {
			if err := u.SaveCall(r.call); err != nil {
				return err
			}
			u.tell(NoticeCall, r.call.ID)
		}
		return nil
	})
}

// errSpoilt says that a group was not written, perhaps for the sake of one of it: each
// tries by itself, with its own time.
var errSpoilt = errors.New("not written together")

// records are the call records that wait for the next commit. One of those who wait
// does the writing, in its own goroutine.
type records struct {
	mu      sync.Mutex
	waiting []*record
	busy    bool      // somebody has the lead
	last    time.Time // when the last group was taken
}

type record struct {
	call Call
	turn chan turn // one slot: the lead, or what became of the record
}

// turn is either the lead or the end.
type turn struct {
	lead bool
	err  error
}

func (q *records) join(r *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	if !q.busy {
		q.busy = true
		r.turn <- turn{lead: true}
	}
}

// await is r's turn, or the cause of ctx when that ends before.
func (q *records) await(ctx context.Context, r *record) turn {
	select {
	case t := <-r.turn:
		return t
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, func(other *record) bool { return other == r })
	select {
	case t := <-r.turn:
		if !t.lead {
			return t
		}
		q.handOver()
	default:
	}
	return turn{err: context.Cause(ctx)}
}

// gap is how long the next commit has to wait.
func (q *records) gap(now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return min(commitGap-now.Sub(q.last), commitGap) // a clock may be set back
}

// take is the group that is written next.
func (q *records) take(now time.Time) []*record {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = now
	n := min(len(q.waiting), mostTogether)
	group := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return group
}

// next gives the lead on, once a group is done with.
func (q *records) next() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handOver()
}

func (q *records) handOver() {
	if q.busy = len(q.waiting) > 0; q.busy {
		q.waiting[0].turn <- turn{lead: true}
	}
}
