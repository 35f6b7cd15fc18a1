package spool

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDecode: a file may hold anything after a bad disk; what is taken for an entry
// has what it is about, and goes back into the same file.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"Kind":"3-call","Call":{"ID":"c1","Steps":[{"at":"2026-11-20T22:30:00+08:00"}]}}`,
		`{"Kind":"1-voicemail","Intake":{"Key":"k","Voicemail":{"File":"a.wav","Duration":8}}}`,
		`{"Kind":"2-request","Intake":{"Key":"../../etc/passwd"}}`, `{}`, `null`, `[`, `{"Kind":"3-call","Intake":{"Key":"k"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decode(data)
		if err != nil {
			return
		}
		if e.Kind == kindCall && e.Call == nil || e.Kind != kindCall && e.Intake == nil {
			t.Fatalf("%q is an entry about nothing", data)
		}
		if name := e.name(); strings.ContainsAny(name, "/\\\x00") || !strings.HasSuffix(name, waitingEnd) {
			t.Fatalf("file %q", name)
		}
	})
}

// A file that is set aside is gone, like one that was taken: nothing is remembered of it.
func TestSetAsideIsForgotten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "0"+waitingEnd), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Dir: dir}) // what cannot be read is never offered to an office
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Offer(t.Context()); err != nil || len(s.kept) != 0 {
		t.Errorf("still remembered: %v; %v", s.kept, err)
	}
}
