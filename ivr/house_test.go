package ivr_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// citizen is who calls in these tests.
const citizen = "13800000001"

// scene is where and when a test plays.
type scene struct {
	hotline string      // zz when empty
	at      string      // Asia/Shanghai, 2006-01-02 15:04
	dialed  string      // 12345 when empty
	bare    bool        // no office, no database
	resumed bool        // the call was up before this program
	routes  *ivr.Routes // carrier, then carrier2, when nil
	change  func(*ivr.Config)
	serve   func(h *house) // instead of the runner's own way
}

// house is one hotline with its real office on a real database, one caller and the
// alarm's own lines.
type house struct {
	t      *testing.T
	clock  *ivrtest.Clock
	store  *sqlstore.Store
	office *dispatch.Office
	desks  *ivr.Desks
	routes *ivr.Routes
	alarm  *ivrtest.Board // where the alarm rings the leaders
	runner *ivr.Runner
	call   *ivrtest.Phone
	stop   context.CancelFunc
}

// play opens the house in a bubble of virtual time, lets the citizen call and gives
// both to the test. Whatever the call leaves running fails the test.
func play(t *testing.T, s scene, script func(h *house)) {
	t.Helper()
	var store *sqlstore.Store
	if !s.bare {
		store = database(t)
	}
	if s.hotline == "" {
		s.hotline = "zz"
	}
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, store: store, clock: ivrtest.At(moment(t, s.at)), call: ivrtest.New(t, citizen)}
		if s.dialed != "" {
			h.call.Dials(s.dialed)
		}
		h.open(s)
		defer h.close()
		switch {
		case s.serve != nil:
			go s.serve(h)
		case s.resumed:
			go h.call.Resume(h.runner, ivr.Left{})
		default:
			go h.call.Serve(h.runner)
		}
		script(h)
	})
}

// database is an SQLite file of the test's own.
func database(t *testing.T) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func moment(t *testing.T, at string) time.Time {
	t.Helper()
	m, err := time.ParseInLocation("2006-01-02 15:04", at, dispatch.Place)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// open puts the hotline together as its files say.
func (h *house) open(s scene) {
	flow, profile := loadHotline(h.t, s.hotline)
	must := func(err error) {
		if err != nil {
			h.t.Helper()
			h.t.Fatal(err)
		}
	}
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/"+s.hotline+"/policy.yaml")
	must(err)
	roster, err := dispatch.LoadRoster(deploy.Files, "hotlines/"+s.hotline+"/roster.yaml")
	must(err)
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	must(err)
	log := slog.New(slog.NewTextHandler(h.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.office = dispatch.NewOffice(dispatch.Config{Store: h.store, Policy: policy, Calendar: days, Now: h.clock.Now, Log: log})
	h.desks = ivr.NewDesks(h.clock.Now)
	h.desks.Plan(profile.Desks)
	h.routes = s.routes
	if h.routes == nil {
		h.routes = routesOf(h.t, nil, ivr.Trunk{Name: "carrier"}, ivr.Trunk{Name: "carrier2"})
	}
	plan, err := ivr.PlanEmergency(profile, h.routes, false)
	must(err)
	h.alarm = ivrtest.NewBoard(h.t)
	alarm := ivr.NewAlarm(ivr.AlarmConfig{
		Ringer: h.alarm, Prompts: ivrtest.Prompts{}, Roster: roster, Routes: h.routes, Clock: h.clock,
		Log: log, Orders: h.office, CallerID: profile.Number,
	})
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go alarm.Run(ctx)
	cfg := ivr.Config{
		Flow: flow, Profile: profile, Prompts: ivrtest.Prompts{}, Emergency: plan, Routes: h.routes, Clock: h.clock,
		Log: log, Orders: h.office, Inquiry: h.office, Book: h.office, Roster: roster, Desks: h.desks, Alarm: alarm,
	}
	if s.bare {
		cfg.Orders, cfg.Inquiry, cfg.Book = nil, nil, nil
	}
	if s.change != nil {
		s.change(&cfg)
	}
	h.runner, err = ivr.NewRunner(cfg)
	must(err)
}

// close ends the alarm and checks that every desk was given back.
func (h *house) close() {
	h.call.EndsSomehow()
	if err := h.runner.Wait(context.Background()); err != nil {
		h.t.Error(err)
	}
	h.stop()
	synctest.Wait()
	for _, d := range h.desks.List() {
		if d.State != ivr.DeskIdle && d.State != ivr.DeskAway {
			h.t.Errorf("desk %s is still %s", d.Name, d.State)
		}
	}
	if n := h.desks.Waiting(); n > 0 {
		h.t.Errorf("%d callers still wait", n)
	}
	if calls := h.runner.Live(); len(calls) > 0 {
		h.t.Errorf("%d calls still live", len(calls))
	}
}

// record is the call's record as SQL has it.
func (h *house) record() dispatch.Call {
	h.t.Helper()
	calls, err := h.store.Calls(context.Background(), dispatch.Filter{})
	if err != nil {
		h.t.Fatal(err)
	}
	if len(calls) != 1 {
		h.t.Fatalf("%d calls recorded, want 1", len(calls))
	}
	return calls[0]
}

// outcome fails unless the call was recorded so.
func (h *house) outcome(want string) dispatch.Call {
	h.t.Helper()
	c := h.record()
	if c.Outcome != want {
		h.t.Errorf("outcome %q, want %q: %+v", c.Outcome, want, c.Steps)
	}
	if c.EndedAt.IsZero() || c.Hangup == "" {
		h.t.Errorf("the record has no end: %+v", c)
	}
	return c
}

// orders are the orders as SQL has them, oldest first.
func (h *house) orders() []dispatch.Order {
	h.t.Helper()
	orders, err := h.store.Orders(context.Background(), dispatch.Filter{})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(orders)
	return orders
}

// order is the only order there is.
func (h *house) order() dispatch.Order {
	h.t.Helper()
	orders := h.orders()
	if len(orders) != 1 {
		h.t.Fatalf("%d orders, want 1: %+v", len(orders), orders)
	}
	return orders[0]
}

// secondCaller is another citizen calling at the same time.
func (h *house) secondCaller(number string) *ivrtest.Phone {
	other := ivrtest.New(h.t, number)
	go other.Serve(h.runner)
	return other
}
