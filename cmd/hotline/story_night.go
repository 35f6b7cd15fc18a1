package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
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
	if err := c.get(ctx, "/api/v1/voicemails/"+id+"/audio", &wav); err != nil {
		return 0, err
	}
	if len(wav) < 44 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return 0, fmt.Errorf("the audio of %s is no WAV file (%d bytes)", id, len(wav))
	}
	perSecond := binary.LittleEndian.Uint32(wav[28:32])
	return time.Duration(len(wav)-44) * time.Second / time.Duration(perSecond), nil
}

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
		if err := w.leave(ctx, m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

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
	if err := w.speak(ctx, s, 1200*time.Millisecond); err != nil {
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
		return fmt.Errorf("silence ended the message after %v, not 5 s", took)
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

// playQuery makes an order by text, hears what became of it, and locks it by three
// wrong codes (ZZ-18.3).
func playQuery(ctx context.Context, w *world) error {
	r, err := w.request(ctx, textNumber, "人民路与建设街路口的路灯坏了三天,请派人修理。")
	if err != nil {
		return err
	}
	o, err := w.console.order(ctx, r.Number, func(o orderSeen) error { return want("channel", o.Channel, "sms") })
	if err != nil {
		return err
	}
	if err := w.ask(ctx, o.Digits, []string{r.PIN}, "query-result-registered.1"); err != nil {
		return err
	}
	wrong := wrongCodes(r.PIN)
	if err := w.ask(ctx, o.Digits, wrong, "query-locked"); err != nil {
		return err
	}
	w.says("锁定期间正确的查询码也不行 / while it is locked the right code fails too")
	if err := w.ask(ctx, o.Digits, []string{r.PIN}, "query-locked"); err != nil {
		return err
	}
	return w.forward(ctx, 11*time.Minute)
}

// wrongCodes are three codes that are not pin.
func wrongCodes(pin string) []string {
	var codes []string
	for d := '1'; len(codes) < 3; d++ {
		if c := strings.Repeat(string(d), 4); c != pin {
			codes = append(codes, c)
		}
	}
	return codes
}

// ask calls the query with these codes one after the other and waits for a prompt.
func (w *world) ask(ctx context.Context, digits string, codes []string, expect string) error {
	s, err := w.dial(ctx, citizenNumber)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := w.press(ctx, s, "8"); err != nil {
		return err
	}
	for i, code := range codes {
		if i > 0 {
			if err := w.hears(ctx, s, "query-wrong"); err != nil {
				return err
			}
			s.Ear().Mark()
		}
		if err := w.hears(ctx, s, "query-number"); err != nil {
			return err
		}
		if err := w.press(ctx, s, digits+"#"); err != nil {
			return err
		}
		if err := w.hears(ctx, s, "query-pin"); err != nil {
			return err
		}
		if err := s.Press(ctx, code+"#"); err != nil {
			return err
		}
		w.says("按查询码 / presses the code")
	}
	return w.hears(ctx, s, expect)
}

// playConfidential asks about an informant's order: one sentence, nothing else.
func playConfidential(ctx context.Context, w *world) error {
	var made orderSeen
	err := w.console.post(ctx, "/api/v1/orders", map[string]any{"type": "report", "phone": citizenNumber,
		"channel": "phone", "summary": "反映某单位违规收费"}, &made)
	if err != nil {
		return err
	}
	s, err := w.dial(ctx, citizenNumber)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := s.Press(ctx, "8,,"+made.Digits+"#"+made.PIN+"#"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "query-confidential", "goodbye"); err != nil {
		return err
	}
	if heard := transcript(s); strings.Contains(heard, "query-result") || strings.Contains(heard, "tok-") {
		return fmt.Errorf("an informant's order told more than the confidentiality sentence: %s", heard)
	}
	if strings.Contains(made.Phone, citizenNumber[7:]) {
		return fmt.Errorf("the API shows an informant's number: %s", made.Phone)
	}
	return nil
}
