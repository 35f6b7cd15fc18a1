package ivr_test

import (
	"context"
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

// §10.3: a 24-hour line with all agents away falls to the duty phone, then to a
// message whose reason says that this is a failure (SQ-1.1, ZQ-2).
func TestSQ_1_1_AllDayLineWithoutAgentsFallsToDutyThenMessage(t *testing.T) {
	for _, id := range []string{"sq", "zq"} {
		t.Run(id, func(t *testing.T) {
			play(t, scene{hotline: id, at: "2026-02-17 03:00"}, func(h *house) {
				h.desks.SignOut("8001")
				h.desks.SignOut("8002")
				h.call.Hears("welcome-"+id, "all-agents-away")
				h.call.Rings("").Declines()
				h.call.Rings("").IsBusy()
				h.call.Hears("voicemail-intro")
				h.call.Records()
				h.call.Speaks(8 * time.Second)
				h.call.HangsUp()
				h.outcome("voicemail")
				if v := voicemail(h); v.Reason != "no_agent" {
					t.Errorf("reason %q", v.Reason)
				}
			})
		})
	}
}

func voicemail(h *house) dispatch.Voicemail {
	h.t.Helper()
	all, err := h.store.Voicemails(context.Background(), dispatch.Filter{})
	if err != nil || len(all) != 1 {
		h.t.Fatalf("%d voicemails, %v", len(all), err)
	}
	return all[0]
}

// §10.4: night, duty 25 s, backup 25 s, a mobile's own voicemail, message, #, leader.
func TestZZ_20_NightCallLeavesAnUrgentMessageAndTheLeaderConfirms(t *testing.T) {
	play(t, scene{at: night}, func(h *house) {
		h.call.Hears("welcome-zz", "menu", "no-key", "menu", "to-person")
		duty := h.call.Rings("PJSIP/13900000001@carrier")
		if duty.Options.Ring != 25*time.Second || duty.Options.Confirm == nil || duty.Options.Confirm.Key != '1' {
			t.Errorf("duty is rung with %+v", duty.Options)
		}
		if duty.Options.Meanwhile[0] != "connecting-duty" {
			t.Errorf("meanwhile %v", duty.Options.Meanwhile)
		}
		backup := h.call.Rings("PJSIP/13900000002@carrier") // after 25 s
		backup.AnswersAsMachine()
		h.call.Hears("voicemail-intro")
		o := h.call.Records()
		if o.Max != 180*time.Second || o.Silence != 5*time.Second || o.StopKeys != "#" {
			t.Errorf("recorded with %+v", o)
		}
		h.call.Speaks(60 * time.Second)
		h.call.Presses("#")
		h.call.Hears("voicemail-urgent")
		if slots := h.call.HearsText("voicemail-thanks"); slots["ticket"] == "" || slots["pin"] == "" {
			t.Errorf("thanks without a number: %v", slots)
		}
		h.call.Ends()
		h.outcome("voicemail")
		h.alarm.Rings("PJSIP/13900000003@carrier") // in vain
		h.alarm.Rings("PJSIP/13900000004@carrier").AnswersAsMachine()
		h.alarm.Rings("PJSIP/13900000003@carrier").Answers() // after a minute
		h.call.Passes(time.Second)
		order := h.order()
		if !order.Urgent || order.Channel != dispatch.ByVoicemail {
			t.Errorf("order %+v", order)
		}
		if v := voicemail(h); !v.Urgent || v.Reason != "after_hours" || v.Duration != 60*time.Second || v.File != o.Name+".wav" {
			t.Errorf("voicemail %+v", v)
		}
		h.noted(order.Number, "呼叫带班领导 赵明:已按1确认")
		h.alarm.Quiet()
	})
}

// noted fails unless the order's timeline has a line.
func (h *house) noted(number, text string) {
	h.t.Helper()
	events, err := h.store.Events(context.Background(), number)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range events {
		if e.Text == text {
			return
		}
	}
	h.t.Errorf("no event %q in %+v", text, events)
}

func TestZZ_20_2_DutyOfficerAnswersAtNight(t *testing.T) {
	play(t, scene{at: night}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("1")
		h.call.Rings("PJSIP/13900000001@carrier").IsDown()
		officer := h.call.Rings("PJSIP/13900000001@carrier2")
		officer.Answers()
		h.call.Passes(time.Minute)
		officer.HangsUp()
		h.call.HearsText("order-number")
		h.call.Hears("order-number-repeat").Presses("*")
		h.call.HearsText("order-number")
		h.call.Hears("order-number-repeat", "goodbye").Ends()
		if c := h.outcome("answered"); c.Detail != "值班 王建国" {
			t.Errorf("record %+v", c)
		}
		if all, _ := h.store.Voicemails(context.Background(), dispatch.Filter{}); len(all) > 0 {
			t.Error("a message was recorded though somebody answered")
		}
	})
}

