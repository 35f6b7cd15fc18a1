package sms_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

func TestTextIsSentOnceAndDeliveredZZ_18_4(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		began := time.Now()
		h.put("m", func(m *sms.Message) { m.Ext = "07"; m.Kind = sms.KindResult })
		h.wantMoves("m sent", "m delivered")
		h.wantSubmits(1)
		if took := time.Since(began); took != 0 {
			t.Errorf("took %s; Wake must not wait for the poll", took)
		}
		got := h.smsc.Texts()[0]
		if got.Text != "【热线】您好" || got.From != "106901234507" {
			t.Errorf("carrier has %q from %s", got.Text, got.From)
		}
		m := h.text("m")
		if m.Status != sms.Delivered || m.Link != "a" || m.Segments != 1 || m.DoneAt.Sub(began) > time.Minute {
			t.Errorf("message is %+v", m)
		}
	})
}

func TestLongTextIsDeliveredWithItsLastSegment(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ManualReceipt = true })
		h.start()
		h.put("m", func(m *sms.Message) { m.Text = strings.Repeat("办结", 60) })
		submits := h.smsc.Submits()
		if len(submits) != 2 {
			t.Fatalf("%d submits, want 2", len(submits))
		}
		for i, want := range []sms.Status{sms.Sent, sms.Delivered} {
			if i == 1 {
				h.pass(10 * time.Minute)
			}
			for range 2 { // repetitions count once
				if err := h.smsc.SendReceipt(submits[i].ID, ""); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			if got := h.status("m"); got != want {
				t.Errorf("after receipt %d: %s, want %s", i+1, got, want)
			}
		}
		if m := h.text("m"); m.DoneAt.Sub(m.SentAt) < 10*time.Minute {
			t.Errorf("delivered %s after it was sent, want the last segment's time", m.DoneAt.Sub(m.SentAt))
		}
		h.wantMoves("m sent", "m delivered")
	})
}

func TestReceiptsFindTheirText(t *testing.T) {
	for name, c := range map[string]struct {
		tune func(*smstest.Knobs)
		link func(*smpp.Config)
		want sms.Status
	}{
		"before the answer":      {tune: func(k *smstest.Knobs) { k.ReceiptFirst = true }, want: sms.Delivered},
		"by their text alone":    {tune: func(k *smstest.Knobs) { k.PlainReceipts = true }, want: sms.Delivered},
		"an hour later":          {tune: func(k *smstest.Knobs) { k.ReceiptAfter = time.Hour }, want: sms.Delivered},
		"twice":                  {tune: func(k *smstest.Knobs) { k.Twice = true }, want: sms.Delivered},
		"undeliverable":          {tune: func(k *smstest.Knobs) { k.ReceiptState = "UNDELIV" }, want: sms.Undelivered},
		"expired at the carrier": {tune: func(k *smstest.Knobs) { k.ReceiptState = "EXPIRED" }, want: sms.Undelivered},
		"still trying":           {tune: func(k *smstest.Knobs) { k.ReceiptState = "ACCEPTD" }, want: sms.Sent},
		"the carrier knows not":  {tune: func(k *smstest.Knobs) { k.ReceiptState = "UNKNOWN" }, want: sms.Sent},
		"a code of the network":  {tune: func(k *smstest.Knobs) { k.ReceiptState = "MB:1041" }, want: sms.Undelivered},
		"in hexadecimal": {
			tune: func(k *smstest.Knobs) { k.HexReceipts = true },
			link: func(c *smpp.Config) { c.SubmitIDs, c.ReceiptIDs = smpp.Decimal, smpp.Hex },
			want: sms.Delivered,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.smsc.Tune(c.tune)
				h.links = []sms.Transport{h.link("a", h.smsc, c.link)}
				h.start()
				h.put("m", nil)
				h.pass(2 * time.Hour)
				if got := h.status("m"); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				h.wantSubmits(1)
			})
		})
	}
}

func TestReceiptsOnlyMoveForward(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.put("m", nil)
		done := h.text("m").DoneAt
		h.pass(time.Hour)
		for _, state := range []string{"UNDELIV", "DELIVRD", "ACCEPTD", "EXPIRED"} {
			if err := h.smsc.SendReceipt(h.smsc.Submits()[0].ID, state); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if m := h.text("m"); m.Status != sms.Delivered || !m.DoneAt.Equal(done) {
			t.Errorf("now %s at %s, was delivered at %s", m.Status, m.DoneAt, done)
		}
		h.wantMoves("m sent", "m delivered")
	})
}

func TestReceiptWithoutATextIsParkedAndDropped(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		err := h.gw.Receipt(t.Context(), sms.Receipt{Link: "a", CarrierID: "999", Status: sms.Delivered})
		if err != nil || h.gw.Stats().Parked != 1 {
			t.Errorf("parked %d, %v", h.gw.Stats().Parked, err)
		}
		h.pass(14 * time.Minute)
		if got := h.gw.Stats(); got.Parked != 1 || got.Unclaimed != 0 {
			t.Errorf("after 14 minutes: %+v", got)
		}
		h.pass(2 * time.Minute)
		if got := h.gw.Stats(); got.Parked != 0 || got.Unclaimed != 1 {
			t.Errorf("after 16 minutes: %+v", got)
		}
	})
}

