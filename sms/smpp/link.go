package smpp

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/pdu"

	"hotline/sms"
)

// Link is an sms.Transport over SMPP. Safe for concurrent use.
type Link struct {
	cfg  Config
	sink sms.Sink // set by Run before anything reads it

	mu       sync.Mutex
	session  *session // bound, or nil
	since    time.Time
	lastSeen time.Time
	detail   string
	stats    Stats
}

var _ sms.Transport = (*Link)(nil)

// Stats counts what a link saw since it was made.
type Stats struct {
	Binds     int // that succeeded
	Failures  int // to connect or to bind
	Malformed int // PDUs refused because they made no sense
	Oversize  int // PDUs refused for their length
	Unasked   int // answers to nothing we asked, late ones among them
	Timeouts  int // requests that were never answered
}

// New checks the configuration and makes a link that does nothing until Run.
func New(cfg Config) (*Link, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	return &Link{cfg: cfg, since: cfg.Clock.Now(), detail: "not started"}, nil
}

// Run is sms.Transport: it binds, serves and binds again until ctx is done, and then
// unbinds.
func (l *Link) Run(ctx context.Context, sink sms.Sink) error {
	l.sink = sink
	for tries := 0; ctx.Err() == nil; tries++ {
		began := l.cfg.Clock.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			break
		}
		if l.cfg.Clock.Now().Sub(began) >= l.cfg.LastPause {
			tries = 0
		}
		// Neither a poisoned PDU nor a carrier's restart makes a storm of binds.
		pause := sms.BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause)
		l.cfg.Log.WarnContext(ctx, "link down", "err", err, "again_in", pause)
		l.wait(ctx, pause)
	}
	l.down("closed")
	return nil
}

// once is one connection from dialling to its end.
func (l *Link) once(ctx context.Context) error {
	s, err := l.bind(ctx)
	if err != nil {
		l.count(func(st *Stats) { st.Failures++ })
		l.down(err.Error())
		return err
	}
	l.up(s)
	err = s.serve(ctx)
	l.down(err.Error())
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

// bind dials and binds as transceiver, each within its time.
func (l *Link) bind(ctx context.Context) (*session, error) {
	dialing, cancel := context.WithCancelCause(ctx)
	stop := l.cfg.Clock.AfterFunc(l.cfg.Connect, func() { cancel(errSilent) })
	conn, err := l.cfg.Dial(dialing, l.cfg.Addr)
	stop()
	cancel(nil)
	if err != nil {
		return nil, fmt.Errorf("smpp dial %s: %w", l.cfg.Addr, err)
	}
	s := l.newSession(ctx, conn)
	req := pdu.NewBindRequest(pdu.Transceiver)
	req.SystemID, req.Password, req.SystemType = l.cfg.SystemID, l.cfg.Password, l.cfg.SystemType
	answer, err := s.request(ctx, req, l.cfg.Connect)
	if err == nil && answer.status != statusOK {
		err = fmt.Errorf("refused with status 0x%02X", answer.status)
	}
	if err != nil {
		s.close(err)
		s.work.Wait()
		return nil, fmt.Errorf("smpp bind %s: %w", l.cfg.Addr, err)
	}
	return s, nil
}

func (l *Link) up(s *session) {
	l.mu.Lock()
	l.session, l.since, l.lastSeen, l.detail = s, l.cfg.Clock.Now(), l.cfg.Clock.Now(), "bound"
	l.stats.Binds++
	l.mu.Unlock()
	l.cfg.Log.Info("link up", "addr", l.cfg.Addr)
	l.sink.Changed(l.cfg.Name)
}

func (l *Link) down(why string) {
	l.mu.Lock()
	was := l.session != nil
	if was {
		l.since = l.cfg.Clock.Now()
	}
	l.session, l.detail = nil, why
	l.mu.Unlock()
	if was {
		l.sink.Changed(l.cfg.Name)
	}
}

// seen notes a sign of life.
func (l *Link) seen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastSeen = l.cfg.Clock.Now()
}

func (l *Link) bound() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// Health is sms.Transport.
func (l *Link) Health() sms.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := sms.Health{
		Link: l.cfg.Name, Up: l.session != nil, Inbound: true, Receipts: l.cfg.Receipts,
		Since: l.since, LastSeen: l.lastSeen, Detail: l.detail,
	}
	if l.session != nil {
		h.Window = cap(l.session.window)
		h.Free = h.Window - len(l.session.window)
	}
	return h
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
