package main

import (
	"strings"
	"testing"
	"time"
)

// refusedAmbulance calls as somebody who is not served: hears so, presses 9 2 and talks
// with the ambulance, rung in ZZ-10.3's time.
func (c *calm) refusedAmbulance(from, sentence string) {
	c.t.Helper()
	c.carrier.forget()
	s, err := c.dial(c.ctx, from)
	c.must(err)
	defer hangUp(s)
	c.must(c.hears(c.ctx, s, sentence))
	c.must(c.press(c.ctx, s, "9"))
	pressed := time.Now()
	c.must(c.press(c.ctx, s, "2"))
	if after, _ := c.reaches(s, pressed); after > promptly {
		c.t.Errorf("120 was rung %v after the key", after)
	}
}

// TestZZ_10_3_WhoCallsTooOftenReachesAnEmergency: the third call in a row of a number, and
// the fifth of an address that is no trunk's, hear a sentence and have the emergency key.
func TestZZ_10_3_WhoCallsTooOftenReachesAnEmergency(t *testing.T) {
	r := newTestRig(t, "HOTLINE_CALLER_LIMIT=1/2", "HOTLINE_SOURCE_LIMIT=1/4",
		"HOTLINE_TRUNKS=carrier,carrier2") // addresses not told: nobody is trusted
	c := newCalm(t, startRig(t, r))
	for range 2 {
		s, err := c.dial(c.ctx, citizenNumber)
		c.must(err)
		c.must(c.hears(c.ctx, s, "welcome-zz"))
		hangUp(s)
	}
	c.refusedAmbulance(citizenNumber, "calls-too-often")
	for _, from := range []string{secondCaller, textNumber} {
		s, err := c.dial(c.ctx, from)
		c.must(err)
		c.must(c.hears(c.ctx, s, "welcome-zz"))
		hangUp(s)
	}
	c.refusedAmbulance("13812340099", "calls-too-often") // its own first call, the source's fifth
	c.recorded("emergency", "abandoned", "abandoned", "emergency", "abandoned", "abandoned")

	s, err := c.dial(c.ctx, "13812340098")
	c.must(err)
	c.must(c.hears(c.ctx, s, "calls-too-often", "goodbye"))
	<-s.Context().Done()
	c.recorded("refused")
	var metrics string
	c.must(c.console.get(c.ctx, "/metrics", &metrics))
	if want := `hotline_happenings_total{outcome="calls-too-often",what="refused"} 3`; !strings.Contains(metrics, want) {
		t.Errorf("/metrics lacks %s", want)
	}
}
