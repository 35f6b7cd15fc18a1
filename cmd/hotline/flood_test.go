package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
)

// A flood comes five times as fast as a small hotline can answer it.
const (
	floodCalls = 40                      // that the Asterisk takes at once
	floodStay  = 1500 * time.Millisecond // of a caller who came in
	floodTimes = 5
	floodRate  = floodTimes * floodCalls * int(time.Second) / int(floodStay) // calls a second
	floodEvery = 7                                                           // which caller has an emergency
	// floodFair is after what time whoever calls is later: a lost packet costs half a second.
	floodFair = 700 * time.Millisecond
	// floodTries is how many floods may come until one is borne in time: a machine that does
	// much stands still now and then, but a hotline that is too slow is so each time.
	floodTries = 3
)

// flood is what became of the callers. Safe for concurrent use.
type flood struct {
	mu        sync.Mutex
	inside    []answered
	emergency map[string]time.Time // when the last key was pressed, by the caller's number
	refused   int
	bare      int // of them, who were not told when to come again: the gate stood still, Asterisk was full
	wrong     []error
}

// answered is one who came in.
type answered struct{ called, taken time.Time }

// TestFloodOfCalls offers a small hotline five times what it can take, HOTLINE_FLOOD calls,
// while somebody talks in it. Who comes in is served in the order they came; the others are
// told to try again later; emergencies go out at once (ZZ-10.3), and nothing is left.
func TestFloodOfCalls(t *testing.T) {
	offered := 1000
	if s := os.Getenv("HOTLINE_FLOOD"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("HOTLINE_FLOOD: %v", err)
		}
		offered = n
	}
	c := newCalm(t, startRig(t, newTestRigOf(t, func(k *rig.Config) { k.Calls = floodCalls })))
	ctx, cancel := context.WithTimeout(t.Context(), testLimit+floodTries*time.Duration(offered/floodRate)*time.Second)
	defer cancel()
	c.ctx = ctx
	c.must(c.carrier.set(ctx, "120", line{Behaviour: "answer"}))
	first := talk{to: "8001", far: 620, near: 440}
	s := c.talks(citizenNumber, first)
	c.flood("1390", 300) // whatever is made once is made
	before, records := c.now(1), c.had()

	wanted := map[string]int{}
	for tries := 1; ; tries++ {
		f := c.flood(fmt.Sprintf("139%d", tries), offered)
		c.stillTalks(s, first)
		if len(f.wrong) > 0 {
			t.Fatalf("%d calls went wrong, the first: %v", len(f.wrong), f.wrong[0])
		}
		wanted["emergency"] += len(f.emergency)
		wanted["abandoned"] += len(f.inside) - len(f.emergency)
		late := errors.Join(f.fair(offered), c.sped(f))
		if late == nil {
			break
		}
		if c.says("flood %d: %v", tries, late); tries == floodTries {
			t.Error(late)
			break
		}
	}
	c.settles(before, 60)
	c.counts(records, wanted)
	c.must(c.lines(ctx, map[string]line{"120": {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 800}}))
	c.emergencyWorks()
}

// had is the calls recorded so far.
func (c *calm) had() map[string]int {
	c.t.Helper()
	got, err := c.outcomes(c.ctx)
	c.must(err)
	return got
}

// flood offers calls of numbers that begin so at floodRate, however they fare, and returns when all are over.
func (c *calm) flood(numbers string, calls int) *flood {
	c.t.Helper()
	f := &flood{emergency: map[string]time.Time{}}
	phone, err := sipphone.Listen(c.ctx, sipphone.Config{Addr: "127.0.0.1:0", Keep: time.Second})
	c.must(err)
	defer phone.Close()
	var going sync.WaitGroup
	pace := time.NewTicker(time.Second / time.Duration(floodRate))
	defer pace.Stop()
	for n := range calls {
		going.Go(func() {
			if err := f.call(c.ctx, phone, rig.Local(c.rig.Ports.SIP), fmt.Sprintf("%s%07d", numbers, n)); err != nil {
				f.fails(err)
			}
		})
		select {
		case <-pace.C:
		case <-c.ctx.Done():
		}
	}
	going.Wait()
	c.says("%d calls offered at %d/s: %d came in, %d of them for 120; %d were refused", calls, floodRate, len(f.inside), len(f.emergency), f.refused)
	return f
}

