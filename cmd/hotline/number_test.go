package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/deploy"
)

// TestServeNeedsANumber_SQ_0: a hotline whose number its regulation leaves open is not opened
// to citizens before somebody fills it in; a demonstration runs, and nothing is made up.
func TestServeNeedsANumber_SQ_0(t *testing.T) {
	root, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	set := settings{Profile: "sq", Sounds: filepath.Join(root, ".cache", "sounds"), Demo: true}
	dir := t.TempDir()
	out, err := runCommand(t, newServeCommand(), "--profile", "sq", "--run-dir", dir, "--sounds", set.Sounds)
	if err == nil || !strings.Contains(err.Error(), "SQ-0") || !strings.Contains(err.Error(), "number") {
		t.Errorf("serve without a number: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "hotline.db")); err == nil {
		t.Error("it had begun already")
	}
	open := func(set settings) error {
		h, err := loadHouse(set)
		if err != nil {
			t.Fatal(err)
		}
		return mayOpen(h.profile, set)
	}
	if err := open(set); err != nil {
		t.Errorf("a demonstration: %v", err)
	}
	out, err = runCommand(t, newCheckCommand(), "sq")
	if err != nil || !strings.Contains(out, "SQ-0") {
		t.Errorf("the check does not say it: %v\n%s", err, out)
	}
	if err := os.CopyFS(filepath.Join(dir, "deploy"), deploy.Files); err != nil {
		t.Fatal(err)
	}
	set.Deploy, set.Demo = filepath.Join(dir, "deploy"), false
	file := filepath.Join(set.Deploy, "hotlines", "sq", "profile.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(src), `number: ""`, `number: "96886"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(set); err != nil {
		t.Errorf("with a number: %v", err)
	}
}
