package smstest

import (
	"context"
	"fmt"
	"sync"
)

// WaitBound returns when somebody is bound to receive.
func (s *SMSC) WaitBound(ctx context.Context) error {
	return s.wait(ctx, func() bool { return s.receiver() != nil })
}

// WaitTexts returns the texts once there are n of them.
func (s *SMSC) WaitTexts(ctx context.Context, n int) ([]Text, error) {
	err := s.wait(ctx, func() bool { return len(s.texts) >= n })
	return s.Texts(), err
}

// wait blocks until cond, asked under the lock, holds.
func (s *SMSC) wait(ctx context.Context, cond func() bool) error {
	return until(ctx, &s.mu, &s.changed, cond)
}

// until blocks until cond holds, which is asked under the lock and anew whenever changed
// is closed; a new one then stands in its place, under the same lock.
func until(ctx context.Context, mu *sync.Mutex, changed *chan struct{}, cond func() bool) error {
	for {
		mu.Lock()
		ok, next := cond(), *changed
		mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting: %w", context.Cause(ctx))
		case <-next:
		}
	}
}

// wake lets waiters look again; the lock is held.
func (s *SMSC) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}
