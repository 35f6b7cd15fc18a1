package ivr_test

import (
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

// Moments of the zz hotline: people answer 08:30-18:00 in November.
const (
	daytime = "2026-11-23 10:00"
	night   = "2026-11-23 22:30"
)

// §10.1: a call by day reaches a person and becomes an order (ZZ-16.1, KF-3.1.1).
func TestZZ_16_1_DaytimeCallReachesADeskAndBecomesAnOrder(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz")
		h.call.Hears("menu").Presses("3")
		desk := h.call.Rings("PJSIP/8001")
		if desk.Options.CallerID != citizen {
			t.Errorf("the desk sees %q", desk.Options.CallerID)
		}
		desk.Answers()
		h.call.Passes(35 * time.Second)
		desk.HangsUp()
		slots := h.call.HearsText("order-number")
		h.call.Hears("order-number-repeat", "goodbye").Ends()

		o, c := h.order(), h.outcome("answered")
		if o.Type != dispatch.Consult || o.Phone != citizen || o.CallID != c.ID || c.Order != o.Number {
			t.Errorf("order %+v of call %+v", o, c)
		}
		if slots["ticket"] != o.Digits || slots["pin"] != o.PIN {
			t.Errorf("the caller heard %v of order %s", slots, o.Digits)
		}
		if c.Class != dispatch.Consult || c.Detail != "座席 8001" || c.Missed || c.EndedAt.Sub(c.AnsweredAt) < 35*time.Second {
			t.Errorf("record %+v", c)
		}
	})
}

func TestZZ_10_1_KeysSetTheClass(t *testing.T) {
	for key, class := range map[string]dispatch.Type{
		"1": dispatch.Help, "2": dispatch.Complaint, "3": dispatch.Consult, "0": dispatch.Unset,
	} {
		t.Run(key, func(t *testing.T) {
			play(t, scene{at: daytime}, func(h *house) {
				h.call.Hears("welcome-zz").Presses(key) // typed ahead
				desk := h.call.Rings("")
				desk.Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
				if c := h.outcome("answered"); c.Class != class || h.order().Type != class {
					t.Errorf("class %q, order %q, want %q", c.Class, h.order().Type, class)
				}
			})
		})
	}
}

// §10.7: silent and mistaken callers reach a person, 0 at once, * repeats.
func TestZZ_10_1_SilentAndMistakenCallersReachAPerson(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(h *house)
	}{
		{"silent twice", func(h *house) { h.call.Hears("menu", "no-key", "menu", "to-person") }},
		{"wrong twice", func(h *house) {
			h.call.Hears("menu").Presses("7")
			h.call.Hears("wrong-key").Presses("#")
			h.call.Hears("to-person")
		}},
		{"repeat", func(h *house) {
			h.call.Hears("menu").Presses("*")
			h.call.Hears("menu").Presses("0")
		}},
		{"agent at once", func(h *house) { h.call.Hears("menu").Presses("0") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, scene{at: daytime}, func(h *house) {
				h.call.Hears("welcome-zz")
				tt.script(h)
				h.call.Rings("PJSIP/8001").Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
				if o := h.order(); o.Type != dispatch.Unset {
					t.Errorf("type %q without a choice", o.Type)
				}
			})
		})
	}
}

// XZ-12.2: a desk of its own, and what follows when nobody answers there.
func TestXZ_12_2_TransferToADeskAndBackToAnAgent(t *testing.T) {
	play(t, scene{hotline: "xz", at: daytime}, func(h *house) {
		h.call.Hears("welcome-xz", "menu-xz").Presses("3")
		unit := h.call.Rings("PJSIP/80000001@carrier")
		if unit.Options.Ring != 25*time.Second {
			t.Errorf("rings %s", unit.Options.Ring)
		}
		unit.IsBusy()
		h.call.Hears("transfer-failed")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.HangsUp()
		h.outcome("answered")
	})
}

// ZZ-10.4: another hotline; when it does not answer the caller hears its number.
func TestZZ_10_4_TransferToAnotherHotline(t *testing.T) {
	flow, problems := ivr.ParseFlow("flow.yaml", []byte("start: labor\nnodes:\n  labor: {verb: transfer, to: labor, failed: end}\n  end: {verb: goodbye}\n"))
	if problems != nil {
		t.Fatal(problems)
	}
	useFlow := func(c *ivr.Config) { c.Flow = flow }
	t.Run("answered", func(t *testing.T) {
		play(t, scene{at: daytime, change: useFlow}, func(h *house) {
			far := h.call.Rings("PJSIP/12333@carrier")
			far.Answers()
			h.call.Passes(time.Second)
			far.HangsUp()
			h.call.Hears("call-ended", "goodbye").Ends()
			h.outcome("transferred")
		})
	})
	t.Run("not answered", func(t *testing.T) {
		play(t, scene{at: daytime, change: useFlow}, func(h *house) {
			h.call.Rings("PJSIP/12333@carrier") // in vain
			if got := h.call.HearsText("transfer-failed-number")["phone"]; got != "12333" {
				t.Errorf("number %q", got)
			}
			h.call.Hears("goodbye").Ends()
			h.outcome("missed")
		})
	})
}