// §10.5: how a message ends, and what is none.
func TestZZ_20_2_Messages(t *testing.T) {
	toMessage := func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("").IsBusy()
		h.call.Rings("").IsBusy()
		h.call.Hears("voicemail-intro")
		h.call.Records()
	}
	t.Run("two seconds and gone is a missed call", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			toMessage(h)
			h.call.Speaks(2 * time.Second)
			h.call.HangsUp()
			if c := h.outcome("missed"); !c.Missed || len(h.orders()) != 0 {
				t.Errorf("record %+v, orders %v", c, h.orders())
			}
		})
	})
	t.Run("five seconds of silence end it", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			toMessage(h)
			h.call.Speaks(10 * time.Second)
			h.call.HearsText("voicemail-thanks")
			h.call.Ends()
			if v := voicemail(h); v.Duration != 15*time.Second || v.Urgent {
				t.Errorf("voicemail %+v", v)
			}
		})
	})
	t.Run("180 seconds cap it", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			toMessage(h)
			h.call.Speaks(200 * time.Second)
			h.call.HearsText("voicemail-thanks")
			h.call.Ends()
			if v := voicemail(h); v.Duration != 180*time.Second {
				t.Errorf("voicemail %+v", v)
			}
		})
	})
	t.Run("saying nothing gives one more try", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			toMessage(h)
			h.call.Hears("voicemail-too-short", "voicemail-intro")
			h.call.Records()
			h.call.Hears("voicemail-too-short", "goodbye").Ends()
			if c := h.outcome("missed"); !c.Missed || len(h.orders()) != 0 {
				t.Errorf("record %+v", c)
			}
		})
	})
	t.Run("full disk: apology and the duty phone", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			h.call.DiskFull = true
			toMessage(h)
			h.call.Hears("voicemail-failed")
			h.call.Rings("PJSIP/13900000001@carrier").Answers()
			h.call.Passes(time.Second)
			h.call.HangsUp()
			h.outcome("answered")
		})
	})
	t.Run("full disk and nobody there", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			h.call.DiskFull = true
			toMessage(h)
			h.call.Hears("voicemail-failed")
			h.call.Rings("").IsBusy()
			h.call.Rings("").IsBusy()
			h.call.Hears("goodbye").Ends()
			if c := h.outcome("missed"); !c.Missed {
				t.Errorf("record %+v", c)
			}
		})
	})
	t.Run("9 while speaking keeps the message and dials", func(t *testing.T) {
		play(t, scene{at: night}, func(h *house) {
			toMessage(h)
			h.call.Speaks(6 * time.Second)
			h.call.Presses("91")
			h.call.Rings("PJSIP/110@carrier").Answers()
			h.call.Passes(time.Second)
			h.call.HangsUp()
			h.outcome("emergency")
			if len(h.orders()) != 2 {
				t.Errorf("orders %+v", h.orders())
			}
		})
	})
}

// §10.8: query by number and code (ZZ-18.3).
func TestZZ_18_3_Query(t *testing.T) {
	intake := func(h *house, class dispatch.Type) dispatch.Order {
		o, err := h.office.Open(context.Background(), dispatch.Intake{
			Channel: dispatch.ByPhone, Type: class, Phone: citizen, Summary: "路灯不亮", Actor: "agent:8001"})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	enter := func(h *house, number, pin string) {
		h.call.Hears("query-number").Presses(number + "#")
		h.call.Hears("query-pin").Presses(pin)
	}
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
	t.Run("three wrong codes lock and lead to a person", func(t *testing.T) {
		play(t, scene{at: daytime}, func(h *house) {
			o := intake(h, dispatch.Consult)
			h.call.Hears("welcome-zz", "menu").Presses("8")
			for range 2 {
				enter(h, o.Digits, "0000")
				h.call.Hears("query-wrong")
			}
			enter(h, o.Digits, "0000")
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

// XZ-16: a unit's own phone, and what follows when it is not answered.
func TestXZ_16_TransferToAUnitAndBackToAnAgent(t *testing.T) {
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

func TestXZ_10_WaterRescue(t *testing.T) {
	play(t, scene{hotline: "xz", at: daytime}, func(h *house) {
		h.call.Hears("welcome-xz").Presses("9")
		h.call.Hears("emergency-menu-water").Presses("5")
		h.call.Rings("PJSIP/12395@carrier").Answers()
		h.call.HangsUp()
		h.outcome("emergency")
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

// narrator has put every text into sound.
type narrator struct{}

func (narrator) Recall(_, text string) (ivr.Speech, bool) {
	return ivr.Speech{Sounds: []string{text}, Length: 2 * time.Second, Text: text}, true
}
