package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// steer does something with the call that goes on.
func (c *calm) steer(call, do, to string) error {
	return c.console.post(c.ctx, "/api/v1/calls/"+call+"/steer", map[string]string{"do": do, "to": to}, nil)
}

// goingOn is the call that began last.
func (c *calm) goingOn() string {
	c.t.Helper()
	k, err := newest(c.ctx, c.console, "/api/v1/calls", func(k callSeen) error { return want("outcome", k.Outcome, "answered") })
	c.must(err)
	return k.ID
}

// hearsAt waits until a line of the carrier hears a tone.
func (c *calm) hearsAt(to string, call int, hz float64) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		k, err := c.carrier.rung(ctx, to, call)
		if err == nil && !k.heardTone(hz) {
			err = fmt.Errorf("%s does not hear %.0f Hz; it heard %v", to, hz, k.Tones)
		}
		return err
	}))
}

const (
	laborNumber  = "12333" // of zz's profile
	expertNumber = "13912340077"
)

// with is a conversation with the agent in which the citizen says a tone not said before.
func with(near float64) talk { return talk{to: "8001", far: 620, near: near} }

// TestScenario6ZZ_16_3_SQ_4_5_1_XZ_12_2 has an agent fail to reach somebody, consult, take
// back, consult and merge, take back, and transfer, by real calls; the caller is never lost.
func TestScenario6ZZ_16_3_SQ_4_5_1_XZ_12_2(t *testing.T) {
	c := newCalm(t, testRig(t))
	c.must(c.lines(c.ctx, map[string]line{
		laborNumber:  {Behaviour: "answer", AnswerAfterMS: 300, ToneHz: 900},
		expertNumber: {Behaviour: "busy"},
	}))
	s := c.talks(citizenNumber, with(440))
	call := c.goingOn()
	for _, wrong := range [][3]string{{"consult", "110", "field to"}, {"consult", "nobody", "field to"}, {"dance", laborNumber, "field do"},
		{"merge", "", "没有可合并"}, {"back", "", "没有可收回"}, {"leave", "", "没有可退出"}} {
		if err := c.steer(call, wrong[0], wrong[1]); err == nil || !strings.Contains(err.Error(), wrong[2]) || strings.Contains(err.Error(), "not acceptable") {
			t.Errorf("%v: %v", wrong, err)
		}
	}

	c.must(c.steer(call, "three_way", expertNumber)) // busy: nobody notices
	_, err := c.carrier.rung(c.ctx, expertNumber, 1)
	c.must(err)
	c.stillTalks(s, with(480))

	c.must(eventually(c.ctx, func(context.Context) error { return c.steer(call, "consult", "labor") }))
	c.hearsAt(laborNumber, 1, 620) // the agent
	c.hearsAt("8001", 1, 900)
	c.must(c.steer(call, "back", ""))
	c.stillTalks(s, with(520))

	c.must(c.steer(call, "consult", "labor"))
	c.hearsAt(laborNumber, 2, 620)
	c.must(eventually(c.ctx, func(context.Context) error { return c.steer(call, "merge", "") }))
	s.Ear().Mark()
	c.must(s.Ear().WaitTone(c.ctx, 900))
	c.must(s.Ear().WaitTone(c.ctx, 620))
	c.must(c.steer(call, "back", ""))
	c.stillTalks(s, with(560))

	c.must(c.steer(call, "transfer", "labor"))
	c.must(c.converse(c.ctx, s, talk{to: laborNumber, far: 900, near: 1000, call: 3}))
	c.idle("8001")
	hangUp(s)
	c.recorded("transferred")
}

// TestTransferToAUnitFailsZZ_10_2_ZZ_10_4: the other hotline does not answer, and the caller
// is back with the agent; then it does, and the agent leaves two who go on.
func TestTransferToAUnitFailsZZ_10_2_ZZ_10_4(t *testing.T) {
	c := newCalm(t, testRig(t))
	c.must(c.lines(c.ctx, map[string]line{laborNumber: {Behaviour: "decline"}}))
	s := c.talks(citizenNumber, with(440))
	call := c.goingOn()
	c.must(c.steer(call, "transfer", "labor"))
	_, err := c.carrier.rung(c.ctx, laborNumber, 1)
	c.must(err)
	c.stillTalks(s, with(480))
	c.must(c.carrier.set(c.ctx, laborNumber, line{Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 850}))
	c.must(eventually(c.ctx, func(context.Context) error { return c.steer(call, "three_way", "labor") }))
	c.must(s.Ear().WaitTone(c.ctx, 850))
	c.must(eventually(c.ctx, func(context.Context) error { return c.steer(call, "leave", "") }))
	c.idle("8001")
	c.must(c.converse(c.ctx, s, talk{to: laborNumber, far: 850, near: 1000, call: 2}))
	hangUp(s)
	c.recorded("transferred")
}

// idle waits until a desk is.
func (c *calm) idle(desk string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var desks page[struct{ Name, State string }]
		if err := c.console.get(ctx, "/api/v1/desks", &desks); err != nil {
			return err
		}
		for _, d := range desks.Items {
			if d.Name == desk {
				return want("desk "+desk, d.State, "idle")
			}
		}
		return fmt.Errorf("no desk %s", desk)
	}))
}
