package redisnews_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/dispatch"
	"hotline/dispatch/redisnews"
	"hotline/sms/survey/redistest"
)

// line is a controller's way to Redis, which can be cut.
type line struct {
	off   atomic.Bool
	mu    sync.Mutex
	conns []net.Conn
}

func (l *line) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.off.Load() {
		return nil, errors.New("the line is cut")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err == nil {
		l.conns = append(l.conns, c)
	}
	return c, err
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off.Store(true)
	for _, c := range l.conns {
		c.Close()
	}
}

// hub is a controller as far as notices go: its office, and a page that looks at it.
type hub struct {
	*dispatch.Office
	line
	page        <-chan dispatch.Notice
	made, heard map[string]int // how often, by id
	said        chan string    // what it wrote to its log
}

// Write is the log's.
func (h *hub) Write(b []byte) (int, error) {
	select {
	case h.said <- string(b):
	default: // nobody looks
	}
	return len(b), nil
}

// open starts a hub, and returns when it hears the others.
func open(t *testing.T, server *redistest.Server) *hub {
	t.Helper()
	h := &hub{Office: dispatch.NewOffice(dispatch.Config{Now: time.Now}), said: make(chan string, 100),
		made: map[string]int{}, heard: map[string]int{}}
	h.page = h.Subscribe(t.Context())
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Dialer: h.dial, MaxRetries: -1})
	news := redisnews.New(client, "hotline", slog.New(slog.NewTextHandler(h, nil)))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { news.Run(ctx, h) })
	t.Cleanup(func() { stop(); running.Wait(); client.Close() })
	h.resync(t)
	return h
}

// next is what the page hears next.
func (h *hub) next(t *testing.T) dispatch.Notice {
	t.Helper()
	select {
	case n := <-h.page:
		h.heard[n.ID]++
		return n
	case <-time.After(time.Minute):
		t.Fatal("the page hears nothing")
		return dispatch.Notice{}
	}
}

// resync waits until the page is told to load everything again.
func (h *hub) resync(t *testing.T) {
	t.Helper()
	for h.next(t).Kind != dispatch.NoticeResync {
	}
}

// announce makes a change, which its own page hears of at once.
func (h *hub) announce(t *testing.T, id string) {
	t.Helper()
	h.made[id]++
	h.Announce(dispatch.NoticeOrder, id)
	for h.next(t).ID != id {
	}
}

// hears waits until the page was told of another's change, which is made again after a
// resync: a message that was too slow on a busy machine comes as one.
func (h *hub) hears(t *testing.T, from *hub, id string) {
	t.Helper()
	from.announce(t, id)
	for {
		switch n := h.next(t); {
		case n.ID == id:
			return
		case n.Kind == dispatch.NoticeResync:
			from.announce(t, id)
		}
	}
}

// TestTwoHubs: each page hears what its own office and the other one changed, its own once.
func TestTwoHubs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := open(t, server), open(t, server)
	for n := range 100 {
		b.hears(t, a, fmt.Sprintf("ZZ20261128-%05d-1", n))
	}
	a.hears(t, b, "last") // behind all of a's own, had it heard these again
	if a.heard["last"] > b.made["last"] {
		t.Errorf("a heard %d times what b told %d times", a.heard["last"], b.made["last"])
	}
	for id, made := range a.made {
		if a.heard[id] != made || b.heard[id] > made {
			t.Errorf("%s was told %d times, and heard by a %d, by b %d times", id, made, a.heard[id], b.heard[id])
		}
	}
}

// TestForeignWords: what somebody else writes into the channel reaches no page.
func TestForeignWords(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := open(t, server), open(t, server)
	long := strings.Repeat("1", 65)
	for _, body := range []string{"", "[]", `{"news":7}`, `{"from":"x","news":[{"kind":"order\ndata: x","id":"1"},{"kind":"order","id":"` + long + `"}]}`} {
		if err := server.Client().Publish(t.Context(), "hotline:news", body).Err(); err != nil {
			t.Fatal(err)
		}
	}
	a.hears(t, b, "last")
	if a.heard["1"]+a.heard[long] > 0 {
		t.Errorf("heard %v", a.heard)
	}
}

// TestRedisAway: what is changed while Redis is away waits for nothing, and pages load
// everything again when it is back.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := open(t, server), open(t, server)
	b.hears(t, a, "before")
	server.Kill()
	for n := range 1000 { // more than anybody keeps
		a.Announce(dispatch.NoticeOrder, fmt.Sprint("lost", n))
	}
	a.resync(t) // in place of what its page did not read
	server.Restart()
	b.resync(t)
	b.hears(t, a, "after")
	a.hears(t, b, "back")
}

// TestOneIsCutOff: one that could not tell has the others load everything again, whose own
// lines were well all the time.
func TestOneIsCutOff(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	a, b := open(t, server), open(t, server)
	b.hears(t, a, "before")
	a.cut()
	a.Announce(dispatch.NoticeOrder, "lost")
	for !strings.Contains(<-a.said, "do not hear") {
	}
	a.off.Store(false)
	b.resync(t)
	b.hears(t, a, "after")
}
