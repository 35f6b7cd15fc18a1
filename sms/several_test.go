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

// Claim may take long: the process was stopped in between.
func (s *faultyStore) Claim(ctx context.Context, w sms.Want) ([]sms.Message, error) {
	s.mu.Lock()
	pause := s.pause
	s.mu.Unlock()
	if pause > 0 { // under -race, Go 1.26 has crashed on a bubble's timer that is over at once
		defer func() { <-time.After(pause) }()
	}
	return s.MemoryStore.Claim(ctx, w)
}

func (s *faultyStore) stopFor(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = d
}

// second is another process on the same store and the same carrier.
func (h *house) second(store smstest.Store) {
	h.t.Helper()
	cfg := h.cfg
	cfg.Outbox, cfg.Inbox, cfg.Transports = store, store, []sms.Transport{h.link("a", h.smsc, nil)}
	gw, err := sms.NewGateway(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); _ = gw.Run(ctx) }()
	first := h.stop
	h.stop = func() { cancel(); <-ended; first() }
	synctest.Wait()
}

func TestSeveralProcessesSendEachTextOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = 50 * time.Millisecond })
		h.cfg.Policy.Poll = time.Second
		h.start()
		h.second(h.store)
		const texts = 200
		for _, id := range ids(texts) {
			h.put(id, nil)
		}
		h.pass(time.Minute)
		h.wantSubmits(texts)
		for _, id := range ids(texts) {
			if m := h.text(id); m.Status != sms.Delivered || m.MaybeTwice {
				t.Errorf("%s: %+v", id, m)
			}
		}
	})
}

// A process dies with a text in hand. Another sends it, marked, when it is sure that
// nothing more will be heard of it.
func TestAnotherSendsWhatADeadProcessClaimed(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.put("m", nil)
		if got, err := h.store.MemoryStore.Claim(t.Context(), sms.Want{Now: time.Now(), Limit: 9, Lease: 2 * time.Minute}); err != nil || len(got) != 1 {
			t.Fatalf("claimed %v, %v", got, err)
		}
		h.start()
		h.pass(11 * time.Minute)
		h.wantSubmits(0)
		if m := h.text("m"); m.Status != sms.Queued || !m.MaybeTwice {
			t.Errorf("before it goes again: %+v", m)
		}
		h.pass(3 * time.Minute)
		h.wantSubmits(1)
		if m := h.text("m"); m.Status != sms.Delivered || !m.MaybeTwice {
			t.Errorf("after: %+v", m)
		}
	})
}

// A process dies after the carrier took a text and before it noted that. The receipt
// tells the other one, and the text does not go again.
func TestReceiptOfADeadProcessesText(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ManualReceipt = true })
		h.store.fail("advance", 1000)
		h.start()
		h.put("m", nil)
		h.stop()
		h.store.fail("advance", 0)
		h.wantSubmits(1)
		h.restart(h.link("a", h.smsc, nil))
		h.pass(3 * time.Minute)
		if err := h.smsc.SendReceipt(h.smsc.Submits()[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		h.pass(20 * time.Minute)
		h.wantSubmits(1)
		if m := h.text("m"); m.Status != sms.Delivered || !m.MaybeTwice {
			t.Errorf("%+v", m)
		}
	})
}

// A process is stopped with a text in hand, another takes it, and the first wakes up.
func TestStoppedProcessSendsNothingLate(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.put("m", func(m *sms.Message) { m.Kind = sms.KindDuty })
		h.store.stopFor(20 * time.Minute)
		h.start()
		h.second(h.store.MemoryStore)
		h.pass(10 * time.Minute) // the lease, then the doubt
		h.wantSubmits(1)
		h.store.stopFor(0)
		h.pass(15 * time.Minute)
		h.wantSubmits(1)
	})
}

