package crew_test

import (
	"context"
	"errors"
	"testing"

	"hotline/dispatch/crew"
)

// One member has the lead; when it dies, leaves or ends its work another gets it.
func TestLeadPassesOn(t *testing.T) {
	server := begin(t)
	a, b, c := hire(t, server, "a"), hire(t, server, "b"), hire(t, server, "c")
	began := map[string]chan string{}
	ended := map[string]chan string{}
	began["a"], ended["a"] = a.leads(t.Context(), "sweep")
	receive(t, began["a"], "lead of a")
	began["b"], ended["b"] = b.leads(t.Context(), "sweep")
	quiet(t, began["b"], "two leads")

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

// With Redis away every member works; when it is back only one does.
func TestLeadWithoutRedis(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	began, lost := a.leads(t.Context(), "sweep")
	receive(t, began, "lead of a")
	beganB, lostB := b.leads(t.Context(), "sweep")
	server.Kill()
	receive(t, beganB, "work of b without Redis")
	select {
	case <-lost:
		t.Error("the holder stopped")
	default:
	}
	server.Restart()
	select {
	case <-lost:
	case <-lostB:
	}
	quiet(t, lost, "both stopped")
	quiet(t, lostB, "both stopped")
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
	began, ended := make(chan string, 10), make(chan string, 10)
	for _, h := range []*hand{a, b} {
		go h.Hold(t.Context(), "ring", func(ctx context.Context) error {
			began <- "began"
			<-ctx.Done()
			ended <- "ended"
			return nil
		})
	}
	receive(t, began, "the hold")
	server.Kill()
	receive(t, ended, "end of the hold")
	quiet(t, began, "held without Redis")
	server.Restart()
	receive(t, began, "the hold again")
	quiet(t, began, "two hold")
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
