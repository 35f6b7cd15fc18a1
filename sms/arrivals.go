package sms

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// partMark starts the key of a part of a long text. Parts are kept in the inbox like
// texts, so that a carrier which sends one at a time and waits for our word gets it,
// and a crash between two parts loses neither; the key says how they fit together.
const partMark = "part"

// asPart is what a stored part is taken for when its text was made whole.
const asPart = "part"

// Arrived is part of [Sink]. It returns once the segment is stored; handling comes after
// (ZZ-9.1: what the carrier brings twice is kept once).
func (g *Gateway) Arrived(ctx context.Context, p Part) error {
	g.countOn(p.Link, func(s *LinkStats) { s.Texts++ })
	now := g.clock.Now()
	if p.At.IsZero() {
		p.At = now
	}
	if from, err := Normalize(p.From); err == nil {
		p.From = from
	}
	in := Inbound{
		ID: newID(p.At), Link: p.Link, From: p.From, To: p.To, Ext: p.Ext,
		Text: clean(p.Text), EventAt: eventTime(p), ReceivedAt: p.At.UTC(),
	}
	g.block(in, false)
	ctx, cancel := g.budget(ctx)
	defer cancel()
	in.Key = g.keyOf(ctx, p, now)
	fresh, err := g.cfg.Inbox.Receive(ctx, in)
	if err != nil {
		g.unblock(in.ID)
		g.linkRefused(p.Link)
		g.count(func(s *Stats) { s.Refused++ })
		return fmt.Errorf("store text %s from %s: %w", in.ID, Mask(in.From), err)
	}
	if !fresh {
		g.unblock(in.ID)
		g.count(func(s *Stats) { s.Repeated++ })
		return nil
	}
	g.block(in, true)
	g.count(func(s *Stats) { s.Received++ })
	g.cfg.Log.InfoContext(ctx, "text arrived", "text", in.ID, "link", in.Link, "from", Mask(in.From), "ext", in.Ext)
	nudge(g.wakeIn)
	g.learnFrom(ctx, p.Link, in.From)
	return nil
}

// arrival is a text that came in and is not handled yet; it holds InboundUpTo back.
type arrival struct {
	sent   time.Time
	stored bool
}

// block puts a text into the backlog. One that was handled between being stored and
// being noted here leaves it with the next look at the inbox.
func (g *Gateway) block(in Inbound, stored bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.backlog[in.ID] = arrival{in.EventAt, stored}
}

// unblock takes a text out of the backlog.
func (g *Gateway) unblock(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.backlog, id)
}

// keyOf tells a repetition from a new text.
func (g *Gateway) keyOf(ctx context.Context, p Part, now time.Time) string {
	key := "id:" + p.Link + ":" + p.ID
	if p.ID == "" {
		stored := g.recall(ctx, p, now)
		g.mu.Lock()
		g.repeats.recall(p, stored)
		key = g.repeats.key(p, now)
		g.mu.Unlock()
	}
	if !p.Concat.IsPart() {
		return key
	}
	return fmt.Sprintf("%s:%d:%d:%d:%s", partMark, p.Concat.Ref, p.Concat.Total, p.Concat.Seq, key)
}

// recall asks the inbox for the texts that one may be a repetition of, unless this
// process knows them itself. Without an answer the key alone has to do.
func (g *Gateway) recall(ctx context.Context, p Part, now time.Time) []Inbound {
	inbox, ok := g.cfg.Inbox.(Rememberer)
	g.mu.Lock()
	known := g.repeats.knows(p, now)
	g.mu.Unlock()
	if !ok || known {
		return nil
	}
	stored, err := inbox.Recent(ctx, p.From, now.Add(-repeatWithin))
	if err != nil {
		g.cfg.Log.WarnContext(ctx, "earlier texts not read", "from", Mask(p.From), "err", err)
	}
	return stored
}

// partOf reads what keyOf wrote about a part; ok is false for a whole text.
func partOf(key string) (c Concat, ok bool) {
	f := strings.SplitN(key, ":", 5)
	if len(f) != 5 || f[0] != partMark {
		return Concat{}, false
	}
	ref, err1 := strconv.ParseUint(f[1], 10, 16)
	total, err2 := strconv.Atoi(f[2])
	seq, err3 := strconv.Atoi(f[3])
	c = Concat{Ref: uint16(ref), Total: total, Seq: seq}
	return c, err1 == nil && err2 == nil && err3 == nil && c.IsPart()
}

// eventTime is when the citizen sent a text: by the carrier's word if it can be true,
// else its arrival (ZQ-15.2: lateness is judged on this).
func eventTime(p Part) time.Time {
	if p.SentAt.IsZero() || p.SentAt.Before(p.At.Add(-oldest)) || p.SentAt.After(p.At.Add(newest)) {
		return p.At.UTC()
	}
	return p.SentAt.UTC()
}

// clean is a text as every store can keep it: valid UTF-8 without NUL.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// newID is an id that sorts by arrival.
func newID(at time.Time) string {
	return ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
}
