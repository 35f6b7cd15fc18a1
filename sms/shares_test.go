package sms_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"hotline/sms"
)

// Three processes on one account take a third of its rate each, and all of it when the others
// are gone.
func TestProcessesShareALinksRate(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		var sharers atomic.Int32
		sharers.Store(3)
		h.cfg.Routes = map[string]sms.Route{"a": {Rate: 6}}
		h.cfg.Sharers = func() int { return int(sharers.Load()) }
		h.start()
		sent := func() int {
			for n := range 200 {
				h.put(fmt.Sprintf("of-%d-m%d", sharers.Load(), n), nil)
			}
			h.pass(10 * time.Second) // its first second's worth, and all that was there before
			before := len(h.smsc.Submits())
			h.pass(10 * time.Second)
			return len(h.smsc.Submits()) - before
		}
		if n := sent(); n < 19 || n > 21 {
			t.Errorf("%d segments in 10 s at a third of 6 a second", n)
		}
		h.pass(5 * time.Minute)
		sharers.Store(1)
		h.pass(6 * time.Second)
		if n := sent(); n < 59 || n > 61 {
			t.Errorf("%d segments in 10 s at 6 a second", n)
		}
		if got := h.gw.Load("a").Rate; got != 6 {
			t.Errorf("its rate is shown as %d", got)
		}
	})
}
