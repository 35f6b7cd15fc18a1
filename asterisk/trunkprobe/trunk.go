package trunkprobe

import (
	"fmt"
	"time"
)

// trunk is one trunk and what its probes have shown. health is guarded by the Prober's
// lock; the rest belongs to the goroutine that probes it.
type trunk struct {
	addr   string
	health Health
	last   State // what the last probe alone showed
	fails  int   // in a row
}

// probed takes one probe into account. One probe alone changes nothing but Unknown, which
// an answer ends at once.
func (t *trunk) probed(a Answer, err error) {
	shown, before := t.shown(a, err), t.last
	t.last = shown
	switch {
	case t.health.State == Unknown && shown != Down,
		shown == before,
		t.health.State == Down && before != Down && shown != Down: // one of the two was slow
		t.health.State = shown
	}
}

// shown is what a single probe shows.
func (t *trunk) shown(a Answer, err error) State {
	if err == nil && a.Status >= stopped {
		err = fmt.Errorf("answered %d", a.Status)
	}
	if err != nil {
		t.fails++
		t.health.Detail = err.Error()
		return Down
	}
	t.fails, t.health.Detail, t.health.RTT = 0, "", a.RTT
	if a.RTT > SlowAfter {
		return Slow
	}
	return Up
}

// gap is how long to wait before the next probe.
func (t *trunk) gap() time.Duration {
	switch {
	case t.last != t.health.State:
		return probeAgain
	case t.health.State == Down:
		return min(probeAgain<<min(t.fails, 10), longestGap)
	}
	return probeEvery
}
