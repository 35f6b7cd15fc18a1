package ivr_test

import (
	"context"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

// intake is an order to ask for.
func intake(h *house, class dispatch.Type) dispatch.Order {
	h.t.Helper()
	o, err := h.office.Open(context.Background(), dispatch.Intake{
		Channel: dispatch.ByPhone, Type: class, Phone: citizen, Summary: "路灯不亮", Actor: "agent:8001"})
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

// enter asks for an order.
func enter(h *house, number, pin string) {
	h.call.Hears("query-number").Presses(number + "#")
	h.call.Hears("query-pin").Presses(pin)
}

// §10.8: query by number and code (ZZ-18.3).
func TestZZ_18_3_Query(t *testing.T) {
	t.Run("registered: until when", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			o := intake(h, dispatch.Consult)
			h.call.Hears("welcome-zz", "menu").Presses("8")
			enter(h, o.Digits, o.PIN)
			if got := h.call.HearsText("query-result-registered")["due"]; got != "2026-11-25" {
				t.Errorf("due %q", got)
			}
			h.call.Hears("goodbye").Ends()
			h.outcome("query")
		})
	})
	t.Run("completed: since when, and the answer read out", func(t *testing.T) {
		read := func(c *ivr.Config) { c.Narrator = narrator{} }
		play(t, scene{at: daytime, change: read}, func(h *house) {
			o := intake(h, dispatch.Consult)
			if _, err := h.office.Complete(context.Background(), o.Number, dispatch.Completion{
				Actor: "agent:8001", Result: "路灯已修好", Version: o.Version}); err != nil {
				t.Fatal(err)
			}
			h.call.Hears("welcome-zz", "menu").Presses("8")
			enter(h, o.Digits, o.PIN)
			if got := h.call.HearsText("query-result-completed")["date"]; got != "2026-11-23" {
				t.Errorf("completed %q", got)
			}
			h.call.Hears("query-result-answer", "路灯已修好", "goodbye").Ends()
		})
	})
	t.Run("report: only the confidentiality sentence", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			o := intake(h, dispatch.Report)
			h.call.Hears("welcome-zz", "menu").Presses("8")
			enter(h, o.Digits, o.PIN)
			h.call.Hears("query-confidential", "goodbye").Ends()
			if c := h.outcome("query"); c.Order != "" {
				t.Errorf("the record names order %s", c.Order)
			}
		})
	})
}

// not is a code that is not this one, and begins with no nine.
func not(pin string) string {
	if pin == "0000" {
		return "0001"
	}
	return "0000"
}

func TestZZ_18_3_QueryInVain(t *testing.T) {
	t.Run("three wrong codes lock and lead to a person", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			o := intake(h, dispatch.Consult)
			h.call.Hears("welcome-zz", "menu").Presses("8")
			for range 2 {
				enter(h, o.Digits, not(o.PIN))
				h.call.Hears("query-wrong")
			}
			enter(h, o.Digits, not(o.PIN))
			h.call.Hears("query-locked")
			h.call.Rings("PJSIP/8001").Answers()
			h.call.HangsUp()
			_, err := h.office.Query(context.Background(), o.Digits, o.PIN)
			if err == nil {
				t.Error("the right code works though the query is locked")
			}
		})
	})
	t.Run("a nine inside a number is data", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz", "menu").Presses("8")
			enter(h, "269999999999", "1999")
			h.call.Hears("query-wrong", "query-number").Presses("9")
			h.call.Hears("emergency-menu")
			h.call.HangsUp()
		})
	})
	t.Run("no number leads to a person", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz", "menu").Presses("8")
			h.call.Hears("query-number", "no-key", "query-number", "to-person")
			h.call.Rings("PJSIP/8001").Answers()
			h.call.HangsUp()
		})
	})
}

// narrator has put every text into sound.
type narrator struct{}

func (narrator) Recall(_, text string) (ivr.Speech, bool) {
	return ivr.Speech{Sounds: []string{text}, Length: 2 * time.Second, Text: text}, true
}
