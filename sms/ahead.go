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
		g.mu.Unlock()
		g.sending.Go(func() {
			if time.Since(c.at) < g.cfg.Policy.Lease/2 {
				g.send(work, c.Message)
			}
			g.finish(c.ID)
		})
	}
}

// finish lets go of a text.
func (g *Gateway) finish(id string) {
	g.leave(id)
	g.mu.Lock()
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
			g.finish(c.ID)
		})
	}
}

// waitsAhead reports whether texts wait to begin.
func (g *Gateway) waitsAhead() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.ahead.texts) > 0
}
