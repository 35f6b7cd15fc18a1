package main

import (
	"fmt"
	"slices"
	"time"
)

// What callers may expect.
const (
	silenceLimit = 2 * time.Second
	slack        = 500 * time.Millisecond // of a machine that also plays all callers; a busy one gets more
	reachLimit   = 15 * time.Second
	enoughSpeech = 2 * time.Second // makes an order for certain; the profile says 1 s
)

// judge holds what callers lived through against what they may expect.
func (t *town) judge(o *outcome, x *injury) {
	for _, c := range o.Calls {
		if c.Answered.IsZero() {
			if (c.Ended.Before(o.Broken) || c.Began.After(o.Whole.Add(time.Second))) && o.Lag < answerWait/2 { // else we waited for a machine
				o.Findings = append(o.Findings, fmt.Sprintf("not answered: %v", c))
			}
			continue
		}
		if c.Torn && !excused(x.torn, c) {
			o.Findings = append(o.Findings, fmt.Sprintf("dropped by us: %v", c))
		}
		t.judgeSilence(o, x, c)
		t.judgeReach(o, x, c)
	}
}

// excused asks an excuse that may not be there.
func excused(f func(*call) bool, c *call) bool { return f != nil && f(c) }

// judgeSilence looks at the times without sound, less those in which nobody could speak.
func (t *town) judgeSilence(o *outcome, x *injury, c *call) {
	if excused(x.silent, c) {
		return
	}
	longest := time.Duration(0)
	for _, g := range c.Gaps {
		from := g.From
		if from.Before(o.Broken) && g.To.After(o.Broken) {
			from = o.Broken // what was quiet before is how a menu waits for a key
		}
		for _, w := range x.deaf {
			if g.From.Before(w.to) && g.To.After(w.from) && w.to.After(from) {
				from = w.to
			}
		}
		left := g.To.Sub(from)
		longest = max(longest, left)
		if left > silenceLimit+slack+o.Lag {
			o.Findings = append(o.Findings, fmt.Sprintf("silence of %v (%v in all, %s, from %v after the fault): %v",
				left.Round(10*time.Millisecond), g.length().Round(10*time.Millisecond), g.At, g.From.Sub(o.Broken).Round(10*time.Millisecond), c))
		}
		if !x.ready.IsZero() && g.From.Before(x.ready) && g.To.After(x.ready) {
			o.Back = append(o.Back, g.To.Sub(x.ready))
		}
	}
	if c.Began.Before(o.Broken) && c.Ended.After(o.Whole) {
		o.Silence = append(o.Silence, longest)
	}
}

// judgeReach asks whether callers got what they wanted, as far as they had the time.
func (t *town) judgeReach(o *outcome, x *injury, c *call) {
	if c.Torn || len(c.Reached) > 0 || c.Want.keys == "" || excused(x.lost, c) || excused(x.silent, c) {
		return
	}
	if c.Want.message && c.At == satisfied {
		return
	}
	since := c.Answered
	if o.Whole.After(since) && o.Broken.Before(c.Ended) {
		since = o.Whole
	}
	if c.Ended.Sub(since) > reachLimit+o.Lag {
		o.Findings = append(o.Findings, fmt.Sprintf("did not get what was wanted within %v: %v", c.Ended.Sub(since).Round(time.Second), c))
	}
}

// reachedByUs says whether a controller, not the dialplan, put the caller through.
func (c *call) reachedByUs(who ...string) bool {
	return !c.Fallback && slices.ContainsFunc(c.Reached, func(r string) bool { return slices.Contains(who, r) })
}
