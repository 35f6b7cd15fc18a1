package sms_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

func TestUnansweredSurveyIsNotSentAgainWhenItsReceiptComes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.DropAnswers = 1; k.ReceiptAfter = 2 * time.Minute })
		h.start()
		h.put("m", func(m *sms.Message) { m.Kind = sms.KindSurvey })
		h.pass(time.Minute)
		if m := h.text("m"); m.Status != sms.Queued || !m.MaybeTwice || m.Raw != "unknown" {
			t.Errorf("unanswered: %+v", m)
		}
		h.pass(3 * time.Minute)
		if m := h.text("m"); m.Status != sms.Delivered || len(m.CarrierIDs) != 1 {
			t.Errorf("with its receipt: %+v", m)
		}
		h.pass(time.Hour)
		h.wantSubmits(1)
		h.wantMoves("m sent", "m delivered")
	})
}

func TestUnansweredTextIsSentOnceMoreAndNoMore(t *testing.T) {
	for kind, wait := range map[sms.Kind]time.Duration{sms.KindSurvey: 10 * time.Minute, sms.KindDuty: time.Minute} {
		t.Run(string(kind), func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.smsc.Tune(func(k *smstest.Knobs) { k.DropAnswers = 2; k.ManualReceipt = true })
				h.start()
				h.put("m", func(m *sms.Message) { m.Kind = kind })
				h.pass(30 * time.Second) // the answer is late now
				h.pass(wait - time.Second)
				h.wantSubmits(1)
				h.pass(2 * time.Second)
				h.wantSubmits(2)
				h.pass(time.Hour)
				h.wantSubmits(2)
				if m := h.text("m"); m.Status != sms.Failed || !m.MaybeTwice {
					t.Errorf("in the end: %+v", m)
				}
				if got := h.gw.Stats().Unknown; got != 2 {
					t.Errorf("%d unknown outcomes counted", got)
				}
			})
		})
	}
}

func TestHalfALongTextIsNotRepeatedAtOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = time.Second; k.ManualReceipt = true })
		h.start()
		h.put("m", func(m *sms.Message) { m.Text = strings.Repeat("办结", 60) })
		h.pass(500 * time.Millisecond)
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0x0B })
		h.pass(time.Minute)
		h.wantSubmits(1)
		if m := h.text("m"); m.Status != sms.Queued || !m.MaybeTwice || m.Raw != "0x0B" {
			t.Errorf("with one segment of two taken: %+v", m)
		}
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0 })
		h.pass(10 * time.Minute)
		h.wantSubmits(3)
		if got := h.status("m"); got != sms.Sent {
			t.Errorf("after the second sending: %s", got)
		}
	})
}

func TestPolicyMayForbidASecondSending(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.cfg.Policy.Resend = map[sms.Kind]time.Duration{sms.KindSurvey: -20 * time.Minute}
		h.smsc.Tune(func(k *smstest.Knobs) { k.DropAnswers = 1; k.ManualReceipt = true })
		h.start()
		h.put("m", func(m *sms.Message) { m.Kind = sms.KindSurvey })
		h.pass(19 * time.Minute)
		if got := h.status("m"); got != sms.Queued {
			t.Errorf("while a receipt may come: %s", got)
		}
		h.pass(3 * time.Minute)
		if got := h.status("m"); got != sms.Failed {
			t.Errorf("then: %s", got)
		}
		h.wantSubmits(1)
	})
}

func TestTwoTextsInDoubtAreNotConfused(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.DropAnswers = 2; k.ReceiptAfter = time.Minute })
		h.start()
		h.put("one", nil)
		h.put("two", nil)
		h.pass(5 * time.Minute)
		if a, b := h.status("one"), h.status("two"); a != sms.Queued || b != sms.Queued {
			t.Errorf("a receipt was given to one of two: %s, %s", a, b)
		}
	})
}

func TestOutcomeIsWrittenWhenTheStoreIsBack(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.store.fail("advance", 20)
		h.put("m", nil)
		h.pass(3 * time.Hour) // much longer than the lease
		h.wantSubmits(1)
		if got := h.status("m"); got != sms.Delivered {
			t.Errorf("%s", got)
		}
	})
}

func TestReceiptThatCannotBeStoredStaysWithTheCarrier(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ReceiptAfter = time.Minute })
		h.start()
		h.put("m", nil)
		h.store.fail("advance", 1)
		h.pass(time.Minute + time.Second)
		if got := h.status("m"); got != sms.Sent {
			t.Errorf("with the store away: %s", got)
		}
		h.pass(2 * time.Minute)
		if got := h.status("m"); got != sms.Delivered {
			t.Errorf("when the carrier came again: %s", got)
		}
	})
}

func TestMovesAreToldAtLeastOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ReceiptAfter = time.Hour })
		h.start()
		h.tellFails = 2
		h.put("m", nil)
		h.wantMoves()
		h.pass(30 * time.Second)
		h.wantMoves("m sent")
		h.tellFails = 1000
		h.pass(time.Hour)
		h.wantMoves("m sent")
		h.tellFails = 0
		h.restart(h.link("a", h.smsc, nil)) // as after a crash: only the store remembers
		h.wantMoves("m sent", "m delivered")
		h.restart(h.link("a", h.smsc, nil))
		h.wantMoves("m sent", "m delivered")
	})
}

func TestEndingLetsTextsFinish(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = 5 * time.Second; k.ManualReceipt = true })
		h.start()
		for _, id := range ids(5) {
			h.put(id, nil)
		}
		h.stop()
		for _, id := range ids(5) {
			if got := h.status(id); got != sms.Sent {
				t.Errorf("%s: %s", id, got)
			}
		}
		h.wantSubmits(5)
	})
}

func TestEndingDoesNotWaitForEver(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = 25 * time.Second; k.ManualReceipt = true })
		h.start()
		h.put("m", nil)
		began := time.Now()
		h.stop()
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("took %s", took)
		}
		if m := h.text("m"); m.Status != sms.Queued || !m.MaybeTwice {
			t.Errorf("unanswered at the end: %+v", m)
		}
	})
}

func TestManyTextsGoOnceEach(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = 50 * time.Millisecond })
		h.start()
		const texts = 300
		for _, id := range ids(texts) {
			h.put(id, nil)
		}
		h.pass(time.Minute)
		h.wantSubmits(texts)
		if got := h.gw.Stats().Moved[sms.Delivered]; got != texts {
			t.Errorf("%d delivered", got)
		}
	})
}

func TestDispatchUrgentFirst(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.cfg.Policy.Workers = 1
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = time.Second })
		h.start()
		h.put("first", nil)
		for _, id := range ids(3) {
			h.put(id, func(m *sms.Message) { m.Priority = 5; m.Text = id })
		}
		h.put("alert", func(m *sms.Message) { m.Kind = sms.KindDuty; m.Text = "alert" })
		h.pass(time.Minute)
		synctest.Wait()
		if got := h.smsc.Texts()[1].Text; got != "【热线】alert" {
			t.Errorf("second on the wire was %q", got)
		}
	})
}

// A receipt for one segment says nothing of those that were not sent after it.
func TestReceiptOfOneSegmentDoesNotSettleALongText(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.DropAnswers = 1 })
		h.start()
		h.put("m", func(m *sms.Message) { m.Text = strings.Repeat("办结", 60) })
		h.pass(time.Hour)
		h.wantSubmits(3)
		if m := h.text("m"); m.Status != sms.Delivered || len(m.CarrierIDs) != 2 || !m.MaybeTwice {
			t.Errorf("%+v", m)
		}
	})
}
