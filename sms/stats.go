package sms

import "maps"

// Stats counts what a gateway did since it was made, and what it holds now.
type Stats struct {
	Moved     map[Status]int // moves forward, by the status moved to
	Retries   int            // refusals for now, after which a text goes again
	Unknown   int            // tries without an answer
	Submitted int            // segments that carriers took
	Limited   int            // times a text had to wait, or failed, for its receiver's limit
	PutOff    int            // times a text had to wait because its links had no room
	Learnt    int            // times something was learnt about a ported number

	Receipts    int // receipts that came, repetitions included
	Interim     int // of these, those that only say "still trying"
	Unclaimed   int // receipts dropped because no text answered to them in time
	Received    int // incoming segments stored
	Repeated    int // incoming segments that came again
	Refused     int // things a carrier was told to bring again, because storing failed
	Joined      int // long texts made whole
	Incomplete  int // long texts handled without all their parts
	HandleFails int // handlings of incoming texts that failed and are tried again

	InHand  int // texts under way now
	Parked  int // receipts waiting for their text now
	Backlog int // texts that came in and are not handled now
}

// Stats is a snapshot.
func (g *Gateway) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Moved = maps.Clone(s.Moved)
	s.InHand, s.Parked, s.Backlog = len(g.inHand), len(g.parked), len(g.backlog)
	return s
}

// count changes the counters.
func (g *Gateway) count(f func(*Stats)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stats.Moved == nil {
		g.stats.Moved = map[Status]int{}
	}
	f(&g.stats)
}
