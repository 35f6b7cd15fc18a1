package crew_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"hotline/dispatch/crew"
)

// One member has the lead; when it dies, leaves or ends its work another gets it.
func TestLeadPassesOn(t *testing.T) {
	server := begin(t)
	a, b, c := hire(t, server, "a"), hire(t, server, "b"), hire(t, server, "c")
	still := stills(t)
	began := map[string]chan string{}
	ended := map[string]chan string{}
	began["a"], ended["a"] = a.leads(t.Context(), "sweep")
	receive(t, began["a"], "lead of a")
	began["b"], ended["b"] = b.leads(t.Context(), "sweep")
	select {
	case v := <-began["b"]:
		if long := still(); long < dead/3 {
			t.Fatalf("two leads, and nobody stood still longer than %s", long)
		}
		began["b"] <- v // which a lost
	case <-time.After(2 * dead):
	}

	a.dies()
	receive(t, began["b"], "lead of b")
	ctx, stop := context.WithCancel(t.Context())
	began["c"], _ = c.leads(ctx, "sweep")
	b.stop()
	receive(t, began["c"], "lead of c")
	stop()
	d := hire(t, server, "d")
	began["d"], _ = d.leads(t.Context(), "sweep")
	receive(t, began["d"], "lead of d")
}

// Another role is another member's for the asking.
func TestLeadsAreApart(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	first, _ := a.leads(t.Context(), "sweep")
	receive(t, first, "lead of a")
	second, _ := b.leads(t.Context(), "recall")
	receive(t, second, "lead of b")
}

// Work that ends by itself ends Lead.
func TestLeadEnds(t *testing.T) {
	a := hire(t, begin(t), "a")
	want := errors.New("done for")
	for range 2 {
		if err := a.Lead(t.Context(), "once", func(context.Context) error { return want }); !errors.Is(err, want) {
			t.Errorf("%v", err)
		}
	}
}

// With Redis away every member works, and the holder goes on without a stop unless it stood
// still itself; when Redis is back only one works.
func TestLeadWithoutRedis(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	still := stills(t)
	atA, stops := a.works(t.Context(), "sweep")
	until(t, "a works", atA.Load)
	atB, _ := b.works(t.Context(), "sweep")
	server.Kill()
	until(t, "b works without Redis", func() bool { return atA.Load() && atB.Load() })
	if n, long := stops.Load(), still(); n > 0 && long < dead/3 {
		t.Errorf("the holder stopped %d times, and never stood still longer than %s", n, long)
	}
	server.Restart()
	until(t, "one works", func() bool {
		return a.Standing() == crew.Fresh && b.Standing() == crew.Fresh && atA.Load() != atB.Load()
	})
}

// A member that is replaced loses its leads.
func TestLeadOfTheReplaced(t *testing.T) {
	server := begin(t)
	a := hire(t, server, "a")
	began, lost := a.leads(t.Context(), "sweep")
	receive(t, began, "lead")
	second := hire(t, server, "a")
	receive(t, lost, "end of the lead")
	beganSecond, _ := second.leads(t.Context(), "sweep")
	receive(t, beganSecond, "lead of the second")
}

// Who holds stops with Redis, and nobody begins without it.
func TestHoldNeedsRedis(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	still := stills(t)
	began := make(chan string, 1000)
	var holding, twice atomic.Int32
	for _, h := range []*hand{a, b} {
		go h.Hold(t.Context(), "ring", func(ctx context.Context) error {
			if holding.Add(1) > 1 {
				twice.Add(1)
			}
			began <- "began"
			<-ctx.Done()
			holding.Add(-1)
			return nil
		})
	}
	one := func() bool { return holding.Load() == 1 }
	until(t, "one holds", one)
	server.Kill()
	a.stands(crew.Cut)
	b.stands(crew.Cut)
	until(t, "nobody holds", func() bool { return holding.Load() == 0 })
	for len(began) > 0 {
		<-began
	}
	quiet(t, began, "held without Redis")
	server.Restart()
	until(t, "one holds again", one)
	until(t, "both are back", func() bool { return a.Standing() == crew.Fresh && b.Standing() == crew.Fresh && one() })
	if n, long := twice.Load(), still(); n > 0 && long < dead/3 {
		t.Errorf("two held %d times, and nobody stood still longer than %s", n, long)
	}
}

// The living and the dead are told apart by name; without Redis nobody is dead.
func TestLives(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	until(t, "b lives", func() bool { return a.Lives("b") && a.Lives("a") })
	if a.Lives("c") {
		t.Error("c lives")
	}
	b.dies()
	until(t, "b is dead", func() bool { return !a.Lives("b") })
	server.Kill()
	a.stands(crew.Cut)
	if !a.Lives("b") {
		t.Error("judged without Redis")
	}
}
