package ivr_test

import (
	"context"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// A caller whom a controller that died left hears an apology and the menu, and the
// emergency key counts from the first moment (ZZ-10.3).
func TestResume(t *testing.T) {
	for _, keys := range []string{"", "92"} {
		t.Run("keys "+keys, func(t *testing.T) {
			play(t, scene{at: daytime, resumed: true}, func(h *house) {
				if keys != "" {
					h.call.Hears("interrupted").Presses(keys)
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

// dies lets the controller of the call die during a step; the one after it takes the call
// over with what the last note says.
func (h *house) dies(step asterisk.Step, endpoint string) *ivrtest.Phone {
	h.t.Helper()
	left := ivr.Left{State: h.call.Remembered(), Step: step, Endpoint: endpoint}
	h.call.IsTakenOver()
	next := ivrtest.New(h.t, citizen)
	go next.Resume(h.runner, left)
	h.call = next
	return next
}

// A caller in a menu is in the same menu again, with the wrong keys they had.
func TestResumeInTheMenu(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("7")
		h.call.Hears("wrong-key", "menu")
		h.dies(asterisk.StepListening, "").Hears("interrupted", "menu").Presses("7")
		h.call.Hears("to-person") // the second wrong key
		h.call.HangsUp()
		h.outcome("abandoned")
	})
}

// A conversation goes on; its order and its record are one.
func TestResumeInAConversation(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		h.dies(asterisk.StepTalking, "PJSIP/8001")
		desk := h.call.Rings("PJSIP/8001") // found under way by the switch
		desk.Answers()
		h.call.Passes(5 * time.Second)
		desk.HangsUp()
		h.call.Hears("order-number")
		h.call.HangsUp()
		h.outcome("answered")
		if order := h.order(); order.CallID != h.record().ID {
			t.Errorf("order of %s, want of the one call", order.CallID)
		}
	})
}

// Who was being rung is rung again, and not who had declined.
func TestResumeWhileRinging(t *testing.T) {
	play(t, scene{at: night}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("PJSIP/13900000001@carrier").Declines()
		h.call.Rings("PJSIP/13900000002@carrier")
		h.dies(asterisk.StepRinging, "PJSIP/13900000002@carrier").Hears("interrupted")
		h.call.Rings("PJSIP/13900000002@carrier").Answers() // not the first again
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
	})
}

// A caller who waits keeps their place.
func TestResumeInTheRow(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.desks.SignOut("8002")
		first := h.secondCaller("13800000002") // has the only desk
		first.Hears("welcome-zz", "menu").Presses("0")
		first.Rings("PJSIP/8001").Answers()
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Hears("agents-busy")
		later := ivrtest.New(t, "13800000003")
		go later.Serve(h.runner)
		later.Hears("welcome-zz", "menu").Presses("0")
		later.Hears("agents-waiting")
		h.dies(asterisk.StepListening, "").Hears("interrupted", "agents-busy")
		first.HangsUp()
		h.call.Rings("PJSIP/8001").Answers() // who came first, not who waited undisturbed
		h.call.Passes(time.Second)
		h.call.HangsUp()
		later.Rings("PJSIP/8001").Answers()
		later.Passes(time.Second)
		later.HangsUp()
	})
}

// A message goes on in the same recording.
func TestResumeInAMessage(t *testing.T) {
	play(t, scene{at: night}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("PJSIP/13900000001@carrier").Declines()
		h.call.Rings("PJSIP/13900000002@carrier").Declines()
		h.call.Hears("voicemail-intro")
		name := h.call.Records().Name
		h.call.Speaks(3 * time.Second)
		h.dies(asterisk.StepRecording, "")
		if again := h.call.Records().Name; again != name {
			t.Errorf("recording %s, want the same %s", again, name)
		}
		h.call.Speaks(3 * time.Second)
		h.call.HangsUp()
		h.outcome("voicemail")
	})
}

// An emergency is rung for again at once, without a menu (ZZ-10.3).
func TestResumeInAnEmergency(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("92")
		h.call.Rings("PJSIP/120@carrier")
		h.dies(asterisk.StepRinging, "PJSIP/120@carrier")
		h.call.Rings("PJSIP/120@carrier").Answers() // at once, without a menu
		h.call.Passes(5 * time.Second)
		h.call.HangsUp()
		h.outcome("emergency")
	})
}

// A controller that was paused writes its note of a call once more when it wakes up; the
// record that its heir has ended stays as it is.
func TestLostIsOnlyWhatNobodyHad(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu")
		paused := h.call.Remembered()
		h.dies(asterisk.StepListening, "").Hears("interrupted", "menu").Presses("0")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
		h.runner.Lost(paused, func(*dispatch.Call) {})
		h.outcome("answered")
	})
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu")
		paused := h.call.Remembered()
		h.call.IsTakenOver()
		h.runner.Lost(paused, func(*dispatch.Call) {})
		if c := h.outcome("abandoned"); c.Hangup != "ended while no controller was there" {
			t.Errorf("a call that nobody had: %+v", c)
		}
	})
}

// A call that was taken over before its first note is one record: the one of the controller
// that has it, whatever the token of who had it, whose record of the beginning waited on disk.
func TestUnknownCallIsOneRecord(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz")
		begun := dispatch.Call{ID: h.call.ID(), Channel: h.call.ID(), From: citizen, Outcome: "abandoned", StartedAt: h.clock.Now(), Fence: 1_795_849_664_951_358}
		h.call.IsTakenOver()
		next := ivrtest.New(h.t, citizen)
		go next.Resume(h.runner, ivr.Left{})
		h.call = next
		next.Hears("interrupted", "menu").Presses("0")
		next.Rings("PJSIP/8001").Answers()
		if err := h.office.RecordCall(context.Background(), begun); err != nil {
			h.t.Fatal(err)
		}
		next.HangsUp()
		h.outcome("answered")
	})
}
