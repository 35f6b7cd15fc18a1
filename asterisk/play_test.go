package asterisk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk"
)

// play is a playback of the house's sounds.
func (h *house) play(names ...string) asterisk.PlayOptions {
	o := asterisk.PlayOptions{}
	for _, n := range names {
		o.Sounds = append(o.Sounds, h.sound(n))
		o.Expect += soundLengths[n]
	}
	return o
}

// long is a playback that lasts longer than a machine stands still.
func (h *house) long() asterisk.PlayOptions {
	return h.play(slices.Repeat([]string{"welcome"}, 30)...)
}

func TestPlayAndGather(t *testing.T) {
	h := newHouse(t)
	t.Run("a list is one playback without a gap", func(t *testing.T) { aListIsOnePlaybackWithoutAGap(t, h) })

	t.Run("a missing sound is said to be missing", func(t *testing.T) { aMissingSoundIsSaidToBeMissing(t, h) })

	t.Run("hanging up ends a playback", func(t *testing.T) { hangingUpEndsAPlayback(t, h) })

	for _, test := range []struct {
		name    string
		options asterisk.GatherOptions
		keys    string
		passes  time.Duration // once the keys are there
		want    asterisk.Gathered
	}{
		{
			name:    "one key stops the prompt",
			options: asterisk.GatherOptions{Prompt: h.long(), Valid: "123"}, keys: "3",
			want: asterisk.Gathered{Digits: "3", End: asterisk.GatherDone},
		},
		{
			name:    "a wrong key is told at once",
			options: asterisk.GatherOptions{Prompt: h.long(), Valid: "123"}, keys: "7",
			want: asterisk.Gathered{Digits: "7", End: asterisk.GatherWrongKey},
		},
		{
			name:    "no key",
			options: asterisk.GatherOptions{Prompt: h.play("welcome"), FirstDigit: 100 * time.Millisecond},
			want:    asterisk.Gathered{End: asterisk.GatherNoKey},
		},
		{
			name:    "several digits and a finish key",
			options: asterisk.GatherOptions{Prompt: h.play("welcome"), Max: 12, Min: 4, Finish: "#", BetweenDigits: time.Hour}, keys: "12345#",
			want: asterisk.Gathered{Digits: "12345", Finish: "#", End: asterisk.GatherDone},
		},
		{
			name: "too few digits",
			options: asterisk.GatherOptions{
				Prompt: h.play("welcome"), Max: 4, Min: 4, BetweenDigits: time.Hour,
			}, keys: "12", passes: time.Hour,
			want: asterisk.Gathered{Digits: "12", End: asterisk.GatherPartial},
		},
		{
			name: "overall limit",
			options: asterisk.GatherOptions{
				Prompt: h.play("welcome"), Max: 20, Overall: 10 * time.Minute, BetweenDigits: time.Hour,
			}, keys: "12", passes: 10 * time.Minute,
			want: asterisk.Gathered{Digits: "12", End: asterisk.GatherDone},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := make(chan asterisk.Gathered, 1)
			d := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
				g, err := c.Gather(ctx, test.options)
				if err != nil {
					t.Error(err)
				}
				got <- g
				<-ctx.Done()
			}), nil)
			s := h.dial(t)
			hears(t, s, "welcome")
			if test.keys != "" {
				press(t, s, test.keys)
			}
			if test.passes > 0 {
				d.passes(t, test.passes, len(test.keys), got)
			}
			if diff := cmp.Diff(test.want, soon(t, got, "the keys")); diff != "" {
				t.Errorf("gathered (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("a finish key after the last digit belongs to it", func(t *testing.T) { aLateFinishKeyBelongsToItsInput(t, h) })
	t.Run("type-ahead is for the next gather, unless it flushes", func(t *testing.T) { typeAheadIsForTheNextGatherUnlessItFlushes(t, h) })
}

// passes lets time pass once so many keys are there, until an input is over.
func (d *desk) passes(t *testing.T, by time.Duration, keys int, got <-chan asterisk.Gathered) {
	t.Helper()
	until(t, "the keys are there", func() bool {
		st := d.Stats()
		return st.Events["ChannelDtmfReceived"] == uint64(keys) && st.Waiting == 0
	})
	tick := time.NewTicker(10 * time.Millisecond) // the last key may not have set its timer yet
	defer tick.Stop()
	for limit := within(t, patience); len(got) == 0 && limit.Err() == nil; <-tick.C {
		d.clock.advance(by)
	}
}

func aLateFinishKeyBelongsToItsInput(t *testing.T, h *house) {
	for _, keys := range []string{"1234#5#", "1234,#,,5#"} { // typed ahead, and during the next prompt
		got := make(chan asterisk.Gathered, 2)
		d := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
			for _, o := range []asterisk.GatherOptions{
				{Prompt: h.play("welcome"), Max: 4, Min: 4, Finish: "#"}, {Prompt: h.play("menu"), Max: 4, Finish: "#"},
			} {
				g, err := c.Gather(ctx, o)
				if err != nil {
					t.Error(err)
				}
				got <- g
			}
			<-ctx.Done()
		}), nil)
		s := h.dial(t)
		hears(t, s, "welcome")
		s.Press(within(t, patience), keys)
		soon(t, got, "the code")
		want := asterisk.Gathered{Digits: "5", Finish: "#", End: asterisk.GatherDone}
		if diff := cmp.Diff(want, soon(t, got, "the next input")); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", keys, diff)
		}
		s.Hangup(within(t, patience))
		d.stop() // or it would claim the next call
	}
}

