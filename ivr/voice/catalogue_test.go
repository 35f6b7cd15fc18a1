package voice

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/ivr"
)

const spokenPrompts = `
prompts:
  welcome: {zh: "您好。", en: "Hello."}
  only-zh: {zh: "只有中文。"}
  waiting: {zh: "您前面还有{count}位,{phone}。", en: "Ahead of you: {count}.", slots: {count: number, phone: phone}}
  order: {zh: "{ticket}", en: "{ticket}", slots: {ticket: ticket}}
  silence-200: {tone: {off: 200ms}}
`

// recorded builds a catalogue of test tones, so that what is played can be told from
// the manifest.
func recorded(tb testing.TB) *Catalogue {
	tb.Helper()
	dir := tb.TempDir()
	s := studio(tb, StudioConfig{Script: script(tb, spokenPrompts, commandVoices(sayer(tb, 400))), Dir: dir})
	build(tb, s, BuildOptions{})
	c, err := Load(fstest.MapFS{"p.yaml": {Data: []byte("{yao: true}")}}, dir)
	if err == nil {
		tb.Error("a folder without prompts must be refused")
	}
	c, err = Load(fstest.MapFS{"p.yaml": {Data: []byte(spokenPrompts)}, "voices.yaml": {Data: []byte("yao: true")}}, dir)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// ids are the sounds of a speech by name.
func ids(tb testing.TB, c *Catalogue, lang string, speech ivr.Speech) []string {
	tb.Helper()
	names := map[string]string{}
	for key, s := range c.sounds {
		if key.lang == lang || s.Source == SourceTone {
			names[s.path(c.dir)] = key.id
		}
	}
	var out []string
	for _, path := range speech.Sounds {
		if !filepath.IsAbs(path) || names[path] == "" {
			tb.Errorf("%q is no sound of the catalogue", path)
		}
		out = append(out, names[path])
	}
	return out
}

// TestCatalogue shares one build among its parts, from the gentlest to the one that
// breaks it.
func TestCatalogue(t *testing.T) {
	c := recorded(t)
	t.Run("compose", func(t *testing.T) { testCompose(t, c) })
	t.Run("lost files", func(t *testing.T) { testLostFiles(t, c) })
	t.Run("errors", func(t *testing.T) { testComposeErrors(t, c) })
}

func testCompose(t *testing.T, c *Catalogue) {
	for name, c2 := range map[string]struct {
		lang, id string
		slots    ivr.Slots
		from     string
		want     []string
		text     string
	}{
		"plain":            {Chinese, "welcome", nil, Chinese, []string{"welcome"}, "您好。"},
		"english":          {English, "welcome", nil, English, []string{"welcome"}, "Hello."},
		"falls to Chinese": {English, "only-zh", nil, Chinese, []string{"only-zh"}, "只有中文。"},
		"unknown language": {"fr", "welcome", nil, Chinese, []string{"welcome"}, "您好。"},
		"values": {Chinese, "waiting", ivr.Slots{"count": "2", "phone": "13800001234"}, Chinese, []string{
			"waiting.1", "tok-liang", "waiting.2", "tok-yao", "tok-3", "tok-8", pauseID, "tok-0", "tok-0", "tok-0", "tok-0",
			pauseID, "tok-yao", "tok-2", "tok-3", "tok-4"}, "您前面还有2位,138****1234。"},
		"english values": {English, "waiting", ivr.Slots{"count": "42"}, English, []string{"waiting.1", "tok-42"}, "Ahead of you: 42."},
		"tone":           {English, pauseID, nil, Chinese, []string{pauseID}, "[silence-200]"},
	} {
		speech, err := c.Compose(c2.lang, c2.id, c2.slots)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// Sounds of one source and padding are one file, so names are compared by file.
		if diff := cmp.Diff(paths(c, c2.from, c2.want), speech.Sounds); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if speech.Text != c2.text {
			t.Errorf("%s: text %q, want %q", name, speech.Text, c2.text)
		}
		if len(ids(t, c, c2.from, speech)) != len(c2.want) || speech.Length <= 0 {
			t.Errorf("%s: %s", name, speech.Length)
		}
	}
}

func paths(c *Catalogue, lang string, names []string) []string {
	var out []string
	for _, id := range names {
		s, err := c.sound(lang, id)
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, s.path(c.dir))
	}
	return out
}

