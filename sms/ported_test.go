package sms_test

import (
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

// A carrier takes a text and says afterwards that the number is another's: it goes once by
// another link, and what was learnt wins over the prefix from then on.
func TestPortedNumberGoesByAnotherLinkOnce(t *testing.T) {
	for name, state := range map[string]string{"as a number": "MB:1047", "in words": "NP_OUT"} {
		t.Run(name, func(t *testing.T) {
			inTown(t, []string{"mobile", "unicom"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
				h.cfg.Routes = map[string]sms.Route{"mobile": {Prefixes: []string{"138"}}, "unicom": {Order: 1}}
				at["mobile"].Tune(func(k *smstest.Knobs) { k.ReceiptState = state; k.Twice = true })
				h.start()
				h.put("first", nil)
				h.pass(time.Minute)
				h.wantLink("first", "unicom", sms.Delivered)
				if a, b := len(at["mobile"].Submits()), len(at["unicom"].Submits()); a != 1 || b != 1 {
					t.Errorf("%d and %d submits", a, b)
				}
				h.put("next", nil)
				h.wantLink("next", "unicom", sms.Delivered)
				if n := len(at["mobile"].Submits()); n != 1 {
					t.Errorf("%d submits to the carrier that it left", n)
				}
				if got := h.gw.Stats().Learnt; got == 0 {
					t.Error("nothing learnt")
				}
			})
		})
	}
}

func TestPortedEverywhereIsUndelivered(t *testing.T) {
	inTown(t, []string{"a", "b"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
		for _, c := range at {
			c.Tune(func(k *smstest.Knobs) { k.ReceiptState = "MB:1048" })
		}
		h.start()
		h.put("m", nil)
		h.pass(time.Hour)
		h.wantLink("m", "b", sms.Undelivered)
		if a, b := len(at["a"].Submits()), len(at["b"].Submits()); a != 1 || b != 1 {
			t.Errorf("%d and %d submits", a, b)
		}
		h.wantMoves("m sent", "m sent", "m undelivered")
	})
}

// A text whose carrier says that the number is another's before we let go of its first try is
// claimed at once for the next and goes, not when that claim has run out.
func TestPortedWhileInHand(t *testing.T) {
	inTown(t, []string{"mobile", "unicom"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
		h.cfg.Routes = map[string]sms.Route{"mobile": {Prefixes: []string{"138"}}, "unicom": {Order: 1}}
		at["mobile"].Tune(func(k *smstest.Knobs) { k.Ported, k.ReceiptFirst, k.Latency = true, true, 6*time.Second })
		h.store.dropping = time.Second
		h.start()
		h.put("m", nil)
		h.pass(30 * time.Second)
		h.wantLink("m", "unicom", sms.Delivered)
		if m := h.text("m"); m.MaybeTwice {
			t.Error("it is said that it may have gone twice")
		}
	})
}

func TestOneLinkCannotGoElsewhere(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ReceiptState = "MB:1049" })
		h.start()
		h.put("m", nil)
		h.wantLink("m", "a", sms.Undelivered)
		h.wantSubmits(1)
	})
}

// Whoever texts us by another carrier's link than the prefix says took the number there.
func TestInboundTextTellsWhereANumberWent(t *testing.T) {
	inTown(t, []string{"mobile", "unicom"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
		h.cfg.Routes = map[string]sms.Route{"mobile": {Prefixes: []string{"138"}}, "unicom": {Prefixes: []string{"130"}}}
		h.start()
		deliver := func(c, text string) {
			if err := at[c].Deliver(t.Context(), "13800000001", "1069012345", text); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		deliver("mobile", "您好")
		h.put("at home", nil)
		h.wantLink("at home", "mobile", sms.Delivered)
		deliver("unicom", "换了号")
		h.put("away", nil)
		h.wantLink("away", "unicom", sms.Delivered)
		deliver("mobile", "回来了")
		h.put("home again", nil)
		h.wantLink("home again", "mobile", sms.Delivered)
	})
}

// A gateway that does not serve the number that is charged refuses the text: the next link is
// asked at once. It has said nothing of the receiver, so that nothing is learnt.
func TestChargedNumberThatAGatewayDoesNotServe(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.links = nil
		g := h.overCMPP(func(k *smstest.Knobs) { k.Refuse = 9 })
		defer func() { h.stop(); _ = g.Close() }()
		h.links = append(h.links, h.link("a", h.smsc, nil))
		h.start()
		h.put("first", nil)
		h.wantLink("first", "a", sms.Delivered)
		g.Tune(func(k *smstest.Knobs) { k.Refuse = 0 })
		h.put("next", nil)
		h.wantLink("next", "c", sms.Delivered)
		if got := h.gw.Stats().Learnt; got != 0 {
			t.Errorf("%d things learnt of the phone", got)
		}
	})
}

// A text that its carrier disowns goes back to the queue once, however many of its
// segments say so.
func TestATextGoesBackToTheQueueOnce(t *testing.T) {
	for _, c := range []struct {
		text sms.Message
		back bool
	}{
		{sms.Message{Status: sms.Sent}, true},
		{sms.Message{Status: sms.Queued, Avoid: "a"}, false}, // by another segment's receipt
		{sms.Message{Status: sms.Queued}, false},
		{sms.Message{Status: sms.Sent, Avoid: "a"}, false},
		{sms.Message{Status: sms.Delivered}, false},
	} {
		if got := c.text.Takes(sms.Change{Status: sms.Queued, Avoid: "a"}); got != c.back {
			t.Errorf("%+v: %v", c.text, got)
		}
	}
	if !(sms.Message{Status: sms.Queued, Avoid: "a"}).Takes(sms.Change{Status: sms.Queued}) {
		t.Error("what goes by another link is not tried again")
	}
}
