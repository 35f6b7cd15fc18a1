package smstest

import (
	"context"
	"fmt"
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
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("smsc: waiting: %w", context.Cause(ctx))
		case <-changed:
		}
	}
}

// wake lets waiters look again; the lock is held.
func (s *SMSC) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}
