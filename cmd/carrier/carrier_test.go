package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk/sipphone"
)

func TestEmergencyLineSpeaksItsToneAndIsOnRecord(t *testing.T) {
	w := newTown(t, "")
	s, status := w.ring(2, "120")
	if status != 200 {
		t.Fatalf("120 answered %d", status)
	}
	if err := s.Ear().WaitTone(w.context(), 700); err != nil {
		t.Fatal(err)
	}
	s.Say(sipphone.Tone(1000))
	if err := s.Press(w.context(), "5"); err != nil {
		t.Fatal(err)
	}
	w.until(func() {}, func(event string, data []byte) bool {
		return event == "call" && bytes.Contains(data, []byte(`"tones_hz":[1000`))
	})
	w.until(func() { _ = s.Hangup(w.context()) }, func(event string, data []byte) bool {
		return event == "call" && bytes.Contains(data, []byte(`"ended_by":"hotline"`))
	})
	var calls []call
	w.must("GET", "/api/calls", "", &calls)
	if len(calls) != 1 {
		t.Fatalf("%d calls on record", len(calls))
	}
	got := calls[0]
	if got.FromHeader == "" || got.Frames == 0 || got.RingingAt < got.InvitedAt || got.AnsweredAt < got.RingingAt || got.EndedAt < got.AnsweredAt {
		t.Errorf("record %+v", got)
	}
	if len(got.Tones) == 0 || math.Abs(float64(got.Tones[0]-1000)) > 20 {
		t.Errorf("tones %v", got.Tones)
	}
	type essence struct {
		Kind, From, PAI, To, Codec, Keys, By string
		Trunk, Cause                         int
		X                                    string
	}
	want := essence{"line", "13800000001", "13800000001", "120", "PCMA", "5", "hotline", 2, 16, "yes"}
	if diff := cmp.Diff(want, essence{got.Kind, got.From, got.PAI, got.To, got.Codec, got.Keys, got.EndedBy, got.Trunk, got.Cause, got.Headers["X-Test"]}); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if status := w.do("GET", "/api/calls/"+got.ID+"/heard.wav", "", nil); status != 200 {
		t.Errorf("sound of the call: %d", status)
	}
	w.must("DELETE", "/api/record", "", nil)
	if w.must("GET", "/api/calls", "", &calls); len(calls) != 0 {
		t.Errorf("%d calls after the reset", len(calls))
	}
}

