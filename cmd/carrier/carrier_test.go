package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk/sipphone"
)

// town is a carrier with a hotline of one phone on the other side.
type town struct {
	t       *testing.T
	carrier *carrier
	hotline *sipphone.Phone
}

func newTown(t *testing.T, sounds string) *town {
	t.Helper()
	hotline, err := sipphone.Listen(context.Background(), sipphone.Config{Addr: "127.0.0.1:0", Number: "12345"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hotline.Close)
	const free = "127.0.0.1:0"
	c, err := open(context.Background(), config{
		SIP: [2]string{free, free}, SMPP: free, HTTP: free, Hotline: hotline.Addr(), Number: "12345",
		Sounds: sounds, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return &town{t, c, hotline}
}

func (w *town) context() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	w.t.Cleanup(cancel)
	return ctx
}

// do speaks to the API as a browser would.
func (w *town) do(method, path, body string, into any) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.context(), method, "http://"+w.carrier.web.Addr().String()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if into != nil && res.StatusCode < 300 {
		if err := json.Unmarshal(b, into); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return res.StatusCode
}

func (w *town) must(method, path, body string, into any) {
	w.t.Helper()
	if status := w.do(method, path, body, into); status >= 300 {
		w.t.Fatalf("%s %s: %d", method, path, status)
	}
}

// until watches the carrier's events from before f acts until want is true of one.
func (w *town) until(f func(), want func(event string, data []byte) bool) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.context(), http.MethodGet, "http://"+w.carrier.web.Addr().String()+"/api/events", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	f()
	event := ""
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		if key == "event" {
			event = value
		}
		if key == "data" && want(event, []byte(value)) {
			return
		}
	}
	w.t.Fatal("the event never came")
}

// ring calls a line over a trunk and tells the SIP status that ended it, or 200.
func (w *town) ring(trunk int, number string) (*sipphone.Session, int) {
	w.t.Helper()
	s, err := w.hotline.Call(w.context(), w.carrier.trunks[trunk-1].URI(number), sipphone.CallOptions{
		From: "13800000001", Headers: map[string]string{"P-Asserted-Identity": "<sip:13800000001@127.0.0.1>", "X-Test": "yes"},
	})
	var r *sipphone.Rejected
	switch {
	case errors.As(err, &r):
		return nil, r.Status
	case err != nil:
		w.t.Fatal(err)
	}
	return s, 200
}

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
	w.must("PUT", "/api/lines/13900003333", `{"behaviour":"machine","answer_after_ms":10,"press_after_ms":10,"hangup_after_ms":400}`, nil)
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

func TestBadRequestsAreToldWhatIsWrong(t *testing.T) {
	w := newTown(t, "")
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/api/calls", `{"from":"13800000001","to":"110@evil"}`, 400},
		{"POST", "/api/calls", `{"from":"13800000001","keys":"x"}`, 400},
		{"POST", "/api/calls", `{"form":"1"}`, 400},
		{"POST", "/api/calls", `{}{}`, 400},
		{"POST", "/api/calls", strings.Repeat(" ", longestBody+1) + "{}", 400},
		{"POST", "/api/calls/77/keys", `{"keys":"1"}`, 409},
		{"GET", "/api/calls/77", "", 404},
		{"PUT", "/api/lines/110", `{"behaviour":"explode"}`, 400},
		{"PUT", "/api/lines/110", `{"tone_hz":9000}`, 400},
		{"PUT", "/api/lines/110", `{"answer_after_ms":-1}`, 400},
		{"PUT", "/api/lines/110", `{"trunks":{"3":{"behaviour":"busy"}}}`, 400},
		{"PUT", "/api/lines/999", `{"behaviour":"busy"}`, 404},
		{"PUT", "/api/trunks/3", `{"state":"up"}`, 404},
		{"PUT", "/api/trunks/1", `{"state":"sideways"}`, 400},
		{"POST", "/api/handsets/110/reply", `{"text":"1"}`, 404},
		{"POST", "/api/handsets/13800000001/reply", `{"text":"1"}`, 409},
		{"POST", "/api/handsets/13800000001/reply", `{"text":" ","to":"106"}`, 400},
		{"GET", "/nothing", "", 404},
	} {
		if got := w.do(c.method, c.path, c.body, nil); got != c.want {
			t.Errorf("%s %s %.40s: got %d, want %d", c.method, c.path, c.body, got, c.want)
		}
	}
}

func TestPageIsServedToThisMachineAlone(t *testing.T) {
	w := newTown(t, "")
	for host, want := range map[string]int{"": 200, "localhost:8090": 200, "[::1]:8090": 200, "evil.example": 403} {
		req, err := http.NewRequestWithContext(w.context(), http.MethodGet, "http://"+w.carrier.web.Addr().String()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("host %q: %d, want %d", host, res.StatusCode, want)
		}
		if want == 200 && !bytes.Contains(body, []byte("所有号码均为模拟 / all numbers are simulated")) {
			t.Error("the page does not say that numbers are simulated")
		}
	}
}

func TestStaysOnTheLoopbackAddress(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:5070", "192.0.2.1:5070", "carrier.example:5070", "5070"} {
		if err := onLoopback("127.0.0.1:1", addr); err == nil {
			t.Errorf("%s: no error", addr)
		}
	}
}
