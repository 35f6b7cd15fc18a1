package crew_test

import (
	"fmt"
	"sync"
	"testing"
)

// inherits asks once and fails the test on an error.
func (h *hand) inherits(t *testing.T, node string, incarnation any) bool {
	t.Helper()
	ours, err := h.Inherit(t.Context(), node, fmt.Sprint(incarnation), "asterisk")
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

// What a dead member left has one owner at a time, and another once that one is dead too.
func TestEstateHasOneOwner(t *testing.T) {
	server := begin(t)
	a, b, c := hire(t, server, "a"), hire(t, server, "b"), hire(t, server, "c")
	if b.inherits(t, "a", a.Token()) {
		t.Error("a living member's calls were given away")
	}
	a.dies()
	dead := b.finds("a")
	if b.inherits(t, "a", dead.Token) {
		t.Error("one that nobody buried yet was inherited from")
	}
	if _, err := c.Bury(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	var got [2]bool
	for i, h := range []*hand{b, c} {
		asking.Go(func() { got[i] = h.inherits(t, "a", dead.Token) })
	}
	asking.Wait()
	if got[0] == got[1] {
		t.Fatalf("owners: b %v, c %v; want one", got[0], got[1])
	}
	owner, other := b, c
	if got[1] {
		owner, other = c, b
	}
	if !owner.inherits(t, "a", dead.Token) || other.inherits(t, "a", dead.Token) {
		t.Error("the owner changed while it lives")
	}
	owner.dies()
	if _, err := other.Bury(t.Context(), other.finds(map[*hand]string{b: "b", c: "c"}[owner])); err != nil {
		t.Fatal(err)
	}
	if !other.inherits(t, "a", dead.Token) {
		t.Error("the estate died with its owner")
	}
}

// A newer process of the same node is the heir, also of one that never knew Redis.
func TestANewProcessInheritsFromItsOwnNode(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	a.dies()
	again := hire(t, server, "a")
	for _, incarnation := range []any{a.Token(), "xk3f9"} {
		if b.inherits(t, "a", incarnation) {
			t.Errorf("b took %v though a new process of a lives", incarnation)
		}
		if !again.inherits(t, "a", incarnation) {
			t.Errorf("the new process did not get %v", incarnation)
		}
	}
	if again.inherits(t, "a", again.Token()) {
		t.Error("it inherited from itself")
	}
}
