package sms

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ResponseBounds are the upper bounds of the classes that response times are counted in.
var ResponseBounds = [...]time.Duration{
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 75 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond,
	5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
}

// LinkStats counts what a link did since it was made, alike for every protocol.
type LinkStats struct {
	Submits   int // segments written
	Answers   int // of these answered, whatever the word
	Throttled int // of the answers, those that said "too fast"
	Refused   int // of the answers, other refusals
	Timeouts  int // requests, probes among them, that were not answered in time
	Unasked   int // answers to nothing that was asked, late ones among them

	Receipts  int // that came in
	Texts     int // segments of handsets that came in
	Again     int // deliveries the carrier was told to bring again
	Malformed int // PDUs that made no sense
	Oversize  int // PDUs refused for their length

	Binds    int // connections that were bound, first and again
	Failures int // to connect or to bind

	// Response is how many answers took at most as long as the bound of the same index in
	// ResponseBounds and longer than the one before; the last counts those above all.
	Response [len(ResponseBounds) + 1]int
	Waited   time.Duration // all answers together
}

// Meter counts for a transport, which shows it as Health.Stats; for one that does not the
// gateway counts texts. The zero value is ready; safe for concurrent use.
type Meter struct {
	mu    sync.Mutex
	stats LinkStats
}

// Count changes the counters.
func (m *Meter) Count(change func(*LinkStats)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.stats)
}

// Answered counts the answer to a submit and how long it took; fault is nil for one that
// was taken.
func (m *Meter) Answered(took time.Duration, fault *SendError) {
	class := 0
	for class < len(ResponseBounds) && took > ResponseBounds[class] {
		class++
	}
	m.Count(func(s *LinkStats) {
		s.Answers++
		s.Waited += took
		s.Response[class]++
		switch {
		case fault == nil:
		case fault.Fault == Throttled:
			s.Throttled++
		default:
			s.Refused++
		}
	})
}

// Stats is a snapshot.
func (m *Meter) Stats() LinkStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

// health is a transport's, with what the gateway saw of it where it does not count itself.
func (l *link) health() Health {
	h := l.Health()
	if h.Stats == (LinkStats{}) {
		h.Stats = l.meter.Stats()
	}
	return h
}

// counted is Send, counted: what went out may have waited for room in the transport. The
// fault is nil when the text was taken.
func (g *Gateway) counted(ctx context.Context, l *link, out Outgoing) (Taken, *SendError) {
	began := g.clock.Now()
	taken, err := l.Send(ctx, out)
	var fault *SendError
	if err != nil && !errors.As(err, &fault) {
		fault = &SendError{Fault: Unknown, Err: err} // a transport's mistake; be careful
	}
	if fault != nil && fault.Fault == Unreachable {
		return taken, fault // nothing was written
	}
	l.meter.Count(func(s *LinkStats) { s.Submits += max(1, taken.Segments) })
	if fault != nil && fault.Fault == Unknown {
		l.meter.Count(func(s *LinkStats) { s.Timeouts++ })
	} else {
		l.meter.Answered(g.clock.Now().Sub(began), fault)
	}
	return taken, fault
}

// countOn changes the counters of a link by its name.
func (g *Gateway) countOn(name string, change func(*LinkStats)) {
	for _, l := range g.links {
		if l.name == name {
			l.meter.Count(change)
		}
	}
}