// The receipt of a text whose answer never came is brought to another process.
func TestReceiptOfAnUnansweredTextElsewhere(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.DropAnswers, k.ManualReceipt = 1, true })
		h.start()
		h.put("m", nil)
		h.pass(time.Minute)
		h.restart(h.link("a", h.smsc, nil))
		if err := h.smsc.SendReceipt(h.smsc.Submits()[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		h.pass(20 * time.Minute)
		h.wantSubmits(1)
		if m := h.text("m"); m.Status != sms.Delivered || !m.MaybeTwice {
			t.Errorf("%+v", m)
		}
	})
}

// Two segments of one text are confirmed to two controllers, the second after the first
// controller has died.
func TestSegmentsConfirmedToSeveralProcessesDeliverTheTextZQ_15_2(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ManualReceipt = true })
		h.start()
		h.put("m", func(m *sms.Message) { m.Text = strings.Repeat("办结", 60) })
		receipts := func(n int) sms.Receipt {
			return sms.Receipt{Link: "a", CarrierID: h.text("m").CarrierIDs[n], Status: sms.Delivered, DoneAt: time.Now()}
		}
		for range 2 { // the carrier repeats itself
			if err := h.gw.Receipt(t.Context(), receipts(1)); err != nil {
				t.Fatal(err)
			}
		}
		latest := time.Now()
		if got := h.status("m"); got != sms.Sent {
			t.Errorf("after one of two: %s", got)
		}
		h.restart(h.link("a", h.smsc, nil))
		first := receipts(0)
		first.DoneAt = latest.Add(-time.Second)
		if err := h.gw.Receipt(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if m := h.text("m"); m.Status != sms.Delivered || !m.DoneAt.Equal(latest) {
			t.Errorf("after both: %s at %s, want delivered at %s", m.Status, m.DoneAt, latest)
		}
		if left, err := h.store.Kept(t.Context(), "m", 9); err != nil || len(left) > 0 {
			t.Errorf("kept of a text that is done: %+v, %v", left, err)
		}
	})
}

// A controller that dies after it has acknowledged a receipt without a text leaves it to
// the others.
func TestParkedReceiptOutlivesItsProcessZQ_15_2(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.ManualReceipt = true })
		h.start()
		r := sms.Receipt{Link: "a", CarrierID: "4711", Status: sms.Undelivered, Raw: "UNDELIV", DoneAt: time.Now()}
		if err := h.gw.Receipt(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		h.stop()
		now := time.Now() // another process had sent it, and notes so only now
		m := sms.Message{ID: "m", Key: "m", Kind: sms.KindNotice, To: "13800000001", Text: "您好", NotBefore: now, CreatedAt: now}
		if err := h.store.PutText(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		sent := sms.Change{ID: "m", Status: sms.Sent, At: now, Link: "a", CarrierIDs: []string{"4711"}, Segments: 1}
		if _, _, err := h.store.Advance(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		h.restart(h.link("a", h.smsc, nil))
		h.pass(2 * time.Minute)
		if m := h.text("m"); m.Status != sms.Undelivered || m.Raw != "UNDELIV" {
			t.Errorf("its receipt was lost: %s %s", m.Status, m.Raw)
		}
		if left, err := h.store.Kept(t.Context(), "", 9); err != nil || len(left) > 0 {
			t.Errorf("kept after its text was found: %+v, %v", left, err)
		}
	})
}

// A receipt that cannot be kept is the carrier's still.
func TestReceiptThatCannotBeKeptIsNotAcknowledgedZQ_15_2(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.start()
		h.store.fail("keep", 1)
		r := sms.Receipt{Link: "a", CarrierID: "4711", Status: sms.Delivered}
		if err := h.gw.Receipt(t.Context(), r); err == nil || h.gw.Stats().Refused != 1 {
			t.Errorf("taken: %v, %+v", err, h.gw.Stats())
		}
		if err := h.gw.Receipt(t.Context(), r); err != nil || h.gw.Stats().Parked != 1 {
			t.Errorf("brought again: %v, %+v", err, h.gw.Stats())
		}
	})
}
