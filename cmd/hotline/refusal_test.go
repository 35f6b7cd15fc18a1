package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
)

// refusedAmbulance calls as somebody who is not served: hears so, presses 9 2 and talks
// with the ambulance, rung in ZZ-10.3's time. It tells in how many calls.
func (c *calm) refusedAmbulance(from, sentence string) (calls int) {
	c.t.Helper()
	return c.inTime(promptly, func() time.Duration {
		c.carrier.forget()
		c.must(c.forward(c.ctx, time.Second))
		s, err := c.dial(c.ctx, from)
		c.must(err)
		defer hangUp(s)
		c.must(c.hears(c.ctx, s, sentence))
		c.must(c.press(c.ctx, s, "9"))
		pressed := time.Now()
		c.must(c.press(c.ctx, s, "2"))
		after, _ := c.reaches(s, pressed)
		return after
	})
}

// TestZZ_10_3_WhoCallsTooOftenReachesAnEmergency: the third call in a row of a number, and
// the fifth of an address that is no trunk's, hear a sentence and have the emergency key.
func TestZZ_10_3_WhoCallsTooOftenReachesAnEmergency(t *testing.T) {
	r := newTestRig(t, "HOTLINE_CALLER_LIMIT=1/2", "HOTLINE_SOURCE_LIMIT=1/4",
		"HOTLINE_TRUNKS=carrier,carrier2") // addresses not told: nobody is trusted
	c := newCalm(t, startRig(t, r))
	c.must(c.clockStands(c.ctx, storyDay)) // a call more is had in a minute; the test may take longer
	for range 2 {
		c.must(c.forward(c.ctx, time.Second))
		s, err := c.dial(c.ctx, citizenNumber)
		c.must(err)
		c.must(c.hears(c.ctx, s, "welcome-zz"))
		hangUp(s)
	}
	often := c.refusedAmbulance(citizenNumber, "calls-too-often")
	for _, from := range []string{secondCaller, textNumber} {
		c.must(c.forward(c.ctx, time.Second))
		s, err := c.dial(c.ctx, from)
		c.must(err)
		c.must(c.hears(c.ctx, s, "welcome-zz"))
		hangUp(s)
	}
	first := c.refusedAmbulance("13812340099", "calls-too-often") // its own first call, the source's fifth
	emergencies := func(n int) []string { return slices.Repeat([]string{"emergency"}, n) }
	served := []string{"abandoned", "abandoned"}
	c.recorded(slices.Concat(emergencies(first), served, emergencies(often), served)...)

	c.must(c.forward(c.ctx, time.Second))
	s, err := c.dial(c.ctx, "13812340098")
	c.must(err)
	c.must(c.hears(c.ctx, s, "calls-too-often", "goodbye"))
	<-s.Context().Done()
	c.recorded("refused")
	var metrics string
	c.must(c.console.get(c.ctx, "/metrics", &metrics))
	if want := fmt.Sprintf(`hotline_happenings_total{outcome="calls-too-often",what="refused"} %d`, often+first+1); !strings.Contains(metrics, want) {
		t.Errorf("/metrics lacks %s", want)
	}
}

// block runs `hotline block` against the rig and returns what it printed.
func (c *calm) block(args ...string) string {
	c.t.Helper()
	c.t.Setenv("HOTLINE_ADMIN_PASSWORD", c.rig.Password)
	var out bytes.Buffer
	root := newRootCommand()
	root.SetOut(&out)
	root.SetArgs(append([]string{"block", "--api", c.console.base}, args...))
	c.must(root.ExecuteContext(c.ctx))
	return out.String()
}

// hearsFirst calls until the first thing heard is this: rules are followed within seconds.
func (c *calm) hearsFirst(from, prompt string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		s, err := c.dial(ctx, from)
		if err != nil {
			return err
		}
		defer hangUp(s)
		var first sipphone.Heard
		err = eventually(ctx, func(context.Context) error {
			heard := s.Ear().Heard()
			if len(heard) == 0 {
				return errors.New("nothing heard yet")
			}
			first = heard[0]
			return nil
		})
		if err == nil && !first.Is(prompt) {
			err = fmt.Errorf("%s is heard first, not %s", first.ID, prompt)
		}
		return err
	}))
}

// TestZZ_10_3_TheBlockedReachAnEmergency: by `hotline block` a prefix is blocked and one
// number of it allowed; the blocked hear a sentence and have the emergency key; a rule
// that is lifted counts no more.
func TestZZ_10_3_TheBlockedReachAnEmergency(t *testing.T) {
	r := testRig(t)
	c := newCalm(t, r)
	made := c.block("add", citizenNumber[:7], "--prefix", "--reason", "骚扰", "--days", "30")
	c.block("add", secondCaller, "--allow", "--reason", "误伤", "--days", "30")
	c.hearsFirst(citizenNumber, "caller-blocked")
	c.refusedAmbulance(citizenNumber, "caller-blocked")
	c.hearsFirst(secondCaller, "welcome-zz")
	if list := c.block("list"); !strings.Contains(list, citizenNumber[:7]+"...") || strings.Contains(list, secondCaller) {
		t.Errorf("listed:\n%s", list)
	}
	id, _, _ := strings.Cut(strings.Split(made, "\n")[1], " ")
	c.block("remove", id)
	c.hearsFirst(citizenNumber, "welcome-zz")
	if list := c.block("list", "--all"); !strings.Contains(list, id) {
		t.Errorf("not kept:\n%s", list)
	}
}
