package asterisk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// line is a server of bytes: what it says to each request is up to the test.
type line struct {
	net.Listener
	conns chan net.Conn
}

func newLine(t *testing.T) *line {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &line{l, make(chan net.Conn, 100)}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.conns <- conn
		}
	}()
	return s
}

func (s *line) client(now func() time.Time) *client {
	return newClient(&url.URL{Scheme: "http", Host: s.Addr().String()}, "u", "p", now)
}

// hears reads one request to its end and answers; "" closes the connection.
func hears(t *testing.T, conn net.Conn, answer string) {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		t.Errorf("request: %v", err)
		return
	}
	io.Copy(io.Discard, req.Body)
	if answer == "" {
		conn.Close()
		return
	}
	io.WriteString(conn, answer)
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

var post = outgoing{method: http.MethodPost, path: "/x", payload: []byte(`{"a":1}`)}

// ask sends a request and returns its whole answer.
func ask(c *client, ctx context.Context, d time.Duration) (string, error) {
	r, err := c.send(ctx, time.Now().Add(d), post)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

func TestClientRepeatsWhatAKeptConnectionDidNotCarry(t *testing.T) {
	s := newLine(t)
	c := s.client(time.Now)
	var server sync.WaitGroup
	server.Go(func() {
		first := <-s.conns
		hears(t, first, ok)
		hears(t, first, "") // closed as the second request arrives
		hears(t, <-s.conns, ok)
	})
	for i := range 2 {
		if got, err := ask(c, t.Context(), time.Minute); got != "{}" || err != nil {
			t.Errorf("request %d: %q, %v", i+1, got, err)
		}
	}
	server.Wait()
	if len(c.slots) != 0 {
		t.Errorf("%d slots taken after all", len(c.slots))
	}
}

func TestClientDropsIdleConnectionsBeforeAsteriskDoes(t *testing.T) {
	s := newLine(t)
	now := time.Now()
	c := s.client(func() time.Time { return now })
	var server sync.WaitGroup
	server.Go(func() {
		hears(t, <-s.conns, ok)
		hears(t, <-s.conns, ok)
	})
	for range 2 {
		if _, err := ask(c, t.Context(), time.Minute); err != nil {
			t.Error(err)
		}
		now = now.Add(idleTime)
	}
	server.Wait()
	if c.tidy(); len(c.idle) != 0 {
		t.Errorf("%d connections idle", len(c.idle))
	}
}

func TestClientEndsWithItsContextAndItsDeadline(t *testing.T) {
	s := newLine(t)
	c := s.client(time.Now)
	why := errors.New("the key")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		hears(t, <-s.conns, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
		cancel(why)
	}()
	if got, err := ask(c, ctx, time.Minute); !errors.Is(err, why) {
		t.Errorf("answer %q, %v, want the context's cause", got, err)
	}
	if _, err := ask(c, t.Context(), 20*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a missed deadline", err)
	}
	if len(c.slots) != 0 || len(c.idle) != 0 {
		t.Errorf("%d slots taken, %d connections kept", len(c.slots), len(c.idle))
	}
}

func TestClientWaitsInTurnForASlot(t *testing.T) {
	s := newLine(t)
	c := s.client(time.Now)
	for range mostConns {
		c.slots <- struct{}{}
	}
	if _, err := ask(c, t.Context(), 10*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a missed deadline", err)
	}
	got := make(chan error, 1)
	go func() {
		_, err := ask(c, t.Context(), time.Minute)
		got <- err
	}()
	<-c.slots
	hears(t, <-s.conns, ok)
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestReply(t *testing.T) {
	for _, test := range []struct {
		wire, body string
		status     int
		kept       bool
		fails      bool
	}{
		{wire: ok, status: 200, body: "{}", kept: true},
		{wire: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, kept: true},
		{wire: "HTTP/1.1 100 Continue\r\n\r\n" + ok, status: 200, body: "{}", kept: true},
		{wire: "HTTP/1.1 200 OK\nconnection: Close\ncontent-length: 1\n\nx", status: 200, body: "x"},
		{wire: "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", status: 404, body: "abc"},
		{wire: "HTTP/1.0 200\r\n\r\nall there is", status: 200, body: "all there is"},
		{wire: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", status: 200, body: "ab", fails: true},
		{wire: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", fails: true},
		{wire: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", fails: true},
		{wire: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", fails: true},
		{wire: "HTTP/1.1 200 OK\r\n folded\r\n\r\n", fails: true},
		{wire: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n", fails: true},
		{wire: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 200) + "\r\n", fails: true},
		{wire: "HTTP/2 200 OK\r\n\r\n", fails: true}, {wire: "", fails: true}, {wire: "SIP/2.0 200 OK\r\n\r\n", fails: true},
	} {
		status, body, kept, err := readReply([]byte(test.wire))
		if status != test.status || body != test.body || kept != test.kept || (err != nil) != test.fails {
			t.Errorf("%.60q: %d %q, kept %v, %v; want %d %q, kept %v", test.wire, status, body, kept, err, test.status, test.body, test.kept)
		}
	}
}

// readReply reads an answer from memory.
func readReply(wire []byte) (status int, body string, kept bool, err error) {
	here, there := net.Pipe()
	there.Close()
	c := newClient(&url.URL{Host: "h"}, "u", "p", time.Now)
	c.slots <- struct{}{}
	r := &reply{client: c, link: &link{conn: here, in: bufio.NewReader(bytes.NewReader(wire))},
		ctx: context.Background(), stop: func() bool { return true }}
	if err := r.readHead(r.link.in); err != nil {
		return 0, "", false, err
	}
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	r.Close()
	return r.status, string(b), len(c.idle) == 1, err
}

// FuzzReply compares what we accept with net/http, which accepts more.
func FuzzReply(f *testing.F) {
	f.Add([]byte(ok))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.0 200\r\n\r\nall there is"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		status, body, _, err := readReply(wire)
		if err != nil {
			return
		}
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(wire)), &http.Request{Method: http.MethodPost})
		if err != nil || res.StatusCode < 200 {
			return // it shows interim answers, and minds what headers mean that we do not read
		}
		b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if res.StatusCode != status || err == nil && string(b) != body {
			t.Errorf("%d %q, net/http reads %d %q", status, body, res.StatusCode, b)
		}
	})
}

// BenchmarkRequest is one small request over loopback and its answer, beside net/http's
// client; the server's work is in both.
func BenchmarkRequest(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"id":"p1","media_uri":"sound:welcome","state":"queued"}`)
	}))
	defer server.Close()
	b.Run("own", func(b *testing.B) {
		s, err := New(Config{URL: server.URL, User: "u", Password: "p"})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		b.ReportAllocs()
		for b.Loop() {
			if err := s.do(ctx, request{method: http.MethodPost, path: "/channels/1/play/2", body: playRequest{Media: []string{"sound:welcome"}}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("net-http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			res, err := http.Post(server.URL, "application/json", strings.NewReader(`{"media":["sound:welcome"]}`))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}
