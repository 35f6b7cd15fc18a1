package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotline/asterisk/sipphone"
)

// hotlineTexts is the number the hotline texts from in the rig.
const hotlineTexts = "10612345"

// playDay is the ordinary call: welcome, a key, an agent, both hear each other.
func playDay(ctx context.Context, w *world) error {
	if err := w.clockTo(ctx, storyDay); err != nil {
		return err
	}
	// The desk rings long enough for connecting-agent to be heard on a machine that does much.
	if err := w.lines(ctx, map[string]line{"8001": {Behaviour: "answer", AnswerAfterMS: 5000, ToneHz: 620}}); err != nil {
		return err
	}
	s, err := w.dial(ctx, citizenNumber)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := w.hears(ctx, s, "welcome-zz"); err != nil {
		return err
	}
	if err := w.press(ctx, s, "3"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "connecting-agent"); err != nil {
		return err
	}
	if err := w.converse(ctx, s, talk{to: "8001", far: 620, near: 440}); err != nil {
		return err
	}
	if s.Codec() != sipphone.PCMA {
		return fmt.Errorf("the call speaks %s, not PCMA", s.Codec())
	}
	hangUp(s)
	call, err := newest(ctx, w.console, "/api/v1/calls", func(c callSeen) error {
		if c.Outcome != "answered" || c.Order == "" {
			return fmt.Errorf("the call's record says %q, order %q", c.Outcome, c.Order)
		}
		return nil
	})
	if err != nil {
		return err
	}
	o, err := w.console.order(ctx, call.Order, func(o orderSeen) error {
		return want("order type", o.Type, "consult")
	})
	if err != nil {
		return err
	}
	if strings.Contains(o.Phone, citizenNumber) {
		return fmt.Errorf("the order shows the whole number %s", o.Phone)
	}
	w.says("工单 / order %s (%s, %s)", o.Number, o.Type, o.Phone)
	return nil
}

// playEmergency presses 9 and 2 while the welcome is still being heard.
func playEmergency(ctx context.Context, w *world) error {
	if err := w.lines(ctx, map[string]line{"120": {Behaviour: "answer", AnswerAfterMS: 300, ToneHz: 800}}); err != nil {
		return err
	}
	s, rung, err := w.promptEmergency(ctx)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if rung.From != citizenNumber || !strings.Contains(rung.PAI, citizenNumber) {
		return fmt.Errorf("120 saw From %q and P-Asserted-Identity %q, not %s", rung.From, rung.PAI, citizenNumber)
	}
	w.says("120 看到主叫 / sees From %s, P-Asserted-Identity %s", rung.From, rung.PAI)
	if err := w.converse(ctx, s, talk{to: "120", far: 800, near: 440}); err != nil {
		return err
	}
	hangUp(s)
	return w.recordedEmergency(ctx, "120")
}

// promptEmergency calls until 120 is rung within 300 ms of the key (ZZ-10.3), at most five
// times: a machine that does much stands still now and then, but a hotline that is late is
// late each time.
func (w *world) promptEmergency(ctx context.Context) (s *sipphone.Session, rung carried, err error) {
	for tries := 1; ; tries++ {
		w.carrier.forget()
		s, pressed, err := w.emergency(ctx, "2")
		if err != nil {
			return nil, carried{}, err
		}
		rung, err := w.carrier.rung(ctx, "120", 1)
		delay := rung.invitedAt().Sub(pressed)
		if err == nil {
			w.says("120 收到 INVITE,距按键 / INVITE at 120 after the key: %v", delay.Round(time.Millisecond))
			if delay <= 300*time.Millisecond {
				return s, rung, nil
			}
		}
		hangUp(s)
		if err == nil && tries == 5 {
			err = fmt.Errorf("120 rang %v after the key, in none of %d calls within 300 ms", delay, tries)
		}
		if err != nil {
			return nil, carried{}, err
		}
	}
}

// playEmergencyBusy finds the first trunk's 120 busy.
func playEmergencyBusy(ctx context.Context, w *world) error {
	busy := map[string]line{"120": {Behaviour: "answer", AnswerAfterMS: 300, ToneHz: 810, Trunks: map[string]line{"1": {Behaviour: "busy"}}}}
	if err := w.lines(ctx, busy); err != nil {
		return err
	}
	s, _, err := w.emergency(ctx, "2")
	if err != nil {
		return err
	}
	defer hangUp(s)
	first, err := w.carrier.rung(ctx, "120", 1)
	if err != nil {
		return err
	}
	second, err := w.carrier.rung(ctx, "120", 2)
	if err != nil {
		return err
	}
	if first.Trunk != 1 || second.Trunk != 2 {
		return fmt.Errorf("120 was rung on trunks %d and %d, not 1 and 2", first.Trunk, second.Trunk)
	}
	w.says("第一中继 %d,改走第二中继 / trunk 1 busy, trunk 2 rings", first.Status)
	if err := w.converse(ctx, s, talk{to: "120", far: 810, near: 440, call: 2}); err != nil {
		return err
	}
	hangUp(s)
	return w.recordedEmergency(ctx, "120")
}