// A receipt that overtakes the answer is the carrier's until the text is known: a process
// that dies meanwhile has not said that it has it.
func TestReceiptThatOvertakesItsAnswerIsAcknowledgedAfterIt(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ReceiptFirst, k.Latency = true, 3*time.Second })
		h.start()
		h.put("m", nil)
		acknowledged := func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			return h.smsc.WaitDelivered(ctx, 1) == nil
		}
		h.pass(time.Second)
		if got := h.gw.Stats(); got.Receipts != 1 || got.Parked != 0 || acknowledged() {
			t.Errorf("before the answer: %d receipts, %d parked, acknowledged: %v", got.Receipts, got.Parked, acknowledged())
		}
		h.pass(3 * time.Second)
		if got := h.status("m"); got != sms.Delivered || !acknowledged() {
			t.Errorf("after it: %s, acknowledged: %v", got, acknowledged())
		}
		// An answer that does not come is not waited for.
		h.smsc.Tune(func(k *smstest.Knobs) { k.ReceiptFirst, k.DropAnswers = false, 1 })
		h.put("n", nil)
		h.pass(10 * time.Second)
		if got := h.gw.Stats(); got.Parked != 1 {
			t.Errorf("without an answer %d receipts are parked, want 1", got.Parked)
		}
	})
}

func TestRefusals(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.smsc.Tune(func(k *smstest.Knobs) { k.Throttle = 3 })
		h.put("slow", nil)
		h.pass(time.Minute)
		if m := h.text("slow"); m.Status != sms.Delivered || m.Attempts != 3 {
			t.Errorf("throttled three times: %+v", m)
		}
		h.wantSubmits(1)
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0x0B })
		h.put("bad", nil)
		if m := h.text("bad"); m.Status != sms.Failed || m.Raw != "0x0B" {
			t.Errorf("refused for good: %+v", m)
		}
		h.put("long", func(m *sms.Message) { m.Text = strings.Repeat("长", 1<<20) })
		if m := h.text("long"); m.Status != sms.Failed {
			t.Errorf("3 MB: %s", m.Status)
		}
		h.put("nowhere", func(m *sms.Message) { m.To = "anonymous" })
		if m := h.text("nowhere"); m.Status != sms.Failed {
			t.Errorf("to nobody: %s", m.Status)
		}
		h.wantMoves("slow sent", "slow delivered", "bad failed", "long failed", "nowhere failed")
	})
}

func TestRefusedForNowIsTriedUntilItsTimeIsOver(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0x14 })
		h.start()
		h.put("short", func(m *sms.Message) { m.ValidUntil = time.Now().Add(time.Hour) })
		h.put("open", nil)
		h.pass(50 * time.Minute)
		if s, o := h.status("short"), h.status("open"); s != sms.Queued || o != sms.Queued {
			t.Errorf("after 50 minutes: %s, %s", s, o)
		}
		h.pass(20 * time.Minute)
		if got := h.status("short"); got != sms.Expired {
			t.Errorf("after its validity: %s", got)
		}
		h.pass(73 * time.Hour)
		if got := h.status("open"); got != sms.Failed {
			t.Errorf("after three days: %s", got)
		}
		h.wantSubmits(0)
		h.wantMoves("short expired", "open failed")
	})
}

func TestNoLinkKeepsTextsAndExpiresThem(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Silent = true })
		h.start()
		h.put("short", func(m *sms.Message) { m.ValidUntil = time.Now().Add(time.Hour) })
		h.put("patient", nil)
		h.pass(2 * time.Hour)
		if got := h.status("short"); got != sms.Expired {
			t.Errorf("short: %s", got)
		}
		if m := h.text("patient"); m.Status != sms.Queued || m.Attempts != 0 {
			t.Errorf("patient: %+v", m)
		}
		h.smsc.Tune(func(k *smstest.Knobs) { k.Silent = false })
		h.pass(2 * time.Minute)
		if got := h.status("patient"); got != sms.Delivered {
			t.Errorf("patient, with the link back: %s", got)
		}
		h.wantSubmits(1)
	})
}

func TestAnotherLinkTakesOver(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		second := smstest.NewSMSC(smstest.Options{})
		defer func() { _ = second.Close() }()
		h.links = append(h.links, h.link("b", second, nil))
		h.start()
		h.put("first", nil)
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0x14 })
		h.put("refused", nil)
		h.smsc.Tune(func(k *smstest.Knobs) { k.Silent = true })
		h.smsc.Disconnect()
		h.put("down", nil)
		for id, link := range map[string]string{"first": "a", "refused": "b", "down": "b"} {
			if m := h.text(id); m.Status != sms.Delivered || m.Link != link {
				t.Errorf("%s: %s by %s, want %s", id, m.Status, m.Link, link)
			}
		}
		if a, b := len(h.smsc.Submits()), len(second.Submits()); a != 1 || b != 2 {
			t.Errorf("%d and %d submits", a, b)
		}
	})
}
