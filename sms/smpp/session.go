package smpp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/pdu"
)

// Why a session or a request ends.
var (
	errSilent    = errors.New("no answer in time")
	errGone      = errors.New("connection is gone")
	errStuck     = errors.New("peer does not read")
	errUnbound   = errors.New("carrier unbound")
	errClosed    = errors.New("closed by us")
	errUnwritten = errors.New("not written")
)

// inboundQueue is how many deliver_sm may wait to be stored; above it the carrier is
// told to come again. The reader must never wait for a store, or probes and answers
// would wait with it.
const inboundQueue = 64

// session is one connection.
type session struct {
	link   *Link
	conn   net.Conn
	window chan struct{} // one per submit that waits for its answer
	inbox  chan incoming
	work   sync.WaitGroup // reader and storer

	writing sync.Mutex

	mu      sync.Mutex
	seq     uint32
	pending map[uint32]chan frame // requests of ours without an answer, by number
	cause   error                 // why it is gone
	gone    chan struct{}
	probe   chan struct{} // one slot: somebody doubts that the peer is there
}

// incoming is a deliver_sm with its time of arrival.
type incoming struct {
	frame
	at time.Time
}

// newSession starts reading. What arrives is stored under ctx without its end: a text
// that is being stored when we are told to stop is stored.
func (l *Link) newSession(ctx context.Context, conn net.Conn) *session {
	s := &session{
		link: l, conn: conn, window: make(chan struct{}, l.cfg.Window),
		inbox: make(chan incoming, inboundQueue), pending: map[uint32]chan frame{},
		gone: make(chan struct{}), probe: make(chan struct{}, 1),
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
		f, err := readFrame(r)
		var bad *badLength
		switch {
		case errors.As(err, &bad):
			s.link.count(func(st *Stats) { st.Oversize++ })
			s.link.cfg.Log.Warn("pdu refused", "err", bad, "command", fmt.Sprintf("%#x", f.id))
			_ = s.write(f.nack(statusBadLength))
			if bad.lost {
				s.close(fmt.Errorf("stream lost its beat: %w", bad))
				return
			}
		case err != nil:
			s.close(fmt.Errorf("%w: %w", errGone, err))
			return
		default:
			s.link.seen()
			s.handle(f)
		}
	}
}

// handle does what one frame asks, without ever waiting for a store.
func (s *session) handle(f frame) {
	switch {
	case f.id&responseBit != 0:
		s.answered(f)
	case f.id == enquireLink:
		_ = s.write(f.answer(statusOK))
	case f.id == deliverSM:
		select {
		case s.inbox <- incoming{f, s.link.cfg.Clock.Now()}:
		default:
			_ = s.write(f.answer(statusQueueFull))
		}
	case f.id == unbind:
		_ = s.write(f.answer(statusOK))
		s.close(errUnbound)
	case f.id == alert || f.id == outbind:
		// they ask for nothing
	default:
		s.link.count(func(st *Stats) { st.Malformed++ })
		_ = s.write(f.nack(statusBadCommand))
	}
}

// store hands on what arrived, in order, and answers it.
func (s *session) store(ctx context.Context) {
	for in := range s.inbox {
		_ = s.write(in.answer(s.link.take(ctx, in)))
	}
}

// answered gives an answer to whoever waits for it.
func (s *session) answered(f frame) {
	s.mu.Lock()
	ch, ok := s.pending[f.seq]
	delete(s.pending, f.seq)
	s.mu.Unlock()
	if !ok {
		s.link.count(func(st *Stats) { st.Unasked++ })
		return
	}
	ch <- f
}

// register gives a request its number, before it is written: a fast answer must find it.
func (s *session) register() (seq uint32, answer chan frame) {
	answer = make(chan frame, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		s.seq = s.seq%0x7FFFFFFF + 1
		if _, taken := s.pending[s.seq]; !taken {
			break
		}
	}
	s.pending[s.seq] = answer
	return s.seq, answer
}

func (s *session) forget(seq uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, seq)
}

// request writes a PDU and waits for its answer. An error that is errUnwritten means
// that the peer cannot have got it whole.
func (s *session) request(ctx context.Context, p pdu.PDU, within time.Duration) (frame, error) {
	seq, answer := s.register()
	defer s.forget(seq)
	if err := s.write(bytesOf(p, seq)); err != nil {
		return frame{}, err
	}
	late := make(chan struct{})
	stop := s.link.cfg.Clock.AfterFunc(within, func() { close(late) })
	defer stop()
	select {
	case f := <-answer:
		return f, nil
	case <-late:
		s.link.count(func(st *Stats) { st.Timeouts++ })
		return frame{}, errSilent
	case <-ctx.Done():
		return frame{}, context.Cause(ctx)
	case <-s.gone:
	}
	select { // the answer may have come just before the end
	case f := <-answer:
		return f, nil
	default:
		return frame{}, s.reason()
	}
}

// write sends one PDU whole. A peer that does not read for Config.Write is dropped.
func (s *session) write(b []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	stop := s.link.cfg.Clock.AfterFunc(s.link.cfg.Write, func() { s.close(errStuck) })
	defer stop()
	n, err := s.conn.Write(b)
	if err == nil {
		return nil
	}
	s.close(fmt.Errorf("%w: %w", errGone, err))
	if n < len(b) {
		return fmt.Errorf("%w: %w", errUnwritten, err)
	}
	return fmt.Errorf("%w: %w", errGone, err)
}

// serve probes a quiet line until the session ends; when ctx is done it unbinds first.
// It returns why the session ended, after everything that arrived was stored.
func (s *session) serve(ctx context.Context) error {
	defer s.work.Wait()
	for {
		if !s.quiet(ctx) {
			break
		}
		if _, err := s.request(ctx, pdu.NewEnquireLink(), s.link.cfg.Response); err != nil && ctx.Err() == nil {
			s.close(fmt.Errorf("enquire_link: %w", err))
		}
	}
	if s.reason() == nil {
		s.unbind(ctx)
	}
	s.close(errClosed)
	return s.reason()
}

// quiet waits until the line needs a probe; false means that the session is over.
func (s *session) quiet(ctx context.Context) bool {
	over := make(chan struct{})
	stop := s.link.cfg.Clock.AfterFunc(s.link.cfg.Enquire, func() { close(over) })
	defer stop()
	select {
	case <-ctx.Done():
		return false
	case <-s.gone:
		return false
	case <-over:
	case <-s.probe:
	}
	return true
}

// unbind takes leave. New texts are no longer taken, and what the carrier brings in
// the meantime is still stored.
func (s *session) unbind(ctx context.Context) {
	s.link.down("closing")
	_, _ = s.request(context.WithoutCancel(ctx), pdu.NewUnbind(), min(s.link.cfg.Response, 5*time.Second))
}

// suspect has the line probed at once.
func (s *session) suspect() {
	select {
	case s.probe <- struct{}{}:
	default:
	}
}
