package asterisk

import (
	"context"
	"errors"
	"strings"
	"time"
)

const (
	defaultFirstDigit    = 5 * time.Second
	defaultBetweenDigits = 3 * time.Second
)

// Gather plays a prompt and takes keys; GatherOptions and GatherEnd tell how. A key
// pressed during the prompt stops it (unless Prompt.NoBarge) and counts, and so do keys
// typed before, which skip the prompt, unless Flush. Whatever is typed past the end of
// this input stays for the next. Times count from the prompt's end; FirstDigit is 5 s
// and BetweenDigits 3 s when not given.
//
// A prompt that cannot be played is skipped. The error is only ever the cause of ctx or
// of the call's context; Digits then holds what had been pressed.
func (c *Call) Gather(ctx context.Context, o GatherOptions) (Gathered, error) {
	if err := c.over(ctx); err != nil {
		return Gathered{}, err
	}
	defer c.busy("gathering")()
	c.drain()
	if o.Flush {
		c.keys, c.late = nil, ""
	}
	c.box.begin(entry{max: o.Max, typed: len(c.keys), finish: o.Finish})
	defer c.reguard()
	if len(c.keys) == 0 && len(o.Prompt.Sounds) > 0 {
		if _, err := c.Play(ctx, o.Prompt); err != nil && c.over(ctx) != nil {
			return Gathered{}, err
		}
	}
	in := newInput(c.sw, o)
	defer func() { in.timer.cancel() }()
	return in.run(ctx, c)
}

// input is one running Gather after its prompt.
type input struct {
	sw    *Switch
	o     GatherOptions
	got   []byte
	timer *alarm    // for the next key
	until time.Time // Overall's end, once there is a first key
}

func newInput(s *Switch, o GatherOptions) *input {
	o.Max = max(o.Max, 1)
	o.Min = min(max(o.Min, 1), o.Max)
	if o.FirstDigit <= 0 {
		o.FirstDigit = defaultFirstDigit
	}
	if o.BetweenDigits <= 0 {
		o.BetweenDigits = defaultBetweenDigits
	}
	return &input{sw: s, o: o, timer: s.after(o.FirstDigit)}
}

func (in *input) run(ctx context.Context, c *Call) (Gathered, error) {
	for {
		for len(c.keys) > 0 {
			key := c.keys[0]
			c.keys = c.keys[1:]
			if g, over := in.press(key); over {
				c.finished(g, in.o)
				return g, nil
			}
		}
		_, err := c.await(ctx, in.timer)
		switch {
		case errors.Is(err, errTimeUp):
			return in.timeUp(), nil
		case err != nil:
			return Gathered{Digits: string(in.got)}, err
		}
	}
}

// finished forgets the finish key of an input that had all its digits, typed already or
// still to come.
func (c *Call) finished(g Gathered, o GatherOptions) {
	if g.End != GatherDone || g.Finish != "" || o.Finish == "" {
		return
	}
	c.late = o.Finish
	if len(c.keys) > 0 && c.belated(c.keys[0]) {
		c.keys = c.keys[1:]
	}
}

// press takes one key and reports whether it ended the input.
func (in *input) press(key byte) (Gathered, bool) {
	if strings.IndexByte(in.o.Finish, key) >= 0 {
		g := Gathered{Digits: string(in.got), Finish: string(key), End: GatherDone}
		if len(in.got) < in.o.Min {
			g.End = GatherPartial
		}
		return g, true
	}
	if in.o.Valid != "" && strings.IndexByte(in.o.Valid, key) < 0 {
		return Gathered{Digits: string(key), End: GatherWrongKey}, true
	}
	in.got = append(in.got, key)
	if len(in.got) >= in.o.Max {
		return Gathered{Digits: string(in.got), End: GatherDone}, true
	}
	in.timer.cancel()
	in.timer = in.sw.after(in.untilNext())
	return Gathered{}, false
}

// untilNext is how long the next key may take: BetweenDigits, or what is left of Overall.
func (in *input) untilNext() time.Duration {
	d := in.o.BetweenDigits
	if in.o.Overall <= 0 {
		return d
	}
	now := in.sw.cfg.Clock.Now()
	if in.until.IsZero() {
		in.until = now.Add(in.o.Overall)
	}
	return max(min(d, in.until.Sub(now)), time.Nanosecond)
}

func (in *input) timeUp() Gathered {
	g := Gathered{Digits: string(in.got), End: GatherPartial}
	switch {
	case len(in.got) == 0:
		g.End = GatherNoKey
	case len(in.got) >= in.o.Min:
		g.End = GatherDone
	}
	return g
}
