package sms

import (
	"context"
	"slices"
	"time"
)

// link is a transport with what the gateway knows of it. The fields below name and route
// are under Gateway.mu.
type link struct {
	Transport
	name  string
	route Route
	meter Meter // for a transport that does not count

	bucket  bucket
	load    int       // texts given to it that it has not answered
	awaited int       // texts that wait for room in it
	turn    time.Time // when the last text comes again that was put off for want of room
	rest    time.Time // throttled: nothing is sent before
	took    tally     // segments its carrier took
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

// usable reports whether a link takes texts now; mu is held. A rest after throttling is for
// the others: an urgent text that is refused has lost nothing.
func (g *Gateway) usable(l *link, h Health, urgent bool) bool {
	return h.Up && (urgent || !l.rest.After(g.clock.Now()))
}

// spare is how many more texts a usable link takes now, by its window and its rate; mu is
// held. Urgent texts may queue before a full window: the next seat in it is theirs, since
// nobody else does.
func (g *Gateway) spare(l *link, h Health, urgent bool) int {
	free := max(1, h.Free)
	if h.Window > 0 {
		free = h.Window - l.load
		if urgent {
			free += extra(h.Window)
		}
	}
	return max(0, min(free, l.bucket.spare(g.clock.Now(), urgent)))
}

// extra is the share of a number of places that is kept for urgent texts.
func extra(places int) int { return max(2, places/8) }

// room is how many texts can be sent now, besides those that have begun and found no seat
// yet; urgent texts go before these. A link that only takes over does not count while
// the one before it is well: its texts wait for that.
func (g *Gateway) room(urgent bool) int {
	health := g.Links()
	g.mu.Lock()
	defer g.mu.Unlock()
	var well []*link
	for i, l := range g.links {
		if g.usable(l, health[i], urgent) {
			well = append(well, l)
		}
	}
	free := 0
	for i, l := range g.links {
		if slices.Contains(well, l) && !slices.ContainsFunc(well, func(o *link) bool { return o.route.before(l.route) }) {
			spare := g.spare(l, health[i], urgent)
			if !urgent {
				spare = max(0, spare-l.awaited)
			}
			free += spare
		}
	}
	slots := g.cfg.Policy.Workers - g.busy
	if urgent {
		slots += extra(g.cfg.Policy.Workers)
	} else {
		free -= max(0, len(g.standing)-g.waiting)
	}
	return max(0, min(free, slots))
}

// roomIn is how long until there may be room for a text, by the rates of the links that
// are full for that alone; at most a poll.
func (g *Gateway) roomIn() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	least := g.cfg.Policy.Poll
	for _, l := range g.links {
		if d := l.bucket.wait(g.clock.Now(), 1, false); d > 0 {
			least = min(least, max(d, tick))
		}
	}
	return least
}

// tick is how often at most a link's rate has the outbox looked at.
const tick = 20 * time.Millisecond

// tookOne notes that a carrier took a text, so that its link need not rest.
func (g *Gateway) tookOne(l *link, segments int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l.pauses = 0
	l.took.add(g.clock.Now(), segments)
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
	g.clock.AfterFunc(d, func() { g.stir(); g.Wake() })
}

// noteLinks remembers up to when each link has certainly brought everything, and takes this
// process's part of its rate.
func (g *Gateway) noteLinks() {
	sharers := float64(max(1, g.cfg.Sharers()))
	for _, l := range g.links {
		h := l.Health()
		g.mu.Lock()
		l.bucket.part(float64(l.route.Rate)/sharers, g.clock.Now())
		now, calm := g.clock.Now(), l.calmSince(h, g.clock.Now())
		if l.seen.After(now) { // the clock was set back
			l.seen = time.Time{}
		}
		if h.Hears() && now.Sub(calm) >= g.cfg.Policy.Settle && h.LastSeen.After(l.seen) && !h.LastSeen.After(now) {
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
// certainly arrived and been handled: all inbound links that serve anybody were up and
// answering, have been so for Policy.Settle, and nothing from before waits in the inbox. A window may
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
		if h := l.Health(); h.Inbound && len(h.Serves) == 0 && (first || l.seen.Before(least)) {
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
		out = append(out, l.health())
	}
	return out
}
