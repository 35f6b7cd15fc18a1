package sipphone

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

// WaitTone waits until hz was heard for 100 ms, alone or in a mix. It returns
// ErrEnded when the call ends first.
func (e *Ear) WaitTone(ctx context.Context, hz float64) error {
	next, run := -1, 0
	rate := e.codec.Rate()
	code, err := newCoder(e.codec) // G.722 remembers, so this listener has its own
	if err != nil {
		return err
	}
	pcm := make([]int16, e.codec.samples())
	err = e.wait(ctx, func() bool {
		if next < 0 {
			next = e.marked.frames
		}
		for _, f := range e.since(next) {
			n := code.decode(pcm, f.Payload)
			if rms(pcm[:n]) >= quietest && share(pcm[:n], hz, rate) >= mixedShare {
				run++
			} else {
				run = 0
			}
			if run == toneFrames {
				return true
			}
		}
		next = e.total
		return false
	})
	if err != nil {
		return fmt.Errorf("wait for %.0f Hz: %w", hz, err)
	}
	return nil
}

// WaitFrames waits for n frames, whatever they hold.
func (e *Ear) WaitFrames(ctx context.Context, n int) error {
	err := e.wait(ctx, func() bool { return e.total-e.marked.frames >= n })
	if err != nil {
		return fmt.Errorf("wait for %d frames: %w", n, err)
	}
	return nil
}

// WaitKeys waits until keys were pressed in this order, others between them not
// counting as a break.
func (e *Ear) WaitKeys(ctx context.Context, keys string) error {
	err := e.wait(ctx, func() bool {
		left := keys
		for _, k := range e.keys.heard[min(e.marked.keys, len(e.keys.heard)):] {
			left = strings.TrimPrefix(left, string(k.Key))
		}
		return left == ""
	})
	if err != nil {
		return fmt.Errorf("wait for keys %s: %w", keys, err)
	}
	return nil
}

// WaitPrompt waits until the prompt id begins to be heard. It returns as soon as
// the prompt is recognised (three frames); see [Ear.WaitPromptEnd].
func (e *Ear) WaitPrompt(ctx context.Context, id string) (Heard, error) {
	return e.waitHeard(ctx, id, func(h Heard) bool { return true })
}

// WaitPromptEnd waits until the prompt id was heard to its end.
func (e *Ear) WaitPromptEnd(ctx context.Context, id string) (Heard, error) {
	return e.waitHeard(ctx, id, func(h Heard) bool { return h.Complete })
}

func (e *Ear) waitHeard(ctx context.Context, id string, enough func(Heard) bool) (Heard, error) {
	var got Heard
	err := e.wait(ctx, func() bool {
		for _, h := range e.script.all() {
			if h.Is(id) && !h.From.Before(e.marked.at) && enough(h) {
				got = h
				return true
			}
		}
		return false
	})
	if err != nil {
		return got, fmt.Errorf("wait for prompt %s: %w", id, err)
	}
	return got, nil
}

// PCM is what was heard as samples, as far as it is kept. Frames stand where
// their timestamps put them; where nothing was sent there is silence.
func (e *Ear) PCM() (samples []int16, rate int) {
	rate = e.codec.Rate()
	code, err := newCoder(e.codec)
	if err != nil {
		return nil, rate // an Ear is never made with an unknown codec
	}
	size := e.codec.samples()
	pcm := make([]int16, size)
	for i, f := range e.frameTimes() {
		n := code.decode(pcm, f.Payload)
		at := int(f.at/FrameTime) * size
		if at < len(samples) && i > 0 {
			at = len(samples)
		}
		for len(samples) < at {
			samples = append(samples, 0)
		}
		samples = append(samples, pcm[:n]...)
	}
	return samples, rate
}

// placed is a frame with its place on the recording's time line.
type placed struct {
	Frame
	at time.Duration
}

// restart is how far a timestamp may stray from the clock before it is taken for
// a new stream's, as happens when a transfer changes the source.
const restart = 400 * time.Millisecond

func (e *Ear) frameTimes() []placed {
	frames := e.Frames()
	out := make([]placed, len(frames))
	if len(frames) == 0 {
		return out
	}
	anchor, base := frames[0], time.Duration(0)
	for i, f := range frames {
		at := base + time.Duration(int32(f.Stamp-anchor.Stamp))*time.Second/8000
		clock := f.At.Sub(frames[0].At)
		if math.Abs(float64(at-clock)) > float64(restart) {
			anchor, base, at = f, clock, clock
		}
		out[i] = placed{f, at}
	}
	return out
}

// WAV is what was heard as a mono 16-bit file.
func (e *Ear) WAV() []byte { return wavFile(e.PCM()) }

// SaveWAV writes [Ear.WAV] to a file.
func (e *Ear) SaveWAV(path string) error {
	if err := os.WriteFile(path, e.WAV(), 0o600); err != nil {
		return fmt.Errorf("sipphone: save what was heard: %w", err)
	}
	return nil
}
