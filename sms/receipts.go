package sms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// maxParked bounds the receipts held without a text; above it carriers keep theirs.
const maxParked = 10_000

// parked is a receipt that came before the text it speaks of was known. It is in the store:
// the carrier was told that we have it.
type parked struct {
	Receipt
	at    time.Time
	tries int // looked for its text that often, each time after twice the wait
}

// Receipt is part of [Sink]. A receipt moves its text forward or changes nothing:
// repeated, late and contradictory ones are harmless. One whose text is not known yet,
// because the carrier's receipt overtook its answer, waits for it: while a text to its phone
// is under way for some seconds with the carrier, which keeps it until we have said that we
// have it, and then here (Policy.ParkFor).
func (g *Gateway) Receipt(ctx context.Context, r Receipt) error {
	g.count(func(s *Stats) { s.Receipts++ })
	g.countOn(r.Link, func(s *LinkStats) { s.Receipts++ })
	if !r.Status.Final() {
		g.count(func(s *Stats) { s.Interim++ })
		return nil
	}
	known, err := g.match(ctx, r)
	if err == nil && !known {
		// Its text may be under way, or have been noted while we looked.
		g.awaitOutcome(ctx, r.Phone)
		known, err = g.match(ctx, r)
	}
	if err != nil {
		g.count(func(s *Stats) { s.Refused++ })
		return err
	}
	if known {
		return nil
	}
	if err := g.park(ctx, r); err != nil {
		g.count(func(s *Stats) { s.Refused++ })
		return err
	}
	return nil
}

