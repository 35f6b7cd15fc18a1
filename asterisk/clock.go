package asterisk

import (
	"context"
	"time"
)

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the present.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc.
func (SystemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// alarm rings once on the switch's clock; the nil alarm never rings.
type alarm struct {
	C    chan struct{}
	stop func() bool
}

// after sets an alarm; d <= 0 gives one that never rings.
func (s *Switch) after(d time.Duration) *alarm {
	if d <= 0 {
		return nil
	}
	a := &alarm{C: make(chan struct{})}
	a.stop = s.cfg.Clock.AfterFunc(d, func() { close(a.C) })
	return a
}

func (a *alarm) ring() <-chan struct{} {
	if a == nil {
		return nil
	}
	return a.C
}

func (a *alarm) cancel() {
	if a != nil {
		a.stop()
	}
}

// pause waits d on the switch's clock, or less when ctx ends.
func (s *Switch) pause(ctx context.Context, d time.Duration) {
	a := s.after(d)
	defer a.cancel()
	select {
	case <-a.ring():
	case <-ctx.Done():
	}
}
