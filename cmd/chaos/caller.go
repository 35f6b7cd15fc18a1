package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/asterisk/sipphone"
)

// phase is where a caller is, as far as a caller can tell.
type phase string

// The phases of a call.
const (
	dialling  phase = "dialling"
	inMenu    phase = "in the menu"
	waits     phase = "waiting for a person"
	talks     phase = "talking"
	listens   phase = "before the message"
	speaking  phase = "leaving a message"
	urgent    phase = "on the way to 120"
	satisfied phase = "done"
)

// call is one citizen's call and what the citizen knows of it. It belongs to one
// goroutine until that has ended.
type call struct {
	Number string
	Want   want
	Switch int // which Asterisk took it

	Began    time.Time
	Answered time.Time // zero: nobody answered
	Ended    time.Time
	Torn     bool // ended by the hotline before the caller was done
	At       phase
	Reached  []string  // who was spoken with
	Since    time.Time // reached
	Beep     time.Time // when the message was asked for
	Spoke    time.Duration
	Fallback bool // the dialplan took the call
	Resumed  bool // heard that there was an interruption
	Gaps     []gap
	Heard    []string

	session *sipphone.Session
	seen    int // of the ear's prompts
	acted   time.Time
	choice  time.Time // when services to choose from were read out; zero once one is
	moves   []move
}

// move is when a caller came to be in another phase.
type move struct {
	to phase
	at time.Time
}

// be notes where the caller is now.
func (c *call) be(p phase) {
	c.At = p
	c.moves = append(c.moves, move{p, time.Now()})
}

// was is where the caller was at a time.
func (c *call) was(at time.Time) phase {
	p := dialling
	for _, m := range c.moves {
		if !m.at.After(at) {
			p = m.to
		}
	}
	return p
}

func (c *call) String() string {
	return fmt.Sprintf("%s (%s, %s, %v long, heard %s)", c.Number, c.Want.name, c.At, c.Ended.Sub(c.Began).Round(100*time.Millisecond),
		strings.Join(c.Heard, " "))
}

// ownTone is what callers say to whom they reach.
const ownTone = 1900

// How a caller behaves.
const (
	answerWait  = 3 * time.Second // before another switch is tried, as carriers do
	look        = 100 * time.Millisecond
	pressAgain  = 5 * time.Second
	speech      = 2500 * time.Millisecond
	longestCall = 60 * time.Second
)

// dial places the call: at one switch, and when that does not answer or refuses at the
// other, as a carrier does. Each try has a number of its own, so that every call that
// came to be can be told from the others.
func (t *town) dial(ctx context.Context, first int, w want) (tries []*call) {
	deadline := time.Now().Add(4 * answerWait)
	for i := first; time.Now().Before(deadline) && ctx.Err() == nil; i++ {
		c := &call{Number: t.number(), Want: w, Switch: i % len(t.rig.Switches), Began: time.Now(), At: dialling}
		tries = append(tries, c)
		limit, cancel := context.WithTimeout(ctx, answerWait)
		s, err := t.phone.Call(limit, "sip:12345@"+t.rig.Addr(t.switchName(c.Switch)), sipphone.CallOptions{From: c.Number})
		cancel()
		c.Ended = time.Now()
		if err == nil {
			c.session, c.Answered = s, time.Now()
			c.be(inMenu)
			return tries
		}
		var no *sipphone.Rejected
		if errors.As(err, &no) {
			wait(ctx, 200*time.Millisecond)
		}
	}
	return tries
}

// live is the call from its answer to its end.
func (c *call) live(ctx context.Context, enough <-chan struct{}) {
	up := c.session.Context()
	tick := time.NewTicker(look)
	defer tick.Stop()
	limit := time.NewTimer(longestCall)
	defer limit.Stop()
	for c.At != satisfied {
		select {
		case <-up.Done():
			c.ended()
			return
		case <-ctx.Done():
			c.hangUp()
			return
		case <-limit.C:
			c.hangUp()
			return
		case <-enough:
			enough = nil
			limit.Reset(endLimit)
			c.Want.stays = max(c.Want.stays, look)
			if !c.Want.message && c.Want.keys != "92" {
				c.hangUp()
				return
			}
		case <-tick.C:
		}
		c.step(up)
	}
	c.hangUp()
}

