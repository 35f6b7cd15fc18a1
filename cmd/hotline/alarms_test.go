package main

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/asterisk"
	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/crew"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
	"hotline/sms/survey/redistest"
)

// timeline is an order's, as far as alarms need it.
type timeline struct {
	mu   sync.Mutex
	over bool
}

func (l *timeline) Note(context.Context, string, string, string) error { return nil }

func (l *timeline) EndAlarm(context.Context, string, string, string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	return nil
}

func (l *timeline) AlarmOver(context.Context, string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over, nil
}

// watchman is one controller as far as alarms need it. Its leaders' phones ring until
// the test says how that ends.
type watchman struct {
	*app
	rings  chan string
	answer chan asterisk.DialOutcome
	die    func() // stops as a kill does: Redis hears no more of it
}

func (w *watchman) Ring(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error) {
	w.rings <- o.Endpoint
	select {
	case outcome := <-w.answer:
		return asterisk.Dialed{Outcome: outcome}, nil
	case <-ctx.Done():
		return asterisk.Dialed{}, ctx.Err()
	}
}

func newWatchman(t *testing.T, server *redistest.Server, node string, orders *timeline) *watchman {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: -1, ContextTimeoutEnabled: true})
	log := slog.New(slog.NewTextHandler(t.Output(), nil)).With("node", node)
	member, err := crew.Join(t.Context(), crew.Config{Redis: client, Node: node, Beat: 50 * time.Millisecond, Dead: 10 * time.Second}) // one that stands still for less is not dead
	if err != nil {
		t.Fatal(err)
	}
	roster, err := dispatch.LoadRoster(deploy.Files, "hotlines/zz/roster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w := &watchman{app: &app{crew: member, log: log, clock: newClock(), began: time.Now()},
		rings: make(chan string, 10), answer: make(chan asterisk.DialOutcome)}
	routes, err := ivr.NewRoutes([]ivr.Trunk{{Name: "carrier", Simulated: true}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.alarm = ivr.NewAlarm(ivr.AlarmConfig{Ringer: w, Prompts: ivrtest.Prompts{}, Roster: roster,
		Routes: routes, Clock: w.clock, Log: log, Orders: orders, Alone: w.ringAlone})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = member.Run(ctx) })
	running.Go(func() { w.alarm.Run(ctx) })
	w.die = func() { client.Close(); stop(); running.Wait() }
	t.Cleanup(w.die)
	return w
}

// TestZZ_16_5_OneControllerRingsTheLeaders has one controller ring, another look after
// it, take over when it dies, and a third find that all is said.
func TestZZ_16_5_OneControllerRingsTheLeaders(t *testing.T) {
	server, orders := redistest.Start(t), &timeline{}
	first, second, third := newWatchman(t, server, "a", orders), newWatchman(t, server, "b", orders), newWatchman(t, server, "c", orders)
	order := dispatch.Order{CallID: "call", Number: "ZZ20261127-00001-1", Urgent: true, CreatedAt: time.Now()}
	rung := func(w *watchman) {
		t.Helper()
		select {
		case <-w.rings:
		case <-time.After(time.Minute):
			t.Fatal("nobody rung")
		}
	}
	quiet := func(w *watchman) {
		t.Helper()
		select {
		case who := <-w.rings:
			t.Fatal("rings too: ", who)
		case <-time.After(2 * time.Second):
		}
	}
	first.alarm.Raise(ivr.Alert{CallID: order.CallID, Order: order.Number, Why: ivr.UrgentMessage})
	rung(first)
	second.recall([]dispatch.Order{order})
	second.recall([]dispatch.Order{order}) // it is looked for again and again
	first.recall([]dispatch.Order{order})
	quiet(second)
	quiet(first)
	first.die()
	rung(second)
	third.recall([]dispatch.Order{order})
	second.answer <- asterisk.Answered
	quiet(third)
	quiet(second)
}

// TestAlarmsWithoutRedis: an alarm raised here rings; one that another may ring for does not,
// unless it is older than this program.
func TestAlarmsWithoutRedis(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	w := newWatchman(t, server, "a", &timeline{})
	w.recall([]dispatch.Order{{CallID: "other", Number: "ZZ20261127-00002-2", CreatedAt: time.Now()}})
	w.recall([]dispatch.Order{{CallID: "old", Number: "ZZ20261127-00003-3", CreatedAt: w.began.Add(-time.Minute)}})
	w.alarm.Raise(ivr.Alert{CallID: "own", Why: ivr.UrgentMessage})
	for range 2 {
		select {
		case <-w.rings:
		case <-time.After(time.Minute):
			t.Fatal("nobody rung")
		}
	}
	select {
	case <-w.rings:
		t.Error("rings for another controller's")
	case <-time.After(2 * time.Second):
	}
}
