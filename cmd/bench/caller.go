package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hotline/asterisk/sipphone"
)

// What a caller does: listens a little, presses a key, listens, presses the next, and
// hangs up about two seconds after the answer.
const (
	listening = 300 * time.Millisecond // before a key
	callTime  = 2 * time.Second        // from the answer to the hang-up
	farewell  = 5 * time.Second        // for the answer to a hang-up
)

// tally is what came of some calls. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	Calls  int
	Failed int
	Why    error           // of the first that failed
	Answer []time.Duration // INVITE to 200
	Key    []time.Duration // a key's end packet to the next prompt's first frame
	Invite []time.Duration // the emergency's last key to the INVITE at the trunk
}

func (t *tally) add(list *[]time.Duration, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*list = append(*list, d)
}

// ended counts a call.
func (t *tally) ended(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Calls++
	if err == nil {
		return
	}
	t.Failed++
	if t.Why == nil {
		t.Why = err
	}
}

// offer begins calls at a steady rate, however the ones before fare, and returns when
// the last is over. A machine too busy to begin one in time begins it late; none is
// left out. Each call knows its number. late is how much behind plan the last began.
func offer(ctx context.Context, rate, calls int, call func(n int)) (late time.Duration) {
	var going sync.WaitGroup
	defer going.Wait()
	started := time.Now()
	for n := range calls {
		planned := started.Add(time.Duration(n) * time.Second / time.Duration(rate))
		wait := time.NewTimer(time.Until(planned))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return late
		}
		late = time.Since(planned)
		going.Go(func() { call(n) })
	}
	return late
}

// dial places a call and notes how long the answer took.
func (r *rig) dial(ctx context.Context, number, from string, t *tally) (*sipphone.Session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.patience, fmt.Errorf("no answer within %s", r.patience))
	defer cancel()
	began := time.Now()
	s, err := r.callers.Call(ctx, "sip:"+number+"@"+r.sip, sipphone.CallOptions{From: from})
	if err != nil {
		return nil, err
	}
	t.add(&t.Answer, time.Since(began))
	return s, nil
}

// twoKeys is the measured call.
func (r *rig) twoKeys(ctx context.Context, number, from string, t *tally) (err error) {
	s, err := r.dial(ctx, number, from, t)
	if err != nil {
		return err
	}
	over := time.NewTimer(callTime)
	defer over.Stop()
	defer hangUp(ctx, s)
	if _, err := r.heard(ctx, s, promptOne); err != nil {
		return err
	}
	for _, next := range []string{promptTwo, promptThree} {
		if err := listen(ctx, s); err != nil {
			return err
		}
		if err := s.Press(ctx, "1"); err != nil {
			return err
		}
		began, err := r.heard(ctx, s, next)
		if err != nil {
			return err
		}
		t.add(&t.Key, began.Sub(s.Released()))
	}
	select {
	case <-over.C:
		return nil
	case <-s.Context().Done():
		return fmt.Errorf("ended before the caller hung up: %w", context.Cause(s.Context()))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// listen lets a moment pass.
func listen(ctx context.Context, s *sipphone.Session) error {
	moment := time.NewTimer(listening)
	defer moment.Stop()
	select {
	case <-moment.C:
		return nil
	case <-s.Context().Done():
		return context.Cause(s.Context())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// heard waits for a prompt and tells when its first frame came.
func (r *rig) heard(ctx context.Context, s *sipphone.Session, id string) (time.Time, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.patience, fmt.Errorf("not heard within %s", r.patience))
	defer cancel()
	h, err := s.Ear().WaitPrompt(ctx, id)
	return h.From, err
}

// hangUp ends a call that may be over.
func hangUp(ctx context.Context, s *sipphone.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	_ = s.Hangup(ctx)
}

// number is the nth caller's own.
func callerNumber(n int) string { return fmt.Sprintf("1380000%04d", n%10000) }
