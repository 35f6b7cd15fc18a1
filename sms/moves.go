package sms

import (
	"context"
	"fmt"
	"time"
)

// move writes a change down, however long that takes, and tells it. The try is over
// and its outcome is true, so it is written even after ctx is done; only then a store
// that does not answer ends it, and the lease brings the text back. It reports whether
// the change was written.
func (g *Gateway) move(ctx context.Context, m Message, c Change) bool {
	for n := 0; ; n++ {
		_, _, err := g.advance(ctx, c)
		g.unwritten(m.ID, err != nil)
		if err == nil {
			return true
		}
		g.cfg.Log.ErrorContext(ctx, "outcome not stored yet", "text", m.ID, "status", c.Status, "err", err)
		if !g.pause(ctx, g.backOff(n), nil) {
			return false
		}
	}
}

// unwritten remembers the texts whose outcome could not be stored yet, because receipts
// may wait for them longer than for others.
func (g *Gateway) unwritten(id string, is bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if is {
		g.unstored[id] = true
	} else {
		delete(g.unstored, id)
	}
}

// advance writes a change once and tells it if the message moved.
func (g *Gateway) advance(ctx context.Context, c Change) (m Message, moved bool, err error) {
	turn := &g.turn[shard(c.ID)%64]
	turn.Lock()
	defer turn.Unlock()
	ctx, cancel := g.budget(ctx)
	defer cancel()
	m, moved, err = g.cfg.Outbox.Advance(ctx, c)
	if err != nil {
		return m, false, fmt.Errorf("advance text %s to %s: %w", c.ID, c.Status, err)
	}
	if !moved {
		return m, false, nil
	}
	if c.Status == Queued {
		g.count(func(s *Stats) { s.Retries++ })
		g.wakeAt(c.NextTry)
		return m, true, nil
	}
	g.count(func(s *Stats) {
		s.Moved[c.Status]++
		if c.Status == Sent {
			s.Submitted += c.Segments
		}
	})
	g.cfg.Log.InfoContext(ctx, "text moved", "text", m.ID, "kind", m.Kind, "to", Mask(m.To), "status", m.Status, "link", m.Link, "raw", m.Raw)
	g.tell(ctx, m)
	return m, true, nil
}

// wakeAt looks at the outbox at the moment a retry falls due.
func (g *Gateway) wakeAt(at time.Time) {
	g.clock.AfterFunc(at.Sub(g.clock.Now()), g.Wake)
}

// tell tells a move; one that cannot be told now is told again. The message's turn is
// held.
func (g *Gateway) tell(ctx context.Context, m Message) {
	err := g.cfg.OnMoved(ctx, m)
	if err == nil && g.teller != nil {
		err = g.teller.Told(ctx, m.ID, m.Status)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.untold[m.ID] = m
		g.cfg.Log.ErrorContext(ctx, "move not told yet", "text", m.ID, "status", m.Status, "err", err)
		return
	}
	delete(g.untold, m.ID)
}

// untoldBatch is how many moves are recalled from the store at once.
const untoldBatch = 1000

// recallUntold asks the store what a crash, of this process or another, left untold. What
// another process is telling at this moment may be told twice; what is older than the
// present status is told by that.
func (g *Gateway) recallUntold(ctx context.Context) (read bool) {
	if g.teller == nil {
		return true
	}
	left, err := g.teller.Untold(ctx, untoldBatch)
	if err != nil {
		g.cfg.Log.ErrorContext(ctx, "untold moves cannot be read", "err", err)
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range left {
		if _, known := g.untold[m.ID]; !known {
			g.untold[m.ID] = m
		}
	}
	return true
}

// retell tells what could not be told before.
func (g *Gateway) retell(ctx context.Context) {
	g.mu.Lock()
	ids := make([]string, 0, len(g.untold))
	for id := range g.untold {
		ids = append(ids, id)
	}
	g.mu.Unlock()
	for _, id := range ids {
		if ctx.Err() != nil {
			return
		}
		g.retellOne(ctx, id)
	}
}

func (g *Gateway) retellOne(ctx context.Context, id string) {
	turn := &g.turn[shard(id)%64]
	turn.Lock()
	defer turn.Unlock()
	g.mu.Lock()
	m, still := g.untold[id]
	g.mu.Unlock()
	if !still {
		return
	}
	ctx, cancel := g.budget(ctx)
	defer cancel()
	g.tell(ctx, m)
}
