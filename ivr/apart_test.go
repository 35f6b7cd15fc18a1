package ivr_test

import (
	"testing"

	"hotline/ivr"
)

// While Redis is away each controller goes on for itself. Then, on an empty Redis, each
// one's word holds for what is its own, and the row is in the order of arrival.
func TestSharedDesksWithoutRedis(t *testing.T) {
	r := newRegisters(t)
	a, _ := r.open("a", 4)
	b, _ := r.open("b", 4)
	take := func(d *ivr.Desks, call string) string {
		t.Helper()
		desk, ok := d.Take(ivr.NewCaller(call, ""))
		if !ok {
			t.Fatal("no desk for ", call)
		}
		return desk.Name
	}
	before := take(a, "before")
	a.Talking(before)
	until(t, b, "b sees a's talk", func() bool { return len(busy(b)) == 1 })

	r.server.Kill()
	ofA := take(a, "of a") // both get the same desk
	a.Talking(ofA)
	if ofB := take(b, "of b"); ofB != ofA {
		t.Fatalf("b took %s, a %s", ofB, ofA)
	}
	first, second := ivr.NewCaller("first", ""), ivr.NewCaller("second", "")
	b.Enter(first)
	a.Enter(second)
	a.Release(before)
	b.SignOut("4")
	if state(a, 4) == ivr.DeskAway {
		t.Error("a knows without Redis")
	}

	r.server.Restart()
	until(t, a, "a knows b's word", func() bool { return state(a, 4) == ivr.DeskAway && a.Waiting() == 2 })
	until(t, b, "b knows a's word: who talks has the desk, and what was released is free", func() bool {
		k := b.List()
		return b.Waiting() == 2 && k[desk(ofA)].State == ivr.DeskTalking && k[desk(ofA)].Owner == "a" && k[desk(before)].State == ivr.DeskIdle
	})
	if _, ok := a.Take(second); ok {
		t.Error("the second went before the first")
	}
	if _, ok := b.Take(first); !ok {
		t.Error("nothing for the first")
	}
}

// Redis loses everything while all are connected: nothing changes.
func TestSharedDesksAfterFlush(t *testing.T) {
	r := newRegisters(t)
	a, _ := r.open("a", 2)
	b, _ := r.open("b", 2)
	one, ok := a.Take(ivr.NewCaller("one", ""))
	if !ok {
		t.Fatal("no desk")
	}
	a.Enter(ivr.NewCaller("waits", ""))
	until(t, b, "b knows", func() bool { return len(busy(b)) == 1 && b.Waiting() == 1 })
	r.server.FlushAll()
	desk, ok := b.Take(ivr.NewCaller("other", ""))
	if ok { // the one who waits could have the other desk
		t.Errorf("taken before its turn: %+v", desk)
	}
	a.Leave(ivr.NewCaller("waits", ""))
	until(t, b, "its turn", func() bool { desk, ok = b.Take(ivr.NewCaller("other", "")); return ok })
	until(t, a, "a knows", func() bool { return len(busy(a)) == 2 })
	if desk.Name == one.Name {
		t.Error("one desk for two")
	}
}

func busy(d *ivr.Desks) (names []string) {
	for _, k := range d.List() {
		if k.State == ivr.DeskRinging || k.State == ivr.DeskTalking {
			names = append(names, k.Name)
		}
	}
	return names
}

// desk is the place of a desk in a list.
func desk(name string) int { return int(name[0] - '1') }
