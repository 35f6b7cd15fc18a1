package asterisk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// Stats is a snapshot of a Switch's counters since it was made.
type Stats struct {
	Events     map[string]uint64 // by type, those in use only
	Unknown    uint64            // events of a type not in use
	Malformed  uint64            // events that could not be read
	Unrouted   uint64            // events about a call or playback that is over
	Replaced   uint64            // times another event socket of our application took the place of the one we read
	Connects   uint64            // sockets opened; all but the first are reconnects
	Panics     uint64            // calls whose handler panicked
	Calls      int               // calls whose goroutine runs
	Waiting    int               // events waiting in all mailboxes
	Deepest    int               // most events that ever waited in one mailbox of a live call
	Fallback   uint64            // calls sent to the dialplan's fallback
	Requests   map[string]uint64 // by outcome: "ok", "refused" (4xx), "failed" (5xx), "timeout", "broken"
	Connected  bool
	Recordings uint64 // recordings made
	Notes      uint64 // notes the notebook did not take
	Claims     uint64 // new calls that we claimed
	Lost       uint64 // new calls that another controller claimed, or the dialplan's fallback
	Adopted    uint64 // calls taken over from a controller that died
}

type counters struct {
	unknown, malformed, unrouted, replaced, connects, panics, fallback, recordings atomic.Uint64
	notes, claims, lost, adopted                                                   atomic.Uint64

	mu       sync.Mutex
	events   map[string]uint64
	requests map[string]uint64
}

func newCounters() *counters {
	return &counters{events: map[string]uint64{}, requests: map[string]uint64{}}
}

func (c *counters) event(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events[kind]++
}

func (c *counters) request(err error, status int) {
	outcome := "ok"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		outcome = "timeout"
	case err != nil:
		outcome = "broken"
	case status >= 500:
		outcome = "failed"
	case status >= 400:
		outcome = "refused"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[outcome]++
}

// Stats is the present state of every counter. Safe for concurrent use.
func (s *Switch) Stats() Stats {
	c := s.stats
	st := Stats{
		Events: map[string]uint64{}, Requests: map[string]uint64{}, Connected: s.Connected(),
		Unknown: c.unknown.Load(), Malformed: c.malformed.Load(), Unrouted: c.unrouted.Load(),
		Replaced: c.replaced.Load(), Connects: c.connects.Load(), Panics: c.panics.Load(),
		Fallback: c.fallback.Load(), Recordings: c.recordings.Load(),
		Notes: c.notes.Load(), Claims: c.claims.Load(), Lost: c.lost.Load(), Adopted: c.adopted.Load(),
	}
	c.mu.Lock()
	for k, v := range c.events {
		st.Events[k] = v
	}
	for k, v := range c.requests {
		st.Requests[k] = v
	}
	c.mu.Unlock()
	for _, call := range s.calls.list() {
		now, peak := call.box.depth()
		st.Calls++
		st.Waiting += now
		st.Deepest = max(st.Deepest, peak)
	}
	return st
}