// playEmergencyDown finds no 120 on either trunk.
func playEmergencyDown(ctx context.Context, w *world) error {
	down := map[string]line{
		"120":        {Behaviour: "unavailable"},
		leaderNumber: {Behaviour: "answer", AnswerAfterMS: 5000, Press: "1", PressAfterMS: 500, ToneHz: 710},
	}
	if err := w.lines(ctx, down); err != nil {
		return err
	}
	s, _, err := w.emergency(ctx, "2")
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := w.hears(ctx, s, "emergency-failed-120"); err != nil {
		return err
	}
	if _, err := w.carrier.rung(ctx, leaderNumber, 1); err != nil {
		return err
	}
	w.says("带班领导被呼叫 / the duty leader is rung")
	if err := w.converse(ctx, s, talk{to: leaderNumber, far: 710, near: 440}); err != nil {
		return err
	}
	hangUp(s)
	if err := w.recordedEmergency(ctx, "120"); err != nil {
		return err
	}
	return w.lines(ctx, map[string]line{"120": {Behaviour: "answer", AnswerAfterMS: 300, ToneHz: 800}})
}

// lines sets how numbers behave, and lets the carrier's record of calls begin anew.
func (w *world) lines(ctx context.Context, lines map[string]line) error {
	for number, l := range lines {
		if err := w.carrier.set(ctx, number, l); err != nil {
			return err
		}
	}
	w.carrier.forget()
	return nil
}

// press presses keys and tells so.
func (w *world) press(ctx context.Context, s *sipphone.Session, keys string) error {
	w.says("按 / presses %s", keys)
	return s.Press(ctx, keys)
}

// emergency calls, lets the welcome begin and presses 9 and a service's key; pressed is
// when that key went down.
func (w *world) emergency(ctx context.Context, key string) (s *sipphone.Session, pressed time.Time, err error) {
	if s, err = w.dial(ctx, citizenNumber); err != nil {
		return nil, pressed, err
	}
	if err = w.hears(ctx, s, "welcome-zz"); err == nil {
		err = w.press(ctx, s, "9")
	}
	if err == nil {
		pressed = time.Now()
		err = w.press(ctx, s, key)
	}
	if err != nil {
		hangUp(s)
		return nil, pressed, err
	}
	return s, pressed, nil
}

// recordedEmergency waits for the call's record to say emergency.
func (w *world) recordedEmergency(ctx context.Context, service string) error {
	c, err := newest(ctx, w.console, "/api/v1/calls", func(c callSeen) error {
		if !c.Emergency || !strings.Contains(c.Detail, service) {
			return fmt.Errorf("the call's record says %q %q, emergency %t", c.Outcome, c.Detail, c.Emergency)
		}
		return nil
	})
	if err == nil {
		w.says("通话记录 / record: %s %s", c.Outcome, c.Detail)
	}
	return err
}

// talk is a conversation to be proved: the citizen hears far, the other side near.
type talk struct {
	to        string
	far, near float64
	call      int // which of the calls to that number; 1 if zero
}

// converse proves that audio passes both ways.
func (w *world) converse(ctx context.Context, s *sipphone.Session, t talk) error {
	if err := s.Ear().WaitTone(ctx, t.far); err != nil {
		return fmt.Errorf("the citizen does not hear %s (%.0f Hz): %w", t.to, t.far, err)
	}
	s.Say(sipphone.Tone(t.near))
	defer s.Hush()
	return eventually(ctx, func(ctx context.Context) error {
		c, err := w.carrier.rung(ctx, t.to, max(1, t.call))
		if err != nil {
			return err
		}
		if !c.heardTone(t.near) {
			return fmt.Errorf("%s does not hear the citizen (%.0f Hz); it heard %v", t.to, t.near, c.Tones)
		}
		w.says("双向通话 / both hear each other: %s hears %.0f Hz, the citizen %.0f Hz, %s", t.to, t.near, t.far, c.Codec)
		return nil
	})
}

// hangUp ends a call whatever became of the scene's time.
func hangUp(s *sipphone.Session) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.Hangup(ctx) // the far end may have been faster
}

// want compares and says both.
func want[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v, not %v", what, got, want)
	}
	return nil
}
