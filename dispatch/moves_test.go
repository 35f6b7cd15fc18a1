package dispatch

import (
	"errors"
	"testing"
	"time"
)

// TestMovesAreOneTable: each move once, with who makes it and its clause, and each state can
// be reached and left.
func TestMovesAreOneTable(t *testing.T) {
	type pair struct{ from, to State }
	seen := map[pair]bool{}
	into, out := map[State]bool{Registered: true}, map[State]bool{}
	for _, m := range Moves {
		if seen[pair{m.From, m.To}] {
			t.Errorf("%s to %s stands twice", m.From, m.To)
		}
		seen[pair{m.From, m.To}] = true
		into[m.To], out[m.From] = true, true
		if len(m.By) == 0 || m.Rule == "" {
			t.Errorf("%s to %s has nobody or no clause", m.From, m.To)
		}
	}
	for _, s := range []State{Registered, Transferred, OutOfScope, Dispatched, Signed, Processing, ReturnRequested, ExtensionRequested,
		Submitted, Completed, Surveyed, CallBack, Redone, Archived} {
		if !into[s] || !out[s] {
			t.Errorf("%s is not reached (%v) or not left (%v)", s, into[s], out[s])
		}
		if s.Working() && !seen[pair{s, Archived}] {
			t.Errorf("an order that is %s cannot be withdrawn (ZQ-13.2)", s)
		}
	}
	o := Order{Number: "n", State: Submitted}
	if err := o.move(Dispatched); !errors.Is(err, ErrIllegal) || o.State != Submitted {
		t.Errorf("an illegal move: %v, %s", err, o.State)
	}
}

// TestClosedWithoutAnswer_ZZ_18_3: who asks about an order that was transferred or not
// accepted hears that, and of no answer.
func TestClosedWithoutAnswer_ZZ_18_3(t *testing.T) {
	a := Answer{State: OutOfScope, CompletedAt: time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)}
	if got := new(Policy).stateWords(a, a.CompletedAt); got != "已于11月28日结束：不予受理" {
		t.Errorf("in Chinese: %q", got)
	}
	a.Language = English
	if got := new(Policy).stateWords(a, a.CompletedAt); got != "closed Nov 28" {
		t.Errorf("in English: %q", got)
	}
}
