package main

import (
	"context"
	"strings"
	"time"

	"hotline/asterisk"
)

// Gather takes keys from the keyboard.
func (p *walkPhone) Gather(ctx context.Context, o asterisk.GatherOptions) (asterisk.Gathered, error) {
	p.setWanted(o.Max)
	defer p.setWanted(0)
	if _, err := p.Play(ctx, o.Prompt); err != nil {
		return asterisk.Gathered{}, err
	}
	got := ""
	for {
		wait := o.BetweenDigits
		if got == "" {
			wait = o.FirstDigit
		}
		key, err := p.next(ctx, wait)
		if err != nil {
			return asterisk.Gathered{Digits: got}, err
		}
		if key == 0 {
			return timedOut(got, o), nil
		}
		p.print("  ⌨ %c\n", key)
		if strings.IndexByte(o.Finish, key) >= 0 {
			return asterisk.Gathered{Digits: got, Finish: string(key), End: asterisk.GatherDone}, nil
		}
		if o.Valid != "" && strings.IndexByte(o.Valid, key) < 0 {
			return asterisk.Gathered{Digits: string(key), End: asterisk.GatherWrongKey}, nil
		}
		if got += string(key); len(got) >= o.Max {
			return asterisk.Gathered{Digits: got, End: asterisk.GatherDone}, nil
		}
	}
}

// timedOut is what an input comes to when no more keys come.
func timedOut(got string, o asterisk.GatherOptions) asterisk.Gathered {
	switch {
	case got == "":
		return asterisk.Gathered{End: asterisk.GatherNoKey}
	case len(got) < o.Min:
		return asterisk.Gathered{Digits: got, End: asterisk.GatherPartial}
	}
	return asterisk.Gathered{Digits: got, End: asterisk.GatherDone}
}

func (p *walkPhone) setWanted(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = n
}

// Record counts letters as seconds of speech.
func (p *walkPhone) Record(ctx context.Context, o asterisk.RecordOptions) (asterisk.Recording, error) {
	p.print("  ● 录音(每个字母一秒,s 沉默,%s 结束,h 挂机)\n", o.StopKeys)
	rec := asterisk.Recording{Name: o.Name, End: asterisk.RecordMax}
	for rec.Duration < o.Max {
		key, err := p.next(ctx, o.Max)
		switch {
		case p.ctx.Err() != nil:
			rec.End = asterisk.RecordHangup
			return rec, nil
		case err != nil:
			rec.End = asterisk.RecordStopped
			return rec, nil
		case key == 's' || key == 0:
			rec.Duration += o.Silence
			rec.End = asterisk.RecordSilence
			return rec, nil
		case strings.IndexByte(o.StopKeys, key) >= 0:
			rec.End, rec.Key = asterisk.RecordKey, string(key)
			return rec, nil
		}
		rec.Duration += time.Second
		rec.Speech += time.Second
	}
	return rec, nil
}

// answers are the keys by which the far side replies.
var answers = map[byte]asterisk.DialOutcome{
	'a': asterisk.Answered, 'b': asterisk.Busy, 'd': asterisk.Declined, 'x': asterisk.Unreachable,
	'm': asterisk.NotAccepted, 0: asterisk.NoAnswer,
}

// Dial asks the keyboard what the far side does.
func (p *walkPhone) Dial(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error) {
	for _, text := range o.Meanwhile {
		if text != "♪" {
			p.print("  🔊 %s\n", text)
		}
	}
	accept := ""
	if o.Confirm != nil {
		accept = ",接听后须按 1"
	}
	p.print("  ☏ 呼叫 %s(显示 %s,响 %s%s)a/b/d/x/m/_ ?\n", o.Endpoint, o.CallerID, o.Ring, accept)
	for {
		key, err := p.next(ctx, o.Ring)
		if err != nil {
			return asterisk.Dialed{Outcome: asterisk.Abandoned}, err
		}
		outcome, ok := answers[key]
		if !ok {
			continue
		}
		if outcome == asterisk.NotAccepted && o.Confirm == nil {
			outcome = asterisk.Answered // nobody asked: a machine is taken for a person
		}
		p.print("  ☏ %s\n", outcome)
		return asterisk.Dialed{Outcome: outcome}, nil
	}
}

// Whisper is part of ivr.Phone; who plays at the keyboard is no desk.
func (p *walkPhone) Whisper(context.Context, *asterisk.Call, asterisk.PlayOptions) error { return nil }

// Connect talks until f or h is pressed.
func (p *walkPhone) Connect(ctx context.Context, _ *asterisk.Call) (asterisk.LeftFirst, error) {
	p.print("  ⇄ 通话中(f 对方挂机,h 自己挂机)\n")
	for {
		key, err := p.next(ctx, time.Hour)
		if err != nil || key == 0 {
			return asterisk.CallerLeft, nil
		}
		if key == 'f' {
			return asterisk.FarLeft, nil
		}
	}
}
