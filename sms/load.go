package sms

import (
	"math"
	"time"
)

// Load is how busy a link is, as this gateway has it.
type Load struct {
	UnderWay   int       // texts given to it that it has not answered
	Rate       int       // segments a second this process may give it; 0: no limit
	LastMinute int       // segments its carrier took in the last 60 s
	Rests      time.Time // its carrier said that it is too fast: nothing is sent before; zero if it did not
}

// Load is how busy a link is; the zero value for an unknown one.
func (g *Gateway) Load(name string) Load {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	for _, l := range g.links {
		if l.name != name {
			continue
		}
		load := Load{UnderWay: l.load, Rate: int(math.Ceil(l.bucket.rate)), LastMinute: l.took.lastMinute(now)}
		if l.rest.After(now) {
			load.Rests = l.rest
		}
		return load
	}
	return Load{}
}

// tally counts by the second, for a minute. The lock is the gateway's.
type tally struct {
	last    int64 // the second, since 1970, that was counted last
	seconds [60]int
}

// turn forgets what is a minute old. A clock that was set back begins anew.
func (t *tally) turn(now time.Time) (second int64) {
	second = now.Unix()
	if gone := second - t.last; gone < 0 || gone >= int64(len(t.seconds)) {
		t.seconds = [60]int{}
	} else {
		for s := t.last + 1; s <= second; s++ {
			t.seconds[s%int64(len(t.seconds))] = 0
		}
	}
	t.last = second
	return second
}

func (t *tally) add(now time.Time, n int) {
	second := t.turn(now)
	t.seconds[second%int64(len(t.seconds))] += n
}

func (t *tally) lastMinute(now time.Time) (n int) {
	t.turn(now)
	for _, s := range t.seconds {
		n += s
	}
	return n
}
