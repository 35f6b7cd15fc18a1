package sms

import (
	"context"
	"errors"
	"time"
)

// link is a transport with what the gateway knows of it. The fields are under
// Gateway.mu.
type link struct {
	Transport
	name string

	rest    time.Time // throttled: nothing is sent before
	pauses  int       // throttled that often in a row
	seen    time.Time // everything sent to us before this instant has arrived
	refused time.Time // when we last could not store what it brought
	calm    time.Time // since when it has been well by a clock that was set back; zero when it was not
}

// rests after throttling: the first second doubles up to a minute.
const (
	firstRest = time.Second
	lastRest  = time.Minute
)

// usable reports whether a link takes texts now; mu is not held.
func (g *Gateway) usable(l *link) bool {
	if !l.Health().Up {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return !l.rest.After(g.clock.Now())
}

// room is how many texts can be sent now.
func (g *Gateway) room() int {
	free := 0
	for _, l := range g.links {
		if g.usable(l) {
			free += max(1, l.Health().Free)
		}
	}
	return min(free, cap(g.slots)-len(g.slots))
}

// carry offers a text to the links in order until one takes it, or one may have.
func (g *Gateway) carry(ctx context.Context, out Outgoing) (l *link, taken Taken, fault *SendError) {
	fault = &SendError{Fault: Unreachable, Err: errors.New("no link is up")}
	for _, candidate := range g.links {
		if !g.usable(candidate) {
			continue
		}
		l = candidate
		taken, err := l.Send(ctx, out)
		if err == nil {
			g.restOver(l)
			return l, taken, nil
		}
		if !errors.As(err, &fault) {
			fault = &SendError{Fault: Unknown, Err: err} // a transport's mistake; be careful
		}
		switch fault.Fault {
		case Throttled:
			g.restAfterThrottle(ctx, l)
		case Permanent, Unknown:
			return l, fault.Taken, fault
		}
	}
	return l, Taken{}, fault
}

func (g *Gateway) restOver(l *link) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l.pauses = 0
}

func (g *Gateway) restAfterThrottle(ctx context.Context, l *link) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	if l.rest.After(now) {
		return // another text of the same burst said so already
	}
	d := min(firstRest<<min(l.pauses, 10), lastRest)
	l.pauses++
	l.rest = now.Add(d)
	g.cfg.Log.WarnContext(ctx, "link throttled", "link", l.name, "rests", d)
	g.clock.AfterFunc(d, g.Wake)
}

// noteLinks remembers up to when each link has certainly brought everything.
func (g *Gateway) noteLinks() {
	for _, l := range g.links {
		h := l.Health()
		g.mu.Lock()
		now, calm := g.clock.Now(), l.calmSince(h, g.clock.Now())
		if l.seen.After(now) { // the clock was set back
			l.seen = time.Time{}
		}
		if h.Up && now.Sub(calm) >= g.cfg.Policy.Settle && h.LastSeen.After(l.seen) && !h.LastSeen.After(now) {
			l.seen = h.LastSeen
		}
		g.mu.Unlock()
	}
}

// calmSince is since when the link has brought all it had. What was noted by a clock that
// was set back since would lie in the future for as long: it counts from now.
func (l *link) calmSince(h Health, now time.Time) time.Time {
	calm := h.Since
	if l.refused.After(calm) {
		calm = l.refused
	}
	if !calm.After(now) {
		l.calm = time.Time{}
		return calm
	}
	if l.calm.IsZero() || l.calm.After(now) {
		l.calm = now
	}
	return l.calm
}

// linkRefused notes that something a link brought could not be stored.
func (g *Gateway) linkRefused(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.links {
		if l.name == name {
			l.refused = g.clock.Now()
		}
	}
}

// InboundUpTo is the last instant up to which every text that citizens sent has
// certainly arrived and been handled: all inbound links were up and answering, have
// been so for Policy.Settle, and nothing from before waits in the inbox. A window may
// be closed unanswered only when its deadline lies before (ZQ-15.2), or a carrier's
// outage would cost citizens their answers. Zero until that is known.
func (g *Gateway) InboundUpTo() time.Time {
	g.noteLinks()
	var least time.Time
	first := true
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.replay {
		return time.Time{}
	}
	for _, l := range g.links {
		if l.Health().Inbound && (first || l.seen.Before(least)) {
			least, first = l.seen, false
		}
	}
	if first {
		least = g.clock.Now() // nothing can come in
	}
	for _, a := range g.backlog {
		if !a.sent.After(least) {
			least = a.sent.Add(-time.Nanosecond)
		}
	}
	return least
}

// Receipts reports whether a link promises delivery receipts; false for an unknown one.
func (g *Gateway) Receipts(name string) bool {
	for _, l := range g.links {
		if l.name == name {
			return l.Health().Receipts
		}
	}
	return false
}

// Links is the health of every link, in order of preference.
func (g *Gateway) Links() []Health {
	out := make([]Health, 0, len(g.links))
	for _, l := range g.links {
		out = append(out, l.Health())
	}
	return out
}
