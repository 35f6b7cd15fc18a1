package sms

import (
	"context"
	"time"
)

// doubtAfter is how old a receipt without a text is when no answer is under way any more.
const doubtAfter = 30 * time.Second

// recallParked takes over the receipts that processes which died had parked, and ends what
// has been kept longer than any carrier reports. Two processes may have one: what it moves
// is moved once.
func (g *Gateway) recallParked(ctx context.Context) {
	left, err := g.cfg.Outbox.Kept(ctx, "", maxParked)
	if err == nil {
		err = g.cfg.Outbox.Drop(ctx, g.clock.Now().Add(-oldest))
	}
	if err != nil {
		g.cfg.Log.ErrorContext(ctx, "parked receipts cannot be read", "err", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range left {
		key := k.Link + "|" + k.CarrierID
		if _, known := g.parked[key]; !known && len(g.parked) < maxParked {
			g.parked[key] = parked{Receipt: k.Receipt, at: k.At}
		}
	}
}

// sweepReceipts looks again for the texts of parked receipts and ends what waited too
// long.
func (g *Gateway) sweepReceipts(ctx context.Context) {
	for _, p := range g.dueParked() {
		switch {
		case g.unpark(ctx, p.Receipt) || g.resolveDoubt(ctx, p):
		case g.outwaited(p):
			g.cfg.Log.WarnContext(ctx, "receipt without a text", "link", p.Link, "carrier_id", p.CarrierID, "phone", Mask(p.Phone))
			g.count(func(s *Stats) { s.Unclaimed++ })
			g.forget(ctx, p.Receipt)
		}
	}
}

// outwaited reports that a receipt's text will not turn up any more. While an outcome
// waits for the store to come back, it may be the one.
func (g *Gateway) outwaited(p parked) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.clock.Now().Sub(p.at) >= g.cfg.Policy.ParkFor && len(g.unstored) == 0
}

// dueParked are the receipts to look for now; the waits double from the first sweep on.
func (g *Gateway) dueParked() map[string]parked {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	due := map[string]parked{}
	for key, p := range g.parked {
		age := now.Sub(p.at)
		if age < sweepEvery<<min(p.tries, 5)-sweepEvery && age < g.cfg.Policy.ParkFor {
			continue
		}
		p.tries++
		g.parked[key] = p
		due[key] = p
	}
	return due
}

// resolveDoubt takes a receipt that belongs to no known text for that of the one text
// to its phone whose answer never came. With two such texts it says nothing, nor of a text
// of several segments: it speaks of one, and the others may never have been sent.
func (g *Gateway) resolveDoubt(ctx context.Context, p parked) bool {
	id := g.doubted(ctx, p)
	if id == "" || !g.take(id, p.Phone) {
		return false
	}
	defer g.leave(id)
	sent := Change{ID: id, Status: Sent, At: p.at, Link: p.Link, CarrierIDs: []string{p.CarrierID}, Segments: 1, MaybeTwice: true}
	if _, _, err := g.advance(ctx, sent); err != nil {
		return false
	}
	g.cfg.Log.InfoContext(ctx, "receipt tells what became of a text of unknown outcome", "text", id)
	return g.unpark(ctx, p.Receipt)
}

// doubted is the one text in doubt that a receipt can speak of.
func (g *Gateway) doubted(ctx context.Context, p parked) (id string) {
	outbox, ok := g.cfg.Outbox.(Doubter)
	if !ok || g.clock.Now().Sub(p.at) < doubtAfter || p.Phone == "" {
		return ""
	}
	texts, err := outbox.Doubted(ctx, p.Phone)
	if err != nil {
		g.cfg.Log.ErrorContext(ctx, "texts of unknown outcome cannot be read", "err", err)
		return ""
	}
	for _, m := range texts {
		if m.Link != "" && m.Link != p.Link {
			continue
		}
		if id != "" || Segments(Sign(g.cfg.Signature, m.Text)) > 1 {
			return ""
		}
		id = m.ID
	}
	return id
}
