package sms_test

import (
	"fmt"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

// A link is used up to its own limit, which is its window by what a round trip takes: what
// has begun and found no seat yet is not followed by more, which would be put off.
func TestLinksGoAtTheirOwnLimit(t *testing.T) {
	const texts, trip, window = 400, 50 * time.Millisecond, 10
	for links := 1; links <= 3; links++ {
		t.Run(fmt.Sprint(links), func(t *testing.T) {
			inTown(t, []string{"a", "b", "c"}[:links], func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
				for _, c := range at {
					c.Tune(func(k *smstest.Knobs) { k.Latency, k.ReceiptAfter, k.Deliveries = trip, trip, 16 })
				}
				for n := range texts {
					h.put(fmt.Sprintf("m%03d", n), to(fmt.Sprintf("138%08d", n)))
				}
				sent := func() (n int) {
					for _, c := range at {
						n += len(c.Submits())
					}
					return n
				}
				h.start()
				from := time.Now()
				for sent() < texts {
					h.pass(time.Millisecond)
				}
				limit := trip * texts / time.Duration(window*links)
				if took := time.Since(from); took > limit*100/95 {
					t.Errorf("%d texts took %v; at the limit of the links it is %v", texts, took, limit)
				}
				h.pass(time.Minute)
				if got := h.gw.Stats(); got.PutOff != 0 || got.Moved[sms.Delivered] != texts {
					t.Errorf("%d put off, %d delivered", got.PutOff, got.Moved[sms.Delivered])
				}
			})
		})
	}
}
