package main

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"syscall"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
)

// TestZZ_1_ControllerKilled kills the hotline under a conversation and a caller in the menu
// (D4): the conversation goes on, the caller hears a voice again when we are back and
// has every key, and no call is without its record.
func TestZZ_1_ControllerKilled(t *testing.T) {
	r := testRig(t)
	c := newCalm(t, r)
	first := talk{to: "8001", far: 620, near: 440}
	talking := c.talks(citizenNumber, first)
	waiting, err := c.dial(c.ctx, secondCaller)
	c.must(err)
	defer hangUp(waiting)
	c.must(c.hears(c.ctx, waiting, "welcome-zz"))
	c.recorded("abandoned", "answered")

	r.Kill(rig.Hotline)
	c.stillTalks(talking, first)
	waiting.Ear().Mark()
	c.must(r.StartPart(c.ctx, rig.Hotline))
	c.must(c.hears(c.ctx, waiting, "interrupted"))
	c.must(c.press(c.ctx, waiting, "92"))
	c.must(c.converse(c.ctx, waiting, talk{to: "120", far: 800, near: 480}))
	c.stillTalks(talking, first)
	hangUp(waiting)
	hangUp(talking)
	c.must(c.console.logIn(c.ctx))
	c.came(map[string]int{"emergency": 1, "answered": 1})
	c.freed("8001")
}

// TestZZ_1_ControllerKilledInAMessage kills the hotline while somebody speaks: the recording
// goes on, and all of it becomes one order (ZZ-20.2).
func TestZZ_1_ControllerKilledInAMessage(t *testing.T) {
	t.Parallel() // it waits for speech most of its time
	r := testRig(t)
	c := newCalm(t, r)
	c.must(c.clockTo(c.ctx, night))
	s := c.leavesMessage(citizenNumber)
	s.Say(sipphone.Tone(440)) // on and on: five seconds of silence would end it
	r.Kill(rig.Hotline)
	c.must(r.StartPart(c.ctx, rig.Hotline))
	c.lacks() // it has taken the call over
	s.Ear().Mark()
	c.must(c.press(c.ctx, s, "#")) // the key of whoever is there now
	c.must(c.hears(c.ctx, s, "voicemail-urgent"))
	hangUp(s)
	c.must(c.console.logIn(c.ctx))
	c.becameOrder(1)
	c.came(map[string]int{"voicemail": 1})
}

// came waits until the calls recorded have these outcomes, and each has its end.
func (c *calm) came(outcomes map[string]int) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var calls page[struct {
			Outcome string
			EndedAt time.Time `json:"ended_at"`
		}]
		if err := c.console.get(ctx, "/api/v1/calls", &calls); err != nil {
			return err
		}
		seen := map[string]int{}
		for _, k := range calls.Items {
			if k.EndedAt.IsZero() {
				return fmt.Errorf("a call that was %s has no end", k.Outcome)
			}
			seen[k.Outcome]++
		}
		if !maps.Equal(seen, outcomes) {
			return fmt.Errorf("calls recorded: %v, want %v", seen, outcomes)
		}
		return nil
	}))
}

// freed waits until nobody is on a line any more.
func (c *calm) freed(number string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var all []struct {
			To      string
			EndedAt string `json:"ended_at"`
		}
		if err := c.carrier.get(ctx, "/api/calls", &all); err != nil {
			return err
		}
		for _, k := range all {
			if k.To == number && k.EndedAt == "" {
				return fmt.Errorf("%s is still in a call", number)
			}
		}
		return nil
	}))
}

// TestDrain asks the hotline to stop in mid-conversation: it says so to whoever asks,
// new calls go to the dialplan, the conversation may finish, and then it ends well and
// leaves nothing.
func TestDrain(t *testing.T) {
	r := newTestRig(t)
	r.Drain = 5 * time.Minute
	startRig(t, r)
	c := newCalm(t, r)
	first := talk{to: "8001", far: 620, near: 440}
	s := c.talks(citizenNumber, first)

	p := r.Take(rig.Hotline)
	offspring := children(t, p.Pid())
	p.Signal(syscall.SIGTERM)
	c.lacks("drain")
	second, err := c.dial(c.ctx, secondCaller)
	c.must(err)
	defer hangUp(second)
	c.must(c.hears(c.ctx, second, "fallback-sorry"))
	c.must(c.press(c.ctx, second, "92"))
	c.must(c.converse(c.ctx, second, talk{to: "120", far: 800, near: 480}))
	c.stillTalks(s, first)
	select {
	case <-p.Gone:
		t.Fatalf("the hotline did not wait for its call: %s", p.Ended())
	default:
	}
	hangUp(s)
	select {
	case <-p.Gone:
	case <-time.After(time.Minute):
		t.Fatal("the hotline did not end after its last call")
	}
	if code := p.Code(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.LastLines(10))
	}
	for _, pid := range offspring {
		waitEnd(t, pid)
	}
	hangUp(second)

	c.must(r.StartPart(c.ctx, rig.Hotline))
	c.must(c.console.logIn(c.ctx))
	c.came(map[string]int{"answered": 1, "emergency": 1})
}

// TestTwoRigs runs two hotlines on one machine, both in conversation at once.
func TestTwoRigs(t *testing.T) {
	rigs := []*rig.Rig{testRig(t), testRig(t)}
	var playing sync.WaitGroup
	for _, r := range rigs {
		c := newCalm(t, r)
		playing.Go(func() {
			if err := playDay(c.ctx, c.world); err != nil {
				t.Errorf("rig on %d: %v", r.Ports.SIP, err)
			}
		})
	}
	playing.Wait()
}
