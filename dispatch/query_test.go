package dispatch_test

import (
	"errors"
	"time"

	"hotline/dispatch"
)

func queries(h *hall) {
	o := h.open(nil)
	for _, number := range []string{o.Digits, o.Number} {
		got, err := h.Query(h.ctx(), number, o.PIN)
		h.ok(err)
		h.same("answer", got, dispatch.Answer{Number: o.Number, Type: dispatch.Help, State: dispatch.Registered, Due: o.Due})
	}
	h.complete(o.Number)
	got, err := h.Query(h.ctx(), o.Digits, o.PIN)
	h.ok(err)
	h.same("result", got.Result, "路灯已修好")
}

func locks(h *hall) {
	o := h.open(nil)
	ask := func(number, pin string, want error) {
		h.t.Helper()
		if _, err := h.Query(h.ctx(), number, pin); !errors.Is(err, want) {
			h.t.Errorf("query %s %s: %v, want %v", number, pin, err, want)
		}
	}
	ask(o.Digits, "9999", dispatch.ErrWrong)
	ask(o.Digits, "9999", dispatch.ErrWrong)
	ask(o.Digits, o.PIN, nil) // the right one clears the count
	ask(o.Digits, "9999", dispatch.ErrWrong)
	ask(o.Number, "", dispatch.ErrWrong)
	ask(o.Digits, "99999", dispatch.ErrLocked)
	ask(o.Digits, o.PIN, dispatch.ErrLocked)
	h.now = h.now.Add(10*time.Minute - time.Second)
	ask(o.Number, o.PIN, dispatch.ErrLocked)
	h.now = h.now.Add(time.Second)
	ask(o.Digits, o.PIN, nil)
	h.same("locked events", h.told(o.Number, dispatch.OnQueryLocked), 1)
	// A number nobody has answers in the same way.
	nobody := dispatch.Number{Day: "20261120", Serial: 777}.Digits()
	for _, want := range []error{dispatch.ErrWrong, dispatch.ErrWrong, dispatch.ErrLocked, dispatch.ErrLocked} {
		ask(nobody, "1234", want)
	}
	ask("123", "1234", dispatch.ErrWrong)
}
