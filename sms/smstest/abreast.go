package smstest

import (
	"testing"

	"hotline/sms"
)

// TestReceiptsAbreast is what a transport must keep whose carrier sends receipts without
// waiting for our word on each: they are stored side by side, so that a store can take them
// together, and a text after all that came before it. open is as for [TestTransport].
func TestReceiptsAbreast(t *testing.T, open func(t *testing.T, clock sms.Clock) Rig) {
	t.Helper()
	r := start(t, open(t, WallClock{}))
	const together = 4
	r.Tune(func(k *Knobs) { k.Deliveries = together })
	r.Abreast(together)
	for range together {
		r.send(t, "1", "")
	}
	if got, err := r.Sink.Receipts(soon(t), together); err != nil {
		t.Errorf("%d receipts of %d came at the same time: %v", len(got), together, err)
	}
	if err := r.Deliver(soon(t), citizen, r.texts(t, 1)[0].From, "2"); err != nil {
		t.Errorf("a text after them: %v", err)
	}
}
