// Package smstest is a carrier to test against, and the promises a store and a
// transport must keep.
//
// [SMSC] speaks SMPP 3.4 as a carrier does: it takes texts, gives them ids, sends
// receipts, delivers what handsets answer, holds what it cannot deliver and comes
// again. It keeps its own record of every submit, so a test can count what was really
// on the wire, and it misbehaves on request ([Knobs]). [TestStore] and [TestTransport]
// are suites for implementations of the interfaces of package sms; [NewStore] is the
// smallest store that passes. The development carrier runs the same SMSC.
package smstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/data"

	"hotline/sms"
)

// Options say how an SMSC is set up. The zero value lets anybody bind, on the wall clock.
type Options struct {
	SystemID string // empty: any
	Password string // checked with SystemID
	Clock    sms.Clock
	Log      *slog.Logger // nil: silent
}

// Knobs say how an SMSC behaves. The zero value is a carrier in good health: a receipt
// follows each submit at once.
type Knobs struct {
	Latency       time.Duration // before a submit is answered
	ReceiptAfter  time.Duration // from submit to receipt
	ReceiptState  string        // DELIVRD (also when empty), UNDELIV, EXPIRED, REJECTD ...
	ManualReceipt bool          // none by itself; see SMSC.SendReceipt
	ReceiptFirst  bool          // the receipt is sent before the submit is answered
	PlainReceipts bool          // no TLVs; the text says all
	HexReceipts   bool          // the receipt gives in hexadecimal the id that the answer gave in decimal
	DropAnswers   int           // that many submits are taken but not answered
	Throttle      int           // that many submits are refused with ESME_RTHROTTLED
	Refuse        uint32        // not zero: every submit is refused with this command_status
	Twice         bool          // everything is delivered to us twice
	Silent        bool          // reads, and answers nothing at all
	RetryAfter    time.Duration // a delivery unanswered or refused for now comes again; zero: 60 s
}

// ErrRefused says that the hotline refused a delivery for good.
var ErrRefused = errors.New("delivery refused")

// SMSC is a simulated SMPP 3.4 message centre. Safe for concurrent use.
type SMSC struct {
	opt Options

	mu       sync.Mutex
	knobs    Knobs
	ln       net.Listener
	sessions map[*session]struct{}
	submits  []Submit
	texts    []Text
	partial  map[partKey][]Submit
	onSubmit []func(Text)
	lastID   uint64
	lastRef  byte
	binds    int
	unbinds  int
	changed  chan struct{} // closed and replaced whenever a waiter should look again
	queue    []*delivery
	closed   bool

	running context.Context // of all goroutines, from the first connection to Close
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// NewSMSC makes a message centre that is not listening yet.
func NewSMSC(opt Options) *SMSC {
	if opt.Clock == nil {
		opt.Clock = WallClock{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return &SMSC{
		opt:      opt,
		sessions: map[*session]struct{}{},
		partial:  map[partKey][]Submit{},
		changed:  make(chan struct{}),
		// A carrier never gives an id twice, not even after a restart.
		lastID: uint64(opt.Clock.Now().UnixMilli()),
	}
}

// Listen opens the SMPP port, such as "127.0.0.1:0", and serves it until Close.
func (s *SMSC) Listen(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("smsc: %w", err)
	}
	s.mu.Lock()
	s.ln = ln
	s.mu.Unlock()
	ctx := s.start()
	s.done.Go(func() { s.accept(ctx, ln) })
	return nil
}

// Connect gives one end of a new connection that needs no network, for tests whose
// time is not real. The other end is served like any.
func (s *SMSC) Connect() net.Conn {
	ours, theirs := net.Pipe()
	s.serve(s.start(), newSlack(ours))
	return newSlack(theirs)
}

// start sets the deliveries going, once.
func (s *SMSC) start() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		ctx, stop := context.WithCancel(context.Background())
		s.running, s.stop = ctx, stop
		s.done.Go(func() { s.pump(ctx) })
	}
	return s.running
}

// Addr is the address it listens on.
func (s *SMSC) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ln.Addr().String()
}

// Close hangs up on everybody and ends all goroutines. It may be called twice.
func (s *SMSC) Close() error {
	s.mu.Lock()
	ln, stop := s.ln, s.stop
	already := s.closed
	s.closed = true
	s.mu.Unlock()
	if stop == nil || already {
		return nil
	}
	stop()
	var err error
	if ln != nil {
		err = ln.Close()
	}
	s.Disconnect()
	s.done.Wait()
	return err
}

// Tune changes how it behaves from now on.
func (s *SMSC) Tune(change func(*Knobs)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.knobs)
	s.wake()
}

// OnSubmit has f told of every whole text that was taken. f is called on the link's
// goroutine after the answer went out and must not block.
func (s *SMSC) OnSubmit(f func(Text)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onSubmit = append(s.onSubmit, f)
}

// Texts are the whole texts taken so far, in order.
func (s *SMSC) Texts() []Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.texts)
}

// Submits are all submit_sm taken so far, one a segment: the carrier's own record.
func (s *SMSC) Submits() []Submit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.submits)
}

// Binds is how often somebody bound.
func (s *SMSC) Binds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.binds
}

// Unbinds is how often somebody took leave as one should.
func (s *SMSC) Unbinds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unbinds
}

// Unbind asks every client to leave.
func (s *SMSC) Unbind() {
	for _, link := range s.links(func(*session) bool { return true }) {
		_ = link.write(bare(header{id: data.UNBIND, seq: 1 << 20}))
	}
}

// Disconnect drops every connection without unbinding.
func (s *SMSC) Disconnect() {
	for _, link := range s.links(func(*session) bool { return true }) {
		_ = link.conn.Close()
	}
}

// Inject writes raw bytes to every connection: poison for a client to survive.
func (s *SMSC) Inject(raw []byte) {
	for _, link := range s.links(func(*session) bool { return true }) {
		_ = link.write(raw)
	}
}

func (s *SMSC) links(want func(*session) bool) []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*session
	for link := range s.sessions {
		if want(link) {
			out = append(out, link)
		}
	}
	return out
}

// receiver is a link that takes deliveries, or nil; the lock is held.
func (s *SMSC) receiver() *session {
	for link := range s.sessions {
		if link.receives {
			return link
		}
	}
	return nil
}

func (s *SMSC) accept(ctx context.Context, ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		s.serve(ctx, conn)
	}
}

// serve takes a connection on.
func (s *SMSC) serve(ctx context.Context, conn net.Conn) {
	link := &session{smsc: s, conn: conn, waiting: map[int32]chan uint32{}, gone: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
		return
	}
	s.sessions[link] = struct{}{}
	s.done.Go(func() { link.serve(ctx) })
}
