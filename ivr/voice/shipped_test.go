package voice

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/ivr"
)

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
