package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"hotline/asterisk/sipphone"
)

// night is 22:30 of the story's day, when nobody sits at a desk.
var night = storyDay.Add(12*time.Hour + 30*time.Minute)

// playNight rings the duty phone and the backup, whose mobile's own voicemail must not
// count as a person, then takes an urgent message and calls the leaders until one
// presses 1.
func playNight(ctx context.Context, w *world) error {
	if err := w.clockTo(ctx, night); err != nil {
		return err
	}
	if err := w.lines(ctx, map[string]line{
		dutyNumber: {Behaviour: "noanswer"}, backupNumber: {Behaviour: "machine", AnswerAfterMS: 300, ToneHz: 900},
		leaderNumber: {Behaviour: "noanswer"}, deputyNumber: {Behaviour: "decline"},
	}); err != nil {
		return err
	}
	s, err := w.dial(ctx, citizenNumber)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := w.chain(ctx, s); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "voicemail-intro", "tone-beep"); err != nil {
		return err
	}
	if err := w.speak(ctx, s, 4*time.Second); err != nil {
		return err
	}
	if err := w.press(ctx, s, "#"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "voicemail-urgent", "voicemail-thanks.1"); err != nil {
		return err
	}
	hangUp(s)
	if err := w.leadersRung(ctx); err != nil {
		return err
	}
	return w.messageKept(ctx)
}

// chain lets the duty phone and the backup ring in turn, fast-forwarded.
func (w *world) chain(ctx context.Context, s *sipphone.Session) error {
	if err := w.hears(ctx, s, "welcome-zz"); err != nil {
		return err
	}
	if err := w.press(ctx, s, "0"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "connecting-duty"); err != nil {
		return err
	}
	if _, err := w.carrier.rung(ctx, dutyNumber, 1); err != nil {
		return err
	}
	w.says("值班手机振铃,无人接 / the duty phone rings")
	if err := w.forward(ctx, 25*time.Second); err != nil {
		return err
	}
	if err := w.answered(ctx, backupNumber); err != nil {
		return err
	}
	w.says("备用手机的语音信箱应答,没有按 1 / the backup's own voicemail answers and presses nothing")
	return w.forward(ctx, 10*time.Second)
}

// answered waits until a number has answered its first call.
func (w *world) answered(ctx context.Context, number string) error {
	return eventually(ctx, func(ctx context.Context) error {
		c, err := w.carrier.rung(ctx, number, 1)
		if err == nil && c.Answered == "" {
			err = errors.New(number + " has not answered")
		}
		return err
	})
}

// speak says a tone of varying loudness for a while, as a voice does, and waits for it.
func (w *world) speak(ctx context.Context, s *sipphone.Session, d time.Duration) error {
	w.says("留言 %v / speaks", d)
	samples := make([]int16, int(d.Seconds()*8000))
	for i := range samples {
		samples[i] = int16(9000 * ((i/13)%2*2 - 1) * (1 + (i/800)%3) / 3)
	}
	return s.SayAll(ctx, sipphone.PCM(samples, 8000))
}

// leadersRung follows the alarm: the leader does not answer, the deputy declines, and
// in the next round the leader presses 1.
func (w *world) leadersRung(ctx context.Context) error {
	if _, err := w.carrier.rung(ctx, leaderNumber, 1); err != nil {
		return err
	}
	w.says("呼叫带班领导,未接 / the leader is called, no answer")
	if err := w.forward(ctx, 30*time.Second); err != nil {
		return err
	}
	if _, err := w.carrier.rung(ctx, deputyNumber, 1); err != nil {
		return err
	}
	if err := w.carrier.set(ctx, leaderNumber, line{Behaviour: "answer", AnswerAfterMS: 300, Press: "1", PressAfterMS: 600}); err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		if calls, err := w.carrier.calls(ctx, leaderNumber); err != nil || len(calls) > 1 {
			return err
		}
		if err := w.console.post(ctx, "/dev/clock", map[string]string{"advance": "10s"}, nil); err != nil {
			return err
		}
		return errors.New("the leader was not called again")
	})
}

// messageKept looks for the order, its audio and the officers' text.
func (w *world) messageKept(ctx context.Context) error {
	v, err := newest(ctx, w.console, "/api/v1/voicemails", func(v voicemailSeen) error {
		return want("urgent", v.Urgent, true)
	})
	if err != nil {
		return err
	}
	if err := w.console.happened(ctx, v.Order, "note"); err != nil {
		return fmt.Errorf("the leader's confirmation: %w", err)
	}
	o, err := w.console.order(ctx, v.Order, func(o orderSeen) error {
		return errors.Join(want("channel", o.Channel, "voicemail"), want("urgent", o.Urgent, true))
	})
	if err != nil {
		return err
	}
	length, err := w.console.audio(ctx, v.ID)
	if err != nil {
		return err
	}
	if length < 3*time.Second {
		return fmt.Errorf("the message's audio lasts %v", length)
	}
	t, err := w.carrier.text(ctx, dutyNumber, o.Number)
	if err != nil {
		return err
	}
	w.says("领导按 1 确认;工单 / confirmed; order %s, 录音 / audio %v", o.Number, length.Round(100*time.Millisecond))
	w.says("值班手机收到 / the duty phone gets: %s", t.Text)
	return nil
}

// voicemailSeen is a message as the API shows it.
type voicemailSeen struct {
	ID, Order, Reason string
	Urgent            bool
	Seconds           float64
}

// audio fetches a message's recording and tells how long its samples last.
func (c *consoleClient) audio(ctx context.Context, id string) (time.Duration, error) {
	var wav []byte
	reason := map[string]string{"reason": "演示 / demonstration"}
	if err := c.post(ctx, "/api/v1/voicemails/"+id+"/listen", reason, nil); err != nil {
		return 0, err
	}
	if err := c.get(ctx, "/api/v1/voicemails/"+id+"/audio", &wav); err != nil {
		return 0, err
	}
	if len(wav) < 44 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return 0, fmt.Errorf("the audio of %s is no WAV file (%d bytes)", id, len(wav))
	}
	perSecond := binary.LittleEndian.Uint32(wav[28:32])
	return time.Duration(len(wav)-44) * time.Second / time.Duration(perSecond), nil
}
