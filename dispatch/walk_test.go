package dispatch_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore/pgtest"
)

// TestRandomLives lets anybody command anything in any order: no order leaves the table of
// moves, a refusal changes nothing, and what changes it adds one to its version and a line to
// its timeline.
func TestRandomLives(t *testing.T) {
	for i, id := range []string{"zz", "sq", "kf", "zq", "xz"} {
		t.Run(id, func(t *testing.T) {
			h := newHall(t, id, filepath.Join(t.TempDir(), "h.db"))
			h.withUnits()
			r := rand.New(rand.NewPCG(20261128, uint64(i)))
			reached := map[dispatch.State]int{}
			for range 25 {
				h.randomLife(r, reached)
			}
			t.Logf("commands done, by the state they led to: %v", reached)
			for _, s := range []dispatch.State{dispatch.Dispatched, dispatch.Signed, dispatch.Processing, dispatch.Submitted} {
				if reached[s] == 0 {
					t.Errorf("no order became %s: this shows little", s)
				}
			}
		})
	}
}

// anybody is who may try something.
func anybody(r *rand.Rand) dispatch.By {
	all := []dispatch.By{clerk, desk, desk, leader, water, water, water, waterHd, roads, {Actor: "citizen", Role: dispatch.ByCitizen}}
	return all[r.IntN(len(all))]
}

// randomLife plays one order, and counts what it becomes.
func (h *hall) randomLife(r *rand.Rand, reached map[dispatch.State]int) {
	h.t.Helper()
	o := h.open(nil)
	other := h.open(nil)
	for range 40 {
		before, events := h.order(o.Number), len(h.story(o.Number))
		h.now = h.now.Add(time.Duration(r.IntN(5)) * time.Hour)
		name, err := h.anything(r, o.Number, other.Number)
		after, more := h.order(o.Number), len(h.story(o.Number))
		what := fmt.Sprintf("%s of an order that is %s", name, before.State)
		switch {
		case err != nil && (after != before || more != events):
			h.t.Fatalf("%s was refused (%v) and changed it", what, err)
		case err != nil:
			h.refusedWell(what, err)
		case after.Version != before.Version+1 || more == events:
			h.t.Fatalf("%s: version %d to %d, %d new lines", what, before.Version, after.Version, more-events)
		case !reachable(before.State, after.State):
			h.t.Fatalf("%s made it %s", what, after.State)
		default:
			reached[after.State]++
		}
		h.wholeLife(what, after)
	}
}

// wholeLife: an order that a unit has, has one that leads, and what a state waits for waits.
func (h *hall) wholeLife(what string, o dispatch.Order) {
	h.t.Helper()
	parts, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number, Open: true})
	h.ok(err)
	leads := 0
	for _, a := range parts {
		if a.Lead {
			leads++
		}
		if a.Lead && (a.Unit != o.Unit || !a.Due.At.Equal(o.Due.At)) {
			h.t.Fatalf("%s: the order is with %s until %s, its lead unit %s until %s", what, o.Unit, o.Due.At, a.Unit, a.Due.At)
		}
	}
	want := 0
	if o.State.Working() && o.State != dispatch.Registered && o.State != dispatch.Redone {
		want = 1
	}
	if leads != want || want == 0 && len(parts) > 0 {
		h.t.Fatalf("%s: it is %s and has %d lead units, %d parts", what, o.State, leads, len(parts))
	}
	waiting, err := h.store.Reviews(h.ctx(), dispatch.Filter{Order: o.Number, Open: true})
	h.ok(err)
	asked := map[dispatch.ReviewKind]bool{}
	for _, r := range waiting {
		asked[r.Kind] = true
	}
	for kind, state := range map[dispatch.ReviewKind]dispatch.State{dispatch.ForReturn: dispatch.ReturnRequested,
		dispatch.ForExtension: dispatch.ExtensionRequested} {
		if asked[kind] != (o.State == state) {
			h.t.Fatalf("%s: it is %s, a %s waits: %v", what, o.State, kind, asked[kind])
		}
	}
	if asked[dispatch.ForHead] && o.State != dispatch.Submitted {
		h.t.Fatalf("%s: it is %s, and the head's review waits", what, o.State)
	}
}

