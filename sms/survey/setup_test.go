package survey

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/sms/survey/redistest"
)

var (
	secret = []byte("a secret of the test, long enough")
	opened = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC) // 10:00 in Zhengzhou
)

// clock is the test's own time. After hands out timers that fire when it is set past them.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []timer
	armed  chan time.Duration // every After reports here
}

type timer struct {
	at time.Time
	c  chan time.Time
}

func newClock(at time.Time) *clock { return &clock{now: at, armed: make(chan time.Duration, 100)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := timer{c.now.Add(d), make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	c.armed <- d
	return t.c
}

func (c *clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
	for _, t := range c.timers {
		if !t.at.After(at) {
			select {
			case t.c <- at:
			default:
			}
		}
	}
}

// record stands for SQL in these tests: what is open, what was settled.
type record struct {
	mu      sync.Mutex
	windows []Window
	settled []Settlement
	fail    error
	got     chan Settlement
}

func newRecord(windows ...Window) *record {
	return &record{windows: windows, got: make(chan Settlement, 100)}
}

func (r *record) OpenWindows(context.Context) ([]Window, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.windows, r.fail
}

func (r *record) Settle(_ context.Context, s Settlement) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	for _, before := range r.settled {
		if before.SurveyID == s.SurveyID {
			return nil
		}
	}
	r.settled = append(r.settled, s)
	r.got <- s
	return nil
}

type bench struct {
	*Windows
	server *redistest.Server
	clock  *clock
	texts  *atomic.Int64
}

// warm starts a real Redis with windows of an empty record.
func warm(tb testing.TB) bench {
	tb.Helper()
	server := redistest.Start(tb)
	c := newClock(opened)
	w, err := New(Config{Redis: server.Client(), Secret: secret, Now: c.Now, After: c.After, Sleep: time.Hour, Timeout: 2 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.Rebuild(tb.Context(), newRecord()); err != nil {
		tb.Fatal(err)
	}
	return bench{w, server, c, new(atomic.Int64)}
}

func window(id string, at time.Time) Window {
	return Window{ID: id, Phone: "13800000001", Order: "ZZ20261121-00042-7", OpenedAt: at, Deadline: at.Add(24 * time.Hour)}
}

func (b bench) open(tb testing.TB, wins ...Window) {
	tb.Helper()
	for _, win := range wins {
		if err := b.Open(tb.Context(), win); err != nil {
			tb.Fatal(err)
		}
	}
}

// reply sends a text of its own id.
func (b bench) reply(tb testing.TB, r Reply) Verdict {
	tb.Helper()
	if r.TextID == "" {
		r.TextID = fmt.Sprint("text", b.texts.Add(1))
	}
	if r.Phone == "" {
		r.Phone = "13800000001"
	}
	v, err := b.Reply(tb.Context(), r)
	if err != nil {
		tb.Fatalf("reply %+v: %v", r, err)
	}
	return v
}
