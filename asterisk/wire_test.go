package asterisk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"hotline/asterisk"
)

// wire is the outside world of a Switch: an HTTP and WebSocket server that speaks ARI,
// for what the real Asterisk cannot be made to do.
type wire struct {
	*httptest.Server
	t       *testing.T
	sockets chan *websocket.Conn
	seen    chan string // "POST /channels/1/answer"

	mu      sync.Mutex
	socket  *websocket.Conn
	answers map[string]answer // by "METHOD /path prefix"
}

type answer struct {
	status int
	body   string
	hold   bool            // never answer
	lost   bool            // the connection ends instead
	after  <-chan struct{} // answer then; nil: at once
}

func newWire(t *testing.T) *wire {
	w := &wire{t: t, sockets: make(chan *websocket.Conn, 10), seen: make(chan string, 1000), answers: map[string]answer{}}
	w.Server = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.Close)
	return w
}

func (w *wire) on(request string, a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[request] = a
}

func (w *wire) serve(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ari/events" {
		c, err := websocket.Accept(rw, r, nil)
		if err != nil {
			w.t.Error(err)
			return
		}
		w.mu.Lock()
		w.socket = c
		w.mu.Unlock()
		w.sockets <- c
		for { // answers pings, until the socket is closed
			if _, _, err := c.Read(r.Context()); err != nil {
				return
			}
		}
	}
	request := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/ari")
	a := w.answer(request) // before the test hears of it and changes its mind
	w.seen <- request
	if a.hold {
		io.Copy(io.Discard, r.Body) // or the server does not notice that the client gives up
		<-r.Context().Done()
		return
	}
	if a.lost {
		panic(http.ErrAbortHandler)
	}
	if a.after != nil {
		<-a.after
	}
	rw.WriteHeader(a.status)
	fmt.Fprint(rw, a.body)
}

func (w *wire) answer(request string) answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	best := ""
	for prefix := range w.answers {
		if strings.HasPrefix(request, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	if a, ok := w.answers[best]; ok {
		return a
	}
	switch request {
	case "GET /channels", "GET /bridges", "GET /applications":
		return answer{status: 200, body: "[]"}
	}
	return answer{status: 200, body: "{}"}
}

// awaits returns the next request that begins so.
func (w *wire) awaits(prefix string) string {
	w.t.Helper()
	for {
		if r := soon(w.t, w.seen, "request "+prefix); strings.HasPrefix(r, prefix) {
			return strings.TrimPrefix(r, prefix)
		}
	}
}

func (w *wire) send(messages ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range messages {
		if err := w.socket.Write(context.Background(), websocket.MessageText, []byte(m)); err != nil {
			w.t.Error(err)
		}
	}
}

// cut breaks the socket as a failing network does.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.socket.CloseNow()
}

// run runs a Switch against w until the test ends, or until the func is called.
func (w *wire) run(handle asterisk.Handler, adjust func(*asterisk.Config)) (*asterisk.Switch, func()) {
	w.t.Helper()
	cfg := asterisk.Config{URL: w.URL, User: "u", Password: "p", Clock: &shiftClock{}}
	if adjust != nil {
		adjust(&cfg)
	}
	sw, err := asterisk.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	sw.Handle(handle)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := sw.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	stop := sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	w.t.Cleanup(stop)
	soon(w.t, w.sockets, "the socket")
	soon(w.t, sw.Ready(), "the switch to be ready")
	return sw, stop
}

// ev writes an event about channel id with further fields.
func ev(kind, id string, more ...string) string {
	fields := map[string]any{
		"type": kind, "timestamp": "2026-11-22T12:00:00.000+0800", "application": "hotline",
		"channel": map[string]any{
			"id": id, "state": "Up", "caller": map[string]string{"number": "+8613800138000", "name": ""},
			"dialplan": map[string]any{"exten": "12345", "app_name": "Stasis", "app_data": "hotline,inbound"},
		},
	}
	for i := 0; i+1 < len(more); i += 2 {
		fields[more[i]] = json.RawMessage(more[i+1])
	}
	b, _ := json.Marshal(fields)
	return string(b)
}

func key(id string, k byte) string { return ev("ChannelDtmfReceived", id, "digit", `"`+string(k)+`"`) }

// goroutinesOf is the stacks of goroutines in which the code occurs.
func goroutinesOf(code string) []string {
	buf := make([]byte, 4<<20)
	var found []string
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, code) {
			found = append(found, stack)
		}
	}
	return found
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
