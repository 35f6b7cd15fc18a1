package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

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
	armed  chan time.Time // when each timer fires
}

type timer struct {
	at time.Time
	c  chan time.Time
}

func newClock(at time.Time) *clock { return &clock{now: at, armed: make(chan time.Time, 1000)} }

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
	c.armed <- t.at
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

// wasArmed says whether a timer was to fire at a moment.
func (c *clock) wasArmed(at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.timers, func(t timer) bool { return t.at.Equal(at) })
}

// record stands for SQL in these tests: what is open, what was settled.
type record struct {
	mu      sync.Mutex
	windows []Window // all there ever were
	settled []Settlement
	fail    error
	unread  map[string]bool // surveys that cannot be settled yet
	got     chan Settlement
}

func newRecord(windows ...Window) *record {
	return &record{windows: windows, got: make(chan Settlement, 1000)}
}

func (r *record) isOpen(id string) bool {
	return slices.ContainsFunc(r.windows, func(w Window) bool { return w.ID == id }) &&
		!slices.ContainsFunc(r.settled, func(s Settlement) bool { return s.SurveyID == id })
}

func (r *record) OpenWindows(_ context.Context, after Window, limit int) ([]Window, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	order := func(a, b Window) int { return cmp.Or(a.Deadline.Compare(b.Deadline), strings.Compare(a.ID, b.ID)) }
	var page []Window
	for _, w := range r.windows {
		if r.isOpen(w.ID) && order(w, after) > 0 {
			page = append(page, w)
		}
	}
	slices.SortFunc(page, order)
	return page[:min(limit, len(page))], r.fail
}

func (r *record) Closed(_ context.Context, ids []string) (closed []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if !r.isOpen(id) {
			closed = append(closed, id)
		}
	}
	return closed, r.fail
}

func (r *record) SettleAll(_ context.Context, all []Settlement) (later []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return nil, r.fail
	}
	for _, s := range all {
		switch {
		case r.unread[s.SurveyID]:
			later = append(later, s.SurveyID)
		case !slices.ContainsFunc(r.settled, func(before Settlement) bool { return before.SurveyID == s.SurveyID }):
			r.settled = append(r.settled, s)
			r.got <- s
		}
	}
	return later, nil
}

// rate applies an answer.
func (r *record) rate(ctx context.Context, v Verdict) {
	_, _ = r.SettleAll(ctx, []Settlement{{SurveyID: v.Window.ID, Outcome: OutcomeRated, Rating: v.Rating}})
}

// ids of what was settled so far, in alphabetical order.
func (r *record) ids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for _, s := range r.settled {
		ids = append(ids, s.SurveyID)
	}
	slices.Sort(ids)
	return ids
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
	b := on(tb, server.Client())
	b.server = server
	return b
}

// on has windows of an empty record in some Redis.
func on(tb testing.TB, client redis.UniversalClient) bench {
	tb.Helper()
	b := bench{clock: newClock(opened), texts: new(atomic.Int64)}
	b.Windows = b.another(tb, client)
	if err := b.Rebuild(tb.Context(), newRecord()); err != nil {
		tb.Fatal(err)
	}
	return b
}

// another is what a second controller has.
func (b bench) another(tb testing.TB, client redis.UniversalClient) *Windows {
	tb.Helper()
	w, err := New(Config{Redis: client, Secret: secret, Now: b.clock.Now, After: b.clock.After, Sleep: time.Hour, Timeout: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// step is one round of Run that works.
func (b bench) step(tb testing.TB, rec *record) {
	tb.Helper()
	if _, err := b.Step(tb.Context(), rec, rec); err != nil {
		tb.Fatal(err)
	}
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
