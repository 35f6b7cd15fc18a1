package dispatch_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"hotline/dispatch"
)

func satisfied(h *hall) {
	for rating := 1; rating <= 3; rating++ {
		o, s := h.surveyed()
		h.text(dispatch.RatingWords[rating], s.Slot)
		got := h.order(o.Number)
		h.same("order", []any{got.State, got.Rating, got.ArchivedAt}, []any{dispatch.Archived, rating, h.now.UTC()})
		h.same("callbacks", h.callbacks(o.Number), []dispatch.Callback{})
	}
}

func (h *hall) callbacks(number string) []dispatch.Callback {
	h.t.Helper()
	list, err := h.store.Callbacks(h.ctx(), dispatch.Filter{Order: number})
	h.ok(err)
	return list
}

func dissatisfied(h *hall) {
	for rating := 4; rating <= 5; rating++ {
		o, s := h.surveyed()
		h.text(dispatch.RatingWords[rating], s.Slot)
		h.same("state", h.order(o.Number).State, dispatch.CallBack)
		tasks := h.callbacks(o.Number)
		if len(tasks) != 1 || tasks[0].Rating != rating || tasks[0].Phone != citizen {
			h.t.Fatalf("callbacks %+v", tasks)
		}
		h.same("at once, within a day", []time.Time{tasks[0].NextAt, tasks[0].DueAt}, []time.Time{h.now.UTC(), h.now.Add(day).UTC()})
		_, err := h.FinishCallback(h.ctx(), tasks[0].ID, dispatch.Called{Reached: true})
		h.refused(err, dispatch.ErrInvalid, "reason", "ZQ-15.5")
		task, err := h.FinishCallback(h.ctx(), tasks[0].ID, dispatch.Called{Actor: "agent:8001", Reached: true, Reason: "没解决"})
		h.ok(err)
		h.same("task", []any{task.Reason, task.DoneBy, task.Attempts}, []any{"没解决", "agent:8001", 1})
		h.same("then sent back", h.order(o.Number).State, dispatch.Redone)
		if _, err := h.FinishCallback(h.ctx(), task.ID, dispatch.Called{}); !errors.Is(err, dispatch.ErrIllegal) {
			h.t.Errorf("again: %v", err)
		}
	}
}

// refused fails unless an error is a refusal of a kind that names a field and a clause.
func (h *hall) refused(err, kind error, field, rule string) {
	h.t.Helper()
	var r *dispatch.Refusal
	if !errors.As(err, &r) || !errors.Is(err, kind) || r.Field != field || r.Rule != rule || r.Text == "" {
		h.t.Errorf("refused as %v, want %v about %q by %s", err, kind, field, rule)
	}
}

func unreachable(h *hall) {
	o, s := h.surveyed()
	h.text("5", s.Slot)
	id := h.callbacks(o.Number)[0].ID
	// Friday 10:00; 13:00; and since that was one day, not before Saturday 9:00.
	saturday := time.Date(2026, 11, 21, 9, 0, 0, 0, dispatch.Place)
	for try, next := range []time.Time{h.now.Add(3 * time.Hour), saturday, {}} {
		h.same("state", h.order(o.Number).State, dispatch.CallBack)
		task, err := h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8001"})
		h.ok(err)
		h.same("attempts and end", []any{task.Attempts, task.DoneAt.IsZero()}, []any{try + 1, try < 2})
		if try == 2 {
			break
		}
		h.same("next", task.NextAt, next.UTC())
		h.now = next.Add(-time.Minute)
		_, err = h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8001"})
		h.refused(err, dispatch.ErrEarly, "", "ZQ-15.5")
		_, err = h.ClaimCallback(h.ctx(), id, "agent:8001")
		h.refused(err, dispatch.ErrEarly, "", "ZQ-15.5")
		h.now = next
	}
	got := h.order(o.Number)
	h.same("reason, days and state", []any{h.callbacks(o.Number)[0].Reason, h.callbacks(o.Number)[0].Days, got.State, got.Exception, got.Rating},
		[]any{"unreachable", 2, dispatch.Archived, "ZQ-16.5", 5})
}

// lateTries: tries late in the day lie on other days by themselves, and who calls in before
// the next one is heard.
func lateTries(h *hall) {
	o, s := h.surveyed()
	h.now = time.Date(2026, 11, 20, 19, 30, 0, 0, dispatch.Place)
	h.text("4", s.Slot)
	id := h.callbacks(o.Number)[0].ID
	morning := time.Date(2026, 11, 21, 9, 0, 0, 0, dispatch.Place)
	task, err := h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8001"})
	h.ok(err)
	h.same("the next morning", task.NextAt, morning.UTC())
	h.now = h.now.Add(time.Minute)
	task, err = h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8001", Reached: true, Reason: "太慢"})
	h.ok(err)
	h.same("reached", []any{task.Attempts, task.Days, task.DoneAt}, []any{2, 1, h.now.UTC()})
}

func claims(h *hall) {
	o, s := h.surveyed()
	h.text("5", s.Slot)
	id := h.callbacks(o.Number)[0].ID
	task, err := h.ClaimCallback(h.ctx(), id, "agent:8001")
	h.ok(err)
	h.same("claimed", []any{task.ClaimedBy, task.ClaimedUntil}, []any{"agent:8001", h.now.Add(30 * time.Minute).UTC()})
	_, err = h.ClaimCallback(h.ctx(), id, "agent:8002")
	h.refused(err, dispatch.ErrConflict, "", "ZQ-15.5")
	_, err = h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8002"})
	h.refused(err, dispatch.ErrConflict, "", "ZQ-15.5")
	h.now = h.now.Add(31 * time.Minute)
	_, err = h.ClaimCallback(h.ctx(), id, "agent:8002")
	h.ok(err)
	var won atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8002"})
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, dispatch.ErrEarly) {
				h.t.Error(err)
			}
		})
	}
	all.Wait()
	h.same("one answer sent often is one try", []any{won.Load(), h.callbacks(o.Number)[0].Attempts}, []any{int32(1), 1})
}
