package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"hotline/deploy"
)

// runCommand runs one command with arguments and gives what it printed.
func runCommand(t *testing.T, cmd *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestCheckAllHotlines(t *testing.T) {
	out, err := runCommand(t, newCheckCommand())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, id := range []string{"zz", "sq", "kf", "zq", "xz"} {
		if !strings.Contains(out, id+" 通过") {
			t.Errorf("%s does not pass:\n%s", id, out)
		}
	}
}

// A folder with faults in several files: all of them are told, and the exit code is 1.
func TestCheckTellsAllFaults(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, deploy.Files); err != nil {
		t.Fatal(err)
	}
	zz := filepath.Join(dir, "hotlines", "zz")
	change := func(name, old, new string) {
		file := filepath.Join(zz, name)
		src, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(src), old) {
			t.Fatalf("%s: no %q (%v)", name, old, err)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(src), old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change("flow.yaml", "prompt: welcome-zz", "prompt: welcome-xy")
	change("flow.yaml", "class: help", "class: opinion")
	change("profile.yaml", `urgent-key: "#"`, `urgent-key: "9"`)
	change("roster.yaml", "leader: [leader, deputy]", "leader: [leeder]")
	out, err := runCommand(t, newCheckCommand(), "--deploy", dir, "zz")
	if !errors.Is(err, errReported) {
		t.Errorf("err %v", err)
	}
	for _, want := range []string{"9 is the emergency key", "leeder", "处错误"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	change("profile.yaml", `urgent-key: "9"`, `urgent-key: "#"`)
	out, _ = runCommand(t, newCheckCommand(), "--deploy", dir, "zz")
	if !strings.Contains(out, `missing prompt "welcome-xy"`) {
		t.Errorf("no missing prompt in\n%s", out)
	}
}

// A folder that is not there, or is another folder, is a mistake and not "no faults".
func TestCheckRefusesAnotherFolder(t *testing.T) {
	for _, dir := range []string{"/nowhere", t.TempDir()} {
		if out, err := runCommand(t, newCheckCommand(), "--deploy", dir); err == nil {
			t.Errorf("%s: passed:\n%s", dir, out)
		}
	}
}

func TestExplainCommand(t *testing.T) {
	out, err := runCommand(t, newExplainCommand(), "--from", "13800000001", "--to", "12345", "--at", "2026-10-01T03:00", "--sounds", t.TempDir())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"138****0001 于 2026-10-01 03:00(周四)", "值班电话", "咨询          2026-10-09 24:00 前 [ZZ-17.1]"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if _, err := runCommand(t, newExplainCommand(), "--at", "yesterday"); err == nil {
		t.Error("yesterday is not a time")
	}
}

func TestFlowGraphCommand(t *testing.T) {
	out, err := runCommand(t, newFlowCommand(), "graph", "--profile", "xz", "--sounds", t.TempDir())
	if err != nil || !strings.HasPrefix(out, "<svg") || !strings.HasSuffix(out, "</svg>\n") {
		t.Errorf("%v\n%.200s", err, out)
	}
}

// The picture that the README shows is the flow as it is.
func TestThePictureIsTheFlow(t *testing.T) {
	drawn, err := runCommand(t, newFlowCommand(), "graph", "--profile", "zz", "--sounds", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join("..", "..", "deploy", "pictures", "flow-zz.svg")
	if shown, err := os.ReadFile(picture); err != nil || string(shown) != drawn {
		t.Errorf("%v; draw it anew: hotline flow graph --profile zz > deploy/pictures/flow-zz.svg", err)
	}
}
