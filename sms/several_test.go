package sms_test

import (
	"context"
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
