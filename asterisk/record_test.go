package asterisk_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/sipphone"
)

func TestRecord(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		name    string
		options asterisk.RecordOptions
		speak   time.Duration
		then    func(s *sipphone.Session, d *desk)
		end     asterisk.RecordEnd
		key     string
		speech  time.Duration
	}{
		{
			name: "a key", options: asterisk.RecordOptions{StopKeys: "#*"}, speak: time.Second, end: asterisk.RecordKey, key: "#", speech: time.Second,
			then: func(s *sipphone.Session, _ *desk) { s.Press(context.Background(), "5#") },
		},
		{
			name: "hanging up keeps it", speak: 1200 * time.Millisecond, end: asterisk.RecordHangup, speech: 1200 * time.Millisecond,
			then: func(s *sipphone.Session, _ *desk) { s.Hangup(context.Background()) },
		},
		{
			name: "silence", options: asterisk.RecordOptions{Silence: 2 * time.Second}, speak: time.Second,
			end: asterisk.RecordSilence, speech: time.Second,
		},
		{
			name: "the maximum, on our clock", options: asterisk.RecordOptions{Max: 180 * time.Second}, speak: time.Second,
			then: func(_ *sipphone.Session, d *desk) { d.clock.advance(180 * time.Second) },
			end:  asterisk.RecordMax, speech: time.Second,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			recorded := make(chan asterisk.Recording, 1)
			d := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
				c.Play(ctx, asterisk.PlayOptions{Sounds: []string{h.sound("ringback")}})
				o := test.options
				o.Name, o.Beep = "test/"+c.ID(), true
				r, err := c.Record(ctx, o)
				if err != nil {
					t.Error(err)
				}
				recorded <- r
			}), nil)
			s := h.dial(t)
			if err := s.Ear().WaitTone(within(t, patience), 950); err != nil {
				t.Fatal("no beep:", err)
			}
			s.Ear().WaitFrames(within(t, 200*time.Millisecond), 1<<20) // nothing comes after the beep
			say(t, s, test.speak)
			if test.then != nil {
				test.then(s, d)
			}
			r := soon(t, recorded, "the recording")
			if r.End != test.end || r.Key != test.key {
				t.Errorf("recording %+v, want end %s, key %q", r, test.end, test.key)
			}
			if off := r.Speech - test.speech; off.Abs() > 700*time.Millisecond {
				t.Errorf("speech %v, want about %v (recording %+v)", r.Speech, test.speech, r)
			}
			fetched(t, d.Switch, r)
		})
	}

	t.Run("the stop key counts after an input that was complete without it", func(t *testing.T) { stopKeyAfterACompleteInput(t, h) })
	t.Run("a disk that takes nothing is a failure", func(t *testing.T) { aDiskThatTakesNothingIsAFailure(t, h) })

	t.Run("a format that does not exist is refused", func(t *testing.T) { aFormatThatDoesNotExistIsRefused(t, h) })
}

// say speaks a tone for a while; speaking is real time by nature.
func say(t *testing.T, s *sipphone.Session, d time.Duration) {
	t.Helper()
	pcm := make([]int16, d*8000/time.Second)
	for i := range pcm {
		pcm[i] = int16(8000 * (1 - 2*(i/10%2)))
	}
	if err := s.SayAll(within(t, patience), sipphone.PCM(pcm, 8000)); err != nil {
		t.Fatal(err)
	}
}

// fetched checks that the recording is there over ARI, and is gone once deleted.
func fetched(t *testing.T, sw *asterisk.Switch, r asterisk.Recording) {
	t.Helper()
	ctx := within(t, patience)
	body, err := sw.Recording(ctx, r.Name)
	if err != nil {
		t.Fatal(err)
	}
	wav, err := io.ReadAll(body)
	body.Close()
	if want := int(r.Duration.Seconds() * 16000); err != nil || len(wav) < want {
		t.Errorf("%d bytes, %v; want at least %d", len(wav), err, want)
	}
	for range 2 { // deleting twice is no error
		if err := sw.DeleteRecording(ctx, r.Name); err != nil {
			t.Error(err)
		}
	}
	var refused *asterisk.RequestError
	if _, err := sw.Recording(ctx, r.Name); !errors.As(err, &refused) || refused.Status != 404 {
		t.Errorf("after deletion: %v, want 404", err)
	}
}

func aDiskThatTakesNothingIsAFailure(t *testing.T, h *house) {
	folder := filepath.Join(h.ast.Config.Dir, "spool", "recording", "full")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	recorded := make(chan asterisk.Recording, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		r, err := c.Record(ctx, asterisk.RecordOptions{Name: "full/x", Silence: 5 * time.Second})
		if err != nil {
			t.Error(err)
		}
		recorded <- r
	}), nil)
	h.dial(t)
	if r := soon(t, recorded, "the recording"); r.End != asterisk.RecordFailed {
		t.Errorf("recording %+v, want failed", r)
	}
}

func aFormatThatDoesNotExistIsRefused(t *testing.T, h *house) {
	recorded := make(chan asterisk.Recording, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		r, err := c.Record(ctx, asterisk.RecordOptions{Name: "nowhere/x", Format: "nonsense", Silence: 5 * time.Second})
		var refused *asterisk.RequestError
		if !errors.As(err, &refused) || refused.Status != 422 || refused.Message == "" {
			t.Errorf("error %v, want a refusal in Asterisk's own words", err)
		}
		recorded <- r
	}), nil)
	h.dial(t)
	if r := soon(t, recorded, "the recording"); r.End != asterisk.RecordFailed {
		t.Errorf("recording %+v, want failed", r)
	}
}

func stopKeyAfterACompleteInput(t *testing.T, h *house) {
	recorded := make(chan asterisk.Recording, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		c.Gather(ctx, asterisk.GatherOptions{Prompt: h.play("welcome"), Max: 4, Finish: "#"})
		r, err := c.Record(ctx, asterisk.RecordOptions{Name: "after-code/" + c.ID(), Max: time.Minute, StopKeys: "#", Beep: true})
		if err != nil {
			t.Error(err)
		}
		recorded <- r
		<-ctx.Done()
	}), nil)
	s := h.dial(t)
	hears(t, s, "welcome")
	press(t, s, "1234")
	if err := s.Ear().WaitTone(within(t, patience), 950); err != nil {
		t.Fatal("no beep:", err)
	}
	say(t, s, time.Second)
	press(t, s, "#")
	if r := soon(t, recorded, "the recording"); r.End != asterisk.RecordKey || r.Key != "#" {
		t.Errorf("recording %+v, want it ended by #", r)
	}
}
