package asterisk

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// mostConns keeps far below Asterisk's session limit, and more were no faster.
	mostConns = 64
	// idleTime is how long a connection is kept. Asterisk closes an idle one after 30 s
	// (http.conf) and we must be first, or a request meets a closed connection.
	idleTime = 10 * time.Second
	// fullFor is how long a request is tried again while there is no room for a new
	// connection, at first after fullPause, or as soon as another request has ended.
	fullFor   = 2 * time.Second
	fullPause = 5 * time.Millisecond
	mostPause = 200 * time.Millisecond
)

// client speaks HTTP/1.1 with one server over connections that it keeps. It writes and
// reads in the goroutine of who asks: net/http wakes two more for each request, and
// allocates three times as much (BenchmarkRequest).
type client struct {
	host   string // with its port
	tls    *tls.Config
	prefix string // of every path
	fixed  string // what every request says after its first line
	now    func() time.Time
	slots  chan struct{} // as many as connections are in use; who waits for one is served in turn
	freed  chan struct{} // a connection became idle

	mu   sync.Mutex
	idle []*link // the one used last at the end
}

// link is one connection.
type link struct {
	conn  net.Conn
	in    *bufio.Reader
	out   []byte    // kept for its memory
	since time.Time // when it became idle
}

// outgoing is a request as it goes over the wire.
type outgoing struct {
	method  string
	path    string // escaped
	query   url.Values
	payload []byte // JSON
}

func newClient(u *url.URL, user, password string, now func() time.Time) *client {
	c := &client{host: u.Host, prefix: strings.TrimSuffix(u.EscapedPath(), "/"), now: now,
		slots: make(chan struct{}, mostConns), freed: make(chan struct{}, 1)}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
		c.tls = &tls.Config{ServerName: u.Hostname()}
	}
	if u.Port() == "" {
		c.host = net.JoinHostPort(u.Hostname(), port)
	}
	credentials := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	c.fixed = " HTTP/1.1\r\nHost: " + u.Host + "\r\nAuthorization: Basic " + credentials + "\r\n"
	return c
}

// send performs a request until its answer begins; the caller closes that. A zero
// deadline is none; the answer's body has to be read by then too. A request that a kept
// connection did not carry is sent once more on a new one, POST or not: every id in it is
// ours, so that Asterisk notices a repetition. It then refuses it, which says nothing of
// the first: see elsewhere for where that matters.
func (c *client) send(ctx context.Context, deadline time.Time, q outgoing) (*reply, error) {
	s := c.begin(ctx, deadline, q)
	return s.answer()
}

// why tells a context's end and a missed deadline by their own names.
func why(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return context.DeadlineExceeded
	}
	return err
}

// enter waits for a free slot.
func (c *client) enter(ctx context.Context, deadline time.Time) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	default:
	}
	if !deadline.IsZero() {
		limited, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		ctx = limited
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// busy is how many connections are in use.
func (c *client) busy() int { return len(c.slots) }

// kept takes the connection used last out of the idle ones, nil when there is none.
func (c *client) kept() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tidyLocked()
	if len(c.idle) == 0 {
		return nil
	}
	l := c.idle[len(c.idle)-1]
	c.idle = c.idle[:len(c.idle)-1]
	return l
}

// keep takes a connection back whose answer was read to its end.
func (c *client) keep(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.since = c.now()
	c.idle = append(c.idle, l)
	select {
	case c.freed <- struct{}{}:
	default:
	}
}

// tidy closes connections that were idle for too long; somebody has to call it now and
// then.
func (c *client) tidy() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tidyLocked()
}

func (c *client) tidyLocked() {
	old := 0
	for old < len(c.idle) && c.now().Sub(c.idle[old].since) >= idleTime {
		c.idle[old].conn.Close()
		old++
	}
	c.idle = slices.Delete(c.idle, 0, old)
}

// forget closes all idle connections.
func (c *client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.idle {
		l.conn.Close()
	}
	c.idle = nil
}

func (c *client) dial(ctx context.Context, deadline time.Time) (*link, error) {
	d := net.Dialer{Deadline: deadline}
	conn, err := d.DialContext(ctx, "tcp", c.host)
	if err != nil {
		return nil, err
	}
	if c.tls != nil {
		conn = tls.Client(conn, c.tls) // shakes hands as it writes first
	}
	return &link{conn: conn, in: bufio.NewReader(conn)}, nil
}

var (
	// errUnanswered says that a connection ended before a byte of the answer came.
	errUnanswered = errors.New("connection closed without an answer")
	// errFull says that a new one did: so Asterisk treats those that its table of HTTP
	// sessions has no room for. Those it knows go on being served.
	errFull = errors.New("no room for a new connection")
)

// write sends a request over l. An error closes l.
func (c *client) write(ctx context.Context, deadline time.Time, l *link, q outgoing) (_ *reply, err error) {
	r := &reply{client: c, link: l, ctx: ctx, stop: func() bool { return true }}
	if ctx.Done() != nil {
		r.stop = context.AfterFunc(ctx, func() { l.conn.SetDeadline(time.Unix(1, 0)) })
	}
	defer r.closeOn(&err)
	if err := l.conn.SetDeadline(deadline); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnanswered, err)
	}
	if ctx.Err() != nil { // or the deadline just set could be later than the one ctx has set
		return nil, context.Cause(ctx)
	}
	l.out = c.appendRequest(l.out[:0], q)
	if _, err := l.conn.Write(l.out); err != nil {
		return nil, unanswered(err)
	}
	return r, nil
}

func (c *client) appendRequest(b []byte, q outgoing) []byte {
	b = append(b, q.method...)
	b = append(b, ' ')
	b = append(b, c.prefix...)
	b = append(b, q.path...)
	if len(q.query) > 0 {
		b = append(b, '?')
		b = append(b, q.query.Encode()...)
	}
	b = append(b, c.fixed...)
	if q.payload != nil {
		b = append(b, "Content-Type: application/json\r\n"...)
	}
	if q.method != http.MethodGet {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(q.payload)), 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	return append(b, q.payload...)
}
