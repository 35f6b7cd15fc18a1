package sms

import (
	"context"
	"strings"
	"time"
)

// Learnt is what was found out about a phone that took its number to another carrier, so
// that its prefix says nothing any more.
type Learnt struct {
	Phone string
	Link  string // a text of the phone came in by this link, or one went out well by it
	Not   string // the carrier of this link says that the number is not its any more
	At    time.Time
}

// rank is the place of a link by what is known: before, among or after the others.
func (k Learnt) rank(link string) int {
	switch link {
	case "":
		return 0
	case k.Link:
		return -1
	case k.Not:
		return 1
	}
	return 0
}

// And is what is known after one thing more was learnt.
func (k Learnt) And(more Learnt) Learnt {
	k.Phone, k.At = more.Phone, more.At
	if more.Link != "" {
		k.Link = more.Link
	}
	if more.Not != "" {
		k.Not = more.Not
	}
	switch {
	case k.Link != k.Not:
	case more.Link != "":
		k.Not = ""
	default:
		k.Link = ""
	}
	return k
}

// Learner is an outbox that remembers what was learnt about ported numbers. An outbox need
// not be one; then prefixes alone decide.
type Learner interface {
	// Learn keeps what is new about a phone beside what is known of it (see Learnt.And).
	Learn(ctx context.Context, l Learnt) error
	// Learnt is what is known of a phone; the zero value is nothing. What is older than half
	// a year is forgotten, and the oldest beyond a million phones.
	Learnt(ctx context.Context, phone string) (Learnt, error)
}

// portedCodes are what carriers write about a number that is another carrier's by now:
// NP_OUT as China Mobile's gateways give it, in full or as its numbers.
var portedCodes = []string{"MB:1047", "MB:1048", "MB:1049", "NP_OUT", "NPOUT", "PORTED"}

// Ported reports whether a carrier's code says that a number went to another carrier.
func Ported(code string) bool {
	code = strings.ToUpper(code)
	for _, c := range portedCodes {
		if strings.Contains(code, c) {
			return true
		}
	}
	return false
}

// knownOf asks what is known of a phone; without an answer the prefix has to do.
func (g *Gateway) knownOf(ctx context.Context, to string) Learnt {
	if g.learner == nil || len(g.links) < 2 {
		return Learnt{}
	}
	known, err := g.learner.Learnt(ctx, to)
	if err != nil {
		g.cfg.Log.WarnContext(ctx, "carrier of a phone not looked up", "to", Mask(to), "err", err)
		return Learnt{}
	}
	return known
}

// learn keeps what a carrier said about a phone. It is a help and no duty: that it failed
// is only logged.
func (g *Gateway) learn(ctx context.Context, l Learnt) {
	if g.learner == nil || l.Phone == "" {
		return
	}
	ctx, cancel := g.budget(ctx)
	defer cancel()
	l.At = g.clock.Now()
	if err := g.learner.Learn(ctx, l); err != nil {
		g.cfg.Log.WarnContext(ctx, "carrier of a phone not kept", "phone", Mask(l.Phone), "err", err)
		return
	}
	g.count(func(s *Stats) { s.Learnt++ })
	g.cfg.Log.InfoContext(ctx, "carrier of a phone learnt", "phone", Mask(l.Phone), "by", l.Link, "not", l.Not)
}

// learnFrom takes note of a phone whose text came by the link of another carrier than its
// prefix, or what was learnt before, says. A link without prefixes is no carrier's in
// particular and says nothing.
func (g *Gateway) learnFrom(ctx context.Context, name, phone string) {
	l := g.linkOf(name)
	if g.learner == nil || l == nil || len(l.route.Prefixes) == 0 || !isMobile(phone) {
		return
	}
	known, fit := g.knownOf(ctx, phone), l.route.fit(phone)
	if known.Link == name || known.Link == "" && fit > 0 && known.Not != name {
		return // as expected
	}
	g.learn(ctx, Learnt{Phone: phone, Link: name})
}

// linkOf is the link of a name, or nil.
func (g *Gateway) linkOf(name string) *link {
	for _, l := range g.links {
		if l.name == name {
			return l
		}
	}
	return nil
}
