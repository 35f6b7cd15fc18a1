package voice

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestPieces(t *testing.T) {
	for text, want := range map[string][]piece{
		"您好。":           {{sound: "p", text: "您好。"}},
		"甲{a}乙{b}。":     {{sound: "p.1", text: "甲"}, {slot: "a", text: "{a}"}, {sound: "p.2", text: "乙"}, {slot: "b", text: "{b}"}, {text: "。"}},
		"{a},{b}":       {{slot: "a", text: "{a}"}, {text: ","}, {slot: "b", text: "{b}"}},
		"before {a}. X": {{sound: "p.1", text: "before "}, {slot: "a", text: "{a}"}, {sound: "p.2", text: ". X"}},
	} {
		got := Prompt{ID: "p", Zh: text}.pieces(Chinese)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(piece{})); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestReadScriptTellsAllFaults(t *testing.T) {
	_, err := ReadScript(fstest.MapFS{
		"a.yaml": {Data: []byte("prompts:\n  hello: {zh: 好, en: Hi, slot: {x: number}}\n")},
		"b.yaml": {Data: []byte("prompts:\n  bye: {zh: 好, en: Hi}\n")},
		"c.yaml": {Data: []byte("prompts:\n  bye: {zh: 好, en: Hi}\n")},
		"d.yaml": {Data: []byte("prompts: [\n")},
	})
	if err == nil {
		t.Fatal("no fault found")
	}
	for _, want := range []string{"a.yaml: ", "unknown field \"slot\"", "^", "c.yaml: prompt bye is in b.yaml already", "d.yaml: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestLintFindsEachFault(t *testing.T) {
	for prompt, want := range map[string]string{
		`Bad_Id: {zh: 好, en: Hi}`:                                              "lower case with dashes",
		`tok-x: {zh: 好, en: Hi}`:                                               "tok- is for",
		`p: {zh: 拨打110, en: Hi}`:                                               "write 一一零",
		`p: {zh: 好}`:                                                           "p/en: has no text",
		`p: {zh: 好, en: 好}`:                                                    "p/en: is not in this language",
		`p: {zh: Hi, en: Hi}`:                                                  "p/zh: is not in this language",
		`p: {zh: "好{a}", en: Hi}`:                                              "p/zh: slot {a} is not declared",
		`p: {zh: "好{a}", en: Hi, slots: {a: number}}`:                          "p/en: slot {a} is declared but not in the text",
		`p: {zh: "好{a}", en: "Hi {a}", slots: {a: roman}}`:                     `unknown type "roman"`,
		`p: {zh: "好{A}", en: Hi}`:                                              "a brace that is no slot",
		`p: {zh: 好, en: Hi, tone: {off: 1s}}`:                                  "both a tone and a text",
		"p: {zh: 好, en: Hi}\n  unused: {zh: 好, en: Hi}":                        "warning: unused: is never played",
		"p: {zh: 好, en: Hi}\n  voicemail-thanks: {zh: 好, en: Hi} # near a use": "voicemail-thank: is played but not in the catalogue, did you mean voicemail-thanks?",
	} {
		s := script(t, "prompts:\n  "+prompt+"\n", "")
		var all []string
		for _, p := range s.Lint([]string{"p", "voicemail-thank"}) {
			all = append(all, p.String())
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, want) {
			t.Errorf("%s: %q is not in:\n%s", prompt, want, text)
		}
	}
}

func TestLintSoundsHears(t *testing.T) {
	dir := t.TempDir()
	spec := script(t, `prompts: {p: {zh: 您好欢迎致电政务服务热线请按一二三, en: Hi, human_required: true, max: 0.5}}`, commandVoices(sayer(t, 400)))
	build(t, studio(t, StudioConfig{Script: spec, Dir: dir}), BuildOptions{})
	c, err := Load(fstest.MapFS{"p.yaml": {Data: []byte(`prompts: {p: {zh: 您好欢迎致电政务服务热线请按一二三, en: Hi, human_required: true, max: 0.5}, q: {zh: 好, en: Hi}}`)}}, dir)
	if err != nil {
		t.Fatal(err)
	}
	path, err := c.Path(English, "p")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".alaw", []byte(strings.Repeat("\xd5", 160)), 0o600); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range c.LintSounds() {
		all = append(all, p.String())
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"error: q/zh: is not built", "warning: p/zh: lasts 1.20 s, its words suggest", "warning: p/zh: lasts 1.2 s, more than 0.5 s",
		"note: p/zh: wants a human recording, has copy 1", "error: p/en: the file holds 20 ms", "error: p/en: is silent",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func FuzzReadScript(f *testing.F) {
	f.Add([]byte(spokenPrompts))
	f.Add([]byte("prompts: {p: {zh: '{a}{b}', slots: {a: date}, tone: {hz: 1e9}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadScript(fstest.MapFS{"p.yaml": {Data: data}, "voices.yaml": {Data: data}})
		if err == nil || s != nil {
			s.lines()
			s.Lint(nil)
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":3,"sounds":[{"id":"welcome","lang":"zh","hash":"00112233445566778899aabbccddeeff","ms":20}]}`))
	f.Add([]byte(`{"sounds":[{"lang":"zh","hash":"../../../../etc"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		for _, s := range m.Sounds {
			if rel, err := filepath.Rel("/sounds", s.path("/sounds")); err != nil || strings.HasPrefix(rel, "..") {
				t.Errorf("%q leaves the folder", s.path("/sounds"))
			}
		}
	})
}
