package sms

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Limits are how many texts one receiver gets. The zero value is no limit; texts of the
// urgent class never have one.
type Limits struct {
	Day    int           // texts within 24 hours
	Same   int           // texts of the same content within Within
	Within time.Duration // at most a day
	// Fail are the classes whose texts fail beyond Day instead of waiting until there is
	// room again.
	Fail []Class
}

// CarrierLimits are those of China's platforms for notifications (facts/sms.md section 4),
// beyond which they drop texts or block their sender. The next day has no use for a
// question or an advertisement that had no room.
func CarrierLimits() Limits {
	return Limits{Day: 50, Same: 2, Within: 59 * time.Second, Fail: []Class{ClassSurvey, ClassBulk}}
}

// What a text beyond a limit gets as its Raw.
const (
	RawDayLimit  = "limit:day"
	RawSameLimit = "limit:same"
)

func (l Limits) check() error {
	if l.Day < 0 || l.Same < 0 || l.Within < 0 || l.Within > day || l.Same > 0 && l.Within == 0 {
		return errors.New("sms gateway: a receiver's limits must not be negative, nor count longer than a day")
	}
	return nil
}

// Counter is an outbox that counts what a receiver was sent. An outbox need not be one;
// then there are no limits for receivers.
type Counter interface {
	// SentTo lists when the receiver of a text was sent others since a moment, latest first
	// and at most limit, and which of these say the same. Texts under way whose id is lower
	// count as sent now, so that of several at once the first goes.
	SentTo(ctx context.Context, m Message, since time.Time, limit int) ([]SentText, error)
}

// SentText is a text that a receiver was sent.
type SentText struct {
	At   time.Time
	Same bool // its content is the same
}

// spared is what becomes of a text that its receiver must not get now; over is false for
// one that may go.
func (g *Gateway) spared(ctx context.Context, m Message) (c Change, over bool) {
	limits := g.cfg.Policy.Limits
	if g.counter == nil || m.Kind.Class() == ClassUrgent || limits.Day == 0 && limits.Same == 0 {
		return Change{}, false
	}
	now := g.clock.Now()
	sent, err := g.counter.SentTo(ctx, m, now.Add(-day), max(limits.Day, sameLookBack))
	if err != nil {
		g.cfg.Log.WarnContext(ctx, "texts of a receiver not counted", "to", Mask(m.To), "err", err)
		return Change{}, false // better a text too many than none
	}
	c = Change{ID: m.ID, Status: Queued, At: now, MaybeTwice: m.MaybeTwice}
	if until := limits.day(sent, now); until.After(now) {
		c.NextTry, c.Raw, over = until, RawDayLimit, true
		if slices.Contains(limits.Fail, m.Kind.Class()) {
			c.Status = Failed
		}
	} else if until := limits.same(sent, now); until.After(now) {
		c.NextTry, c.Raw, over = until, RawSameLimit, true
	}
	if over {
		g.count(func(s *Stats) { s.Limited++ })
		g.cfg.Log.WarnContext(ctx, "receiver's limit reached", "text", m.ID, "to", Mask(m.To), "kind", m.Kind,
			"limit", c.Raw, "until", c.NextTry)
	}
	return c, over
}

const (
	day          = 24 * time.Hour
	sameLookBack = 50 // texts of a receiver among which the same content is looked for
)

// day is until when the limit of a day is reached.
func (l Limits) day(sent []SentText, now time.Time) time.Time {
	if l.Day == 0 || len(sent) < l.Day {
		return now
	}
	return sent[l.Day-1].At.Add(day)
}

// same is until when the limit of the same content is reached.
func (l Limits) same(sent []SentText, now time.Time) time.Time {
	n := 0
	for _, s := range sent {
		if !s.Same || now.Sub(s.At) >= l.Within {
			continue
		}
		if n++; l.Same > 0 && n == l.Same {
			return s.At.Add(l.Within)
		}
	}
	return now
}
