package ivr_test

import (
	"context"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

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
func TestZZ_20_2_ZZ_20_3_NightCallLeavesAnUrgentMessageAndTheLeaderConfirms(t *testing.T) {
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

// toMessage leads a caller at night to the beep.
func toMessage(h *house) {
	h.call.Hears("welcome-zz", "menu").Presses("0")
	h.call.Rings("").IsBusy()
	h.call.Rings("").IsBusy()
	h.call.Hears("voicemail-intro")
	h.call.Records()
}

// §10.5: how a message ends, and what is none.
func TestZZ_20_2_Messages(t *testing.T) {
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
}

func TestZZ_20_2_MessagesInterrupted(t *testing.T) {
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

// ZZ-20.2, the other reading: a hotline without a duty phone records at once.
func TestZZ_20_2_VoicemailOnly(t *testing.T) {
	play(t, scene{at: night, change: func(c *ivr.Config) { c.Profile.Duty.Officer = false }}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Hears("voicemail-intro")
		h.call.Records()
		h.call.Speaks(3 * time.Second)
		h.call.HangsUp()
		h.outcome("voicemail")
	})
}