func aListIsOnePlaybackWithoutAGap(t *testing.T, h *house) {
	const most = 3500 * time.Millisecond
	played := make(chan asterisk.Playback, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		var p asterisk.Playback
		for range 5 { // a machine that stands still for a moment is not what is measured
			var err error
			if p, err = c.Play(ctx, h.play("menu", "welcome")); err != nil {
				t.Error(err)
			}
			if p.Elapsed <= most {
				break
			}
		}
		if c.Caller() != "13800138000" || c.Dialed() != "12345" {
			t.Errorf("caller %s, dialed %s", c.Caller(), c.Dialed())
		}
		played <- p
	}), nil)
	s := h.dial(t)
	hears(t, s, "menu")
	hears(t, s, "welcome")
	p := soon(t, played, "the playback")
	if p.End != asterisk.PlayDone || p.Elapsed < 2900*time.Millisecond || p.Elapsed > most {
		t.Errorf("playback %+v, want done in 3 s", p)
	}
	soon(t, s.Context().Done(), "the hang-up when the handler returned")
}

func aMissingSoundIsSaidToBeMissing(t *testing.T, h *house) {
	played := make(chan asterisk.Playback, 2)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		p, _ := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{h.sound("nothing")}})
		played <- p
		p, _ = c.Play(ctx, asterisk.PlayOptions{
			Sounds: []string{h.sound("nothing"), h.sound("ringback")}, Expect: 5 * time.Second,
		})
		played <- p
	}), nil)
	h.dial(t)
	for range 2 {
		if p := soon(t, played, "the playback"); p.End != asterisk.PlayFailed {
			t.Errorf("playback %+v, want failed", p)
		}
	}
}

func hangingUpEndsAPlayback(t *testing.T, h *house) {
	ended := make(chan error, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		p, err := c.Play(ctx, h.long())
		if p.End != asterisk.PlayHangup {
			t.Errorf("playback %+v, want hangup", p)
		}
		ended <- err
	}), nil)
	s := h.dial(t)
	hears(t, s, "welcome")
	s.Hangup(context.Background())
	var hangup *asterisk.Hangup
	if err := soon(t, ended, "the hang-up"); !errors.As(err, &hangup) || hangup.By != asterisk.CallerLeft || hangup.Cause != 16 {
		t.Errorf("error %#v, want a hang-up by the caller with cause 16", err)
	}
}

func typeAheadIsForTheNextGatherUnlessItFlushes(t *testing.T, h *house) {
	got := make(chan asterisk.Gathered, 3)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		for _, o := range []asterisk.GatherOptions{
			{Prompt: h.play("welcome")}, {Prompt: h.play("menu")},
			{Flush: true, FirstDigit: 50 * time.Millisecond},
		} {
			g, _ := c.Gather(ctx, o)
			got <- g
			if g.Digits == "2" {
				c.Play(ctx, asterisk.PlayOptions{Sounds: []string{h.sound("menu")}, NoBarge: true})
			}
		}
	}), nil)
	s := h.dial(t)
	hears(t, s, "welcome")
	press(t, s, "123")
	for _, want := range []asterisk.Gathered{
		{Digits: "1", End: asterisk.GatherDone}, {Digits: "2", End: asterisk.GatherDone}, {End: asterisk.GatherNoKey},
	} {
		if diff := cmp.Diff(want, soon(t, got, "the keys")); diff != "" {
			t.Errorf("gathered (-want +got):\n%s", diff)
		}
	}
}
