package crew_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"hotline/dispatch/crew"
)

func TestTokensGrow(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	if a.Token() == 0 || b.Token() <= a.Token() {
		t.Errorf("tokens %d, then %d", a.Token(), b.Token())
	}
	a.stands(crew.Fresh)
	if err := a.Check(t.Context()); err != nil {
		t.Error(err)
	}
	server.FlushAll()                            // the counter too
	if err := a.Check(t.Context()); err != nil { // a beats before b, whose token is greater
		t.Error(err)
	}
	c := hire(t, server, "c")
	if c.Token() <= b.Token() {
		t.Errorf("token %d after Redis was emptied, %d before", c.Token(), b.Token())
	}
}

func TestBadNames(t *testing.T) {
	server := begin(t)
	for _, node := range []string{"", "-a", "a#1", "a b", "a{}", "节点"} {
		if _, err := crew.Join(t.Context(), config(server.Client(), node)); err == nil {
			t.Errorf("%q joined", node)
		}
	}
}

// A dead member is found, and of two that would bury it one does.
func TestOneBuriesTheDead(t *testing.T) {
	server := begin(t)
	a, b, c := hire(t, server, "a"), hire(t, server, "b"), hire(t, server, "c")
	b.dies()
	found := []crew.Peer{a.finds("b"), c.finds("b")}
	var estates [2][]crew.Peer
	var burying sync.WaitGroup
	for i, h := range []*hand{a, c} {
		burying.Go(func() {
			var err error
			if estates[i], err = h.Bury(t.Context(), found[i]); err != nil {
				t.Error(err)
			}
		})
	}
	burying.Wait()
	if len(estates[0])+len(estates[1]) != 1 || found[0].Token != b.Token() {
		t.Errorf("estates %v of %v", estates, found)
	}
	if err := c.Check(t.Context()); err != nil { // c knows of the burial from here on
		t.Error(err)
	}
	select {
	case <-c.Dead(): // news of a beat before it
	default:
	}
	for over := time.After(2 * dead); ; { // in which a living one may have stood still
		select {
		case dead := <-c.Dead():
			if slices.ContainsFunc(dead, func(p crew.Peer) bool { return p.Node == "b" }) {
				t.Fatalf("told of one who is buried: %+v", dead)
			}
		case <-over:
			return
		}
	}
}

// Who left in good order is nobody's business.
func TestLeaving(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	until(t, "a sees b", func() bool { return a.Check(t.Context()) == nil })
	b.stop()
	if err := b.ends(); err != nil {
		t.Error(err)
	}
	quiet(t, a.Dead(), "told of one who left")
}

// A process that was stopped and buried knows it as soon as it wakes.
func TestPausedAndReplaced(t *testing.T) {
	server := begin(t)
	a := hire(t, server, "a")
	b, said := spawn(t, server.Addr)
	if word := said(); word != "fresh" {
		t.Fatal(word)
	}
	if err := b.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if estate, err := a.Bury(t.Context(), a.finds("b")); err != nil || len(estate) != 1 {
		t.Fatalf("estate %v, %v", estate, err)
	}
	if err := b.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if word := said(); word != "replaced" {
		t.Error(word)
	}
}

