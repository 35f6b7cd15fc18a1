package sms_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

func TestIncomingTextIsKeptOnceZZ_9_1(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Twice = true })
		h.start()
		h.reply("路灯不亮")
		h.pass(5 * time.Minute)
		h.wantSeen("13800000001 07 路灯不亮")
		if got := h.gw.Stats(); got.Received != 1 || got.Repeated != 1 || got.Backlog != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestRepetitionAfterARestartIsKeptOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.reply("路灯不亮")
		h.restart(h.link("a", h.smsc, nil))
		h.pass(time.Minute)
		h.reply("路灯不亮") // as a carrier does that missed our word
		h.wantSeen("13800000001 07 路灯不亮")
	})
}

func TestTheSameWordsLaterAreNew(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.reply("1")
		h.pass(3 * time.Minute)
		h.reply("1")
		h.wantSeen("13800000001 07 1")
		h.put("m", func(m *sms.Message) { m.Kind = sms.KindSurvey })
		h.reply("1") // the answer to another question
		h.wantSeen("13800000001 07 1", "13800000001 07 1")
		h.pass(11 * time.Minute)
		h.reply("1")
		h.wantSeen("13800000001 07 1", "13800000001 07 1", "13800000001 07 1")
	})
}

func TestIncomingTextIsStoredBeforeTheCarrierHears(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.store.fail("receive", 1)
		began := time.Now()
		h.reply("1")
		if took := time.Since(began); took < time.Minute {
			t.Errorf("acknowledged after %s, before it was stored", took)
		}
		h.wantSeen("13800000001 07 1")
	})
}

func TestLongIncomingTextIsJoined(t *testing.T) {
	text := strings.Repeat("路灯不亮😀", 40)
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.reply(text)
		h.wantSeen("13800000001 07 " + text)
		for _, in := range h.store.Inbound() {
			if in.HandledAs == "" {
				t.Errorf("left unhandled: %s", in.Key)
			}
		}
		if got := h.gw.Stats(); got.Joined != 1 || got.Backlog != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// deliverParts sends some segments of a text.
func (h *house) deliverParts(text string, ref byte, which ...int) {
	h.t.Helper()
	all, err := sms.Split(text, ref)
	if err != nil {
		h.t.Fatal(err)
	}
	var some []sms.Segment
	for _, i := range which {
		some = append(some, all[i])
	}
	if err := h.smsc.DeliverSegments(h.t.Context(), "13800000001", "106901234507", some); err != nil {
		h.t.Errorf("DeliverSegments: %v", err)
	}
	synctest.Wait()
}

func TestPartsSurviveACrashAndComeInAnyOrder(t *testing.T) {
	text := strings.Repeat("井盖丢失", 40)
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.deliverParts(text, 3, 2, 0)
		h.wantSeen()
		h.restart(h.link("a", h.smsc, nil))
		h.wantSeen()
		h.deliverParts(text, 3, 1)
		h.wantSeen("13800000001 07 " + text)
	})
}

func TestPartsWithTheSameReferenceAreNotMixed(t *testing.T) {
	a, b := strings.Repeat("甲", 100), strings.Repeat("乙", 100)
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.deliverParts(a, 3, 0)
		h.deliverParts(b, 3, 0)
		h.deliverParts(a, 3, 1)
		h.deliverParts(b, 3, 1)
		h.wantSeen("13800000001 07 "+a, "13800000001 07 "+b)
	})
}

func TestMissingPartIsNamedAfterFiveMinutes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.deliverParts(strings.Repeat("甲", 67)+strings.Repeat("乙", 67)+"丙", 3, 0, 2)
		h.pass(4 * time.Minute)
		h.wantSeen()
		h.pass(2 * time.Minute)
		h.wantSeen("13800000001 07 " + strings.Repeat("甲", 67) + "丙(长短信共3段,缺第2段)")
		if got := h.gw.Stats().Incomplete; got != 1 {
			t.Errorf("%d incomplete counted", got)
		}
	})
}

func TestFailedHandlingKeepsAPhonesOrder(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.takeFails["first"] = 3
		h.start()
		h.reply("first")
		h.reply("second")
		if err := h.smsc.Deliver(t.Context(), "13900000002", "1069012345", "other"); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		h.wantSeen("13900000002  other")
		h.pass(2 * time.Minute)
		h.wantSeen("13900000002  other", "13800000001 07 first", "13800000001 07 second")
	})
}

func TestUnhandledTextsAreHandledAfterARestart(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.takeFails["one"], h.takeFails["two"] = 1000, 1000
		h.start()
		h.reply("one")
		h.reply("two")
		h.stop()
		h.takeFails = map[string]int{}
		h.restart(h.link("a", h.smsc, nil))
		h.wantSeen("13800000001 07 one", "13800000001 07 two")
	})
}

