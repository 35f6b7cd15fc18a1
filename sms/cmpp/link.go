package cmpp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hotline/sms"
)

// Link is an sms.Transport over CMPP. Safe for concurrent use.
type Link struct {
	cfg  Config
	sink sms.Sink // set by Run before anything reads it

	mu       sync.Mutex
	sessions []*session // logged in, their last test answered
	since    time.Time  // sessions have been these
	lastSeen time.Time  // of the last that went
	detail   string     // why the last went or did not come
	stats    Stats
	room     chan struct{} // closed and replaced when there may be room again
}

var _ sms.Transport = (*Link)(nil)

// Stats counts what a link saw since it was made.
type Stats struct {
	Logins    int // that succeeded
	Failures  int // to connect or to log in
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
	return &Link{cfg: cfg, since: cfg.Clock.Now(), detail: "not started", room: make(chan struct{})}, nil
}

// Run is sms.Transport: it holds its connections up until ctx is done, and then takes
// leave on each.
func (l *Link) Run(ctx context.Context, sink sms.Sink) error {
	l.sink = sink
	var all sync.WaitGroup
	for range l.cfg.Connections {
		all.Go(func() { l.hold(ctx) })
	}
	all.Wait()
	l.failed("closed")
	return nil
}

// hold keeps one connection up.
func (l *Link) hold(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; tries++ {
		began := l.cfg.Clock.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if l.cfg.Clock.Now().Sub(began) >= l.cfg.LastPause {
			tries = 0
		}
		// Neither a poisoned PDU nor a carrier's restart makes a storm of logins.
		pause := sms.BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause)
		l.cfg.Log.WarnContext(ctx, "connection down", "err", err, "again_in", pause)
		l.wait(ctx, pause)
	}
}

// once is one connection from dialling to its end.
func (l *Link) once(ctx context.Context) error {
	s, err := l.login(ctx)
	if err != nil {
		l.count(func(st *Stats) { st.Failures++ })
		l.failed(err.Error())
		return err
	}
	l.count(func(st *Stats) { st.Logins++ })
	return s.serve(ctx)
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

// statuses are what a gateway says to a greeting it does not like.
var statuses = map[uint32]string{
	1: "malformed", 2: "unknown source address", 3: "wrong secret or clock", 4: "version too high",
}

// login dials and greets, each within its time.
func (l *Link) login(ctx context.Context) (*session, error) {
	dialing, cancel := context.WithCancelCause(ctx)
	stop := l.cfg.Clock.AfterFunc(l.cfg.Connect, func() { cancel(errSilent) })
	conn, err := l.cfg.Dial(dialing, l.cfg.Addr)
	stop()
	cancel(nil)
	if err != nil {
		return nil, fmt.Errorf("cmpp dial %s: %w", l.cfg.Addr, err)
	}
	s := l.newSession(ctx, conn)
	if err = l.greet(ctx, s); err != nil {
		s.close(err)
		s.work.Wait()
		return nil, fmt.Errorf("cmpp login %s: %w", l.cfg.Addr, err)
	}
	close(s.greeted)
	return s, nil
}

// greet is the exchange of greetings; each side proves that it knows the secret.
func (l *Link) greet(ctx context.Context, s *session) error {
	hello := Connect{Source: l.cfg.User, Version: l.cfg.Version, Stamp: stampOf(l.cfg.Clock.Now().In(l.cfg.Zone))}
	hello.Auth = AuthSource(hello.Source, l.cfg.Secret, hello.Stamp)
	answer, err := s.request(ctx, call{CmdConnect, Marshal(&hello, l.cfg.Version), l.cfg.Connect})
	if err != nil {
		return err
	}
	var resp ConnectResp
	err = Unmarshal(&resp, l.cfg.Version, answer.Body)
	if resp.Status != 0 { // some gateways refuse with the status and nothing behind it
		return fmt.Errorf("refused with status %d %s", resp.Status, statuses[resp.Status])
	}
	if err != nil {
		return err
	}
	// Gateways differ in how wide they hash the status; who hashes either knows the secret.
	right := func(v Version) bool { return resp.Auth == AuthISMG(v, resp.Status, hello.Auth, l.cfg.Secret) }
	if !l.cfg.AnyISMG && !right(V20) && !right(V30) {
		return errors.New("the gateway does not prove that it knows the secret")
	}
	return nil
}

// stampOf is a time as a greeting has it: MMDDHHMMSS as a number.
func stampOf(t time.Time) uint32 {
	n := 0
	for _, v := range []int{int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()} {
		n = n*100 + v
	}
	return uint32(n)
}

// trust lets texts go out on a connection that answers.
func (l *Link) trust(s *session) {
	l.mu.Lock()
	if slices.Contains(l.sessions, s) {
		l.mu.Unlock()
		return
	}
	l.sessions = append(l.sessions, s)
	l.since = l.cfg.Clock.Now()
	l.stir()
	l.mu.Unlock()
	l.cfg.Log.Info("connection up", "addr", l.cfg.Addr)
	l.sink.Changed(l.cfg.Name)
}

// distrust keeps texts off a connection that is gone, or may be.
func (l *Link) distrust(s *session, why error) {
	l.mu.Lock()
	l.detail = why.Error()
	i := slices.Index(l.sessions, s)
	if i < 0 {
		l.mu.Unlock()
		return
	}
	l.sessions = slices.Delete(l.sessions, i, i+1)
	l.since, l.lastSeen = l.cfg.Clock.Now(), s.seen
	l.stir()
	l.mu.Unlock()
	l.sink.Changed(l.cfg.Name)
}

// failed notes why there is no connection.
func (l *Link) failed(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.detail = why
}

// stir lets those who wait for room look again; mu is held.
func (l *Link) stir() {
	close(l.room)
	l.room = make(chan struct{})
}

// errDown says that there is no connection to send on.
var errDown = errors.New("link is down")

// seat waits for room in a window and takes it on the connection that has the most.
func (l *Link) seat(ctx context.Context) (*session, error) {
	for {
		l.mu.Lock()
		var best *session
		for _, s := range l.sessions {
			if best == nil || s.waiting < best.waiting {
				best = s
			}
		}
		room := l.room
		if best != nil && best.waiting < l.cfg.Window {
			best.waiting++
			l.mu.Unlock()
			return best, nil
		}
		l.mu.Unlock()
		if best == nil {
			return nil, errDown
		}
		select {
		case <-room:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// leave gives a seat back.
func (l *Link) leave(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.waiting--
	l.stir()
}

// Health is sms.Transport. With several connections it is up while one is, but Since is
// when they last came or went and LastSeen the word of the quietest: what the carrier
// brings on one of them need not have come because another is well.
func (l *Link) Health() sms.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := sms.Health{
		Link: l.cfg.Name, Up: len(l.sessions) > 0, Inbound: true, Receipts: l.cfg.Receipts,
		Since: l.since, LastSeen: l.lastSeen, Detail: l.detail,
	}
	for i, s := range l.sessions {
		h.Window += l.cfg.Window
		h.Free += l.cfg.Window - s.waiting
		if i == 0 || s.seen.Before(h.LastSeen) {
			h.LastSeen = s.seen
		}
	}
	switch n := len(l.sessions); {
	case n == l.cfg.Connections:
		h.Detail = "logged in"
	case n > 0:
		h.Detail = fmt.Sprintf("%d of %d connections: %s", n, l.cfg.Connections, l.detail)
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