func TestLinesFollowTheirScripts(t *testing.T) {
	w := newTown(t, "")
	for _, c := range []struct {
		number, script string
		trunk, want    int
	}{
		{"110", `{"behaviour":"busy"}`, 1, 486},
		{"110", `{"behaviour":"decline","answer_after_ms":10}`, 1, 603},
		{"13911112222", `{"behaviour":"unavailable"}`, 1, 480},
		{"8001", `{"answer_after_ms":10}`, 1, 200},
		{"8009", `{"trunks":{"1":{"behaviour":"busy"}}}`, 1, 486},
		{"8008", `{"answer_after_ms":10,"trunks":{"1":{"behaviour":"busy"}}}`, 2, 200},
		{"+8613911113333", `{"answer_after_ms":10}`, 1, 200},
	} {
		t.Run(fmt.Sprintf("%s %s on %d", c.number, c.script, c.trunk), func(t *testing.T) {
			w.must("PUT", "/api/lines/"+c.number, c.script, nil)
			if _, got := w.ring(c.trunk, c.number); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	if _, got := w.ring(1, "999"); got != 404 {
		t.Errorf("a number nobody has: %d", got)
	}
	var l line
	w.must("PATCH", "/api/lines/8008", `{"tone_hz":700}`, &l)
	if l.ToneHz != 700 || l.AnswerMS != 10 || l.Trunks["1"].Behaviour != busy {
		t.Errorf("a patch changed more than it said: %+v", l)
	}
	l = line{}
	w.must("PUT", "/api/lines/8008", `{"tone_hz":700}`, &l)
	if l.AnswerMS != 1000 || len(l.Trunks) != 0 {
		t.Errorf("a put left something of before: %+v", l)
	}
	w.must("DELETE", "/api/lines", "", nil)
	if w.must("GET", "/api/lines/110", "", &l); l.Behaviour != answers {
		t.Errorf("110 after the reset: %+v", l)
	}
}

func TestNobodyAnswersUntilTheCallerGivesUp(t *testing.T) {
	w := newTown(t, "")
	w.must("PUT", "/api/lines/13900001111", `{"behaviour":"noanswer"}`, nil)
	ctx, giveUp := context.WithCancel(w.context())
	w.until(func() {
		_, err := w.hotline.Call(ctx, w.carrier.trunks[0].URI("13900001111"), sipphone.CallOptions{Progress: func(int) { giveUp() }})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}, func(event string, data []byte) bool {
		return event == "call" && bytes.Contains(data, []byte(`"status":487`)) && bytes.Contains(data, []byte(`"ended_by":"hotline"`))
	})
}

// A duty officer presses 1; a mobile's own voicemail answers too, and never does.
func TestMobilePressesOneAndItsVoicemailDoesNot(t *testing.T) {
	w := newTown(t, "")
	w.must("PUT", "/api/lines/13900002222", `{"answer_after_ms":10,"press_after_ms":10}`, nil)
	s, _ := w.ring(1, "13900002222")
	if err := s.Ear().WaitKeys(w.context(), "1"); err != nil {
		t.Error(err)
	}
	w.must("PUT", "/api/lines/13900003333", `{"behaviour":"machine","answer_after_ms":10,"press_after_ms":10,"hangup_after_ms":3000}`, nil)
	s, _ = w.ring(1, "13900003333")
	if err := s.Ear().WaitTone(w.context(), 440); err != nil {
		t.Error(err)
	}
	<-s.Context().Done()
	if keys := s.Ear().Keys(); len(keys) != 0 {
		t.Errorf("the machine pressed %v", keys)
	}
}

func TestTrunkGoesDownAndComesBack(t *testing.T) {
	w := newTown(t, "")
	w.must("PUT", "/api/trunks/1", `{"state":"down"}`, nil)
	if _, got := w.ring(1, "110"); got != 503 {
		t.Errorf("down: %d", got)
	}
	if _, got := w.ring(2, "110"); got != 200 {
		t.Errorf("the other trunk: %d", got)
	}
	w.must("PUT", "/api/trunks/1", `{"state":"up"}`, nil)
	if _, got := w.ring(1, "110"); got != 200 {
		t.Errorf("back up: %d", got)
	}
}

func TestTestCallHearsPromptsAndPressesKeys(t *testing.T) {
	dir := t.TempDir()
	const hash = "0123456789abcdef0123456789abcdef"
	sound := make([]byte, 30*sipphone.FrameBytes)
	for i := range sound {
		sound[i] = byte(i*i>>3) &^ 0x55 // loud enough in every frame, and no two alike
	}
	manifest := `{"format":3,"sounds":[{"id":"welcome","lang":"zh","hash":"` + hash + `","ms":600,"text":"您好"}]}`
	for name, data := range map[string][]byte{"manifest.json": []byte(manifest), "zh/01/" + hash + ".alaw": sound} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	w := newTown(t, dir)
	w.hotline.Serve(func(in *sipphone.Incoming) {
		_ = in.Ring()
		s, err := in.Answer()
		if err != nil {
			t.Errorf("answer: %v", err)
			return
		}
		if err := s.Ear().WaitKeys(s.Context(), "93"); err != nil {
			t.Errorf("keys: %v", err)
		}
		s.Say(sipphone.Payload(sound))
	})
	var placed call
	w.until(func() {
		w.must("POST", "/api/calls", `{"from":"13800000001","keys":"9,"}`, &placed)
	}, func(_ string, data []byte) bool { return bytes.Contains(data, []byte(`"pressed":"9,"`)) })
	w.until(func() {
		w.must("POST", "/api/calls/"+placed.ID+"/keys", `{"keys":"3"}`, nil)
	}, func(_ string, data []byte) bool {
		return bytes.Contains(data, []byte(`"text":"您好"`)) && bytes.Contains(data, []byte(`"complete":true`))
	})
	w.must("POST", "/api/calls/"+placed.ID+"/say", `{"ms":100}`, nil)
	w.must("DELETE", "/api/calls/"+placed.ID, "", nil)
	if status := w.do("DELETE", "/api/calls/"+placed.ID, "", nil); status != 409 {
		t.Errorf("hanging up twice: %d", status)
	}
}

func TestTestCallThatNobodyTakesCanBeGivenUp(t *testing.T) {
	w := newTown(t, "")
	var placed call
	w.until(func() {
		w.must("POST", "/api/calls", `{"from":"13800000001"}`, &placed)
		in, err := w.hotline.Next(w.context())
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Ring(); err != nil {
			t.Error(err)
		}
		w.must("DELETE", "/api/calls/"+placed.ID, "", nil)
		<-in.Context().Done()
	}, func(event string, data []byte) bool {
		return event == "call" && bytes.Contains(data, []byte(`"ended_by":"us"`))
	})
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	t.Run("a call is up", func(t *testing.T) {
		w := newTown(t, "")
		if _, status := w.ring(1, "110"); status != 200 {
			t.Fatalf("110 answered %d", status)
		}
		t.Cleanup(http.DefaultClient.CloseIdleConnections)
	})
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; <-ticker.C {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines more than before:\n%s", runtime.NumGoroutine()-before, buf[:runtime.Stack(buf, true)])
		}
	}
}
