package sipmsg

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"time"

	"hotline/sms"
)

// Link is an sms.Transport over SIP MESSAGE. Safe for concurrent use.
type Link struct {
	cfg      Config
	book     *book
	trust    *tls.Config
	sink     sms.Sink // set by Run before anything reads it
	seats    chan struct{}
	receipts chan sms.Receipt // of texts that phones have, until they are stored
	meter    sms.Meter

	mu     sync.Mutex
	stack  *stack // nil: it does not listen
	since  time.Time
	detail string               // why it does not
	seen   map[string]time.Time // when a phone by UDP last answered
	stats  Stats
}

var _ sms.Transport = (*Link)(nil)

// Stats counts what a link saw since it was made, beside what every link counts
// (sms.Health.Stats).
type Stats struct {
	Strangers int // datagrams and connections from addresses that are not allowed
	Refused   int // requests of phones that were refused, for what they were or who sent them
	Absent    int // texts not sent because the phone did not say that it is there
}

// New checks the configuration and makes a link that does nothing until Run.
func New(cfg Config) (*Link, error) {
	b, err := newBook(cfg)
	if err := errors.Join(cfg.check(), err); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	l := &Link{
		cfg: cfg, book: b, trust: cfg.TLS, since: cfg.Clock.Now(), detail: "not started",
		seats: make(chan struct{}, cfg.Window), receipts: make(chan sms.Receipt, cfg.Window), seen: map[string]time.Time{},
	}
	if l.trust == nil {
		l.trust = &tls.Config{}
	}
	return l, nil
}

// Run is sms.Transport: it listens until ctx is done, and comes back when a socket breaks.
// Texts under way then are of unknown outcome.
func (l *Link) Run(ctx context.Context, sink sms.Sink) error {
	l.sink = sink
	var storing sync.WaitGroup
	storing.Go(func() { l.confirm(ctx) })
	for tries := 0; ctx.Err() == nil; tries++ {
		began := l.cfg.Clock.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			break
		}
		if l.cfg.Clock.Now().Sub(began) >= l.cfg.LastPause {
			tries = 0
		}
		pause := sms.BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause)
		l.cfg.Log.WarnContext(ctx, "link down", "err", err, "again_in", pause)
		l.wait(ctx, pause)
	}
	storing.Wait()
	l.change(nil, "closed")
	return nil
}

// once listens until ctx is done or a socket breaks.
func (l *Link) once(ctx context.Context) error {
	s, err := l.open(ctx)
	if err != nil {
		l.meter.Count(func(st *sms.LinkStats) { st.Failures++ })
		l.change(nil, err.Error())
		return err
	}
	l.meter.Count(func(st *sms.LinkStats) { st.Binds++ })
	l.cfg.Log.InfoContext(ctx, "link up", "addr", s.at, "phones", len(l.book.numbers))
	l.change(s, "")
	select {
	case <-ctx.Done():
		err = context.Cause(ctx)
	case err = <-s.failed:
	}
	l.change(nil, err.Error())
	s.close()
	return err
}

func (l *Link) wait(ctx context.Context, d time.Duration) {
	over := make(chan struct{})
	stop := l.cfg.Clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-ctx.Done():
	case <-over:
	}
}

// change notes that the link listens now, or why it does not.
func (l *Link) change(s *stack, detail string) {
	l.mu.Lock()
	moved := (s == nil) != (l.stack == nil)
	l.stack, l.detail = s, detail
	if moved {
		l.since = l.cfg.Clock.Now()
	}
	l.mu.Unlock()
	if moved {
		l.sink.Changed(l.cfg.Name)
	}
}

// Health is sms.Transport. It is up while it listens; whether a phone is there shows when
// a text goes to it. Nothing is kept for us on the way, so that all there is has come in.
func (l *Link) Health() sms.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := sms.Health{
		Link: l.cfg.Name, Up: l.stack != nil, Inbound: true, Receipts: true, Serves: l.book.numbers,
		Since: l.since, Free: l.cfg.Window - len(l.seats), Window: l.cfg.Window, Detail: l.detail, Stats: l.meter.Stats(),
	}
	if h.Up {
		h.LastSeen, h.Detail = l.cfg.Clock.Now(), "listening at "+l.stack.at.String()
	}
	return h
}

// Addr is where it listens for UDP and TCP; empty while it does not.
func (l *Link) Addr() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stack == nil {
		return ""
	}
	return l.stack.at.String()
}

// Stats is a snapshot.
func (l *Link) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}

func (l *Link) count(f func(*Stats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.stats)
}

// confirm hands the receipts on. Phones do not repeat them: each is tried until it is
// stored, or once more when the link ends.
func (l *Link) confirm(ctx context.Context) {
	after := context.WithoutCancel(ctx)
	for {
		select {
		case r := <-l.receipts:
			for tries := 0; l.sink.Receipt(after, r) != nil && ctx.Err() == nil; tries++ {
				l.wait(ctx, sms.BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause))
			}
		case <-ctx.Done():
			for len(l.receipts) > 0 {
				_ = l.sink.Receipt(after, <-l.receipts) // the text stays sent: that is true too
			}
			return
		}
	}
}
