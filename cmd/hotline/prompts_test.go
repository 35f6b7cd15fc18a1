package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/deploy"
	"hotline/ivr/voice"
)

// Every prompt a flow or the code plays is in the catalogue, and nothing else is.
func TestPromptsAreAllUsedAndAllThere(t *testing.T) {
	files, err := new(promptFlags).files()
	if err != nil {
		t.Fatal(err)
	}
	script, err := voice.ReadScript(files)
	if err != nil {
		t.Fatal(err)
	}
	used, err := usedPrompts(deploy.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range script.Lint(used) {
		t.Error(p)
	}
}

// prompts runs the command as a user would and gives what it printed.
func prompts(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newPromptsCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestPromptsCommands(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"hotlines", "prompts", "calendar"} {
		if err := os.Mkdir(filepath.Join(dir, part), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, "prompts", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("p.yaml", "prompts:\n  hello: {zh: 您好。, en: Hello.}\n")
	write("voices.yaml", "voices:\n  - {lang: zh, engine: espeak, voice: cmn, speed: 150, amplitude: 60}\n  - {lang: en, engine: flite, voice: slt}\n")
	where := []string{"--deploy", dir, "--sounds", filepath.Join(dir, "sounds"), "--bin", filepath.Join("..", "..", ".cache", "bin")}
	run := func(args ...string) (string, error) { return prompts(t, append(args, where...)...) }

	out, err := run("build")
	if err != nil || !strings.Contains(out, "2 sounds, 2 rendered") || !strings.Contains(out, "100% (2/2)") {
		t.Errorf("build: %s, %v", out, err)
	}
	if out, err = run("list"); err != nil || !strings.Contains(out, "espeak") || !strings.Contains(out, "您好。") {
		t.Errorf("list: %s, %v", out, err)
	}
	if out, err = run("build", "--only", "nothing"); err == nil {
		t.Errorf("an unknown id must be refused: %s", out)
	}
	// The little catalogue lacks what the flows play.
	if out, err = run("lint"); err == nil || !strings.Contains(out, "voicemail-intro: is played but not in the catalogue") {
		t.Errorf("lint: %s, %v", out, err)
	}
}
