package ivr_test

import (
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

// §10.2: the emergency key during the welcome; the trunk sees the caller's number.
func TestZZ_10_3_EmergencyDuringTheWelcome(t *testing.T) {
	play(t, scene{at: night}, func(h *house) {
		h.call.Hears("welcome-zz")
		pressed := h.clock.Now()
		h.call.Presses("92")
		line := h.call.Rings("PJSIP/120@carrier")
		if took := h.clock.Now().Sub(pressed); took != 0 {
			t.Errorf("%s from key to INVITE", took)
		}
		if line.Options.CallerID != citizen {
			t.Errorf("120 sees %q", line.Options.CallerID)
		}
		line.Answers()
		h.call.Passes(time.Minute)
		line.HangsUp()
		h.call.Hears("call-ended").Ends()
		c := h.outcome("emergency")
		if !c.Emergency || c.Detail != "120" || c.Missed {
			t.Errorf("record %+v", c)
		}
		if o := h.order(); o.Type != dispatch.EmergencyCase || o.CallID != c.ID {
			t.Errorf("order %+v", o)
		}
	})
}

func TestZZ_10_3_EmergencyRetriesOnceThenSaysSoAndRingsTheLeader(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("9")
		h.call.Hears("emergency-menu").Presses("1")
		h.call.Rings("PJSIP/110@carrier").IsBusy()
		h.call.Rings("PJSIP/110@carrier2").IsDown()
		leader := h.call.Rings("PJSIP/13900000003@carrier")
		if got := leader.Options.Meanwhile[0]; got != "emergency-failed-110" {
			t.Errorf("meanwhile the caller hears %q", got)
		}
		if leader.Options.Confirm == nil || leader.Options.Confirm.Prompt.Sounds[0] != "leader-alert-emergency" {
			t.Errorf("the leader is asked %+v", leader.Options.Confirm)
		}
		h.call.HangsUp() // to dial 110, as told
		h.alarm.Rings("PJSIP/13900000003@carrier").AnswersAsMachine()
		h.alarm.Rings("PJSIP/13900000004@carrier").Answers()
		if c := h.outcome("emergency"); !c.Emergency || c.Detail != "110 未接通" {
			t.Errorf("record %+v", c)
		}
	})
}

func TestZZ_10_3_LeaderTakesAFailedEmergency(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("93")
		h.call.Rings("PJSIP/119@carrier") // rings in vain
		h.call.Rings("PJSIP/119@carrier2").Declines()
		leader := h.call.Rings("PJSIP/13900000003@carrier")
		leader.Answers()
		h.call.Passes(time.Minute)
		leader.HangsUp()
		h.call.Ends()
		h.alarm.Quiet()
		h.outcome("emergency")
	})
}

func TestZZ_10_3_EmergencyMenu(t *testing.T) {
	t.Run("silence twice is 110", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz").Presses("9")
			h.call.Hears("emergency-menu", "emergency-menu")
			h.call.Rings("PJSIP/110@carrier").Answers()
			h.call.HangsUp()
			h.outcome("emergency")
		})
	})
	t.Run("wrong keys are 110", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz").Presses("9")
			h.call.Hears("emergency-menu").Presses("8")
			h.call.Hears("emergency-menu").Presses("8")
			h.call.Rings("PJSIP/110@carrier").Answers()
			h.call.HangsUp()
		})
	})
	t.Run("star goes back and 9 works again", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			h.call.Hears("welcome-zz").Presses("9")
			h.call.Hears("emergency-menu").Presses("*")
			h.call.Hears("menu").Presses("9")
			h.call.Hears("emergency-menu").Presses("*")
			h.call.Hears("menu").Presses("0")
			h.call.Rings("PJSIP/8001").Answers()
			h.call.HangsUp()
			if c := h.outcome("answered"); c.Emergency {
				t.Error("recorded as an emergency")
			}
		})
	})
}

func TestXZ_10_WaterRescue(t *testing.T) {
	play(t, scene{hotline: "xz", at: daytime}, func(h *house) {
		h.call.Hears("welcome-xz").Presses("9")
		h.call.Hears("emergency-menu-water").Presses("5")
		h.call.Rings("PJSIP/12395@carrier").Answers()
		h.call.HangsUp()
		h.outcome("emergency")
	})
}

// The verb, and a menu key that names the branch, lead to the same place as the key 9.
func TestZZ_10_3_EmergencyAsAVerb(t *testing.T) {
	for name, src := range map[string]string{
		"node": "start: danger\nnodes:\n  danger: {verb: emergency}\n",
		"key":  "start: m\nnodes:\n  m: {verb: menu, prompt: menu, keys: {\"7\": emergency}, no-key: d, wrong-key: d}\n  d: {verb: voicemail}\n",
	} {
		t.Run(name, func(t *testing.T) {
			flow, problems := ivr.ParseFlow("flow.yaml", []byte(src))
			if problems != nil {
				t.Fatal(problems)
			}
			play(t, scene{at: daytime, change: func(c *ivr.Config) { c.Flow = flow }}, func(h *house) {
				if name == "key" {
					h.call.Hears("menu").Presses("7")
				}
				h.call.Hears("emergency-menu").Presses("2")
				h.call.Rings("PJSIP/120@carrier").Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
				h.outcome("emergency")
			})
		})
	}
}

// While a person talks with the caller the key belongs to the conversation; afterwards
// it works again.
func TestZZ_10_3_KeyIsOffDuringAConversation(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("0")
		desk := h.call.Rings("PJSIP/8001")
		desk.Answers()
		h.call.Passes(time.Second)
		h.call.Presses("9")
		h.call.Passes(time.Second)
		desk.HangsUp()
		h.call.HearsText("order-number")
		h.call.Presses("91")
		h.call.Rings("PJSIP/110@carrier").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		if c := h.outcome("emergency"); !c.Emergency || len(h.orders()) != 2 {
			t.Errorf("record %+v, orders %v", c, h.orders())
		}
	})
}
