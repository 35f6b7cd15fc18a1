package sms

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// dispatch claims what is due whenever there is room, until ctx is done. The texts
// themselves are sent under work, which outlives ctx so that they can finish.
func (g *Gateway) dispatch(ctx, work context.Context) {
	for {
		full, more := g.claim(ctx, work)
		if full {
			continue
		}
		rest := g.cfg.Policy.Poll
		if more {
			rest = g.roomIn()
		}
		if g.waitsAhead() {
			rest = min(rest, urgentEvery)
		}
		if !g.pause(ctx, rest, g.wakeOut) {
			return
		}
		g.putBack(work, holdAhead)
	}
}

// claim takes what is due, somewhat more than there is room for (see ahead), and sets it on
// its way. Urgent texts have room beyond that of the others, and are asked for alone when
// there is none for these. full means that there may be more and that there is room for it,
// more that there may be more.
func (g *Gateway) claim(ctx, work context.Context) (full, more bool) {
	g.begin(work)
	w, more := g.want()
	if w.Limit == 0 {
		g.expire(ctx, work)
		return false, more
	}
	// By the machine's monotonic clock: this process may be stopped for longer than its
	// claims hold, and must then leave the texts to whoever has claimed them since.
	at := time.Now()
	due, err := g.cfg.Outbox.Claim(ctx, w)
	if err != nil {
		if ctx.Err() == nil {
			g.cfg.Log.ErrorContext(ctx, "outbox cannot be read", "err", err)
		}
		return false, false
	}
	var fresh []claimed
	for _, m := range due {
		if c := (claimed{m, at}); g.takeUp(c) {
			fresh = append(fresh, c)
		}
	}
	g.mu.Lock()
	g.ahead.add(fresh)
	g.mu.Unlock()
	g.begin(work)
	more = len(due) == w.Limit || w.Urgent
	return len(due) == w.Limit && g.room(w.Urgent) > 0 && ctx.Err() == nil, more
}

// want is what to claim now; more means that there may be something to claim later.
func (g *Gateway) want() (w Want, more bool) {
	room, most := g.room(false), g.room(true)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	w = Want{Now: g.clock.Now(), Limit: g.ahead.short(room, now), Lease: g.cfg.Policy.Lease, Owner: g.cfg.Owner}
	if most == 0 {
		w.Limit = 0
	}
	if w.Limit == 0 && most > 0 && (len(g.ahead.texts) == 0 || now.Sub(g.ahead.asked) >= urgentEvery) {
		w.Limit, w.Urgent, g.ahead.asked = most, true, now
	}
	return w, true
}

// Looking for texts that ran out of time while no link is up.
const (
	expireEvery = 30 * time.Second
	expireBatch = 500
)

// expire ends queued texts whose validity passed while nothing can be sent.
func (g *Gateway) expire(ctx, work context.Context) {
	g.mu.Lock()
	if g.busy > 0 {
		g.mu.Unlock()
		return // busy, not cut off
	}
	due := !g.lastExpire.Add(expireEvery).After(g.clock.Now())
	if due {
		g.lastExpire = g.clock.Now()
	}
	g.mu.Unlock()
	if !due {
		return
	}
	waiting, err := g.cfg.Outbox.Claim(ctx, Want{Now: g.clock.Now(), Limit: expireBatch})
	if err != nil {
		return // said by the next claim, if it stays so
	}
	for _, m := range waiting {
		if c, over := g.overdue(m); over {
			g.move(work, m, c)
		}
	}
}

// overdue is the end of a text whose time is over before a carrier took it.
func (g *Gateway) overdue(m Message) (Change, bool) {
	now := g.clock.Now()
	due := m.CreatedAt
	if m.NotBefore.After(due) {
		due = m.NotBefore
	}
	switch {
	case !m.ValidUntil.IsZero() && !now.Before(m.ValidUntil):
		return Change{ID: m.ID, Status: Expired, At: now, Raw: m.Raw}, true
	case m.ValidUntil.IsZero() && !due.IsZero() && now.Sub(due) > g.cfg.Policy.GiveUp:
		return Change{ID: m.ID, Status: Failed, At: now, Raw: orElse(m.Raw, "gave up")}, true
	}
	return Change{}, false
}

// tooEarly puts a text off to the hours in which its kind may go out.
func (g *Gateway) tooEarly(m Message) (Change, bool) {
	now := g.clock.Now()
	next := g.cfg.When(m.Kind, now)
	return Change{ID: m.ID, Status: Queued, At: now, NextTry: next, Raw: m.Raw}, next.After(now)
}

