package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hotline/asterisk/sipphone"
)

// board is where the trunk writes down who was put through to it, and callers wait for
// their own.
type board struct {
	mu      sync.Mutex
	waiting map[string]chan time.Time // by the caller's number
}

// expect announces a caller.
func (b *board) expect(number string) <-chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan time.Time, 1)
	b.waiting[number] = c
	return c
}

// ring is what the trunk does with a call: it rings until the caller gives up.
func (b *board) ring(in *sipphone.Incoming) {
	b.mu.Lock()
	c := b.waiting[in.From]
	delete(b.waiting, in.From)
	b.mu.Unlock()
	if c != nil {
		c <- in.At
	}
	_ = in.Ring() // the caller may be gone already
}

// emergencies measures calls that press 9 and the ambulance's key during the welcome,
// with behind ordinary calls a second beside them.
func (r *rig) emergencies(ctx context.Context, o options, behind int) *tally {
	b := &board{waiting: map[string]chan time.Time{}}
	r.carrier.Serve(b.ring)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	t, others := &tally{}, &tally{}
	var beside sync.WaitGroup
	offering, enough := context.WithCancel(ctx)
	if behind > 0 {
		beside.Go(func() {
			offer(offering, behind, 1<<30, func(n int) {
				others.ended(r.twoKeys(ctx, numberHotline, callerNumber(5000+n%5000), others))
			})
		})
	}
	offer(ctx, o.EmergencyRate, o.Emergencies, func(n int) { t.ended(r.emergency(ctx, b, callerNumber(n%5000), t)) })
	enough()
	beside.Wait()
	t.Failed += others.Failed
	if t.Why == nil {
		t.Why = others.Why
	}
	return t
}

// emergency is one such call; the caller hangs up once the ambulance's phone rings.
func (r *rig) emergency(ctx context.Context, b *board, from string, t *tally) error {
	rung := b.expect(from)
	s, err := r.dial(ctx, numberHotline, from, t)
	if err != nil {
		return err
	}
	defer hangUp(ctx, s)
	if _, err := r.heard(ctx, s, promptOne); err != nil {
		return err
	}
	if err := listen(ctx, s); err != nil {
		return err
	}
	if err := s.Press(ctx, "92"); err != nil {
		return err
	}
	late := time.NewTimer(r.patience)
	defer late.Stop()
	select {
	case at := <-rung:
		t.add(&t.Invite, at.Sub(s.Released()))
		return nil
	case <-s.Context().Done():
		return context.Cause(s.Context())
	case <-late.C:
		return fmt.Errorf("no INVITE at the trunk within %s", r.patience)
	}
}
