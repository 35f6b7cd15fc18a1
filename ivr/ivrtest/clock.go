package ivrtest

import "time"

// Clock is the bubble's time, moved to the day a test wants. Timers are the bubble's.
type Clock struct{ shift time.Duration }

// At makes a clock that shows t now.
func At(t time.Time) *Clock { return &Clock{shift: time.Until(t)} }

// Now is the test's present.
func (c *Clock) Now() time.Time { return time.Now().Add(c.shift) }

// AfterFunc calls f in its own goroutine once d has passed, without a timer for what is due:
// under -race, Go 1.26 has crashed on a bubble's timer that is over at once.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	if d <= 0 {
		go f()
		return func() bool { return false }
	}
	return time.AfterFunc(d, f).Stop
}
