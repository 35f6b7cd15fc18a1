package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/asterisk/sipphone"
)

// playMessages leaves messages that end in each way there is.
func playMessages(ctx context.Context, w *world) error {
	if err := w.lines(ctx, map[string]line{
		dutyNumber: {Behaviour: "decline"}, backupNumber: {Behaviour: "decline"},
		leaderNumber: {Behaviour: "answer", AnswerAfterMS: 300, Press: "1", PressAfterMS: 600},
	}); err != nil {
		return err
	}
	for _, m := range []message{
		{"两秒内挂断 / under two seconds", (*world).tooShort},
		{"五秒静音 / five seconds of silence", (*world).silent},
		{"180 秒上限 / the limit of 180 s", (*world).longest},
		{"说完挂断 / hanging up keeps it", (*world).hungUp},
	} {
		w.says("— %s", m.name)
		err := w.leave(ctx, m)
		for tries := 1; errors.Is(err, errUntimely) && tries < 5; tries++ {
			err = w.leave(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// errUntimely is a message that lasted too long or not long enough. A machine that does much
// stands still now and then, but a limit that is wrong is so each time.
var errUntimely = errors.New("not in time")

// message is one way of leaving one; play begins after the beep.
type message struct {
	name string
	play func(*world, context.Context, *sipphone.Session) error
}

// leave calls and comes to the beep.
func (w *world) leave(ctx context.Context, m message) error {
	s, err := w.dial(ctx, citizenNumber)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := s.Press(ctx, "0"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "voicemail-intro", "tone-beep"); err != nil {
		return err
	}
	return m.play(w, ctx, s)
}

func (w *world) tooShort(ctx context.Context, s *sipphone.Session) error {
	before, err := w.console.voicemails(ctx)
	if err != nil {
		return err
	}
	if err := w.speak(ctx, s, 600*time.Millisecond); err != nil {
		return err
	}
	hangUp(s)
	_, err = newest(ctx, w.console, "/api/v1/calls", func(c callSeen) error {
		return errors.Join(want("outcome", c.Outcome, "missed"), want("missed", c.Missed, true), want("order", c.Order, ""))
	})
	if err != nil {
		return err
	}
	after, err := w.console.voicemails(ctx)
	if err != nil {
		return err
	}
	w.says("不建单,计漏接 / no order, a missed call")
	return want("number of voicemails", len(after), len(before))
}

func (w *world) silent(ctx context.Context, s *sipphone.Session) error {
	began := time.Now()
	if err := w.hears(ctx, s, "voicemail-too-short"); err != nil {
		return err
	}
	took := time.Since(began)
	w.says("静音 %v 后结束 / ended by silence", took.Round(100*time.Millisecond))
	if took < 4*time.Second || took > 8*time.Second {
		return fmt.Errorf("silence ended the message after %v, not 5 s: %w", took, errUntimely)
	}
	return nil
}

func (w *world) longest(ctx context.Context, s *sipphone.Session) error {
	if err := w.speak(ctx, s, 3*time.Second); err != nil {
		return err
	}
	s.Say(sipphone.Tone(523)) // and goes on and on
	if err := w.forward(ctx, 177*time.Second); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "voicemail-thanks.1"); err != nil {
		return err
	}
	s.Hush()
	hangUp(s)
	return w.keptAs(ctx)
}

func (w *world) hungUp(ctx context.Context, s *sipphone.Session) error {
	if err := w.speak(ctx, s, 3500*time.Millisecond); err != nil {
		return err
	}
	hangUp(s)
	return w.keptAs(ctx)
}

// keptAs waits for the last call to be a message with an order.
func (w *world) keptAs(ctx context.Context) error {
	c, err := newest(ctx, w.console, "/api/v1/calls", func(c callSeen) error {
		if c.Order == "" {
			return errors.New("the call has no order")
		}
		return want("outcome", c.Outcome, "voicemail")
	})
	if err == nil {
		w.says("已保存,工单 / kept, order %s", c.Order)
	}
	return err
}

func (c *consoleClient) voicemails(ctx context.Context) ([]voicemailSeen, error) {
	var rows page[voicemailSeen]
	return rows.Items, c.get(ctx, "/api/v1/voicemails", &rows)
}