// call is one caller.
func (f *flood) call(ctx context.Context, phone *sipphone.Phone, to, from string) error {
	called := time.Now()
	s, err := phone.Call(ctx, "sip:12345@"+to, sipphone.CallOptions{From: from})
	var no *sipphone.Rejected
	if errors.As(err, &no) && no.Status == 503 {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.refused++; no.After == 0 {
			f.bare++
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	defer hangUp(s)
	if f.enters(answered{called, s.Answered()}) {
		if err := s.Press(ctx, "92"); err != nil {
			return fmt.Errorf("%s: 92: %w", from, err)
		}
		f.mu.Lock()
		f.emergency[from] = s.Released()
		f.mu.Unlock()
	}
	stays := time.NewTimer(time.Until(s.Answered().Add(floodStay)))
	defer stays.Stop()
	select {
	case <-stays.C:
	case <-s.Context().Done():
		return fmt.Errorf("%s: %w", from, context.Cause(s.Context()))
	}
	return nil
}

// enters counts a caller in, and says whether they have an emergency.
func (f *flood) enters(a answered) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inside = append(f.inside, a)
	return len(f.inside)%floodEvery == 0
}

func (f *flood) fails(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wrong = append(f.wrong, err)
}

// fair says what was wrong with how the callers were treated.
func (f *flood) fair(offered int) error {
	if least := offered / floodTimes / 2; len(f.inside) < least || f.refused < offered/2 {
		return fmt.Errorf("%d came in and %d were refused of %d", len(f.inside), f.refused, offered)
	}
	if f.bare > 0 {
		return fmt.Errorf("%d of %d were refused without a word when to come again", f.bare, f.refused)
	}
	overtaken, worst := f.order()
	if overtaken > len(f.inside)/100 || worst > 3*time.Second {
		return fmt.Errorf("%d of %d were overtaken by who called %v later; one waited %v", overtaken, len(f.inside), floodFair, worst)
	}
	return nil
}

// order counts who was taken after somebody who had called floodFair later, and how long the
// longest wait was.
func (f *flood) order() (overtaken int, worst time.Duration) {
	slices.SortFunc(f.inside, func(a, b answered) int { return b.called.Compare(a.called) })
	var first time.Time // taken, of those who called later
	j := 0
	for _, a := range f.inside { // the last to call first
		for ; f.inside[j].called.After(a.called.Add(floodFair)); j++ {
			if t := f.inside[j].taken; first.IsZero() || t.Before(first) {
				first = t
			}
		}
		if !first.IsZero() && first.Before(a.taken) {
			overtaken++
		}
		worst = max(worst, a.taken.Sub(a.called))
	}
	return overtaken, worst
}

// sped looks at the carrier's record of who reached 120, and says whether that was too late.
func (c *calm) sped(f *flood) error {
	c.t.Helper()
	var after []time.Duration
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		calls, err := c.carrier.calls(ctx, "120")
		if err != nil {
			return err
		}
		after = nil
		rung := map[string]bool{}
		for _, k := range calls {
			if pressed, ok := f.emergency[k.From]; ok && !rung[k.From] {
				rung[k.From] = true
				after = append(after, k.invitedAt().Sub(pressed))
			}
		}
		return want("emergencies at 120", len(rung), len(f.emergency))
	}))
	slices.Sort(after)
	c.says("INVITE at 120 after the key: p50 %v, longest %v", after[len(after)/2].Round(time.Millisecond), after[len(after)-1].Round(time.Millisecond))
	if p90 := after[len(after)*9/10]; p90 > promptly {
		return fmt.Errorf("of ten emergencies one rang %v after the key", p90)
	}
	return nil
}
