package sms

import (
	"context"
	"fmt"
	"time"
)

// handleBatch is how many texts are read from the inbox at once.
const handleBatch = 200

// failing is a text whose handling failed.
type failing struct {
	tries int
	next  time.Time
}

// handle hands stored texts to their handler: at the start those that a former process
// left, then each as it arrives.
func (g *Gateway) handle(ctx context.Context) {
	for {
		more, err := g.handleSome(ctx)
		if err != nil && ctx.Err() == nil {
			g.cfg.Log.ErrorContext(ctx, "inbox cannot be read", "err", err)
		}
		if more && ctx.Err() == nil {
			continue
		}
		if !g.pause(ctx, g.cfg.Policy.Poll, g.wakeIn) {
			return
		}
	}
}

// handleSome handles a batch; more means that there was progress and may be more.
func (g *Gateway) handleSome(ctx context.Context) (more bool, err error) {
	limit, before := g.batch()
	waiting, err := g.cfg.Inbox.Unhandled(ctx, limit)
	if err != nil {
		return false, fmt.Errorf("unhandled texts: %w", err)
	}
	var whole, parts []Inbound
	for _, in := range waiting {
		delete(before, in.ID)
		g.block(in, true)
		if _, ok := partOf(in.Key); ok {
			parts = append(parts, in)
		} else {
			whole = append(whole, in)
		}
	}
	all := len(waiting) < limit
	joined := g.join(ctx, parts)
	done := g.handleInOrder(ctx, whole)
	if all && !joined {
		g.readThrough(before)
	}
	return joined || done > 0 && !all, nil
}

// batch is how much to read, so that what only waits does not fill it, and the stored
// texts that must then be found if nobody else handled them.
func (g *Gateway) batch() (limit int, stored map[string]bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	stored = map[string]bool{}
	for id, a := range g.backlog {
		if a.stored {
			stored[id] = true
		}
	}
	return handleBatch + len(g.handled) + len(g.backlog), stored
}

// readThrough notes that the whole inbox was seen; what was in the backlog and not in
// the inbox was handled by another process.
func (g *Gateway) readThrough(gone map[string]bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.replay = true
	for id := range gone {
		delete(g.backlog, id)
		delete(g.handled, id)
	}
}

// handleInOrder handles texts, each phone's in order, and counts those that are done.
func (g *Gateway) handleInOrder(ctx context.Context, texts []Inbound) (done int) {
	held := map[string]bool{} // phones with a text that must come first
	for _, in := range texts {
		if ctx.Err() != nil {
			return done
		}
		if held[in.From] || !g.due(in.ID) || !g.handleOne(ctx, in) {
			held[in.From] = true
			continue
		}
		done++
	}
	return done
}

func (g *Gateway) due(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.handled[id].next.After(g.clock.Now())
}

// handleOne handles a text and notes what it was taken for; one whose note fails is
// handled again, which its handler expects.
func (g *Gateway) handleOne(ctx context.Context, in Inbound) (ok bool) {
	ctx, cancel := g.budget(ctx)
	defer cancel()
	as, err := g.cfg.OnInbound(ctx, in)
	if err == nil {
		err = g.cfg.Inbox.Handled(ctx, in.ID, orElse(as, "handled"))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		f := g.handled[in.ID]
		f.tries++
		wait := g.backOff(f.tries - 1)
		f.next = g.clock.Now().Add(wait)
		g.handled[in.ID] = f
		g.stats.HandleFails++
		g.clock.AfterFunc(wait, func() { nudge(g.wakeIn) })
		g.cfg.Log.ErrorContext(ctx, "text not handled yet", "text", in.ID, "from", Mask(in.From), "try", f.tries, "err", err)
		return false
	}
	delete(g.handled, in.ID)
	delete(g.backlog, in.ID)
	return true
}