func TestBacklogLongerThanABatchIsHandled(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		now := time.Now()
		for _, id := range ids(1000) {
			in := sms.Inbound{ID: id, Key: id, Link: "a", From: "13800000001", Text: id, EventAt: now, ReceivedAt: now}
			if _, err := h.store.Receive(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		h.start()
		if got := len(h.seen); got != 1000 {
			t.Errorf("%d handled at once, want 1000", got)
		}
	})
}

func TestEventTimeIsTheCarriersIfPlausible(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		now := time.Now().UTC()
		for i, c := range []struct{ sent, want time.Duration }{
			{-time.Hour, -time.Hour}, {time.Minute, time.Minute}, {3 * time.Minute, 0}, {-73 * time.Hour, 0},
		} {
			p := sms.Part{Link: "a", ID: ids(9)[i], From: "13800000001", To: "1", Text: "1", SentAt: now.Add(c.sent), At: now}
			if err := h.gw.Arrived(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if got := h.store.Inbound()[i].EventAt; !got.Equal(now.Add(c.want)) {
				t.Errorf("sent %s: event at %s, want %s", c.sent, got.Sub(now), c.want)
			}
		}
	})
}

func TestInboundUpToZQ_15_2(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		if got := h.gw.InboundUpTo(); !got.IsZero() {
			t.Errorf("at the start: %s", got)
		}
		h.pass(3 * time.Minute)
		if lag := time.Since(h.gw.InboundUpTo()); lag > time.Minute {
			t.Errorf("on a quiet line it lags %s", lag)
		}

		h.smsc.Tune(func(k *smstest.Knobs) { k.Silent = true })
		cut := time.Now()
		go func() { // a citizen answers while the line is down
			_ = h.smsc.Deliver(context.WithoutCancel(t.Context()), "13800000001", "106901234507", "1")
		}()
		h.pass(3 * time.Hour)
		if got := h.gw.InboundUpTo(); got.After(cut) {
			t.Errorf("with the line down it moved on by %s", got.Sub(cut))
		}
		h.takeFails["1"] = 4
		h.smsc.Tune(func(k *smstest.Knobs) { k.Silent = false })
		h.smsc.Disconnect()
		for range 40 {
			h.pass(10 * time.Second)
			if len(h.seen) == 0 && h.gw.InboundUpTo().After(cut.Add(3*time.Hour)) {
				t.Fatalf("moved on before the answer from the outage was handled")
			}
		}
		h.wantSeen("13800000001 07 1")
		if lag := time.Since(h.gw.InboundUpTo()); lag > time.Minute {
			t.Errorf("afterwards it lags %s", lag)
		}
	})
}

// A clock that is set back by days does not keep windows open for as long.
func TestClockSetBackMovesInboundUpTo(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.pass(time.Second) // the link is up, and not yet for long
		h.clock.shift.Store(int64(-96 * time.Hour))
		h.pass(3 * time.Minute)
		if lag := h.clock.Now().Sub(h.gw.InboundUpTo()); lag < 0 || lag > time.Minute {
			t.Errorf("it lags %s", lag)
		}
	})
}

func TestRefusedTextHoldsInboundUpToBack(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.pass(3 * time.Minute)
		h.store.fail("receive", 1)
		sent := time.Now()
		h.smsc.Tune(func(k *smstest.Knobs) { k.RetryAfter = time.Minute })
		go func() { _ = h.smsc.Deliver(context.WithoutCancel(t.Context()), "13800000001", "1069012345", "1") }()
		h.pass(50 * time.Second)
		if got := h.gw.InboundUpTo(); got.After(sent) {
			t.Errorf("moved on by %s while the carrier holds a text", got.Sub(sent))
		}
		h.pass(5 * time.Minute)
		if lag := time.Since(h.gw.InboundUpTo()); lag > time.Minute {
			t.Errorf("afterwards it lags %s", lag)
		}
	})
}

func TestTextsOfAFormerProcessHoldInboundUpToBack(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.takeFails["1"] = 1000
		h.pass(3 * time.Minute)
		sent := time.Now()
		h.reply("1")
		h.restart(h.link("a", h.smsc, nil))
		h.pass(time.Hour)
		if got := h.gw.InboundUpTo(); got.After(sent) {
			t.Errorf("moved on by %s while a text from before the restart waits", got.Sub(sent))
		}
	})
}

func TestTextHandledElsewhereLeavesTheBacklog(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.takeFails["1"] = 1000
		h.start()
		h.reply("1")
		if err := h.store.Handled(t.Context(), h.store.Inbound()[0].ID, "survey"); err != nil {
			t.Fatal(err)
		}
		h.pass(2 * time.Minute)
		if got := h.gw.Stats().Backlog; got != 0 {
			t.Errorf("%d in the backlog", got)
		}
	})
}
