package ivr_test

import (
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

// button is the red button, pressed.
type button dispatch.RedButton

func (b button) Red() dispatch.RedButton { return dispatch.RedButton(b) }

// pressed is a change of a house in which the button stands so.
func pressed(r dispatch.RedButton) func(*ivr.Config) {
	r.Seq = 1
	return func(c *ivr.Config) { c.Red = button(r) }
}

// TestRedButtonZQ_21_3 sends every call of every hotline where it says, by day and night,
// past hours and menus, after the announcement; the emergency key works in it.
func TestRedButtonZQ_21_3(t *testing.T) {
	for _, id := range hotlines {
		for _, at := range []string{daytime, night} {
			t.Run(id+" "+at+" desks", func(t *testing.T) {
				r := dispatch.RedButton{Route: dispatch.RedDesks, Prompt: "red-flood"}
				play(t, scene{hotline: id, at: at, change: pressed(r)}, func(h *house) {
					h.call.Hears("red-flood")
					h.call.Rings("PJSIP/8001").Answers()
					h.call.Passes(time.Second)
					h.call.HangsUp()
					h.outcome("answered")
				})
			})
			t.Run(id+" "+at+" duty", func(t *testing.T) {
				play(t, scene{hotline: id, at: at, change: pressed(dispatch.RedButton{Route: dispatch.RedDuty})}, func(h *house) {
					h.call.Rings("").Declines()
					h.call.Rings("").IsBusy()
					h.call.Hears("voicemail-intro")
					h.call.Records()
					h.call.Speaks(8 * time.Second)
					h.call.HangsUp()
					h.outcome("voicemail")
				})
			})
		}
		t.Run(id+" announcement alone", func(t *testing.T) {
			play(t, scene{hotline: id, at: daytime, change: pressed(dispatch.RedButton{Route: dispatch.RedUsual, Text: "停水"})}, func(h *house) {
				h.call.Hears("red-notice", "welcome-"+id) // its sound is not there yet
				h.call.HangsUp()
			})
		})
		t.Run(id+" emergency ZZ-10.3", func(t *testing.T) {
			play(t, scene{hotline: id, at: night, change: pressed(dispatch.RedButton{Route: dispatch.RedDuty, Prompt: "red-flood"})}, func(h *house) {
				h.call.Hears("red-flood")
				h.call.Presses("91")
				h.call.Rings("PJSIP/110@carrier").Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
				h.outcome("emergency")
			})
		})
	}
}

// TestRedButtonFromTheEmergencyMenu: who leaves it with * goes where the button says.
func TestRedButtonFromTheEmergencyMenu(t *testing.T) {
	play(t, scene{hotline: "zz", at: night, change: pressed(dispatch.RedButton{Route: dispatch.RedDesks})}, func(h *house) {
		h.call.Rings("PJSIP/8001")
		h.call.Presses("9")
		h.call.Hears("emergency-menu")
		h.call.Presses("*")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
	})
}
