package voice

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

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
	if _, err := Load(fstest.MapFS{}, dir); err == nil {
		tb.Error("a folder without prompts must be refused")
	}
	c, err := Load(fstest.MapFS{"p.yaml": {Data: []byte(spokenPrompts)}, "voices.yaml": {Data: []byte("yao: true")}}, dir)
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

func TestLearn(t *testing.T) {
	c := recorded(t)
	files := map[string]string{}
	words, err := Learn(c.dir, func(name, file string) error { files[name] = file; return nil })
	if err != nil || len(words) != len(c.sounds) || len(files) != len(words) {
		t.Fatalf("%d words, %d files of %d sounds: %v", len(words), len(files), len(c.sounds), err)
	}
	for name, file := range files {
		if !complete(file) {
			t.Errorf("%s: no sound at %s", name, file)
		}
	}
	full := errors.New("full")
	if _, err := Learn(c.dir, func(string, string) error { return full }); !errors.Is(err, full) {
		t.Errorf("the listener's error is lost: %v", err)
	}
	if words, err := Learn(t.TempDir(), nil); err != nil || len(words) != 0 {
		t.Errorf("an empty folder: %v, %v", words, err)
	}
}
