package sms

import (
	"context"
	"slices"
	"time"
)

// claimed is a text that was claimed and has not begun its way.
type claimed struct {
	Message
	at time.Time // by the machine's monotonic clock
}

// ahead is what was claimed before there was room, so that a link never waits for the
// outbox: about what goes in a tenth of a second. It is under Gateway.mu.
type ahead struct {
	texts []claimed // by lane, then as claimed
	want  int       // how many to have
	begun int       // texts begun since
	since time.Time
	asked time.Time // when urgent texts were last asked for beside them
}

// Bounds of what is claimed ahead.
const (
	mostAhead   = 128
	aheadFor    = 100 * time.Millisecond // of the present pace
	paceOver    = 50 * time.Millisecond  // the pace is counted
	holdAhead   = 5 * time.Second        // a text that has not begun by then goes back
	urgentEvery = 20 * time.Millisecond  // urgent texts are asked for while others wait here
)

// short is how many texts to claim for so much room; nothing as long as half of what is
// wanted is there.
func (a *ahead) short(room int, now time.Time) int {
	if d := now.Sub(a.since); d >= paceOver {
		a.want = min(mostAhead, int(float64(a.begun)*aheadFor.Seconds()/d.Seconds()))
		a.begun, a.since = 0, now
	}
	if n := len(a.texts); n > 0 && n > a.want/2 || room == 0 && a.want == 0 {
		return 0
	}
	return room + a.want - len(a.texts)
}

// add takes claimed texts in.
func (a *ahead) add(texts []claimed) {
	a.texts = append(a.texts, texts...)
	slices.SortStableFunc(a.texts, func(x, y claimed) int { return x.Lane() - y.Lane() })
}

// begin sets texts on their way for which there is room. The claim of a text that was held
// for half of it may be another's soon: it is left alone.
func (g *Gateway) begin(work context.Context) {
	for {
		g.mu.Lock()
		n := len(g.ahead.texts)
		urgent := n > 0 && g.ahead.texts[0].Kind.Class() == ClassUrgent
		g.mu.Unlock()
		if n == 0 || g.room(urgent) == 0 {
			return
		}
		g.mu.Lock()
		if len(g.ahead.texts) == 0 {
			g.mu.Unlock()
			return
		}
		c := g.ahead.texts[0]
		g.ahead.texts = g.ahead.texts[1:]
		g.ahead.begun++
		g.busy++
		g.standing[c.ID] = true
		g.mu.Unlock()
		g.sending.Go(func() {
			if time.Since(c.at) < g.cfg.Policy.Lease/2 {
				g.send(work, c.Message)
			}
			g.finish(c.Message)
		})
	}
}

// take claims a message within this process. The lease does so between processes, but
// it can run out while the store is away and the outcome waits to be written.
func (g *Gateway) take(id, to string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.takeLocked(id, to)
}

func (g *Gateway) takeLocked(id, to string) bool {
	if _, taken := g.inHand[id]; taken {
		return false
	}
	g.inHand[id] = PhoneOf(to)
	return true
}

// takeUp is take for a text claimed from the outbox. One that is in hand still is looked at
// again when it is let go of.
func (g *Gateway) takeUp(c claimed) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	taken := g.takeLocked(c.ID, c.To)
	if !taken {
		g.missed[c.ID] = c
	}
	return taken
}

func (g *Gateway) leave(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leaveLocked(id)
}

func (g *Gateway) leaveLocked(id string) {
	delete(g.inHand, id)
	delete(g.missed, id)
	close(g.left)
	g.left = make(chan struct{})
}

// finish lets go of a text. One whose outcome was to go again, and that was claimed again
// since, begins anew: nobody else can have it as long as that claim holds. All of it is under
// one lock, or a claim made between the look and the letting go would be lost.
func (g *Gateway) finish(m Message) {
	g.mu.Lock()
	delete(g.standing, m.ID)
	if next, again := g.missed[m.ID]; again && next.Attempts > m.Attempts {
		delete(g.missed, m.ID)
		g.ahead.add([]claimed{next})
	} else {
		g.leaveLocked(m.ID)
	}
	g.busy--
	g.mu.Unlock()
	nudge(g.wakeOut)
}

// putBack gives texts back that did not begin for so long: there is no room for them, and
// another process may have some, or more pressing ones come.
func (g *Gateway) putBack(ctx context.Context, held time.Duration) {
	g.mu.Lock()
	var back []claimed
	g.ahead.texts = slices.DeleteFunc(g.ahead.texts, func(c claimed) bool {
		old := time.Since(c.at) >= held
		if old {
			back = append(back, c)
		}
		return old
	})
	g.busy += len(back)
	g.mu.Unlock()
	for _, c := range back {
		g.sending.Go(func() {
			now := g.clock.Now()
			g.move(ctx, c.Message, Change{ID: c.ID, Status: Queued, At: now, NextTry: now, Raw: c.Raw})
			g.finish(c.Message)
		})
	}
}

// waitsAhead reports whether texts wait to begin.
func (g *Gateway) waitsAhead() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.ahead.texts) > 0
}
