package sipphone

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zaf/g711"
)

func TestTonesBothWays(t *testing.T) {
	here, there := talk(t, Config{}, Config{})
	ctx := testContext(t)
	here.Say(Tone(440))
	there.Say(Tone(1000))
	if err := there.Ear().WaitTone(ctx, 440); err != nil {
		t.Error(err)
	}
	if err := here.Ear().WaitTone(ctx, 1000); err != nil {
		t.Error(err)
	}
	here.Say(Tone(660))
	there.Ear().Mark()
	if err := there.Ear().WaitTone(ctx, 660); err != nil {
		t.Error(err)
	}
	var got []int
	for _, h := range there.Ear().Tones() {
		got = append(got, int(math.Round(h.Hz/10)*10))
	}
	if diff := cmp.Diff([]int{440, 660}, got); diff != "" {
		t.Errorf("tones heard (-want +got):\n%s", diff)
	}
	if s := there.Stats(); s.Lost != 0 || s.Received < 10 || s.Stray != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestKeysBothWays(t *testing.T) {
	here, there := talk(t, Config{}, Config{})
	ctx := testContext(t)
	here.Say(Tone(440))   // speech goes on around the keys
	var between time.Time // all keys but the last and it
	var both sync.WaitGroup
	both.Go(func() {
		for _, keys := range []string{"92", ",#"} {
			between = time.Now()
			if err := here.Press(ctx, keys); err != nil {
				t.Error(err)
			}
		}
	})
	both.Go(func() {
		if err := there.Press(ctx, "1*0D"); err != nil {
			t.Error(err)
		}
	})
	both.Wait()
	if err := there.Ear().WaitKeys(ctx, "92#"); err != nil {
		t.Error(err)
	}
	if err := here.Ear().WaitKeys(ctx, "1*0D"); err != nil {
		t.Error(err)
	}
	keys := there.Ear().Keys()
	if len(keys) != 3 {
		t.Fatalf("heard %d keys, want 3: %+v", len(keys), keys)
	}
	if gap := time.Duration(keys[2].Stamp-keys[1].Stamp) * time.Second / 8000; gap < 400*time.Millisecond { // 200 ms without it
		t.Errorf("the pause lasted only %v", gap)
	}
	if at := here.Released(); !at.After(between) || at.After(time.Now()) {
		t.Errorf("the last key came up at %v, the one before it before %v", at, between)
	}
	for _, k := range keys {
		if k.For != 100*time.Millisecond {
			t.Errorf("key %c lasted %v", k.Key, k.For)
		}
	}
	if err := here.Press(ctx, "x"); err == nil {
		t.Error("x is not a key")
	}
}

func TestWaitingEndsWithTheCall(t *testing.T) {
	here, there := talk(t, Config{}, Config{})
	heard := make(chan error, 1)
	go func() { heard <- there.Ear().WaitTone(t.Context(), 440) }()
	if err := here.Hangup(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := <-heard; !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
	var e *Ended
	if err := there.Press(t.Context(), "1"); !errors.As(err, &e) {
		t.Errorf("pressing after the end: %v", err)
	}
}

// speech is sound that no other prompt has, framed by silence.
func speech(seed uint64, frames int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := bytes.Repeat([]byte{g711.EncodeAlawFrame(0)}, (frames+4)*FrameBytes)
	for i := 2 * FrameBytes; i < (frames+2)*FrameBytes; i++ {
		b[i] = g711.EncodeAlawFrame(int16(r.IntN(8000) - 4000))
	}
	return b
}

func TestPromptsAreRecognisedByTheirBytes(t *testing.T) {
	dir := t.TempDir()
	sounds := map[string][]byte{"welcome": speech(1, 20), "menu": speech(2, 20), "digits/1": speech(3, 8), "digits/2": speech(4, 8)}
	sounds["same"] = sounds["digits/2"]
	for name, b := range sounds {
		file := filepath.Join(dir, name+".alaw")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	index, err := IndexDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	here, there := talk(t, Config{Index: index}, Config{})
	ctx := testContext(t)
	for _, name := range []string{"welcome", "digits/1", "digits/2"} {
		if err := there.SayAll(ctx, Payload(sounds[name])); err != nil {
			t.Fatal(err)
		}
	}
	there.Say(Payload(sounds["menu"]))
	if _, err := here.Ear().WaitPrompt(ctx, "menu"); err != nil {
		t.Fatal(err)
	}
	there.Hush() // barge-in
	if err := there.SayAll(ctx, Payload(sounds["welcome"])); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Ear().WaitPromptEnd(ctx, "same"); err != nil {
		t.Error(err)
	}
	type line struct {
		ID       string
		Same     bool
		Complete bool
	}
	var got []line
	for _, h := range here.Ear().Heard() {
		got = append(got, line{h.ID, h.Is("same"), h.Complete})
	}
	// Which of two equal sounds names a row depends on the order of the folder.
	want := []line{{"welcome", false, true}, {"digits/1", false, true}, {"digits/2", true, true}, {"menu", false, false}, {"welcome", false, true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// A lost packet is a gap in a prompt, not the end of it.
func TestTranscriptSurvivesLossAndSharedFrames(t *testing.T) {
	a := speech(1, 20)
	b := append(bytes.Clone(a[:12*FrameBytes]), speech(2, 10)...)
	x := NewIndex()
	x.Add("a", PCMA, a)
	x.Add("b", PCMA, b)
	script := transcript{index: x}
	at := time.Unix(0, 0)
	for i, lost := 0, 0; i < len(b)/FrameBytes; i++ {
		if i == 15 || i == 16 {
			lost++
			continue
		}
		script.add(PCMA, b[i*FrameBytes:(i+1)*FrameBytes], lost, at.Add(time.Duration(i)*FrameTime))
		lost = 0
	}
	got := script.all()
	want := []Heard{{ID: "b", From: at.Add(2 * FrameTime), Offset: 2 * FrameTime, For: 22 * FrameTime, Complete: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func TestWhatWasHeardIsSaved(t *testing.T) {
	here, there := talk(t, Config{}, Config{})
	ctx := testContext(t)
	here.Say(Tone(440))
	if err := there.Ear().WaitTone(ctx, 440); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "heard.wav")
	if err := there.Ear().SaveWAV(file); err != nil {
		t.Fatal(err)
	}
	sound, err := ReadWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	if sound.rate != 8000 || len(sound.pcm) < 5*160 {
		t.Fatalf("%d samples at %d", len(sound.pcm), sound.rate)
	}
	there.Say(sound)
	if err := here.Ear().WaitTone(ctx, 440); err != nil {
		t.Errorf("saying what was saved: %v", err)
	}
}

func TestEarIsBounded(t *testing.T) {
	ear, err := newEar(PCMA, Config{Keep: 200 * time.Millisecond}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 35 {
		ear.hear(packet{seq: uint16(i), stamp: uint32(i) * FrameBytes, body: bytes.Repeat([]byte{byte(i)}, FrameBytes)}, 0)
	}
	frames := ear.Frames()
	if ear.Count() != 35 || len(frames) != 10 || frames[0].Seq != 25 || frames[9].Seq != 34 || frames[9].Payload[0] != 34 {
		t.Errorf("counted %d, kept %d from %d", ear.Count(), len(frames), frames[0].Seq)
	}
}

// A hundred calls at once must each be heard without a hole: the demo and the
// tests put that many on one machine.
func TestManyCallsAtOnce(t *testing.T) {
	const calls = 100
	a, b := openPhone(t, Config{}), openPhone(t, Config{})
	ctx := testContext(t)
	b.Serve(func(in *Incoming) {
		s, err := in.Answer()
		if err != nil {
			t.Errorf("answer: %v", err)
			return
		}
		s.Say(Tone(600))
	})
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			s, err := a.Call(ctx, b.URI("1"), CallOptions{})
			if err != nil {
				t.Errorf("call: %v", err)
				return
			}
			if err := s.Ear().WaitTone(ctx, 600); err != nil {
				t.Error(err)
			}
			if err := s.Ear().WaitFrames(ctx, 50); err != nil {
				t.Error(err)
			}
			// A socket's buffer overflows where a machine stands still, and all that was held up is said at once.
			if st := s.Stats(); st.Lost > 0 && st.MaxGap < time.Second/2 {
				t.Errorf("lost %d of %d packets, and never heard none for longer than %s", st.Lost, st.Received, st.MaxGap)
			}
			if err := s.Hangup(ctx); err != nil {
				t.Errorf("hang up: %v", err)
			}
		})
	}
	all.Wait()
}
