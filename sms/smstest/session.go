package smstest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// session is one client's connection.
type session struct {
	centre   *centre
	conn     net.Conn
	writing  sync.Mutex
	receives bool // bound as one that takes deliveries; under centre.mu
	mute     bool // bound as one that takes nothing else; under centre.mu
	version  byte // of the protocol, as the client bound; under centre.mu

	mu      sync.Mutex
	seq     uint32
	waiting map[uint32]chan uint32 // our requests, until answered with a status
	gone    chan struct{}          // closed when the connection is
}

// serve reads until the connection ends.
func (l *session) serve(ctx context.Context) {
	defer l.leave()
	r := bufio.NewReader(l.conn)
	for {
		do, err := l.centre.proto.read(r)
		if err != nil {
			return
		}
		if l.centre.silent() {
			continue
		}
		if !do(ctx, l) {
			return
		}
	}
}

func (l *session) leave() {
	_ = l.conn.Close()
	close(l.gone)
	l.centre.mu.Lock()
	defer l.centre.mu.Unlock()
	delete(l.centre.sessions, l)
	l.centre.wake()
}

// answered gives a status to whoever waits for it.
func (l *session) answered(seq, status uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ch, ok := l.waiting[seq]; ok {
		delete(l.waiting, seq)
		ch <- status
	}
}

// known reports whether a client's credentials are ours.
func (c *centre) known(id string, right func(password string) bool) bool {
	return c.opt.SystemID == "" || id == c.opt.SystemID && right(c.opt.Password)
}

// bound notes that a client has bound.
func (l *session) bound(who string, receives bool) {
	c := l.centre
	c.mu.Lock()
	defer c.mu.Unlock()
	c.binds++
	l.receives = receives
	c.opt.Log.Info("bound", "client", who)
	c.wake()
}

// tookLeave notes that a client says goodbye as it should.
func (l *session) tookLeave() {
	l.centre.mu.Lock()
	defer l.centre.mu.Unlock()
	l.centre.unbinds++
}

// submit takes or refuses one text as the knobs say. answer makes the response: with
// the text's id, or with a status that is not success.
func (l *session) submit(ctx context.Context, sub Submit, answer func(id string, status uint32) []byte) {
	c := l.centre
	k, status := c.verdict()
	if status != 0 {
		_ = l.write(answer("", status))
		return
	}
	sub = c.record(sub)
	respond := func() {
		if k.Poison > 0 {
			_ = l.write(c.proto.poison(k.Poison)(l, 1<<20+uint32(k.Poison)))
		}
		_ = l.write(answer(sub.ID, 0))
	}
	switch {
	case k.ReceiptFirst:
		c.after(ctx, max(k.Latency, 50*time.Millisecond), respond)
	case k.DropAnswers > 0:
	default:
		c.after(ctx, k.Latency, respond)
	}
	if sub.Receipt && !k.ManualReceipt {
		c.after(ctx, k.ReceiptAfter, func() { _ = c.SendReceipt(sub.ID, k.state()) })
	}
	c.tell(sub)
}

// write sends a frame whole. A client that does not read for a minute is cut off, since a
// simulator must not hang a test.
func (l *session) write(frame []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.conn.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return fmt.Errorf("carrier: %w", err)
	}
	if _, err := l.conn.Write(frame); err != nil {
		_ = l.conn.Close()
		return fmt.Errorf("carrier: %w", err)
	}
	return nil
}

// request sends a delivery and registers for its answer first.
func (l *session) request(p packet) (answer <-chan uint32, err error) {
	ch := make(chan uint32, 1)
	l.mu.Lock()
	l.seq++
	seq := l.seq
	l.waiting[seq] = ch
	l.mu.Unlock()
	return ch, l.write(p(l, seq))
}

func (c *centre) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.knobs.Silent
}

// verdict is the knobs as they are for this submit, and the status to answer; the
// counting knobs are counted down.
func (c *centre) verdict() (k Knobs, status uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k = c.knobs
	switch {
	case k.Throttle > 0:
		c.knobs.Throttle--
		return k, c.proto.throttled()
	case k.Refuse != 0:
		return k, k.Refuse
	case k.DropAnswers > 0:
		c.knobs.DropAnswers--
	case k.Poison > 0:
		c.knobs.Poison--
	}
	return k, 0
}

// after runs f later, unless the carrier is closed first.
func (c *centre) after(ctx context.Context, d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	c.opt.Clock.AfterFunc(d, func() {
		if ctx.Err() == nil {
			f()
		}
	})
}