// refusedWell says that a refusal is one of those that callers can tell apart.
func (h *hall) refusedWell(what string, err error) {
	h.t.Helper()
	var r *dispatch.Refusal
	if errors.Is(err, dispatch.ErrNotFound) {
		return
	}
	if !errors.As(err, &r) || r.Rule == "" || r.Text == "" {
		h.t.Fatalf("%s: %v names no clause", what, err)
	}
}

// reachable says whether a command's move is in the table; completion may archive at once.
func reachable(from, to dispatch.State) bool {
	moves := func(a, b dispatch.State) bool {
		return slices.ContainsFunc(dispatch.Moves, func(m dispatch.Move) bool { return m.From == a && m.To == b })
	}
	return from == to || moves(from, to) || moves(from, dispatch.Completed) && moves(dispatch.Completed, to)
}

// anything is a random command by somebody.
func (h *hall) anything(r *rand.Rand, number, other string) (string, error) {
	by, ctx := anybody(r), h.ctx()
	yes := r.IntN(2) == 0
	units := []string{"water", "roads", "gas"}
	g := dispatch.Giving{Lead: units[r.IntN(3)], Leader: "区长", Promised: h.now.AddDate(0, 0, 1+r.IntN(9)), Coordinated: r.IntN(9) == 0}
	all := map[string]func() (dispatch.Order, error){
		"dispatch": func() (dispatch.Order, error) { return h.Dispatch(ctx, number, by, g) },
		"sign":     func() (dispatch.Order, error) { return h.Sign(ctx, number, by) },
		"start":    func() (dispatch.Order, error) { return h.Start(ctx, number, by, "x") },
		"contact": func() (dispatch.Order, error) {
			return h.Contacted(ctx, number, by, dispatch.Contact{How: "phone", Evidence: "r", Extended: yes})
		},
		"ask-return": func() (dispatch.Order, error) {
			return h.AskReturn(ctx, number, by, dispatch.ReturnAsked{Reason: "a", Basis: "b", Suggestion: "c"})
		},
		"allow-return": func() (dispatch.Order, error) { return h.AllowReturn(ctx, number, by, dispatch.Returned{To: g}) },
		"refuse-return": func() (dispatch.Order, error) {
			return h.RefuseReturn(ctx, number, by, dispatch.Refused{Code: "own_duty", Opinion: "x"})
		},
		"ask-extension": func() (dispatch.Order, error) {
			return h.AskExtension(ctx, number, by, dispatch.ExtensionAsked{Code: "complex", Reason: "x", Form: "f", Signed: true, Told: []string{"office", "hotline", "caller"}})
		},
		"allow-extension": func() (dispatch.Order, error) {
			return h.AllowExtension(ctx, number, by, dispatch.Extended{Until: h.now.AddDate(0, 1, 0)})
		},
		"refuse-extension": func() (dispatch.Order, error) {
			return h.RefuseExtension(ctx, number, by, dispatch.Refused{Opinion: "x"})
		},
		"submit": func() (dispatch.Order, error) { return h.Submit(ctx, number, by, h.full()) },
		"pass": func() (dispatch.Order, error) {
			return h.ReviewPass(ctx, number, by, dispatch.Pass{Opinion: "x", Checks: []string{"规范", "具体", "完整"}})
		},
		"send-back":  func() (dispatch.Order, error) { return h.ReviewRefuse(ctx, number, by, dispatch.Refused{Opinion: "x"}) },
		"file":       func() (dispatch.Order, error) { return h.File(ctx, number, by, "x") },
		"understood": func() (dispatch.Order, error) { return h.Understood(ctx, number, by, yes) },
		"supervise": func() (dispatch.Order, error) {
			return h.Supervise(ctx, number, by, dispatch.Supervision{On: yes, Reason: "x"})
		},
		"ask-opinion": func() (dispatch.Order, error) { return h.AskOpinion(ctx, number, by, "x") },
		"opinion": func() (dispatch.Order, error) {
			return h.GiveOpinion(ctx, number, by, dispatch.WrittenOpinion{Words: "x", File: "f"})
		},
		"reopen":   func() (dispatch.Order, error) { return h.Reopen(ctx, number, by, "x") },
		"no-reply": func() (dispatch.Order, error) { return h.ContactNone(ctx, number, by, "declined") },
	}
	rare := map[string]func() (dispatch.Order, error){
		"withdraw": func() (dispatch.Order, error) { return h.Withdraw(ctx, number, by, "x") },
		"merge":    func() (dispatch.Order, error) { return h.Merge(ctx, number, by, other) },
		"transfer": func() (dispatch.Order, error) { return h.Transfer(ctx, number, by, dispatch.Handover{To: "12345"}) },
		"reject": func() (dispatch.Order, error) {
			return h.Reject(ctx, number, by, dispatch.Rejection{Code: "other", Told: "x", ReferTo: "未找到"})
		},
		"answer": func() (dispatch.Order, error) { return h.AnswerOnTheSpot(ctx, number, by, dispatch.Spot{Result: "x"}) },
	}
	if next, who := h.likely(r, number); next != "" && r.IntN(2) == 0 {
		by = who
		_, err := all[next]()
		return next, err
	}
	if r.IntN(40) == 0 {
		all = rare
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[r.IntN(len(names))]
	_, err := all[name]()
	return name, err
}

// likely is what somebody would sensibly do next to an order.
func (h *hall) likely(r *rand.Rand, number string) (string, dispatch.By) {
	all := map[dispatch.State][]string{
		dispatch.Registered: {"dispatch"}, dispatch.Dispatched: {"sign"}, dispatch.Signed: {"contact"},
		dispatch.Processing:      {"submit", "submit", "ask-return", "ask-extension"},
		dispatch.ReturnRequested: {"allow-return", "refuse-return"}, dispatch.ExtensionRequested: {"allow-extension", "refuse-extension"},
		dispatch.Submitted: {"pass", "pass", "file", "understood"}, dispatch.OutOfScope: {"reopen"}, dispatch.Transferred: {"reopen"},
	}
	o := h.order(number)
	names := all[o.State]
	if len(names) == 0 {
		return "", dispatch.By{}
	}
	switch name := names[r.IntN(len(names))]; name {
	case "sign", "contact", "submit", "ask-return", "ask-extension", "file":
		return name, dispatch.By{Actor: "unit:" + o.Unit + ":1", Role: dispatch.ByUnit, Unit: o.Unit}
	case "pass":
		return name, []dispatch.By{desk, leader, waterHd}[r.IntN(3)]
	default:
		return name, desk
	}
}

// TestManyAtOneOrder: twenty people at one order at the same time lose nothing.
func TestManyAtOneOrder(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { manyAtOne(newHall(t, "zq", filepath.Join(t.TempDir(), "h.db"))) })
	t.Run("postgres", func(t *testing.T) { manyAtOne(newHall(t, "zq", pgtest.Database(t))) })
}

