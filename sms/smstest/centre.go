package smstest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"hotline/sms"
)

// Options say how a carrier is set up. The zero value lets anybody bind, on the wall clock.
type Options struct {
	SystemID string      // empty: any; an ISMG's SP_Id
	Password string      // checked with SystemID; an ISMG proves that it knows it, a Cloud's clients do
	TLS      *tls.Config // nil: plain TCP
	AnyTime  bool        // a Cloud takes requests signed at any time, for hotlines whose clock is moved
	Clock    sms.Clock
	Log      *slog.Logger // nil: silent
}

// protocol is what carriers do differently.
type protocol interface {
	// read takes one PDU off the stream; do does what it asks and reports whether the
	// session goes on. An error ends it.
	read(r io.Reader) (do func(context.Context, *session) bool, err error)
	// id is the name of the n-th submit or delivery.
	id(n uint64, at time.Time) string
	// throttled is the status of a submit that came too fast.
	throttled() uint32
	// comesAgain reports a status after which a delivery is offered again.
	comesAgain(status uint32) bool
	// deliver is a handset's segment, receipt the word on a submit, leave a farewell, poison
	// the n-th PDU that makes no sense.
	deliver(d segment) packet
	receipt(r receipt) packet
	leave() packet
	poison(n int) packet
}

// packet is a PDU of ours for a session, under a number.
type packet func(l *session, seq uint32) []byte

// segment is a piece of a handset's text with an id of its own.
type segment struct {
	sms.Segment
	id, from, to string
}

// receipt is the carrier's word on a submit.
type receipt struct {
	id    string // of the delivery, not of the submit
	state string
	sub   Submit
	done  time.Time
	knobs Knobs
}

// centre is a message centre of any protocol. Safe for concurrent use.
type centre struct {
	opt   Options
	proto protocol

	mu       sync.Mutex
	knobs    Knobs
	ln       net.Listener
	sessions map[*session]struct{}
	submits  []Submit
	texts    []Text
	partial  map[partKey][]Submit
	onSubmit []func(Text)
	onWord   []func(Word)
	lastID   uint64
	lastRef  byte
	binds    int
	unbinds  int
	outages  int
	changed  chan struct{} // closed and replaced whenever a waiter should look again
	queue    []*delivery
	flying   int // offered, and without an answer yet
	landed   int // over, well or not
	closed   bool

	running context.Context // of all goroutines, from the first connection to Close
	stop    context.CancelFunc
	done    sync.WaitGroup
}

func newCentre(opt Options, proto protocol) *centre {
	if opt.Clock == nil {
		opt.Clock = WallClock{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return &centre{
		opt: opt, proto: proto,
		sessions: map[*session]struct{}{},
		partial:  map[partKey][]Submit{},
		changed:  make(chan struct{}),
		// A carrier never gives an id twice, not even after a restart.
		lastID: uint64(opt.Clock.Now().UnixMilli()),
	}
}

// Listen opens the port, such as "127.0.0.1:0", and serves it until Close.
func (c *centre) Listen(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("carrier: %w", err)
	}
	if c.opt.TLS != nil {
		ln = tls.NewListener(ln, c.opt.TLS)
	}
	c.mu.Lock()
	c.ln = ln
	c.mu.Unlock()
	ctx := c.start()
	c.done.Go(func() { c.accept(ctx, ln) })
	return nil
}

// Connect gives one end of a new connection that needs no network, for tests whose
// time is not real. The other end is served like any.
func (c *centre) Connect() net.Conn {
	ours, theirs := net.Pipe()
	c.serve(c.start(), newSlack(ours))
	return newSlack(theirs)
}

// start sets the deliveries going, once.
func (c *centre) start() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		ctx, stop := context.WithCancel(context.Background())
		c.running, c.stop = ctx, stop
		c.done.Go(func() { c.pump(ctx) })
	}
	return c.running
}

// Addr is the address it listens on; empty before Listen.
func (c *centre) Addr() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ln == nil {
		return ""
	}
	return c.ln.Addr().String()
}

// Close hangs up on everybody and ends all goroutines. It may be called twice.
func (c *centre) Close() error {
	c.mu.Lock()
	ln, stop := c.ln, c.stop
	already := c.closed
	c.closed = true
	c.mu.Unlock()
	if stop == nil || already {
		return nil
	}
	stop()
	var err error
	if ln != nil {
		err = ln.Close()
	}
	c.Disconnect()
	c.done.Wait()
	return err
}

// OnSubmit has f told of every whole text that was taken. f is called on the link's
// goroutine after the answer went out and must not block.
func (c *centre) OnSubmit(f func(Text)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onSubmit = append(c.onSubmit, f)
}

// Texts are the whole texts taken so far, in order.
func (c *centre) Texts() []Text {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.texts)
}

// Submits are all submits taken so far, one a segment: the carrier's own record.
func (c *centre) Submits() []Submit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.submits)
}

// Binds is how often somebody bound.
func (c *centre) Binds() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.binds
}

// Unbind asks every client to leave.
func (c *centre) Unbind() {
	for _, l := range c.links() {
		_ = l.write(c.proto.leave()(l, 1<<20))
	}
}

// Disconnect drops every connection without a word.
func (c *centre) Disconnect() {
	for _, l := range c.links() {
		_ = l.conn.Close()
	}
}

// Inject writes raw bytes to every connection: poison for a client to survive.
func (c *centre) Inject(raw []byte) {
	for _, l := range c.links() {
		_ = l.write(raw)
	}
}

func (c *centre) links() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*session
	for l := range c.sessions {
		out = append(out, l)
	}
	return out
}

// receiver is a link that takes deliveries, or nil; the lock is held.
func (c *centre) receiver() *session {
	for l := range c.sessions {
		if l.receives {
			return l
		}
	}
	return nil
}

func (c *centre) accept(ctx context.Context, ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		c.serve(ctx, conn)
	}
}

// serve takes a connection on.
func (c *centre) serve(ctx context.Context, conn net.Conn) {
	l := &session{centre: c, conn: conn, waiting: map[uint32]chan uint32{}, gone: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.knobs.Outage > 0 {
		_ = conn.Close()
		return
	}
	c.sessions[l] = struct{}{}
	c.done.Go(func() { l.serve(ctx) })
}
