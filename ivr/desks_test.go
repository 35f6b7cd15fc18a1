package ivr_test

import (
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

func TestAgentsRingLongestIdleFirst(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.desks.SignOut("8001")
		h.call.Passes(time.Second)
		h.desks.SignIn("8001", "小李") // idle since later than 8002
		h.call.Hears("welcome-zz").Presses("0")
		first := h.call.Rings("PJSIP/8002")
		if first.Options.Ring != 20*time.Second || first.Options.Meanwhile[0] != "connecting-agent" {
			t.Errorf("rung with %+v", first.Options)
		}
		first.Declines()
		second := h.call.Rings("PJSIP/8001")
		if second.Options.Meanwhile[0] != "tone-ringback" {
			t.Errorf("meanwhile %v", second.Options.Meanwhile)
		}
		second.Answers()
		if d := h.desks.List()[0]; d.State != ivr.DeskTalking || d.Agent != "小李" || d.CallID == "" || d.Taken != 1 {
			t.Errorf("desk %+v", d)
		}
		h.desks.SignOut("8001") // in the middle of a conversation
		h.call.Passes(time.Second)
		h.call.HangsUp()
		if d := h.desks.List()[0]; d.State != ivr.DeskAway {
			t.Errorf("desk %+v", d)
		}
	})
}

// An agent who writes a call up is not rung until that is done; who calls meanwhile waits.
func TestAgentsWriteUp_KF_3_6_1(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.desks.SignOut("8002")
		h.desks.SignIn("8001", "小李")
		other := h.secondCaller("13800000002")
		other.Hears("welcome-zz").Presses("0")
		other.Rings("PJSIP/8001").Answers()
		h.desks.WriteUp("8001") // while they talk: afterwards
		if d := h.desks.List()[0]; d.State != ivr.DeskTalking || d.Agent != "小李" {
			t.Errorf("desk %+v", d)
		}
		h.call.Hears("welcome-zz").Presses("0")
		h.call.Hears("agents-busy")
		other.HangsUp()
		h.call.Passes(30 * time.Second)
		if d := h.desks.List()[0]; d.State != ivr.DeskWriting || d.Agent != "小李" || h.desks.Waiting() != 1 {
			t.Errorf("desk %+v, %d wait", d, h.desks.Waiting())
		}
		h.desks.SignIn("8001", "小李")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.desks.WriteUp("8001") // nobody talks: at once
		h.desks.SignOut("8001")
		if d := h.desks.List()[0]; d.State != ivr.DeskAway || d.Agent != "" {
			t.Errorf("desk %+v", d)
		}
	})
}

func TestAgentsNobodyAnswersFallsToDuty(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("0")
		h.call.Rings("PJSIP/8001") // in vain
		h.call.Rings("PJSIP/8002").IsDown()
		h.call.Hears("all-agents-away")
		duty := h.call.Rings("PJSIP/13900000001@carrier")
		if duty.Options.Meanwhile[0] != "tone-ringback" {
			t.Errorf("by day the caller hears %v", duty.Options.Meanwhile) // not: 现在是非工作时间
		}
		duty.Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
	})
}

// A caller who finds all desks talking waits, and gets the first that becomes free.
func TestAgentsWaitForAFreeDesk(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.desks.SignOut("8002")
		other := h.secondCaller("13800000002")
		other.Hears("welcome-zz").Presses("0")
		theirs := other.Rings("PJSIP/8001")
		theirs.Answers()

		h.call.Hears("welcome-zz").Presses("0")
		h.call.Hears("agents-busy")
		h.call.Passes(30 * time.Second)
		if h.desks.Waiting() != 1 {
			t.Errorf("%d wait", h.desks.Waiting())
		}
		theirs.HangsUp()
		mine := h.call.Rings("PJSIP/8001")
		mine.Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		other.EndsSomehow()
		if got := len(h.orders()); got != 2 {
			t.Errorf("%d orders", got)
		}
	})
}

func TestAgentsWaitOnlySoLong(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.desks.SignOut("8002")
		other := h.secondCaller("13800000002")
		other.Hears("welcome-zz").Presses("0")
		other.Rings("PJSIP/8001").Answers()
		h.call.Hears("welcome-zz").Presses("0")
		began := h.clock.Now()
		h.call.Hears("agents-busy", "all-agents-away")
		if took := h.clock.Now().Sub(began); took != time.Minute {
			t.Errorf("waited %s", took)
		}
		h.call.HangsUp()
		other.HangsUp()
	})
}

// A queue only rings its own desks, and who waits for another queue is not in the way.
func TestKFQueues(t *testing.T) {
	play(t, scene{hotline: "kf", at: daytime, change: func(c *ivr.Config) {
		c.Profile.Desks = nil
		c.Desks.Plan([]ivr.DeskPlan{{Name: "9001", Endpoint: "PJSIP/9001", Queues: []string{"enterprise"}, SignedIn: true}})
	}}, func(h *house) {
		h.desks.SignOut("8001")
		h.desks.SignOut("8002")
		h.call.Hears("welcome-kf").Presses("1")
		h.call.Hears("all-agents-away")
		h.call.HangsUp()
		other := h.secondCaller("13800000002")
		other.Hears("welcome-kf").Presses("2")
		other.Rings("PJSIP/9001").Answers()
		other.HangsUp()
	})
}

func TestAbandonedWhileRingingCountsAsMissed(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("3")
		h.call.Rings("PJSIP/8001")
		h.call.Passes(5 * time.Second)
		h.call.HangsUp()
		if c := h.outcome("missed"); !c.Missed || c.Class != dispatch.Consult {
			t.Errorf("record %+v", c)
		}
	})
}

func TestAbandonedInTheMenuIsNotMissed(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu")
		h.call.HangsUp()
		if c := h.outcome("abandoned"); c.Missed {
			t.Errorf("record %+v", c)
		}
	})
}
