package cmpp

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
	errSilent     = errors.New("no answer in time")
	errGone       = errors.New("connection is gone")
	errStuck      = errors.New("peer does not read")
	errTerminated = errors.New("carrier terminated")
	errClosed     = errors.New("closed by us")
	errUnwritten  = errors.New("not written")
)

// inboundQueue is how many delivers may wait to be stored; above it the carrier is told
// to come again. The reader must never wait for a store, or tests and answers would wait
// with it.
const inboundQueue = 64

// session is one connection.
type session struct {
	link  *Link
	conn  net.Conn
	inbox chan incoming
	work  sync.WaitGroup // reader and storer

	waiting int       // submits without an answer; under link.mu
	seen    time.Time // last sign of life; under link.mu

	writing sync.Mutex
	greeted chan struct{} // closed when the gateway has been found to be ours

	mu      sync.Mutex
	seq     uint32
	pending map[uint32]chan Frame // requests of ours without an answer, by number
	cause   error                 // why it is gone
	gone    chan struct{}
	probe   chan struct{} // one slot: somebody doubts that the peer is there
}

// incoming is a deliver with its time of arrival.
type incoming struct {
	Frame
	at time.Time
}

// newSession starts reading. What arrives is stored under ctx without its end: a text
// that is being stored when we are told to stop is stored.
func (l *Link) newSession(ctx context.Context, conn net.Conn) *session {
	s := &session{
		link: l, conn: conn, seen: l.cfg.Clock.Now(),
		inbox: make(chan incoming, inboundQueue), pending: map[uint32]chan Frame{},
		greeted: make(chan struct{}), gone: make(chan struct{}), probe: make(chan struct{}, 1),
	}
	s.work.Go(s.read)
	s.work.Go(func() { s.store(context.WithoutCancel(ctx)) })
	return s
}

// close ends the session for the reason given first.
func (s *session) close(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		s.cause = cause
		close(s.gone)
		_ = s.conn.Close()
	}
}

func (s *session) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// read takes frames until the connection ends.
func (s *session) read() {
	defer close(s.inbox)
	r := bufio.NewReader(s.conn)
	for {
		f, err := ReadFrame(r)
		var bad *BadLength
		switch {
		case errors.As(err, &bad):
			s.link.count(func(st *Stats) { st.Oversize++ })
			s.link.cfg.Log.Warn("pdu refused", "err", bad, "command", fmt.Sprintf("%#x", uint32(f.Command)))
			s.refuse(f, resultLength)
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
	s.link.mu.Lock()
	defer s.link.mu.Unlock()
	s.seen = s.link.cfg.Clock.Now()
}

// handle does what one frame asks, without ever waiting for a store.
func (s *session) handle(f Frame) {
	switch {
	case f.Command&Answer != 0:
		s.answered(f)
	case f.Command == CmdActiveTest:
		_ = s.write(f.Reply([]byte{0}))
	case f.Command == CmdDeliver:
		s.receive(f)
	case f.Command == CmdTerminate:
		_ = s.write(f.Reply(nil))
		s.close(errTerminated)
	default:
		s.link.count(func(st *Stats) { st.Malformed++ })
		s.refuse(f, resultCommand)
	}
}

// receive queues a deliver to be stored. It has to come again if there is no room, or if
// it came from who has not proved yet to be the gateway.
func (s *session) receive(f Frame) {
	inbox := s.inbox
	select {
	case <-s.greeted:
	default:
		inbox = nil
	}
	select {
	case inbox <- incoming{f, s.link.cfg.Clock.Now()}:
	default:
		s.refuse(f, resultFlow)
	}
}

// refuse answers a request with a result; an answer is not answered.
func (s *session) refuse(f Frame, result uint32) {
	if f.Command&Answer != 0 {
		return
	}
	if f.Command != CmdDeliver {
		_ = s.write(f.Reply(Marshal(&bareResult{result}, s.link.cfg.Version)))
		return
	}
	var d Deliver
	_ = Unmarshal(&d, s.link.cfg.Version, f.Body) // the id stands first; without one it is zero
	s.acknowledge(f, d.MsgID, result)
}

// bareResult is how a command that has no answer of its own is answered.
type bareResult struct{ result uint32 }

func (b *bareResult) fields(l *layout) { l.result(&b.result, 0) }

func (s *session) acknowledge(f Frame, id MsgID, result uint32) {
	_ = s.write(f.Reply(Marshal(&Resp{MsgID: id, Result: result}, s.link.cfg.Version)))
}

// store hands on what arrived, in order, and answers it.
func (s *session) store(ctx context.Context) {
	for in := range s.inbox {
		id, result := s.link.take(ctx, in)
		s.acknowledge(in.Frame, id, result)
	}
}

// serve tests a quiet line until the session ends; when ctx is done it takes leave first.
// It returns why the session ended, after everything that arrived was stored.
func (s *session) serve(ctx context.Context) error {
	defer s.work.Wait()
	s.link.trust(s)
	for missed := 0; s.quiet(ctx); {
		_, err := s.request(ctx, call{CmdActiveTest, nil, s.link.cfg.Response})
		if err == nil {
			missed = 0
			s.link.trust(s)
			continue
		}
		if !errors.Is(err, errSilent) {
			continue // it is over
		}
		missed++
		err = fmt.Errorf("%d active tests in a row: %w", missed, err)
		s.link.distrust(s, err)
		if missed >= s.link.cfg.Missed {
			s.close(err)
		}
		s.suspect()
	}
	if s.reason() == nil {
		s.link.distrust(s, errClosed)
		_, _ = s.request(context.WithoutCancel(ctx), call{CmdTerminate, nil, min(s.link.cfg.Response, 5*time.Second)})
	}
	s.close(errClosed)
	s.link.distrust(s, s.reason())
	return s.reason()
}

// quiet waits until the line needs a test; false means that the session is over.
func (s *session) quiet(ctx context.Context) bool {
	over := make(chan struct{})
	stop := s.link.cfg.Clock.AfterFunc(s.link.cfg.Probe, func() { close(over) })
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

// suspect has the line tested at once.
func (s *session) suspect() {
	select {
	case s.probe <- struct{}{}:
	default:
	}
}
