package sms_test

import (
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

// TestQuietHoursHoldForWhatWasHeldUp: a question that could not leave in the evening,
// because no link was up, does not wake its receiver at three in the morning.
func TestQuietHoursHoldForWhatWasHeldUp(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		evening := time.Now()
		morning := evening.Add(10 * time.Hour)
		h.cfg.When = func(k sms.Kind, at time.Time) time.Time {
			if k == sms.KindSurvey && at.After(evening.Add(time.Minute)) && at.Before(morning) {
				return morning
			}
			return at
		}
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0x14 })
		h.start()
		h.put("question", func(m *sms.Message) { m.Kind = sms.KindSurvey })
		h.put("alert", func(m *sms.Message) { m.Kind = sms.KindDuty })
		h.pass(5 * time.Minute)
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0 })
		h.pass(time.Hour)
		h.wantMoves("alert sent", "alert delivered")
		h.pass(time.Until(morning) - time.Second)
		h.wantSubmits(1)
		h.pass(2 * time.Minute)
		h.wantMoves("alert sent", "alert delivered", "question sent", "question delivered")
	})
}

// TestWhatAnotherProcessLeftUntold: it moved a text and died before it told; those that
// go on tell it, without being started again.
func TestWhatAnotherProcessLeftUntold(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.put("m", func(m *sms.Message) { m.NotBefore = time.Now().Add(time.Hour) })
		for _, to := range []sms.Status{sms.Sent, sms.Delivered} {
			if _, moved, err := h.store.Advance(t.Context(), sms.Change{ID: "m", Status: to, At: time.Now(), Link: "b"}); err != nil || !moved {
				t.Fatalf("to %s: %v, %v", to, moved, err)
			}
		}
		h.pass(2 * time.Minute)
		h.wantMoves("m delivered")
	})
}

// TestRepetitionIsKnownByTheStore: the ten minutes of the clock change between the two,
// and the process that comes after does not know that the phone was asked something.
func TestRepetitionIsKnownByTheStore(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.put("m", func(m *sms.Message) { m.Kind = sms.KindSurvey })
		h.pass(9*time.Minute + 30*time.Second)
		h.reply("路灯不亮")
		h.restart(h.link("a", h.smsc, nil))
		h.pass(time.Minute)
		h.reply("路灯不亮")
		h.wantSeen("13800000001 07 路灯不亮")
		h.pass(11 * time.Minute)
		h.reply("路灯不亮") // by now the citizen means it
		h.wantSeen("13800000001 07 路灯不亮", "13800000001 07 路灯不亮")
	})
}
