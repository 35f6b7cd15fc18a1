package sms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Config is what a [Gateway] is made of. Outbox, Inbox, Clock and OnInbound are needed.
type Config struct {
	Outbox     Outbox           // may also be a Teller, a Doubter, a Learner and a Counter
	Inbox      Inbox            // may also be a Rememberer
	Transports []Transport      // in order of preference; each Health().Link is its name
	Routes     map[string]Route // by name of the link; one without carries everything
	Clock      Clock
	Log        *slog.Logger // nil: silent
	Owner      string       // names this process in its claims, so that they can be ended when it dies (Outbox.Release)
	Signature  string       // 【...】, put once in front of every text

	// OnMoved is called after every forward move, at least once, one call at a time per
	// message. A move overtaken by a later one may be told only as the later one. An
	// error has it called again.
	OnMoved func(ctx context.Context, m Message) error
	// OnInbound handles a text that came in and says what it took it for. Texts of one
	// phone come in the order of their arrival. An error has it called again with the
	// same text, and with later texts of that phone only after it.
	OnInbound func(ctx context.Context, in Inbound) (as string, err error)

	// Sharers is how many processes send by the same accounts now, this one among them: each
	// gives a link its part of Route.Rate. Nil: this one alone. It must not block.
	Sharers func() int

	// When says when a text of a kind may go out: the moment it is asked for or a later
	// one. NotBefore is where a text's hours begin; this is asked at each try, so that one
	// that was held up does not go out at night. Nil: at any hour.
	When func(k Kind, at time.Time) time.Time

	Policy Policy
}

// Policy is the gateway's patience. Every zero field takes the default named with it.
type Policy struct {
	// Lease is how long a claimed text is held from other claims; default 2 min, far longer
	// than a try takes. One whose claim ran out may have been sent by a process that died
	// before it noted that, or that is only slow to: its outcome is unknown, see Resend.
	Lease time.Duration
	// Poll is how often the outbox is looked at without a Wake; default 2 s.
	Poll time.Duration
	// FirstRetry and LastRetry bound the back-off after a refusal for now; each try
	// doubles it, with a fifth of jitter. Defaults 2 s and 5 min.
	FirstRetry, LastRetry time.Duration
	// GiveUp ends the tries of a text without ValidUntil; default 72 h after it was due.
	GiveUp time.Duration
	// Resend is how long to wait for a receipt before a text of unknown outcome is sent
	// once more, by kind; negative: wait that long and then give up instead. Default
	// 10 min, duty texts 1 min: an alert that comes twice is better than none.
	Resend map[Kind]time.Duration
	// MaxSegments refuses longer texts; default 10.
	MaxSegments int
	// Workers is how many texts may be under way at once, over all links, until their
	// outcome is stored; default 256. An eighth more, at least two, is for urgent texts
	// alone.
	Workers int
	// Limits spare receivers; zero: none. See CarrierLimits.
	Limits Limits
	// JoinFor is how long the parts of a long incoming text wait for each other;
	// default 5 min. Then what is there is handled, marked as incomplete.
	JoinFor time.Duration
	// ParkFor is how long a receipt without its text is kept; default 15 min.
	ParkFor time.Duration
	// Settle is how long a link must be up, and have refused nothing, before its silence
	// proves that the carrier holds nothing for us; default 90 s, since carriers come
	// again after 60. See Gateway.InboundUpTo.
	Settle time.Duration
	// Drain is how long texts under way may take to finish when Run ends; default 10 s.
	Drain time.Duration
}

func (c Config) check() error {
	var errs []error
	for what, missing := range map[string]bool{
		"Outbox": c.Outbox == nil, "Inbox": c.Inbox == nil, "Clock": c.Clock == nil, "OnInbound": c.OnInbound == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("sms gateway: no %s", what))
		}
	}
	errs = append(errs, c.Policy.Limits.check())
	names := map[string]bool{}
	for _, t := range c.Transports {
		name := t.Health().Link
		if name == "" || names[name] {
			errs = append(errs, fmt.Errorf("sms gateway: link name %q is empty or not unique", name))
		}
		names[name] = true
	}
	for name, r := range c.Routes {
		if !names[name] {
			errs = append(errs, fmt.Errorf("sms gateway: a route for link %q, which is not there", name))
		}
		errs = append(errs, r.check(name))
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.OnMoved == nil {
		c.OnMoved = func(context.Context, Message) error { return nil }
	}
	if c.Sharers == nil {
		c.Sharers = func() int { return 1 }
	}
	if c.When == nil {
		c.When = func(_ Kind, at time.Time) time.Time { return at }
	}
	p := &c.Policy
	p.Lease = cmp.Or(p.Lease, 2*time.Minute)
	p.Poll = cmp.Or(p.Poll, 2*time.Second)
	p.FirstRetry = cmp.Or(p.FirstRetry, 2*time.Second)
	p.LastRetry = cmp.Or(p.LastRetry, 5*time.Minute)
	p.GiveUp = cmp.Or(p.GiveUp, 72*time.Hour)
	p.MaxSegments = cmp.Or(p.MaxSegments, 10)
	p.Workers = cmp.Or(p.Workers, 256)
	p.JoinFor = cmp.Or(p.JoinFor, 5*time.Minute)
	p.ParkFor = cmp.Or(p.ParkFor, 15*time.Minute)
	p.Settle = cmp.Or(p.Settle, 90*time.Second)
	p.Drain = cmp.Or(p.Drain, 10*time.Second)
	return c
}

// resend is how long a text of unknown outcome waits, and whether it goes again then.
func (p Policy) resend(k Kind) (wait time.Duration, again bool) {
	wait, set := p.Resend[k]
	switch {
	case set:
		return wait.Abs(), wait >= 0
	case k == KindDuty:
		return time.Minute, true
	}
	return 10 * time.Minute, true
}
