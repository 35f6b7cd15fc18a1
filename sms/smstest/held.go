package smstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"hotline/sms"
)

// HeldClock is the machine's time, on which nobody loses patience by himself: timers of
// [Response] and more wait until [HeldClock.Hurry] fires them, however long the machine
// stands still. Safe for concurrent use.
type HeldClock struct {
	mu   sync.Mutex
	held map[*func()]struct{}
}

// NewHeldClock makes a clock that holds no timer yet.
func NewHeldClock() *HeldClock { return &HeldClock{held: map[*func()]struct{}{}} }

// Now is the time.
func (*HeldClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc for what is short.
func (c *HeldClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	if d < Response {
		return time.AfterFunc(d, f).Stop
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &f
	c.held[t] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, held := c.held[t]
		delete(c.held, t)
		return held
	}
}

// Hurry fires, each in its own goroutine, the timers that are held.
func (c *HeldClock) Hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.held {
		go (*t)()
	}
	clear(c.held)
}

// Unanswered sends a text that is not answered, waits for arrived to see it at the carrier,
// and lets no time pass before that. It returns how the transport, which is on this clock,
// gave up.
func (c *HeldClock) Unanswered(t testing.TB, tr sms.Transport, to string, arrived func()) *sms.SendError {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sent := make(chan error, 1)
	go func() {
		_, err := tr.Send(ctx, sms.Outgoing{ID: "m", To: to, Text: "您好"})
		sent <- err
	}()
	arrived()
	tick := time.NewTicker(10 * time.Millisecond) // it may not have begun to wait for the answer
	defer tick.Stop()
	for {
		select {
		case err := <-sent:
			return faultIn(t, err)
		case <-tick.C:
			c.Hurry()
		}
	}
}
