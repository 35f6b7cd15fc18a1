package ivr_test

import (
	"testing"
	"time"
)

// A caller whom a controller that died left hears an apology and the menu, and the
// emergency key counts from the first moment (ZZ-10.3).
func TestResume(t *testing.T) {
	for _, keys := range []string{"", "92"} {
		t.Run("keys "+keys, func(t *testing.T) {
			play(t, scene{at: daytime, resumed: true}, func(h *house) {
				if keys != "" {
					h.call.Presses(keys)
					h.call.Rings("PJSIP/120@carrier").Answers()
					h.call.Passes(5 * time.Second)
					h.call.HangsUp()
					h.outcome("emergency")
					return
				}
				h.call.Hears("interrupted", "menu").Presses("0")
				h.call.Rings("PJSIP/8001").Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
				h.outcome("answered")
			})
		})
	}
}

// The record says that a call is an emergency, or was answered, as soon as it is: a
// program that dies in mid-call has said so (ZZ-16.1).
func TestRecordGetsBetterDuringTheCall(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		if c := h.record(); c.Outcome != "answered" || c.AnsweredAt.IsZero() || !c.EndedAt.IsZero() {
			t.Errorf("in conversation: %+v", c)
		}
		h.call.HangsUp()
		h.outcome("answered")
	})
	play(t, scene{at: night}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("92")
		line := h.call.Rings("PJSIP/120@carrier")
		h.call.Passes(time.Second)
		if c := h.record(); !c.Emergency || c.Detail != "120" {
			t.Errorf("while 120 rings: %+v", c)
		}
		line.Answers()
		h.call.Passes(5 * time.Second)
		h.call.HangsUp()
		h.outcome("emergency")
	})
}
