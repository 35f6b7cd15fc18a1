package sipmsg

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// mostLines bounds the connections that phones hold to us at once.
const mostLines = 256

// lines are the connections of a link by TCP or by TLS, whoever opened them. To the stack
// they are a listener. That way those we open get deadlines too, and a phone that accepts
// a connection and does not read cannot hold a text up for ever.
type lines struct {
	cfg   Config
	port  net.Listener // nil: phones cannot connect
	addr  net.Addr
	tls   *tls.Config // nil: plain TCP
	hears func(net.Addr) bool
	stray func() // somebody who is not heard

	next chan handover
	last chan struct{} // closed when the stack has what it was given last; its goroutine's own
	gone chan struct{}

	mu   sync.Mutex
	open map[*line]struct{}
	over bool
	work sync.WaitGroup
}

// handover is a connection on its way to the stack.
type handover struct {
	conn  net.Conn
	taken chan struct{}
}

// line is one connection.
type line struct {
	net.Conn
	of *lines
}

// Write gives the far end its time to read.
func (l *line) Write(b []byte) (int, error) {
	if err := l.SetWriteDeadline(time.Now().Add(l.of.cfg.Write)); err != nil {
		return 0, err
	}
	return l.Conn.Write(b)
}

// Close is net.Conn's.
func (l *line) Close() error {
	l.of.mu.Lock()
	delete(l.of.open, l)
	l.of.mu.Unlock()
	return l.Conn.Close()
}

// Accept gives the stack a connection. It asks again once it knows the last.
func (q *lines) Accept() (net.Conn, error) {
	if q.last != nil {
		close(q.last)
		q.last = nil
	}
	select {
	case h := <-q.next:
		q.last = h.taken
		return h.conn, nil
	case <-q.gone:
		return nil, net.ErrClosed
	}
}

// Addr is where phones connect to, or nowhere in particular.
func (q *lines) Addr() net.Addr { return q.addr }

// Close ends all connections and waits for those who open them.
func (q *lines) Close() error {
	q.mu.Lock()
	already, open := q.over, q.open
	q.over, q.open = true, nil
	q.mu.Unlock()
	if already {
		return nil
	}
	close(q.gone)
	if q.port != nil {
		_ = q.port.Close()
	}
	for l := range open {
		_ = l.Conn.Close()
	}
	q.work.Wait()
	return nil
}

var errTooMany = errors.New("too many connections")

// keep makes a connection ours.
func (q *lines) keep(conn net.Conn) (*line, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over || len(q.open) >= mostLines {
		_ = conn.Close()
		return nil, errTooMany
	}
	l := &line{conn, q}
	q.open[l] = struct{}{}
	return l, nil
}

// hand gives a connection to the stack and returns when that knows it.
func (q *lines) hand(ctx context.Context, conn net.Conn) error {
	h := handover{conn, make(chan struct{})}
	err := net.ErrClosed
	select {
	case q.next <- h:
		select {
		case <-h.taken:
			return nil
		case <-q.gone:
		}
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-q.gone:
	}
	_ = conn.Close()
	return err
}

// dial opens a connection to a phone, whose name is what its certificate has to say.
func (q *lines) dial(ctx context.Context, addr, name string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	l, err := q.keep(conn)
	if err != nil {
		return err
	}
	if q.tls == nil {
		return q.hand(ctx, l)
	}
	trust := q.tls.Clone()
	if trust.ServerName == "" {
		trust.ServerName = name
	}
	secure := tls.Client(l, trust)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = l.Close()
		return fmt.Errorf("TLS: %w", err)
	}
	return q.hand(ctx, secure)
}

// serve takes the connections phones open, until the port is closed.
func (q *lines) serve() error {
	for {
		conn, err := q.port.Accept()
		if err != nil {
			return err
		}
		if !q.hears(conn.RemoteAddr()) {
			q.stray()
			_ = conn.Close()
			continue
		}
		l, err := q.keep(conn)
		if err != nil {
			continue // it may come again when others have left
		}
		q.work.Go(func() { q.welcome(l) })
	}
}

// welcome hands a phone's connection over once it is secured.
func (q *lines) welcome(l *line) {
	ctx, cancel := context.WithTimeout(context.Background(), q.cfg.Connect)
	defer cancel()
	conn := net.Conn(l)
	if q.tls != nil {
		secure := tls.Server(l, q.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = l.Close()
			return
		}
		conn = secure
	}
	_ = q.hand(ctx, conn) // a link that ends needs nobody
}