// One that only was away for a while, and that nobody buried, goes on as it was.
func TestPausedAndBack(t *testing.T) {
	server := begin(t)
	a, b := hire(t, server, "a"), hire(t, server, "b")
	b.line.cut()
	peer := a.finds("b")
	b.stands(crew.Cut)
	b.line.mend()
	b.stands(crew.Fresh)
	if estate, err := a.Bury(t.Context(), peer); err != nil || len(estate) > 0 {
		t.Errorf("buried alive: %v, %v", estate, err)
	}
	if err := b.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A node's new incarnation replaces the one before at once, and inherits.
func TestSameNodeAgain(t *testing.T) {
	server := begin(t)
	first := hire(t, server, "a")
	second := hire(t, server, "a")
	if err := first.ends(); !errors.Is(err, crew.ErrReplaced) || !errors.Is(err, crew.ErrNamesake) {
		t.Errorf("the first ended with %v", err)
	}
	if err := first.Check(t.Context()); !errors.Is(err, crew.ErrReplaced) || first.Standing() != crew.Replaced {
		t.Errorf("check %v, standing %v", err, first.Standing())
	}
	if _, err := first.Bury(t.Context(), crew.Peer{Node: "x", Token: 1}); !errors.Is(err, crew.ErrReplaced) {
		t.Errorf("the replaced one buries: %v", err)
	}
	second.stands(crew.Fresh)
	before := first.Token()
	ctx, stop := context.WithCancel(t.Context())
	again := make(chan error, 1)
	go func() { again <- first.Run(ctx) }()
	if err := second.ends(); !errors.Is(err, crew.ErrReplaced) {
		t.Errorf("the second ended with %v", err)
	}
	until(t, "a new token", func() bool { return first.Token() > before })
	stop()
	if err := receive(t, again, "end of Run"); err != nil {
		t.Error(err)
	}
}

// Who buries an heir answers for its dead too.
func TestEstatePassesOn(t *testing.T) {
	server := begin(t)
	a, b, c := hire(t, server, "a"), hire(t, server, "b"), hire(t, server, "c")
	c.dies()
	if estate, err := b.Bury(t.Context(), b.finds("c")); err != nil || len(estate) != 1 {
		t.Fatalf("estate %v, %v", estate, err)
	}
	b.dies()
	estate, err := a.Bury(t.Context(), a.finds("b"))
	if err != nil {
		t.Fatal(err)
	}
	var nodes []string
	for _, p := range estate {
		nodes = append(nodes, p.Node)
	}
	if slices.Sort(nodes); !slices.Equal(nodes, []string{"b", "c"}) {
		t.Errorf("estate %v", nodes)
	}
}

// Redis comes back empty: the living are there again, who died meanwhile is found, and
// who was buried before stays so.
func TestRedisEmptied(t *testing.T) {
	server := begin(t)
	a, b, c, d := hire(t, server, "a"), hire(t, server, "b"), hire(t, server, "c"), hire(t, server, "d")
	d.line.cut()
	if estate, err := a.Bury(t.Context(), a.finds("d")); err != nil || len(estate) != 1 {
		t.Fatalf("estate %v, %v", estate, err)
	}
	tokens := []uint64{a.Token(), b.Token()}
	server.Kill()
	for _, h := range []*hand{a, b} {
		h.stands(crew.Cut)
	}
	c.dies()
	server.Restart()
	for i, h := range []*hand{a, b} {
		h.stands(crew.Fresh)
		if h.Token() != tokens[i] {
			t.Errorf("token %d, was %d", h.Token(), tokens[i])
		}
	}
	if estate, err := b.Bury(t.Context(), b.finds("c")); err != nil || len(estate) != 1 {
		t.Errorf("estate %v, %v", estate, err)
	}
	d.line.mend()
	if err := d.ends(); !errors.Is(err, crew.ErrReplaced) || errors.Is(err, crew.ErrNamesake) {
		t.Errorf("the buried one goes on: %v", err)
	}
}

// A member counts those that are not buried, also while Redis is away: nobody takes the share
// of one that may live.
func TestCount(t *testing.T) {
	server := begin(t)
	a := hire(t, server, "a")
	if n := a.Count(); n != 1 {
		t.Errorf("alone it counts %d", n)
	}
	b, c := hire(t, server, "b"), hire(t, server, "c")
	for _, h := range []*hand{a, b, c} {
		until(t, "three are counted", func() bool { return h.Count() == 3 })
	}
	a.line.cut()
	a.stands(crew.Cut)
	if n, others := a.Count(), a.Others(); n != 3 || len(others) > 0 {
		t.Errorf("without Redis it counts %d and is sure of %v", n, others)
	}
	a.line.mend()
	c.dies()
	until(t, "c is buried", func() bool {
		estate, err := b.Bury(t.Context(), b.finds("c"))
		return err == nil && len(estate) == 1
	})
	for _, h := range []*hand{a, b} {
		until(t, "two are counted", func() bool { return h.Count() == 2 })
	}
}

// Without Redis a member starts, and joins later.
func TestJoinsLater(t *testing.T) {
	server := begin(t)
	server.Kill()
	a := hire(t, server, "a")
	if a.Token() != 0 || a.Standing() != crew.Cut {
		t.Errorf("token %d, standing %v", a.Token(), a.Standing())
	}
	server.Restart()
	a.stands(crew.Fresh)
	if a.Token() == 0 {
		t.Error("no token")
	}
}
