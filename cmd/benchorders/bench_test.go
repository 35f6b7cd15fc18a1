package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A small run measures everything there is, and nothing that people were told is missing.
func TestSmallRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "report.md")
	var progress bytes.Buffer
	code := run(t.Context(), []string{"-on", "sqlite", "-orders", "400", "-open", "100", "-tries", "16", "-clerks", "3", "-units", "2",
		"-for", "2s", "-pause", "20ms", "-out", out}, &progress)
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, &progress)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SQLite: register p99", "work list: a unit's, page 20", "updates lost | 0 | 0 | reached", "refusals | 0 | 0 | reached", "| pass |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"-on", "oracle"}, {"-orders", "0"}, {"-open", "9", "-orders", "8"}, {"-nonsense"}} {
		var progress bytes.Buffer
		if code := run(t.Context(), args, &progress); code != 2 || progress.Len() == 0 {
			t.Errorf("%v: exit %d, %q", args, code, &progress)
		}
	}
}
