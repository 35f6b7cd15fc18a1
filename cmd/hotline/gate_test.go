package main

import (
	"context"
	"errors"
	"testing"

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
		if inside = append(inside, s); len(inside) >= 20 {
			c.must(c.hears(c.ctx, s, "welcome-zz")) // meanwhile the gate looks, also on a machine that is slow
		}
	}
	if n := len(inside); n < 20 || n > 28 {
		t.Errorf("%d calls came in, want about 20", n)
	}
	c.must(c.press(c.ctx, inside[0], "92"))
	c.must(c.converse(c.ctx, inside[0], talk{to: "120", far: 800, near: 440}))

	c.rig.Kill(rig.Hotline)
	c.carrier.forget()
	var s *sipphone.Session
	c.must(eventually(c.ctx, func(ctx context.Context) (err error) {
		s, err = c.dial(ctx, secondCaller)
		return err
	}))
	defer hangUp(s)
	c.must(c.hears(c.ctx, s, "fallback-sorry"))
	c.must(c.press(c.ctx, s, "92"))
	c.must(c.converse(c.ctx, s, talk{to: "120", far: 800, near: 480}))
	inside[0].Ear().Mark()
	c.must(inside[0].Ear().WaitTone(c.ctx, 800))
}