func manyAtOne(h *hall) {
	const people, each = 20, 3
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	signed, conflicts := make([]error, people), make([]int, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			_, signed[i] = h.Sign(h.ctx(), o.Number, water)
			for n := 0; n < each; {
				now, err := h.store.OrderBy(h.ctx(), o.Number)
				if err == nil {
					by := desk
					by.Version, by.Key = now.Version, fmt.Sprintf("%d-%d", i, n)
					_, err = h.Supervise(h.ctx(), o.Number, by, dispatch.Supervision{On: true, Reason: by.Key})
				}
				switch {
				case err == nil:
					n++
				case errors.Is(err, dispatch.ErrConflict):
					conflicts[i]++
				default:
					h.t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	won := 0
	for _, err := range signed {
		if err == nil {
			won++
		} else if !errors.Is(err, dispatch.ErrIllegal) {
			h.t.Error(err)
		}
	}
	h.same("one signature", []int{won, h.told(o.Number, dispatch.OnSigned)}, []int{1, 1})
	h.same("no update lost", []int{h.order(o.Number).Version, h.told(o.Number, dispatch.OnSupervised)},
		[]int{o.Version + 1 + people*each, people * each})
	h.t.Logf("%d conflicts were tried again", sum(conflicts))
}

func sum(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}