// send makes one try and writes down how it ended.
func (g *Gateway) send(ctx context.Context, m Message) {
	c, over := g.overdue(m)
	if _, again := g.cfg.Policy.resend(m.Kind); !over && m.MaybeTwice && !again {
		c, over = Change{ID: m.ID, Status: Failed, At: g.clock.Now(), Raw: orElse(m.Raw, "unknown")}, true
	}
	if !over && m.Lapsed {
		c, over = g.lapsed(m), true
	}
	if !over {
		c, over = g.tooEarly(m)
	}
	if !over {
		c, over = g.spared(ctx, m)
	}
	if !over {
		c = g.try(ctx, m)
	}
	if c.Status == Sent && m.Kind == KindSurvey {
		g.mu.Lock()
		g.repeats.asked(m.To, g.clock.Now())
		g.mu.Unlock()
	}
	if g.move(ctx, m, c) {
		g.remember(m, c)
		g.rematch(ctx, c)
	}
}

// try offers a text to the links and says what its outcome changes.
func (g *Gateway) try(ctx context.Context, m Message) Change {
	p, err := g.prepare(ctx, m)
	if err != nil {
		g.cfg.Log.ErrorContext(ctx, "text cannot be sent", "text", m.ID, "err", err)
		return Change{ID: m.ID, Status: Failed, At: g.clock.Now(), Raw: err.Error()}
	}
	l, taken, fault := g.carry(ctx, p)
	if fault != nil {
		return g.afterFault(ctx, tried{p, l, taken, fault})
	}
	return Change{
		ID: m.ID, Status: Sent, At: g.clock.Now(), Link: l.name,
		CarrierIDs: taken.CarrierIDs, Segments: taken.Segments, MaybeTwice: m.MaybeTwice,
	}
}

// prepare is a text with all that decides its way.
func (g *Gateway) prepare(ctx context.Context, m Message) (parcel, error) {
	p := parcel{Message: m}
	var err error
	if p.to, err = Normalize(m.To); err != nil {
		return p, err
	}
	p.signed = strings.ToValidUTF8(Sign(g.cfg.Signature, m.Text), "\uFFFD")
	if p.segments = Segments(p.signed); p.segments > g.cfg.Policy.MaxSegments {
		return p, fmt.Errorf("%w: %d segments, at most %d", ErrTooLong, p.segments, g.cfg.Policy.MaxSegments)
	}
	p.links = g.candidates(m, p.to, g.knownOf(ctx, p.to))
	return p, nil
}

// nextRef numbers the long texts to one phone; receivers that share a counter only
// skip numbers.
func (g *Gateway) nextRef(to string) byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := shard(to)
	g.refs[i]++
	return g.refs[i]
}

// tried is a text with the fault of its last try.
type tried struct {
	parcel
	link  *link
	taken Taken
	fault *SendError
}

// afterFault is the one place where a fault becomes a status.
func (g *Gateway) afterFault(ctx context.Context, t tried) Change {
	now := g.clock.Now()
	c := Change{ID: t.ID, Status: Queued, At: now, Raw: t.fault.Code, MaybeTwice: t.MaybeTwice}
	if errors.Is(t.fault, errNoRoom) {
		g.count(func(s *Stats) { s.PutOff++ })
		c.NextTry = g.turnOf(t)
		return c
	}
	g.cfg.Log.WarnContext(ctx, "text not taken", "text", t.ID, "to", Mask(t.To), "attempt", t.Attempts+1, "err", t.fault)
	switch t.fault.Fault {
	case Permanent:
		c.Status = Failed
	case Unknown:
		g.afterUnknown(t, &c)
	case Unreachable:
		c.NextTry = now.Add(BackOff(t.Attempts, g.cfg.Policy.FirstRetry, min(g.cfg.Policy.LastRetry, time.Minute)))
	default:
		c.NextTry = now.Add(g.backOff(t.Attempts))
	}
	return c
}

// lapsed is what becomes of a text that another process, or this one before it died, may
// have sent: its outcome is unknown.
func (g *Gateway) lapsed(m Message) Change {
	c := Change{ID: m.ID, Status: Queued, At: g.clock.Now(), Raw: m.Raw, MaybeTwice: m.MaybeTwice}
	g.cfg.Log.Warn("text was claimed before, its outcome is unknown", "text", m.ID, "to", Mask(m.To))
	g.afterUnknown(tried{parcel: parcel{Message: m}}, &c)
	return c
}

// afterUnknown decides about a text that the carrier may have: it waits for a receipt,
// is sent once more when none came, and is given up when that is unclear too.
func (g *Gateway) afterUnknown(t tried, c *Change) {
	g.mu.Lock()
	g.stats.Unknown++
	g.mu.Unlock()
	wait, _ := g.cfg.Policy.resend(t.Kind)
	c.Raw = orElse(c.Raw, "unknown")
	if t.MaybeTwice {
		c.Status = Failed
		return
	}
	c.NextTry, c.MaybeTwice = c.At.Add(wait), true
	if t.link != nil {
		c.Link = t.link.name
	}
}

// backOff is how long a text rests after so many attempts.
func (g *Gateway) backOff(attempts int) time.Duration {
	return BackOff(attempts, g.cfg.Policy.FirstRetry, g.cfg.Policy.LastRetry)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
