package main

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClockAdvanceFiresWhatFallsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		var fired []string
		c.AfterFunc(25*time.Second, func() { fired = append(fired, "duty") })
		stop := c.AfterFunc(50*time.Second, func() { fired = append(fired, "backup") })
		c.Advance(25 * time.Second)
		synctest.Wait()
		if len(fired) != 1 || fired[0] != "duty" {
			t.Fatalf("after 25 s: fired %v, want [duty]", fired)
		}
		if !stop() {
			t.Error("stop of a waiting timer reported false")
		}
		if stop() {
			t.Error("second stop reported true")
		}
		<-time.After(time.Minute) // synctest's own time
		synctest.Wait()
		if len(fired) != 1 {
			t.Errorf("a stopped timer fired: %v", fired)
		}
	})
}

func TestClockStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		at := c.Now().Add(24 * time.Hour)
		c.Stand(at)
		fired := c.After(10 * time.Second)
		late := c.After(time.Hour)
		if got := <-fired; !got.Equal(at) { // timers go on
			t.Errorf("it stands at %v and shows %v", at, got)
		}
		c.Set(at.Add(time.Second))
		<-time.After(time.Second) // synctest's own time
		if got, want := c.Now(), at.Add(2*time.Second); !got.Equal(want) {
			t.Errorf("it shows %v after it was set, want %v", got, want)
		}
		c.Stand(at)
		c.Advance(time.Hour - 11*time.Second) // ten and one are over already
		synctest.Wait()
		select {
		case <-late:
		default:
			t.Error("a timer is late by the time in which the clock stood")
		}
		if got, want := c.Now(), at.Add(time.Hour-11*time.Second); !got.Equal(want) {
			t.Errorf("it was moved on and shows %v, want %v", got, want)
		}
	})
}

func TestClockSetKeepsTimeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		start := c.Now()
		done := make(chan time.Time, 1)
		c.AfterFunc(10*time.Second, func() { done <- c.Now() })
		c.Set(start.Add(48 * time.Hour))
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("a jump to another day fired a timer of 10 s")
		default:
		}
		at := <-done
		if want := start.Add(48*time.Hour + 10*time.Second); !at.Equal(want) {
			t.Errorf("fired at %v, want %v", at, want)
		}
	})
}
