package voice

import (
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// tools are the real engines that deploy/bring puts beside the repository's files.
func tools(tb testing.TB) Tools {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return Tools{Dir: filepath.Join(dir, ".cache", "bin")}
		}
	}
	tb.Fatal("no go.mod above this test")
	return Tools{}
}

const realVoices = `
yao: true
voices:
  - {lang: zh, engine: espeak, voice: cmn, speed: 150, amplitude: 60, lexicon: {重听: 虫听}}
  - {lang: en, engine: flite, voice: slt}
`

const fewPrompts = `
prompts:
  welcome: {zh: "您好,欢迎致电。", en: "Hello and welcome.", human_required: true}
  goodbye: {zh: 再见。, en: Goodbye.}
  wait: {zh: 请稍候。, en: Please hold.}
  beep: {tone: {hz: 950, on: 400ms, level: -13}}
`

func script(tb testing.TB, prompts, voices string) *Script {
	tb.Helper()
	s, err := ReadScript(fstest.MapFS{"p.yaml": {Data: []byte(prompts)}, "voices.yaml": {Data: []byte(voices)}})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func studio(tb testing.TB, cfg StudioConfig) *Studio {
	tb.Helper()
	if cfg.Tools == (Tools{}) {
		cfg.Tools = tools(tb)
	}
	if cfg.Dir == "" {
		cfg.Dir = tb.TempDir()
	}
	s, err := OpenStudio(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// build builds and fails the test on an error.
func build(tb testing.TB, s *Studio, o BuildOptions) (Report, map[soundKey]Sound) {
	tb.Helper()
	report, err := s.Build(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := ReadManifest(s.cfg.Dir)
	if err != nil {
		tb.Fatal(err)
	}
	return report, m.index()
}

func TestBuildWithRealEngines(t *testing.T) {
	dir := t.TempDir()
	s := studio(t, StudioConfig{Script: script(t, fewPrompts, realVoices), Dir: dir})
	if refused := s.Refused(); len(refused) > 0 {
		t.Fatal(refused)
	}
	report, sounds := build(t, s, BuildOptions{})
	if report.Rendered != report.Total || report.Total != 7 {
		t.Fatalf("first build: %+v", report)
	}
	if got := strings.Join(report.Synthetic, " "); got != "zh/welcome en/welcome" {
		t.Errorf("prompts that want a person: %s", got)
	}
	for key, sound := range sounds {
		if sound.Source != SourceTone && math.Abs(sound.LUFS-targetLUFS) > levelSlack {
			t.Errorf("%v: level %.1f", key, sound.LUFS)
		}
		if sound.MS%20 != 0 || !complete(sound.path(dir)) {
			t.Errorf("%v: %d ms, or a file is missing", key, sound.MS)
		}
	}
	if again, _ := build(t, s, BuildOptions{}); again.Rendered != 0 || again.Removed != 0 {
		t.Errorf("a second build: %+v, want nothing to do", again)
	}
	onlyOneChanged(t, dir)
}

// onlyOneChanged changes a text and looks at what is rendered and what goes.
func onlyOneChanged(t *testing.T, dir string) {
	changed := strings.Replace(fewPrompts, "欢迎致电", "欢迎您致电", 1)
	s := studio(t, StudioConfig{Script: script(t, changed, realVoices), Dir: dir})
	if report, _ := build(t, s, BuildOptions{}); report.Rendered != 1 || report.Removed != 0 {
		t.Errorf("one text changed: %+v", report)
	}
	// What the build before last made, nobody plays any more.
	if report, _ := build(t, s, BuildOptions{}); report.Rendered != 0 || report.Removed != len(Formats()) {
		t.Errorf("the build after: %+v, want %d old files removed", report, len(Formats()))
	}
	if report, _ := build(t, s, BuildOptions{Only: []string{"welcome"}, Force: true}); report.Rendered != 2 {
		t.Errorf("one forced: %+v", report)
	}
	c, err := Load(fstest.MapFS{"p.yaml": {Data: []byte(fewPrompts)}}, dir)
	if err != nil || !slices.Equal(c.Missing(), []string{"zh/welcome"}) {
		t.Errorf("sounds of an older text: %v, %v", c.Missing(), err)
	}
}

// sayer is a voice for tests of the studio itself: a program that copies a WAV, as an
// operator's own would write one.
func sayer(tb testing.TB, hz float64) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "say.wav")
	if err := os.WriteFile(path, EncodeWAV(sine(16000, hz, -12, 1)), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func commandVoices(path string) string {
	return "voices:\n  - {lang: zh, engine: command, name: copy 1, argv: [cat, " + path + "]}\n" +
		"  - {lang: en, engine: command, name: copy 1, argv: [cat, " + path + "]}\n"
}

func TestRecordingWins(t *testing.T) {
	person := fstest.MapFS{"zh/welcome.wav": {Data: EncodeWAV(sine(8000, 300, -12, 2))}}
	spec := script(t, fewPrompts, commandVoices(sayer(t, 400)))
	dir := t.TempDir()
	s := studio(t, StudioConfig{Script: spec, Dir: dir, Recordings: []fs.FS{fstest.MapFS{}, person}})
	report, sounds := build(t, s, BuildOptions{})
	if got := sounds[soundKey{Chinese, "welcome"}].Source; got != SourceHuman {
		t.Errorf("zh/welcome comes from %s", got)
	}
	if got := sounds[soundKey{English, "welcome"}].Source; got != "copy 1" {
		t.Errorf("en/welcome comes from %s", got)
	}
	if got := strings.Join(report.Synthetic, " "); got != "en/welcome" {
		t.Errorf("prompts that want a person: %s", got)
	}

	person["zh/welcome.wav"].Data = []byte("not a recording")
	if _, err := s.Build(t.Context(), BuildOptions{}); err == nil || !strings.Contains(err.Error(), "zh/welcome") {
		t.Errorf("a broken recording must fail the build, not bring a robot: %v", err)
	}
	m, err := ReadManifest(dir)
	if err != nil || m.index()[soundKey{Chinese, "welcome"}].Source != SourceHuman {
		t.Errorf("after a failure the old sound stays: %v", err)
	}
}

func TestNextVoiceSpeaksWhenOneFails(t *testing.T) {
	voices := "voices:\n  - {lang: zh, engine: command, name: broken, argv: [\"false\"]}\n" +
		strings.TrimPrefix(commandVoices(sayer(t, 400)), "voices:\n")
	s := studio(t, StudioConfig{Script: script(t, fewPrompts, voices)})
	report, sounds := build(t, s, BuildOptions{})
	if len(report.Warnings) == 0 || !strings.Contains(report.Warnings[0].Error(), "by broken") {
		t.Errorf("warnings: %v", report.Warnings)
	}
	if got := sounds[soundKey{Chinese, "welcome"}].Source; got != "copy 1" {
		t.Errorf("zh/welcome comes from %s", got)
	}
}

func TestBuildCanBeStopped(t *testing.T) {
	s := studio(t, StudioConfig{Script: script(t, fewPrompts, commandVoices(sayer(t, 400)))})
	ctx, cancel := context.WithCancel(t.Context())
	s.cfg.Progress = func(done, _ int, _ string) {
		if done == 2 {
			cancel()
		}
	}
	if _, err := s.Build(ctx, BuildOptions{}); err == nil {
		t.Error("a stopped build says so")
	}
	if m, err := ReadManifest(s.cfg.Dir); err != nil || len(m.Sounds) != 0 {
		t.Errorf("a stopped build leaves the manifest alone: %d sounds, %v", len(m.Sounds), err)
	}
}

func TestTwoBuildsAtOnce(t *testing.T) {
	dir := t.TempDir()
	spec := script(t, fewPrompts, commandVoices(sayer(t, 400)))
	var both sync.WaitGroup
	for range 2 {
		s := studio(t, StudioConfig{Script: spec, Dir: dir})
		both.Go(func() {
			if _, err := s.Build(t.Context(), BuildOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	report, _ := build(t, studio(t, StudioConfig{Script: spec, Dir: dir}), BuildOptions{})
	if report.Rendered != 0 {
		t.Errorf("after both: %+v", report)
	}
}

func TestSpeakAndRecall(t *testing.T) {
	s := studio(t, StudioConfig{Script: script(t, fewPrompts, realVoices)})
	text := "路灯已于2026年11月21日\n修复,共3盏。"
	if _, ok := s.Recall(Chinese, text); ok {
		t.Error("nothing has been said yet")
	}
	speech, err := s.Speak(t.Context(), Chinese, text)
	if err != nil || len(speech.Sounds) != 1 || speech.Length.Seconds() < 3 {
		t.Fatalf("%+v, %v", speech, err)
	}
	again, ok := s.Recall(Chinese, text)
	if !ok || again.Sounds[0] != speech.Sounds[0] || again.Text != "路灯已于2026年11月21日 修复,共3盏。" {
		t.Errorf("recalled %+v", again)
	}
	build(t, s, BuildOptions{})
	if _, ok := s.Recall(Chinese, text); !ok {
		t.Error("a build must not remove what was spoken")
	}
	for _, bad := range []string{"", " ", strings.Repeat("长", maxSpoken+1)} {
		if _, err := s.Speak(t.Context(), Chinese, bad); err == nil {
			t.Errorf("%.10q must be refused", bad)
		}
	}
	if _, err := s.Speak(t.Context(), "fr", "bonjour"); err == nil {
		t.Error("no voice speaks French")
	}
}
