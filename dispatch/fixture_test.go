package dispatch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/dispatch/sqlstore/pgtest"
	"hotline/sms"
)

const (
	citizen = "13812345678"
	officer = "13900000001"
)

// hall is an office on a real database, with a clock that the test moves.
type hall struct {
	*dispatch.Office
	t      *testing.T
	store  *sqlstore.Store
	policy *dispatch.Policy
	config dispatch.Config
	now    time.Time
	texts  int
}

// TestMain gives the package one PostgreSQL server, with the schema in its first database.
func TestMain(m *testing.M) {
	os.Exit(pgtest.Run(m, func(server string) error {
		s, err := sqlstore.Open(context.Background(), server)
		if err != nil {
			return err
		}
		return s.Close()
	}))
}

// onBoth runs tests on SQLite and on PostgreSQL, each in a new database.
func onBoth(t *testing.T, hotline string, tests map[string]func(*hall)) {
	t.Helper()
	for database, fresh := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "h.db") },
		"postgres": func(t *testing.T) string { return pgtest.Database(t) },
	} {
		t.Run(database, func(t *testing.T) {
			for name, test := range tests {
				t.Run(name, func(t *testing.T) { test(newHall(t, hotline, fresh(t))) })
			}
		})
	}
}

// newHall opens an office at 10:00 on Friday, 20 November 2026.
func newHall(t *testing.T, hotline, database string) *hall {
	t.Helper()
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/"+hotline+"/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &hall{t: t, store: store, policy: policy, now: time.Date(2026, 11, 20, 10, 0, 0, 0, dispatch.Place)}
	h.config = dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: func() time.Time { return h.now }}
	h.Office = dispatch.NewOffice(h.config)
	return h
}

func (h *hall) ctx() context.Context { return h.t.Context() }

func (h *hall) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) same(what string, got, want any) {
	h.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// open registers a phoned request for help.
func (h *hall) open(change func(*dispatch.Intake)) dispatch.Order {
	h.t.Helper()
	in := dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: "+86 138 1234 5678", Summary: "路灯不亮", Actor: "agent:8001"}
	if change != nil {
		change(&in)
	}
	o, err := h.Open(h.ctx(), in)
	h.ok(err)
	return o
}

// surveyed registers and completes an order and delivers its question now.
func (h *hall) surveyed() (dispatch.Order, dispatch.Survey) {
	h.t.Helper()
	o := h.open(nil)
	h.complete(o.Number)
	h.deliver(o.Number)
	return h.order(o.Number), h.survey(o.Number)
}

func (h *hall) complete(number string) dispatch.Order {
	h.t.Helper()
	o, err := h.Complete(h.ctx(), number, dispatch.Completion{Actor: "agent:8001", Result: "路灯已修好"})
	h.ok(err)
	return o
}

// move moves a text on and tells the office, as the gateway does.
func (h *hall) move(m sms.Message, to sms.Status) {
	h.t.Helper()
	m, moved, err := h.store.Advance(h.ctx(), sms.Change{ID: m.ID, Status: to, At: h.now, Link: "a", Segments: 1})
	h.ok(err)
	if !moved {
		h.t.Fatalf("text %s did not become %s", m.ID, to)
	}
	h.ok(h.TextMoved(h.ctx(), m))
	h.ok(h.TextMoved(h.ctx(), m)) // telling twice is harmless
}

func (h *hall) deliver(number string) {
	h.t.Helper()
	m := h.question(number)
	h.move(m, sms.Sent)
	h.move(m, sms.Delivered)
}

// question is the one survey text about an order.
func (h *hall) question(number string) sms.Message {
	h.t.Helper()
	list := h.sent(number, sms.KindSurvey)
	if len(list) != 1 {
		h.t.Fatalf("%d survey texts about %s, want 1", len(list), number)
	}
	return list[0]
}

// sent lists the texts of a kind about an order.
func (h *hall) sent(number string, kind sms.Kind) (list []sms.Message) {
	h.t.Helper()
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{Order: number})
	h.ok(err)
	for _, m := range all {
		if m.Kind == kind {
			list = append(list, m)
		}
	}
	return list
}

func (h *hall) order(number string) dispatch.Order {
	h.t.Helper()
	o, err := h.store.OrderBy(h.ctx(), number)
	h.ok(err)
	return o
}

func (h *hall) survey(number string) dispatch.Survey {
	h.t.Helper()
	list, err := h.store.Surveys(h.ctx(), dispatch.Filter{Order: number})
	h.ok(err)
	if len(list) != 1 {
		h.t.Fatalf("%d surveys of %s, want 1", len(list), number)
	}
	return list[0]
}

// text receives a text from the citizen, as the gateway does, and says what it was taken for.
func (h *hall) text(words, ext string) string {
	h.t.Helper()
	h.texts++
	in := sms.Inbound{ID: fmt.Sprintf("01IN%022d", h.texts), Key: fmt.Sprintf("k%d", h.texts), Link: "a", From: citizen,
		To: "1069012345" + ext, Ext: ext, Text: words, EventAt: h.now, ReceivedAt: h.now}
	_, err := h.store.Receive(h.ctx(), in)
	h.ok(err)
	as, err := h.TakeText(h.ctx(), in)
	h.ok(err)
	again, err := h.TakeText(h.ctx(), in) // handling twice is harmless
	h.ok(err)
	h.same("taken again", again, as)
	return as
}

// story is an order's timeline by kinds.
func (h *hall) story(number string) []string {
	h.t.Helper()
	events, err := h.store.Events(h.ctx(), number)
	h.ok(err)
	kinds := []string{}
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// told says whether a kind of event happened.
func (h *hall) told(number, kind string) int {
	h.t.Helper()
	return strings.Count(" "+strings.Join(h.story(number), "  ")+" ", " "+kind+" ")
}

// sweep settles what is over, with every way in for texts alive.
func (h *hall) sweep() int {
	h.t.Helper()
	n, err := h.SweepDue(h.ctx(), h.now, h.now)
	h.ok(err)
	return n
}
