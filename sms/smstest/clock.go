package smstest

import (
	"sync"
	"time"
)

// WallClock is the machine's time as an sms.Clock.
type WallClock struct{}

// Now is the time.
func (WallClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc, without a timer for what is due: under -race, Go 1.26 has
// crashed on a bubble's timer that is over at once.
func (WallClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	if d <= 0 {
		go f()
		return func() bool { return false }
	}
	return time.AfterFunc(d, f).Stop
}

// ManualClock is an sms.Clock that stands still until it is told to move. Safe for
// concurrent use.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*manualTimer]struct{}
}

type manualTimer struct {
	due time.Time
	f   func()
}

// NewManualClock starts a clock at an instant.
func NewManualClock(at time.Time) *ManualClock {
	return &ManualClock{now: at, timers: map[*manualTimer]struct{}{}}
}

// Now is where the clock stands.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc arms f; a timer of no length fires at once.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d <= 0 {
		go f()
		return func() bool { return false }
	}
	t := &manualTimer{due: c.now.Add(d), f: f}
	c.timers[t] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, armed := c.timers[t]
		delete(c.timers, t)
		return armed
	}
}

// Advance moves the clock and fires, each in its own goroutine, what falls due.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for t := range c.timers {
		if !t.due.After(c.now) {
			delete(c.timers, t)
			go t.f()
		}
	}
}
