package smstest

import (
	"context"
	"fmt"
	"sync"
)

// WaitBound returns when somebody is bound to receive.
func (c *centre) WaitBound(ctx context.Context) error {
	return c.wait(ctx, func() bool { return c.receiver() != nil })
}

// Bound reports whether somebody is bound to receive.
func (c *centre) Bound() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.receiver() != nil
}

// WaitTexts returns the texts once there are n of them.
func (c *centre) WaitTexts(ctx context.Context, n int) ([]Text, error) {
	err := c.wait(ctx, func() bool { return len(c.texts) >= n })
	return c.Texts(), err
}

// Unbinds is how often somebody took leave as one should.
func (c *centre) Unbinds() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unbinds
}

// WaitDelivered returns once n deliveries, receipts among them, are over.
func (c *centre) WaitDelivered(ctx context.Context, n int) error {
	return c.wait(ctx, func() bool { return c.landed >= n })
}

// wait blocks until cond, asked under the lock, holds.
func (c *centre) wait(ctx context.Context, cond func() bool) error {
	return until(ctx, &c.mu, &c.changed, cond)
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
func (c *centre) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}
