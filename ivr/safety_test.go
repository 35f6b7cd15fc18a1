package ivr_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// A database that hangs while the caller's message or question waits for it does not
// make the emergency key wait.
func TestZZ_10_3_EmergencyKeyDoesNotWaitForTheDatabase(t *testing.T) {
	for name, way := range map[string]func(*house){
		"a message being registered": func(h *house) {
			toMessage(h)
			h.call.Speaks(10 * time.Second)
			h.call.Passes(6 * time.Second) // its silence is noticed, the order is waited for
		},
		"a query": func(h *house) {
			h.call.Hears("welcome-zz", "menu").Presses("8261121000427#1234#")
			h.call.Passes(time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var office hung
			play(t, scene{at: night, change: func(c *ivr.Config) {
				office = hung{released: make(chan struct{})}
				c.Orders, c.Inquiry, c.Book = office, office, office
			}}, func(h *house) {
				defer func() {
					h.call.HangsUp()
					close(office.released)
				}()
				way(h)
				h.call.Settle()
				began := h.clock.Now()
				h.call.Presses("92")
				h.call.Rings("PJSIP/120@carrier")
				if took := h.clock.Now().Sub(began); took != 0 {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// Who withholds the number is presented as the hotline: a trunk may refuse a call from
// nobody, and the service has somebody to call back.
func TestZZ_10_3_AnonymousCallerIsPresentedAsTheHotline(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		other := h.secondCaller("")
		other.Hears("welcome-zz").Presses("91")
		line := other.Rings("PJSIP/110@carrier")
		if line.Options.CallerID != "12345" {
			t.Errorf("110 sees %q", line.Options.CallerID)
		}
		line.Answers()
		other.HangsUp()
		h.call.HangsUp()
	})
}

// A line that takes the call and drops it at once has not helped anybody.
func TestZZ_10_3_EmergencyLineThatDropsIsTriedOnTheOtherTrunk(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("91")
		first := h.call.Rings("PJSIP/110@carrier")
		first.Answers()
		h.call.Passes(100 * time.Millisecond)
		first.HangsUp()
		h.call.Rings("PJSIP/110@carrier2").Answers()
		h.call.Passes(time.Minute)
		h.call.HangsUp()
		if c := h.outcome("emergency"); c.Detail != "110" {
			t.Errorf("record %+v", c)
		}
	})
}

// The key works again once the service has hung up, and while the caller is told to
// dial 110.
func TestZZ_10_3_EmergencyKeyAfterAnEmergency(t *testing.T) {
	t.Run("after the conversation", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz").Presses("91")
			line := h.call.Rings("PJSIP/110@carrier")
			line.Answers()
			h.call.Passes(time.Minute)
			line.HangsUp()
			h.call.Hears("call-ended").Presses("92")
			h.call.Rings("PJSIP/120@carrier").Answers()
			h.call.Passes(time.Minute)
			h.call.HangsUp()
			h.outcome("emergency")
		})
	})
	t.Run("after nobody was reached", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz").Presses("91")
			h.call.Rings("PJSIP/110@carrier").IsBusy()
			h.call.Rings("PJSIP/110@carrier2").IsBusy()
			h.call.Rings("PJSIP/13900000003@carrier").Declines()
			h.call.Rings("PJSIP/13900000004@carrier").Declines()
			h.call.Hears("emergency-failed-110")
			h.alarm.Rings("PJSIP/13900000003@carrier").Answers()
			h.call.Presses("91")
			h.call.Rings("PJSIP/110@carrier").Answers()
			h.call.Passes(time.Minute)
			h.call.HangsUp()
			if o := h.order(); !o.Urgent || len(h.unconfirmed()) > 0 {
				t.Errorf("order %+v, want it urgent and confirmed; unconfirmed %v", o, h.unconfirmed())
			}
		})
	})
}

// Who presses 9 and hangs up may have been made to: it is an emergency to look after.
func TestZZ_10_3_HangingUpInTheEmergencyMenuIsRecorded(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("9")
		h.call.Hears("emergency-menu")
		h.call.HangsUp()
		if c := h.outcome("emergency"); !c.Emergency || h.order().CallID != c.ID {
			t.Errorf("record %+v, order %+v", c, h.order())
		}
	})
}

// bomb is a catalogue with a bug.
type bomb struct{ ivrtest.Prompts }

func (bomb) Compose(string, string, ivr.Slots) (ivr.Speech, error) { panic("index out of range") }

func TestZZ_10_3_EmergencySurvivesAFaultyCatalogue(t *testing.T) {
	play(t, scene{at: night, bare: true, change: func(c *ivr.Config) { c.Prompts = bomb{} }}, func(h *house) {
		h.call.Passes(time.Second)
		h.call.Presses("92")
		h.call.Rings("PJSIP/120@carrier").Answers()
		h.call.Passes(time.Minute)
		h.call.HangsUp()
	})
}

// ZZ-16.5: until a leader has pressed 1 an urgent message is found as one to call for
// again; afterwards it is not.
func TestZZ_16_5_UnconfirmedUntilALeaderPresses1(t *testing.T) {
	play(t, scene{at: night}, func(h *house) {
		toMessage(h)
		h.call.Speaks(10 * time.Second)
		h.call.Presses("#")
		h.call.EndsSomehow()
		h.alarm.Rings("PJSIP/13900000003@carrier").Declines()
		h.alarm.Rings("PJSIP/13900000004@carrier").IsBusy()
		leader := h.alarm.Rings("PJSIP/13900000003@carrier")
		if urgent := h.unconfirmed(); len(urgent) != 1 || urgent[0].Number != h.order().Number {
			t.Errorf("unconfirmed %+v", urgent)
		}
		leader.Answers()
		synctest.Wait()
		if urgent := h.unconfirmed(); len(urgent) > 0 {
			t.Errorf("still unconfirmed: %+v", urgent)
		}
	})
}

func (h *house) unconfirmed() []dispatch.Order {
	h.t.Helper()
	orders, err := h.office.Unconfirmed(context.Background(), h.clock.Now().Add(time.Second))
	if err != nil {
		h.t.Fatal(err)
	}
	return orders
}