func testComposeErrors(t *testing.T, c *Catalogue) {
	delete(c.sounds, soundKey{English, "welcome"})
	delete(c.sounds, soundKey{Chinese, "only-zh"})
	for name, c2 := range map[string]struct {
		lang, id string
		slots    ivr.Slots
		want     error
	}{
		"unknown":       {Chinese, "nothing", nil, ErrUnknown},
		"no sound":      {Chinese, "only-zh", nil, ErrSilent},
		"no value":      {Chinese, "order", nil, errValue},
		"strange value": {Chinese, "order", ivr.Slots{"ticket": "?"}, errValue},
	} {
		if _, err := c.Compose(c2.lang, c2.id, c2.slots); !errors.Is(err, c2.want) {
			t.Errorf("%s: %v, want %v", name, err, c2.want)
		}
	}
	if speech, err := c.Compose(English, "welcome", nil); err != nil || speech.Text != "您好。" {
		t.Errorf("a sound that is gone falls to Chinese: %+v, %v", speech, err)
	}
	if !c.Has("only-zh") || c.Has("nothing") {
		t.Error("Has knows the catalogue")
	}
}

func testLostFiles(t *testing.T, c *Catalogue) {
	path, err := c.Path(Chinese, "only-zh")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + ".g722"); err != nil {
		t.Fatal(err)
	}
	c, err = Load(fstest.MapFS{"p.yaml": {Data: []byte(spokenPrompts)}}, c.dir)
	if err != nil || !slices.Contains(c.Missing(), "zh/only-zh") {
		t.Errorf("missing %v, %v", c.Missing(), err)
	}
	if _, err := c.Path(English, "only-zh"); !errors.Is(err, ErrSilent) {
		t.Errorf("the path of a lost sound: %v", err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, manifestName), []byte(`{"sounds":[{"id":"x","lang":"../..","hash":"y"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(fstest.MapFS{"p.yaml": {Data: []byte(spokenPrompts)}}, c.dir); err == nil {
		t.Error("a damaged manifest must be refused")
	}
}

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

// The catalogue that ships: no faults in its texts, and every prompt can be composed
// in both languages with values of every kind.
func TestShippedCatalogue(t *testing.T) {
	files := os.DirFS("../../deploy/prompts")
	s, err := ReadScript(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Lint(nil) {
		t.Error(p)
	}
	dir := borrow(t)
	build(t, studio(t, StudioConfig{Script: s, Dir: dir}), BuildOptions{})
	c, err := Load(files, dir)
	if err != nil || len(c.Missing()) > 0 {
		t.Fatal(err, c.Missing())
	}
	for _, p := range c.LintSounds() {
		if p.Severity == Fault {
			t.Error(p)
		}
	}
	values := map[SlotType]string{Digits: "123456", Number: "2", Date: "2026-11-21", Time: "15:05", DateTime: "2026-11-21 15:05",
		Ticket: "261121000427", PIN: "4821", Phone: "13800001234", Duration: "90s"}
	for id, p := range s.Prompts {
		slots := ivr.Slots{}
		for name, kind := range p.Slots {
			slots[name] = values[kind]
		}
		for _, lang := range Languages() {
			speech, err := c.Compose(lang, id, slots)
			if err != nil || speech.Length <= 0 || speech.Length > 40*time.Second {
				t.Errorf("%s in %s: %s, %v", id, lang, speech.Length, err)
			}
		}
	}
}

// borrow links what an earlier `hotline prompts build` rendered into a folder of our
// own, so that the test renders only what has changed since. An empty folder where
// there was none: then it renders all.
func borrow(tb testing.TB) string {
	tb.Helper()
	from, dir := filepath.Join(filepath.Dir(tools(tb).Dir), "sounds"), tb.TempDir()
	m, err := ReadManifest(from)
	if err != nil {
		return dir
	}
	for _, s := range m.Sounds {
		if err := os.MkdirAll(filepath.Dir(s.path(dir)), 0o755); err != nil {
			tb.Fatal(err)
		}
		for _, ext := range Formats() {
			if err := os.Symlink(s.path(from)+"."+ext, s.path(dir)+"."+ext); err != nil && !errors.Is(err, os.ErrExist) {
				tb.Fatal(err)
			}
		}
	}
	if err := m.write(dir); err != nil {
		tb.Fatal(err)
	}
	return dir
}