// park keeps a receipt without a text.
func (g *Gateway) park(ctx context.Context, r Receipt) error {
	now := g.clock.Now()
	g.mu.Lock()
	full := len(g.parked) >= maxParked
	g.mu.Unlock()
	if full {
		return errors.New("too many receipts without a text")
	}
	ctx, cancel := g.budget(ctx)
	defer cancel()
	if err := g.cfg.Outbox.Keep(ctx, Kept{Receipt: r, At: now}); err != nil {
		return fmt.Errorf("keep receipt %s: %w", r.CarrierID, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.parked[r.Link+"|"+r.CarrierID] = parked{Receipt: r, at: now}
	return nil
}

// receiptPatience is how long a receipt waits for the text that it may speak of. Until then
// the carrier does not hear of us: what we have only in memory dies with us, and without the
// receipt the text would go once more.
const receiptPatience = 5 * time.Second

// awaitOutcome waits until no text to a phone is under way here, for some seconds at most.
func (g *Gateway) awaitOutcome(ctx context.Context, phone string) {
	late := make(chan struct{})
	stop := g.clock.AfterFunc(receiptPatience, func() { close(late) })
	defer stop()
	for {
		g.mu.Lock()
		left := g.left
		under := phone != "" && slices.Contains(slices.Collect(maps.Values(g.inHand)), phone)
		g.mu.Unlock()
		if !under {
			return
		}
		select {
		case <-left:
		case <-late:
			return
		case <-ctx.Done():
			return
		}
	}
}

// match applies a receipt to its text; known is false if there is none.
func (g *Gateway) match(ctx context.Context, r Receipt) (known bool, err error) {
	ctx, cancel := g.budget(ctx)
	defer cancel()
	if m, ok := g.recalled(r.Link, r.CarrierID); ok {
		return true, g.settle(ctx, m, r)
	}
	m, err := g.cfg.Outbox.ByCarrierID(ctx, r.Link, r.CarrierID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("text of receipt %s: %w", r.CarrierID, err)
	}
	return true, g.settle(ctx, m, r)
}

// settle moves a text by its receipt.
func (g *Gateway) settle(ctx context.Context, m Message, r Receipt) error {
	if r.Status == Undelivered && m.Avoid != "" && r.Link == m.Avoid {
		return nil // said before; since then it went by another
	}
	if c, ok := g.rerouted(ctx, m, r); ok {
		g.mu.Lock()
		for _, id := range m.CarrierIDs {
			delete(g.recent.texts, r.Link+"|"+id) // what is known of it there is old now
		}
		g.mu.Unlock()
		_, _, err := g.advance(ctx, c)
		return err
	}
	at := g.plausible(r.DoneAt)
	var segments []Kept
	if r.Status == Delivered && len(m.CarrierIDs) > 1 {
		var err error
		if segments, err = g.noteSegment(ctx, m, r, at); err != nil || segments == nil {
			return err
		}
		for _, s := range segments {
			if s.DoneAt.After(at) {
				at = s.DoneAt
			}
		}
	}
	was, moved, err := g.advance(ctx, Change{ID: m.ID, Status: r.Status, At: at, Link: r.Link, Raw: r.Raw})
	if err != nil {
		return err
	}
	if !moved && was.Status == r.Status && g.teller == nil {
		// The carrier repeats itself, so we may have died before telling this.
		turn := &g.turn[shard(m.ID)%64]
		turn.Lock()
		defer turn.Unlock()
		g.tell(ctx, was)
	}
	if len(segments) > 0 {
		g.drop(ctx, segments...)
	}
	return nil
}

// drop forgets kept receipts; those that cannot be forgotten now end with their time.
func (g *Gateway) drop(ctx context.Context, of ...Kept) {
	if err := g.cfg.Outbox.Drop(ctx, time.Time{}, of...); err != nil {
		g.cfg.Log.WarnContext(ctx, "kept receipts not forgotten", "err", err)
	}
}

// rerouted sends a text back to the queue, once, whose carrier says after all that the
// number went to another, if another link carries such texts. That the other reached the
// phone is learnt as well.
func (g *Gateway) rerouted(ctx context.Context, m Message, r Receipt) (Change, bool) {
	switch {
	case r.Status == Delivered && m.Avoid != "" && r.Link != m.Avoid:
		g.learn(ctx, Learnt{Phone: m.To, Link: r.Link})
		return Change{}, false
	case r.Status != Undelivered || !Ported(r.Raw):
		return Change{}, false
	}
	g.learn(ctx, Learnt{Phone: m.To, Not: r.Link})
	c := Change{ID: m.ID, Status: Queued, At: g.clock.Now(), NextTry: g.clock.Now(), Raw: r.Raw, Avoid: r.Link}
	m.Avoid = cmp.Or(m.Avoid, r.Link)
	return c, m.Avoid == r.Link && m.Status == Sent && len(g.candidates(m, m.To, Learnt{})) > 0
}

// plausible is the carrier's time if it can be true, else now.
func (g *Gateway) plausible(at time.Time) time.Time {
	now := g.clock.Now()
	if at.IsZero() || at.Before(now.Add(-oldest)) || at.After(now.Add(newest)) {
		return now
	}
	return at
}

// How far a carrier's clock is believed: it may have kept a thing for three days, and
// run two minutes ahead of ours.
const (
	oldest = 72 * time.Hour
	newest = 2 * time.Minute
)

// noteSegment notes a delivered segment where every process sees it. It returns those of
// all segments once they all are.
func (g *Gateway) noteSegment(ctx context.Context, m Message, r Receipt, at time.Time) ([]Kept, error) {
	r.Link, r.DoneAt = m.Link, at
	if err := g.cfg.Outbox.Keep(ctx, Kept{Receipt: r, TextID: m.ID, At: g.clock.Now()}); err != nil {
		return nil, fmt.Errorf("keep receipt %s: %w", r.CarrierID, err)
	}
	have, err := g.cfg.Outbox.Kept(ctx, m.ID, maxKept)
	if err != nil {
		return nil, fmt.Errorf("receipts of text %s: %w", m.ID, err)
	}
	for _, id := range m.CarrierIDs {
		if !slices.ContainsFunc(have, func(k Kept) bool { return k.CarrierID == id && k.Link == m.Link }) {
			return nil, nil
		}
	}
	return have, nil
}

// maxKept is more than the segments of any text, gone twice.
const maxKept = 1000

// rematch looks for receipts that overtook the answer just written down.
func (g *Gateway) rematch(ctx context.Context, c Change) {
	if c.Status == Queued {
		return
	}
	g.mu.Lock()
	var waiting []Receipt
	for _, id := range c.CarrierIDs {
		if p, ok := g.parked[c.Link+"|"+id]; ok {
			waiting = append(waiting, p.Receipt)
		}
	}
	g.mu.Unlock()
	for _, r := range waiting {
		g.unpark(ctx, r)
	}
}

// unpark tries a parked receipt again.
func (g *Gateway) unpark(ctx context.Context, r Receipt) (done bool) {
	known, err := g.match(ctx, r)
	if err != nil || !known {
		return false
	}
	g.forget(ctx, r)
	return true
}

// forget lets a parked receipt go. One that has become a segment's stays kept as that.
func (g *Gateway) forget(ctx context.Context, r Receipt) {
	g.mu.Lock()
	delete(g.parked, r.Link+"|"+r.CarrierID)
	g.mu.Unlock()
	ctx, cancel := g.budget(ctx)
	defer cancel()
	g.drop(ctx, Kept{Receipt: r})
}
