package dispatch_test

import (
	"errors"

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
		if _, err := h.FinishCallback(h.ctx(), tasks[0].ID, dispatch.Called{Reached: true}); !errors.Is(err, dispatch.ErrInvalid) {
			h.t.Errorf("without a reason: %v", err)
		}
		task, err := h.FinishCallback(h.ctx(), tasks[0].ID, dispatch.Called{Actor: "agent:8001", Reached: true, Reason: "没解决"})
		h.ok(err)
		h.same("task", []any{task.Reason, task.DoneBy, task.Attempts}, []any{"没解决", "agent:8001", 1})
		h.same("then archived", h.order(o.Number).State, dispatch.Archived)
		if _, err := h.FinishCallback(h.ctx(), task.ID, dispatch.Called{}); !errors.Is(err, dispatch.ErrIllegal) {
			h.t.Errorf("again: %v", err)
		}
	}
}

func unreachable(h *hall) {
	o, s := h.surveyed()
	h.text("5", s.Slot)
	id := h.callbacks(o.Number)[0].ID
	for try := 1; try <= 3; try++ {
		h.same("state", h.order(o.Number).State, dispatch.CallBack)
		task, err := h.FinishCallback(h.ctx(), id, dispatch.Called{Actor: "agent:8001"})
		h.ok(err)
		h.same("attempts and end", []any{task.Attempts, task.DoneAt.IsZero()}, []any{try, try < 3})
	}
	h.same("reason and state", []any{h.callbacks(o.Number)[0].Reason, h.order(o.Number).State}, []any{"unreachable", dispatch.Archived})
}
