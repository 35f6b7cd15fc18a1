package main

import (
	"sync"
	"time"
)

// clock is the time the whole program lives by. In production it is the machine's;
// the demo and the tests set it to another day and move it forward, and every timer
// that falls due on the way fires. It only ever moves forward while timers wait.
// Safe for concurrent use.
type clock struct {
	mu     sync.Mutex
	shift  time.Duration
	stands time.Time // what it shows while it stands; zero: it runs
	timers map[*clockTimer]struct{}
}

type clockTimer struct {
	due  time.Time
	real *time.Timer
	fire func()
}

func newClock() *clock { return &clock{timers: map[*clockTimer]struct{}{}} }

// Now is the program's present.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stands.IsZero() {
		return c.stands
	}
	return c.now()
}

// now is the present of the timers, which go on while the clock stands.
func (c *clock) now() time.Time { return time.Now().Round(0).Add(c.shift) }

// AfterFunc calls f in its own goroutine once d has passed on this clock.
func (c *clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &clockTimer{due: c.now().Add(d)}
	t.fire = func() {
		if c.forget(t) {
			f()
		}
	}
	c.timers[t] = struct{}{}
	t.real = time.AfterFunc(d, t.fire)
	return func() bool {
		t.real.Stop()
		return c.forget(t)
	}
}

// forget removes t and reports whether it was still waiting.
func (c *clock) forget(t *clockTimer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, waiting := c.timers[t]
	delete(c.timers, t)
	return waiting
}

// Advance moves the clock d forward; timers that fall due fire at once.
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
	if !c.stands.IsZero() {
		c.stands = c.stands.Add(d)
	}
	now := c.now()
	for t := range c.timers {
		t.real.Reset(max(0, t.due.Sub(now)))
	}
}

// Set moves the clock to an instant. Timers that wait are moved along, so that a jump
// to another day does not ring every bell between: they keep the time they had left.
func (c *clock) Set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(to)
}

func (c *clock) set(to time.Time) {
	jump := to.Sub(c.now())
	c.shift += jump
	c.stands = time.Time{}
	for t := range c.timers {
		t.due = t.due.Add(jump)
	}
}

// Stand sets the clock to an instant and stops it there until it is set again: for what must
// come in a certain second, on a machine that may take longer. Timers go on.
func (c *clock) Stand(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(at)
	c.stands = at
}

// After is a channel on which the time comes once d has passed.
func (c *clock) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	c.AfterFunc(d, func() { ch <- c.Now() })
	return ch
}
