package ivr_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/ivr"
	"hotline/ivr/redisdesks"
	"hotline/sms/survey/redistest"
)

// registers are several controllers' registers on one real Redis.
type registers struct {
	t      *testing.T
	server *redistest.Server
	mu     sync.Mutex
	dead   map[string]bool
}

func newRegisters(t *testing.T) *registers {
	return &registers{t: t, server: redistest.Start(t), dead: map[string]bool{}}
}

func (r *registers) lives(node string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.dead[node]
}

func (r *registers) say(node string, dead bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead[node] = dead
}

// open makes one controller's register with desks 1 to n, all signed in, and returns it
// when it and the others agree; the func stops it.
func (r *registers) open(node string, n int) (*ivr.Desks, context.CancelFunc) {
	r.t.Helper()
	var plans []ivr.DeskPlan
	for i := range n {
		plans = append(plans, ivr.DeskPlan{Name: fmt.Sprint(i + 1), Endpoint: fmt.Sprintf("PJSIP/%d", i+1), SignedIn: true})
	}
	opt := r.server.Options()
	opt.MaxRetries = -1
	client := redis.NewClient(opt)
	log := newTold(slog.NewTextHandler(r.t.Output(), nil))
	d := ivr.NewDesks(time.Now)
	d.Share(ivr.Sharing{Board: redisdesks.New(client, "test"), Node: node, Lives: r.lives, Log: slog.New(log), Budget: time.Minute})
	d.Plan(plans)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	stopped := func() { stop(); running.Wait(); client.Close() }
	r.t.Cleanup(stopped)
	select {
	case <-log.shared:
	case <-time.After(time.Minute):
		r.t.Fatal("desks are not shared")
	}
	return d, stopped
}

// told is a log handler that hears when desks are shared.
type told struct {
	slog.Handler
	shared chan struct{}
}

func newTold(h slog.Handler) *told {
	return &told{h, make(chan struct{}, 100)}
}

func (h *told) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "desks are shared" {
		h.shared <- struct{}{}
	}
	return h.Handler.Handle(ctx, r)
}

// until waits, by what a register tells of changes, for something to be so.
func until(t *testing.T, d *ivr.Desks, what string, ok func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		changed := d.Watch()
		if ok() {
			return
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("not: %s: %+v, %d wait", what, d.List(), d.Waiting())
		}
	}
}

func state(d *ivr.Desks, desk int) ivr.DeskState { return d.List()[desk-1].State }

// Callers of three controllers take desks at once: each desk is one caller's.
func TestSharedDesksAreTakenOnce(t *testing.T) {
	r := newRegisters(t)
	const desks = 10
	var all []*ivr.Desks
	for _, node := range []string{"a", "b", "c"} {
		d, _ := r.open(node, desks)
		all = append(all, d)
	}
	var taking sync.WaitGroup
	var mu sync.Mutex
	taken := map[string]int{}
	for i := range 3 * desks {
		taking.Go(func() {
			if desk, ok := all[i%3].Take(ivr.NewCaller(fmt.Sprint("call", i), "")); ok {
				mu.Lock()
				defer mu.Unlock()
				taken[desk.Name]++
			}
		})
	}
	taking.Wait()
	for name, n := range taken {
		if n != 1 {
			t.Errorf("desk %s taken %d times", name, n)
		}
	}
	if len(taken) != desks {
		t.Errorf("%d desks taken: %v", len(taken), taken)
	}
	for i := range desks {
		until(t, all[0], "every desk rings", func() bool { return state(all[0], i+1) == ivr.DeskRinging })
	}
}

// Who came first is served first, whichever controller has the call.
func TestSharedRow(t *testing.T) {
	r := newRegisters(t)
	a, _ := r.open("a", 1)
	b, _ := r.open("b", 1)
	talker, first, second, third := ivr.NewCaller("talker", ""), ivr.NewCaller("first", ""), ivr.NewCaller("second", ""), ivr.NewCaller("third", "")
	if _, ok := b.Take(talker); !ok {
		t.Fatal("no desk")
	}
	b.Talking("1")
	until(t, a, "a sees b's talk", func() bool { return state(a, 1) == ivr.DeskTalking })
	for ahead, c := range []struct {
		d *ivr.Desks
		c ivr.Caller
	}{{a, first}, {b, second}, {a, third}} {
		if got := c.d.Enter(c.c); got != ahead {
			t.Errorf("%d ahead, want %d", got, ahead)
		}
	}
	b.Release("1")
	if _, ok := b.Take(second); ok {
		t.Error("the second went before the first")
	}
	until(t, a, "the desk is free", func() bool { return state(a, 1) == ivr.DeskIdle })
	if _, ok := a.Take(first); !ok {
		t.Error("nothing for the first")
	}
	a.Pass(first, "1") // not answered: it is the next one's turn
	a.Release("1")
	until(t, b, "the desk is free for the second", func() bool { _, ok := b.Take(second); return ok })
	a.Leave(first)
	a.Leave(third)
	b.Leave(second)
	until(t, b, "nobody waits", func() bool { return b.Waiting() == 0 })
}

// Who signs in or out at one controller does so at all.
func TestSharedSeats(t *testing.T) {
	r := newRegisters(t)
	a, _ := r.open("a", 2)
	b, _ := r.open("b", 2)
	a.SignOut("1")
	until(t, b, "signed out", func() bool { return state(b, 1) == ivr.DeskAway })
	b.SignIn("1", "小李")
	until(t, a, "signed in", func() bool { return state(a, 1) == ivr.DeskIdle && a.List()[0].Agent == "小李" })
	if a.SignIn("9", "小李") {
		t.Error("a desk nobody has")
	}
}

// What a controller held that was killed is free; what it says when it was not dead after
// all changes nothing of what is another's by now.
func TestSharedDesksOfTheDead(t *testing.T) {
	r := newRegisters(t)
	a, stop := r.open("a", 1)
	b, _ := r.open("b", 1)
	if _, ok := a.Take(ivr.NewCaller("lost", "")); !ok {
		t.Fatal("no desk")
	}
	a.Enter(ivr.NewCaller("waits", ""))
	until(t, b, "b sees what a holds", func() bool { return state(b, 1) == ivr.DeskRinging && b.Waiting() == 1 })
	stop()
	r.say("a", true)
	until(t, b, "all is free", func() bool { return state(b, 1) == ivr.DeskIdle && b.Waiting() == 0 })
	if _, ok := b.Take(ivr.NewCaller("next", "")); !ok {
		t.Fatal("no desk after the dead")
	}
	b.Talking("1")
	r.say("a", false)
	again, _ := r.open("a", 1)
	again.Release("1")
	if state(again, 1) != ivr.DeskTalking || again.List()[0].Owner != "b" {
		t.Errorf("the desk after all: %+v", again.List())
	}
}
