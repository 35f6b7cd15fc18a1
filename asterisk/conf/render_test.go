package conf

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRecordingsAreShared: several Asterisks record into one folder, and what one recorded
// before is not lost when it comes to share.
func TestRecordingsAreShared(t *testing.T) {
	shared := filepath.Join(t.TempDir(), "all")
	var places []string
	for _, name := range []string{"one", "two"} {
		c := valid(t)
		c.Name, c.Recordings = name, shared
		for range 2 { // it is rendered again at each start
			if err := Render(c); err != nil {
				t.Fatal(err)
			}
		}
		if got := NameOf(c.Dir); got != name {
			t.Errorf("named %q, want %q", got, name)
		}
		places = append(places, filepath.Join(c.Dir, "spool", "recording"))
	}
	if err := os.WriteFile(filepath.Join(places[0], "a.wav"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(filepath.Join(places[1], "a.wav")); err != nil {
		t.Errorf("the other does not see it: %v", err)
	}

	c := valid(t)
	own := filepath.Join(c.Dir, "spool", "recording")
	if err := Render(c); err != nil {
		t.Fatal(err)
	}
	if NameOf(c.Dir) != "" || NameOf(t.TempDir()) != "" {
		t.Error("a name from nowhere")
	}
	if err := os.WriteFile(filepath.Join(own, "b.wav"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Recordings = shared
	if err := Render(c); err == nil {
		t.Error("its own recordings are out of sight, and nobody was told")
	}
	if err := os.Rename(filepath.Join(own, "b.wav"), filepath.Join(shared, "b.wav")); err != nil {
		t.Fatal(err)
	}
	if err := Render(c); err != nil {
		t.Error(err)
	}
	c.Recordings = ""
	if err := Render(c); err != nil {
		t.Error(err)
	}
	if found, err := os.ReadDir(own); err != nil || len(found) > 0 {
		t.Errorf("alone again: %v, %v", found, err)
	}
}
