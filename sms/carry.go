package sms

import (
	"context"
	"errors"
	"strings"
	"time"
)

// parcel is a text on its way to a link.
type parcel struct {
	Message
	to       string // normalised
	signed   string
	segments int // as signed, which is how the carrier counts
	links    []candidate
}

// errNoLink says that no link to the receiver is up, errNoRoom that those there are have
// as much as they may have.
var (
	errNoLink = errors.New("no link is up")
	errNoRoom = errors.New("no link has room")
)

// carry offers a text to its links in order until one takes it, or one may have. A carrier
// that says the number is another's is believed (Learnt), and the next one is asked.
func (g *Gateway) carry(ctx context.Context, p parcel) (l *link, taken Taken, fault *SendError) {
	fault = &SendError{Fault: Unreachable, Err: errNoLink}
	for left := p.links; ; {
		next, err := g.seat(ctx, &p, left)
		if errors.Is(err, errNoRoom) {
			return next, Taken{}, &SendError{Fault: Unreachable, Err: err}
		}
		if err != nil {
			return l, Taken{}, fault // of the last that was asked, or that there is none
		}
		l = next
		left = without(left, l)
		taken, refused := g.counted(ctx, l, g.outgoing(p, l))
		g.unseat(l)
		if refused == nil {
			g.tookOne(l, taken.Segments)
			return l, taken, nil
		}
		fault = refused
		switch fault.Fault {
		case Throttled:
			g.restAfterThrottle(ctx, l)
		case Elsewhere:
			g.learn(ctx, Learnt{Phone: p.to, Not: l.name})
		case Unknown:
			return l, fault.Taken, fault
		case Permanent:
			if len(l.Health().Serves) == 0 || len(p.links) == 1 {
				return l, fault.Taken, fault
			}
			// It has an address of its own for this number, and speaks of that alone.
			fault = &SendError{Fault: Temporary, Code: fault.Code, Err: fault.Err}
		}
	}
}

func without(all []candidate, l *link) []candidate {
	var left []candidate
	for _, c := range all {
		if c.link != l {
			left = append(left, c)
		}
	}
	return left
}

// outgoing is a text as a link wants it.
func (g *Gateway) outgoing(p parcel, l *link) Outgoing {
	out := Outgoing{ID: p.ID, To: p.to, Ext: p.Ext, Text: p.signed, Ref: g.nextRef(p.to)}
	if l.route.Bare {
		out.Ext = ""
	}
	if l.route.Signs {
		out.Text = strings.TrimPrefix(strings.ToValidUTF8(p.Text, "\uFFFD"), g.cfg.Signature)
	}
	if !p.ValidUntil.IsZero() {
		out.Validity = p.ValidUntil.Sub(g.clock.Now())
	}
	return out
}

// Waiting for room in place, because it comes within moments; what waits longer goes back
// to the outbox, so that texts for other links come by.
const (
	waitRoom   = 2 * time.Second
	maxWaiters = 16
)

// seat finds the link a text goes to and takes room in it: the best that is up, or one
// like it when that is full. It waits for room a while; errNoRoom comes with the best.
func (g *Gateway) seat(ctx context.Context, p *parcel, links []candidate) (*link, error) {
	for until := g.clock.Now().Add(waitRoom); ; {
		l, again, err := g.trySeat(p, links)
		if err == nil || !errors.Is(err, errNoRoom) {
			return l, err
		}
		left := until.Sub(g.clock.Now())
		if left <= 0 || !g.waitForRoom(ctx, l, roomFor{min(left, again), p.Kind.Class() == ClassUrgent}) {
			return l, errNoRoom
		}
	}
}

// trySeat is one look for a seat; without one, l is the best that is up and again how long
// it takes at most until one may be free.
func (g *Gateway) trySeat(p *parcel, links []candidate) (l *link, again time.Duration, err error) {
	urgent := p.Kind.Class() == ClassUrgent
	var best *candidate // the first that is up: those that only take over are not for its texts
	again, err = waitRoom, errNoLink
	for i, c := range links {
		if best != nil && c.after(*best) {
			break
		}
		h := c.Health()
		g.mu.Lock()
		now := g.clock.Now()
		if !g.usable(c.link, h, urgent) {
			g.mu.Unlock()
			continue
		}
		best, err = &links[i], errNoRoom
		wait := c.bucket.wait(now, p.segments, urgent)
		if wait <= 0 && g.spare(c.link, h, urgent) > 0 {
			c.bucket.take(p.segments)
			c.load++
			delete(g.standing, p.ID)
			g.mu.Unlock()
			return c.link, 0, nil
		}
		if wait > 0 {
			again = min(again, wait)
		}
		g.mu.Unlock()
	}
	if best != nil {
		l = best.link
	}
	return l, again, err
}

// turnOf is when a text that found no room in a link comes again: where the link has a
// rate, after all that were put off before it, unless it is urgent.
func (g *Gateway) turnOf(t tried) time.Time {
	now := g.clock.Now()
	if t.Kind.Class() == ClassUrgent {
		return now.Add(time.Second)
	}
	if t.link.route.Rate == 0 {
		return now.Add(BackOff(t.Attempts, time.Second, 15*time.Second))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.link.turn.Before(now) {
		t.link.turn = now
	}
	t.link.turn = t.link.turn.Add(time.Duration(float64(t.segments) / t.link.bucket.rate * float64(time.Second)))
	return t.link.turn
}

// unseat gives room in a link back.
func (g *Gateway) unseat(l *link) {
	g.mu.Lock()
	l.load--
	g.mu.Unlock()
	g.stir()
	g.begin(g.work)
}

// stir lets those who wait for room look again.
func (g *Gateway) stir() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting > 0 {
		close(g.roomy)
		g.roomy = make(chan struct{})
	}
}

// roomFor is how long a text waits for room, and whether it is urgent.
type roomFor struct {
	most   time.Duration
	urgent bool
}

// waitForRoom waits until there may be room in a link; false means that it was no use.
func (g *Gateway) waitForRoom(ctx context.Context, l *link, r roomFor) bool {
	g.mu.Lock()
	if g.waiting >= maxWaiters && !r.urgent {
		g.mu.Unlock()
		return false
	}
	g.waiting++
	l.awaited++
	roomy := g.roomy
	g.mu.Unlock()
	ok := g.pause(ctx, r.most, roomy)
	g.mu.Lock()
	g.waiting--
	l.awaited--
	g.mu.Unlock()
	return ok
}
