package httpapi

import (
	"errors"
	"testing"
	"time"
)

// A carrier that calls back comes again with what we refused or were not there for, but
// not at once. Until it had the time, silence does not prove that nobody answered, and no
// window may be closed on it (ZQ-15.2).
func TestSilenceProvesNothingUntilTheCarrierCameAgain_ZQ15_2(t *testing.T) {
	l := &Link{cfg: Config{API: API{Again: 10 * time.Minute}}, running: true}
	now := stillClock(1_800_000_000)
	pass := func(d time.Duration) {
		now += stillClock(d / time.Second)
		l.cfg.Clock = now
		l.answered()
	}
	want := func(when string, upTo time.Time) {
		t.Helper()
		if got := l.Health().LastSeen; !got.Equal(upTo) {
			t.Errorf("%s: everything came by %s, want %s", when, got, upTo)
		}
	}
	l.whole = now.Now() // the port has just opened
	pass(0)
	pass(9 * time.Minute)
	want("too early", time.Time{})
	pass(time.Minute)
	proven := now.Now()
	want("after ten minutes", proven)
	pass(time.Minute)
	proven = now.Now()
	l.unwhole()
	pass(9 * time.Minute)
	want("one was refused", proven)
	pass(time.Minute)
	proven = now.Now()
	want("it came again", proven)
	l.port = errors.New("port taken")
	pass(time.Hour)
	want("nothing can come in", proven)

	l.cfg.API.Pulls = []Pull{{Texts: &Reading{}}}
	l.port = nil
	pass(time.Hour)
	want("what pulls bring, pulls prove", proven)
	l.drained(now.Now())
	want("a pull left nothing", now.Now())
}