// step acts on what was heard since the last one.
func (c *call) step(up context.Context) {
	for _, id := range c.prompts() {
		c.Heard = append(c.Heard, id)
		switch id {
		case "voicemail-intro":
			c.stop()
		case "voicemail-failed": // nothing is recorded, and a person is rung
			c.stop()
			c.be(waits)
		case "menu", "fallback-sorry", "interrupted":
			c.stop()
			c.Fallback = c.Fallback || id == "fallback-sorry"
			c.Resumed = c.Resumed || id == "interrupted"
			c.again(up, id)
		case "emergency-menu":
			c.choice = time.Now()
		case "emergency-connecting":
			c.choice = time.Time{}
		case "tone-beep":
			c.speak()
		}
	}
	c.spoken()
	c.insist(up)
	if c.Fallback && c.Want.message && c.At == listens && c.tone(950) {
		c.speak()
	}
	if c.Want.keys == "" && time.Since(c.acted) > 2*time.Second { // whoever wants nothing stays in the menu
		c.acted = time.Now()
		_ = c.session.Press(up, "*")
	}
	c.meet()
	if len(c.Reached) > 0 && c.Want.stays > 0 && time.Since(c.Since) > c.Want.stays {
		c.be(satisfied)
	}
}

// again presses what is wanted when there is a choice. In the dialplan only 9 is one.
func (c *call) again(up context.Context, id string) {
	if c.Want.keys == "" || id == "interrupted" && c.Want.keys != "92" {
		return
	}
	if id == "fallback-sorry" && c.Want.keys != "92" {
		c.be(map[bool]phase{true: listens, false: waits}[c.Want.message])
		return
	}
	c.be(map[string]phase{"0": waits, "5": waits, "4": listens, "92": urgent}[c.Want.keys])
	c.acted = time.Now()
	_ = c.session.Press(up, c.Want.keys) // the end of the call is noticed elsewhere
}

// insist presses the second key of an emergency again when nothing follows although the
// choice was read out: the key was pressed while nobody had the call.
func (c *call) insist(up context.Context) {
	if c.Want.keys == "92" && c.At == urgent && !c.choice.IsZero() && time.Since(c.choice) > silenceLimit {
		c.choice = time.Now()
		_ = c.session.Press(up, "2")
	}
}

// meet notes who is heard.
func (c *call) meet() {
	if c.At == talks {
		return
	}
	for _, who := range c.Want.reach {
		if c.tone(toneOf[who]) {
			c.be(talks)
			c.Since = time.Now()
			c.Reached = append(c.Reached, who)
			c.session.Say(sipphone.Tone(ownTone))
			return
		}
	}
}

// speak leaves a message.
func (c *call) speak() {
	if !c.Want.message || len(c.Reached) > 0 {
		return
	}
	c.be(speaking)
	c.Beep, c.Spoke = time.Now(), 0
	c.session.Say(sipphone.Tone(ownTone))
}

// stop ends a message that the hotline talks into.
func (c *call) stop() {
	if c.At == speaking {
		c.session.Hush()
		c.Spoke = 0
		c.be(listens)
	}
}

// spoken looks whether the message was said. Whoever is interrupted starts again when
// asked to.
func (c *call) spoken() {
	if c.At != speaking {
		return
	}
	if c.Spoke = time.Since(c.Beep); c.Spoke > speech {
		c.be(satisfied)
	}
}

// ended is a call that the hotline ended.
func (c *call) ended() {
	c.Ended = time.Now()
	var e *sipphone.Ended
	c.Torn = errors.As(context.Cause(c.session.Context()), &e) && e.By == sipphone.Them
	c.silences()
}

func (c *call) hangUp() {
	c.Ended = time.Now()
	c.silences()
	if c.session.Context().Err() != nil {
		c.ended()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = c.session.Hangup(ctx) // a switch that is dead does not confirm
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
