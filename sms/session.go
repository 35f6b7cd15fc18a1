package sms

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Why a session or a request ends.
var (
	errSilent    = errors.New("no answer in time")
	errGone      = errors.New("connection is gone")
	errStuck     = errors.New("peer does not read")
	errLeft      = errors.New("carrier took leave")
	errClosed    = errors.New("closed by us")
	errUnwritten = errors.New("not written")
)

// inboundQueue is how many deliveries may wait to be stored; above it the carrier is told
// to come again. The reader must never wait for a store, or probes and answers would wait
// with it.
const inboundQueue = 64

// receiptsAtOnce is how many receipts are stored side by side.
const receiptsAtOnce = 64

// longestFarewell is how long the answer to ours may take.
const longestFarewell = 5 * time.Second

// session is one connection of a Line.
type session struct {
	*Line
	role  Role
	conn  net.Conn
	inbox chan delivered
	work  sync.WaitGroup // reader and storer

	waiting int       // submits without an answer; under Line.mu
	seen    time.Time // last sign of life; under Line.mu

	writing sync.Mutex
	welcome chan struct{} // closed when it has been bound

	state   sync.Mutex
	seq     uint32
	pending map[uint32]chan Frame // requests of ours without an answer, by number
	cause   error                 // why it is gone
	gone    chan struct{}
	probe   chan struct{} // one slot: somebody doubts that the peer is there
}

// delivered is a delivery with its time of arrival.
type delivered struct {
	Frame
	at time.Time
}

// newSession starts reading. What arrives is stored under ctx without its end: a text
// that is being stored when we are told to stop is stored.
func (l *Line) newSession(ctx context.Context, conn net.Conn, role Role) *session {
	s := &session{
		Line: l, role: role, conn: conn, seen: l.cfg.Clock.Now(),
		inbox: make(chan delivered, inboundQueue), pending: map[uint32]chan Frame{},
		welcome: make(chan struct{}), gone: make(chan struct{}), probe: make(chan struct{}, 1),
	}
	s.work.Go(s.read)
	s.work.Go(func() { s.store(context.WithoutCancel(ctx)) })
	return s
}

// close ends the session for the reason given first.
func (s *session) close(cause error) {
	s.state.Lock()
	defer s.state.Unlock()
	if s.cause == nil {
		s.cause = cause
		close(s.gone)
		_ = s.conn.Close()
	}
}

func (s *session) reason() error {
	s.state.Lock()
	defer s.state.Unlock()
	return s.cause
}

// read takes frames until the connection ends.
func (s *session) read() {
	defer close(s.inbox)
	r := bufio.NewReader(s.conn)
	for {
		f, err := s.cfg.Read(r)
		var bad *BadLength
		switch {
		case errors.As(err, &bad):
			s.meter.Count(func(st *LinkStats) { st.Oversize++ })
			s.cfg.Log.Warn("pdu refused", "err", bad, "command", fmt.Sprintf("%#x", f.Command))
			s.reply(f, ErrLength)
			if bad.Lost {
				s.close(fmt.Errorf("stream lost its beat: %w", bad))
				return
			}
		case err != nil:
			s.close(fmt.Errorf("%w: %w", errGone, err))
			return
		default:
			s.alive()
			s.handle(f)
		}
	}
}

// alive notes a sign of life.
func (s *session) alive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = s.cfg.Clock.Now()
}

// handle does what one frame asks, without ever waiting for a store.
func (s *session) handle(f Frame) {
	if f.IsAnswer() {
		s.answered(f)
		return
	}
	switch s.proto.PurposeOf(f) {
	case Probe:
		s.reply(f, nil)
	case Delivery:
		s.receive(f)
	case Farewell:
		s.reply(f, nil)
		s.close(errLeft)
	case Notice:
	default:
		s.meter.Count(func(st *LinkStats) { st.Malformed++ })
		s.reply(f, ErrCommand)
	}
}

// reply answers a request; an answer is not answered.
func (s *session) reply(f Frame, err error) {
	if !f.IsAnswer() {
		_ = s.write(s.proto.Reply(f, err))
	}
}

// receive queues a delivery to be stored. It has to come again if there is no room, or if
// it came from who has not proved yet to be the carrier.
func (s *session) receive(f Frame) {
	inbox := s.inbox
	select {
	case <-s.welcome:
	default:
		inbox = nil
	}
	select {
	case inbox <- delivered{f, s.cfg.Clock.Now()}:
	default:
		s.meter.Count(func(st *LinkStats) { st.Again++ })
		s.reply(f, ErrBusy)
	}
}

// store hands on what arrived and answers it: receipts side by side, since their order
// means nothing and a store takes many at once for little more than one; each text alone,
// after all that came before it.
func (s *session) store(ctx context.Context) {
	var receipts sync.WaitGroup
	defer receipts.Wait()
	seats := make(chan struct{}, receiptsAtOnce)
	for d := range s.inbox {
		a, err := s.arrival(ctx, d)
		switch {
		case err != nil:
			s.reply(d.Frame, err)
		case a.Receipt != nil:
			seats <- struct{}{}
			receipts.Go(func() {
				s.reply(d.Frame, s.take(ctx, d, a))
				<-seats
			})
		default:
			receipts.Wait()
			s.reply(d.Frame, s.take(ctx, d, a))
		}
	}
}

// serve probes a quiet line until the session ends; when ctx is done it takes leave first.
// It returns why the session ended, after everything that arrived was stored.
func (s *session) serve(ctx context.Context) error {
	defer s.work.Wait()
	s.trust(s)
	for missed := 0; s.quiet(ctx); {
		_, err := s.request(ctx, s.proto.Ask(Probe), s.cfg.Response)
		if err == nil {
			missed = 0
			s.trust(s)
			continue
		}
		if !errors.Is(err, errSilent) {
			continue // it is over
		}
		missed++
		err = fmt.Errorf("%d probes in a row: %w", missed, err)
		s.distrust(s, err)
		if missed >= s.cfg.Missed {
			s.close(err)
		}
		s.suspect()
	}
	if s.reason() == nil {
		s.distrust(s, errClosed)
		_, _ = s.request(context.WithoutCancel(ctx), s.proto.Ask(Farewell), min(s.cfg.Response, longestFarewell))
	}
	s.close(errClosed)
	s.distrust(s, s.reason())
	return s.reason()
}

// quiet waits until the line needs a probe; false means that the session is over.
func (s *session) quiet(ctx context.Context) bool {
	over := make(chan struct{})
	stop := s.cfg.Clock.AfterFunc(s.cfg.Probe, func() { close(over) })
	defer stop()
	select {
	case <-ctx.Done():
		return false
	case <-s.gone:
		return false
	case <-over:
	case <-s.probe:
	}
	return s.reason() == nil && ctx.Err() == nil
}

// suspect has the line probed at once.
func (s *session) suspect() {
	select {
	case s.probe <- struct{}{}:
	default:
	}
}
