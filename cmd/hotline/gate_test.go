package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
)

// TestTheGateOpensWhenTheControllerDies fills a small hotline until it refuses: those inside
// have their emergency, and when the controller is killed the next who call reach the
// dialplan, and theirs (D4, D5).
func TestTheGateOpensWhenTheControllerDies(t *testing.T) {
	t.Parallel() // it waits for speech most of its time
	c := newCalm(t, startRig(t, newTestRigOf(t, func(k *rig.Config) { k.Calls = 20 })))
	var inside []*sipphone.Session
	for refused := false; !refused; {
		s, err := c.dial(c.ctx, citizenNumber)
		var no *sipphone.Rejected
		if refused = errors.As(err, &no); refused {
			c.must(want("status", no.Status, 503))
			c.must(want("may try again", no.After > 0, true))
			continue
		}
		c.must(err)
		defer hangUp(s)
		if n := len(inside); n > 20 { // the gate has not looked yet, however slow the machine: one takes another's place
			hangUp(inside[n-1])
			inside = inside[:n-1]
		}
		if inside = append(inside, s); len(inside) >= 20 {
			c.must(c.hears(c.ctx, s, "welcome-zz"))
		}
	}
	n := len(inside)
	if n < 20 {
		t.Fatalf("only %d calls came in, want about 20", n)
	}
	last := inside[n-1] // who still hears the welcome
	c.must(c.press(c.ctx, last, "92"))
	c.must(c.converse(c.ctx, last, talk{to: "120", far: 800, near: 440}))

	c.rig.Kill(rig.Hotline)
	c.carrier.forget()
	var s *sipphone.Session
	c.must(eventually(c.ctx, func(ctx context.Context) (err error) {
		// Who comes in the instant before Asterisk knows waits for the next controller.
		soon, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		s, err = c.dial(soon, secondCaller)
		return err
	}))
	defer hangUp(s)
	c.must(c.hears(c.ctx, s, "fallback-sorry"))
	c.must(c.press(c.ctx, s, "92"))
	c.must(c.converse(c.ctx, s, talk{to: "120", far: 800, near: 480}))
	last.Ear().Mark()
	c.must(last.Ear().WaitTone(c.ctx, 800))
}
