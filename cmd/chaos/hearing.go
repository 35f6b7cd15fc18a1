package main

import (
	"math"
	"time"
)

// gap is a time without sound.
type gap struct {
	From, To time.Time
	At       phase
}

func (g gap) length() time.Duration { return g.To.Sub(g.From) }

// prompts lists what began to be heard since the last look.
func (c *call) prompts() (fresh []string) {
	all := c.session.Ear().Heard()
	for ; c.seen < len(all); c.seen++ {
		id := all[c.seen].ID
		for _, known := range []string{"menu", "fallback-sorry", "interrupted", "tone-beep", "voicemail-failed", "voicemail-intro"} {
			if all[c.seen].Is(known) {
				id = known
			}
		}
		fresh = append(fresh, id)
	}
	return fresh
}

// tone says whether a tone is heard now.
func (c *call) tone(hz float64) bool {
	all := c.session.Ear().Tones()
	if len(all) == 0 {
		return false
	}
	t := all[len(all)-1]
	return t.For > 250*time.Millisecond && math.Abs(t.Hz-hz) < 0.02*hz && time.Since(t.From.Add(t.For)) < 300*time.Millisecond
}

// shortestGap is what counts as silence at all.
const shortestGap = 800 * time.Millisecond

// silences lists when nothing was heard, but for the time of a message.
func (c *call) silences() {
	c.Gaps = nil
	last := c.Answered
	note := func(at time.Time) {
		if at.Sub(last) > shortestGap && (c.Beep.IsZero() || last.Before(c.Beep.Add(-time.Second))) {
			c.Gaps = append(c.Gaps, gap{last, at, c.was(last)})
		}
		last = at
	}
	for _, f := range c.session.Ear().Frames() {
		if loud(f.Payload) {
			note(f.At)
		}
	}
	if c.Spoke == 0 {
		note(c.Ended)
	}
}

// loud tells whether a frame of A-law holds more than a line's own noise.
func loud(b []byte) bool {
	n := 0
	for _, x := range b {
		if (x^0x55)&0x7F > 0x18 {
			n++
		}
	}
	return n > 8
}
