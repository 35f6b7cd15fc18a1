package sms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Line is a Transport over long connections, whatever their protocol: each is dialled,
// bound, probed while it is quiet, and comes back by itself with growing pauses. Submits
// wait for room in a window and for their answer, and nothing is dropped because a window
// is full. A submit without an answer is not repeated: its outcome is unknown, and the
// gateway decides. What arrives is acknowledged only after the sink has stored it. Frames
// that make no sense are refused by their number, and the line goes on. Safe for
// concurrent use.
type Line struct {
	cfg   LineConfig
	proto Protocol
	sink  Sink // set by Run before anything reads it
	meter Meter

	mu    sync.Mutex
	up    []*session      // bound, their last probe answered
	queue []chan *session // who waits for a seat, in order; see seat
	since time.Time       // up has been these
	heard time.Time       // last sign of life of the last that received and went
	why   map[Role]string // the last of a role went or did not come
}

var _ Transport = (*Line)(nil)

// NewLine makes a line that does nothing until Run. Its error names all that is wrong.
func NewLine(cfg LineConfig, p Protocol) (*Line, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	l := &Line{cfg: cfg.withDefaults(), proto: p, since: cfg.Clock.Now(), why: map[Role]string{}}
	l.note("not started")
	return l, nil
}

// Run is Transport: it holds the connections up until ctx is done, and then takes leave on
// each.
func (l *Line) Run(ctx context.Context, sink Sink) error {
	l.sink = sink
	var all sync.WaitGroup
	for _, role := range l.cfg.Roles {
		all.Go(func() { l.hold(ctx, role) })
	}
	all.Wait()
	l.note("closed")
	return nil
}

// hold keeps one connection up.
func (l *Line) hold(ctx context.Context, role Role) {
	for tries := 0; ctx.Err() == nil; tries++ {
		began := l.cfg.Clock.Now()
		err := l.once(ctx, role)
		if ctx.Err() != nil {
			return
		}
		if l.cfg.Clock.Now().Sub(began) >= l.cfg.LastPause {
			tries = 0
		}
		// Neither a poisoned PDU nor a carrier's restart makes a storm of binds.
		pause := BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause)
		l.cfg.Log.WarnContext(ctx, "connection down", "role", role.String(), "err", err, "again_in", pause)
		l.wait(ctx, pause)
	}
}

// once is one connection from dialling to its end.
func (l *Line) once(ctx context.Context, role Role) error {
	s, err := l.bind(ctx, role)
	if err != nil {
		l.meter.Count(func(st *LinkStats) { st.Failures++ })
		l.note(err.Error(), role)
		return err
	}
	l.meter.Count(func(st *LinkStats) { st.Binds++ })
	return s.serve(ctx)
}

func (l *Line) wait(ctx context.Context, d time.Duration) {
	over := make(chan struct{})
	stop := l.cfg.Clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-ctx.Done():
	case <-over:
	}
}

// bind dials and logs in, each within its time.
func (l *Line) bind(ctx context.Context, role Role) (*session, error) {
	dialing, cancel := context.WithCancelCause(ctx)
	stop := l.cfg.Clock.AfterFunc(l.cfg.Connect, func() { cancel(errSilent) })
	conn, err := l.cfg.Dial(dialing, l.cfg.Addr)
	stop()
	cancel(nil)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", l.cfg.Addr, err)
	}
	s := l.newSession(ctx, conn, role)
	err = l.proto.Login(ctx, role, func(f Frame) (Frame, error) { return s.request(ctx, f, l.cfg.Connect) })
	if err != nil {
		s.close(err)
		s.work.Wait()
		return nil, fmt.Errorf("bind %s: %w", l.cfg.Addr, err)
	}
	close(s.welcome)
	return s, nil
}

// trust lets texts go out on a connection that answers.
func (l *Line) trust(s *session) {
	l.mu.Lock()
	if slices.Contains(l.up, s) {
		l.mu.Unlock()
		return
	}
	l.up = append(l.up, s)
	l.since = l.cfg.Clock.Now()
	l.callUp()
	l.mu.Unlock()
	l.cfg.Log.Info("connection up", "role", s.role.String(), "addr", l.cfg.Addr)
	l.sink.Changed(l.cfg.Name)
}

// distrust keeps texts off a connection that is gone, or may be.
func (l *Line) distrust(s *session, why error) {
	l.mu.Lock()
	l.why[s.role] = why.Error()
	i := slices.Index(l.up, s)
	if i < 0 {
		l.mu.Unlock()
		return
	}
	l.up = slices.Delete(l.up, i, i+1)
	l.since = l.cfg.Clock.Now()
	if s.role.receives() {
		l.heard = s.seen
	}
	l.callUp()
	l.mu.Unlock()
	l.sink.Changed(l.cfg.Name)
}

// note remembers why there is no connection of some roles, or of any.
func (l *Line) note(why string, roles ...Role) {
	if len(roles) == 0 {
		roles = l.cfg.Roles
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range roles {
		l.why[r] = why
	}
}

// Health is Transport. With several connections the link is up while one is that sends,
// but Since is when they last came or went, and LastSeen the word of the quietest that
// receives: what the carrier brings on one need not have come because another is well.
func (l *Line) Health() Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := Health{
		Link: l.cfg.Name, Inbound: true, Receipts: l.cfg.Receipts,
		Since: l.since, LastSeen: l.heard, Detail: l.detail(), Stats: l.meter.Stats(),
	}
	hears := false
	for _, s := range l.up {
		if s.role.sends() {
			h.Up = true
			h.Window += l.cfg.Window
			h.Free += l.cfg.Window - s.waiting
		}
		if s.role.receives() && (!hears || s.seen.Before(h.LastSeen)) {
			h.LastSeen, hears = s.seen, true
		}
	}
	switch {
	case h.Up && !hears:
		h.Only = Transmitter
	case hears && !h.Up:
		h.Only = Receiver
	}
	return h
}

// detail says what is missing, and why; mu is held.
func (l *Line) detail() string {
	var missing []string
	for i, r := range l.cfg.Roles {
		if slices.Contains(l.cfg.Roles[:i], r) {
			continue
		}
		want, have := 0, 0
		for _, other := range l.cfg.Roles {
			want += one(other == r)
		}
		for _, s := range l.up {
			have += one(s.role == r)
		}
		switch {
		case have == want:
		case have > 0:
			missing = append(missing, fmt.Sprintf("%d of %d %ss: %s", have, want, r, l.why[r]))
		case r == Transceiver:
			missing = append(missing, l.why[r])
		default:
			missing = append(missing, fmt.Sprintf("%s down: %s", r, l.why[r]))
		}
	}
	if len(missing) == 0 {
		return "bound"
	}
	return strings.Join(missing, "; ")
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
