package voice

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestVoicesThatCannotBeUsed(t *testing.T) {
	t.Setenv("HOTLINE_TEST_KEY", "")
	old := filepath.Join(t.TempDir(), "bin")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	// An engine as old as the one that reads hanzi as English words.
	program := "#!/bin/sh\ncase \"$*\" in *--version*) echo 'eSpeak NG text-to-speech: 1.51 Data at: " + old + "';;\n" +
		"*) while [ $# -gt 1 ]; do [ \"$1\" = -w ] && cat " + sayer(t, 400) + " > \"$2\"; shift; done; echo '(en)nI55nt';; esac\n"
	for name, text := range map[string]string{"espeak-ng": program, "flite": "#!/bin/sh\necho 'Voices available: kal '\n"} {
		if err := os.WriteFile(filepath.Join(old, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(old, "voices"), 0o755); err != nil {
		t.Fatal(err)
	}
	voices := `voices:
  - {lang: zh, engine: espeak, voice: cmn, speed: 150, amplitude: 60}
  - {lang: en, engine: flite, voice: slt}
  - {lang: en, engine: command, argv: [cat]}
  - {lang: en, engine: http, name: x, url: "ftp://127.0.0.1/"}
  - {lang: en, engine: http, name: x, url: "http://127.0.0.1/", key_env: HOTLINE_TEST_KEY}
  - {lang: en, engine: gramophone}
`
	s := studio(t, StudioConfig{Script: script(t, fewPrompts, voices), Tools: Tools{Dir: old}})
	wants := []string{"reads \"您好\" as English", "no voice \"slt\"", "argv and name", "url and a name", "HOTLINE_TEST_KEY", "gramophone"}
	if len(s.Refused()) != len(wants) {
		t.Fatalf("refused: %v", s.Refused())
	}
	for i, want := range wants {
		if got := s.Refused()[i].Error(); !strings.Contains(got, want) {
			t.Errorf("refusal %d is %q, want %q in it", i, got, want)
		}
	}
	if _, err := s.Build(t.Context(), BuildOptions{}); err == nil || !strings.Contains(err.Error(), "no voice could say it") {
		t.Errorf("a build without voices: %v", err)
	}
}

func TestVoiceOverHTTP(t *testing.T) {
	t.Setenv("HOTLINE_TEST_KEY", "s3cret")
	var mu sync.Mutex
	said := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := make([]byte, 200)
		n, _ := r.Body.Read(text)
		mu.Lock()
		said[r.Header.Get("Content-Language")+" "+string(text[:n])] = true
		mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer s3cret" {
			http.Error(w, "no key", http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(EncodeWAV(sine(24000, 500, -12, 1)))
	}))
	defer server.Close()
	spec := VoiceSpec{Lang: Chinese, Engine: "http", Name: "cloud", URL: server.URL, KeyEnv: "HOTLINE_TEST_KEY"}
	v, err := openVoice(t.Context(), spec, Tools{}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Engine.Synthesize(t.Context(), Request{Lang: Chinese, Text: "您好"})
	if err != nil || p.Rate != 24000 || !said["zh 您好"] {
		t.Errorf("%d Hz, %v, said %v", p.Rate, err, said)
	}
	v.Engine.(*httpVoice).key = "wrong"
	_, err = v.Engine.Synthesize(t.Context(), Request{Lang: Chinese, Text: "您好"})
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a refused key: %v", err)
	}
}

func TestChineseTonesSurvive(t *testing.T) {
	spec := VoiceSpec{Lang: Chinese, Engine: SourceESpeak, Voice: "cmn", Speed: 150, Amplitude: 60}
	v, err := openVoice(t.Context(), spec, tools(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := v.Engine.(*espeak)
	// What the engine makes of a text, with the tone of each syllable in figures.
	for text, want := range map[string]string{"政务": "w'u51", "银行": "X'A35N", "重庆": "ts.hong35", "虫听": "ts.h'ong35"} {
		phonemes, err := run(t.Context(), text, append(append([]string{e.bin}, e.options...), "-q", "-x", "--stdin")...)
		if err != nil || !strings.Contains(string(phonemes), want) {
			t.Errorf("%s is read %s, %v, want %s in it", text, phonemes, err, want)
		}
	}
}
