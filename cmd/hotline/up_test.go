package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/cmd/rig"
)

func TestLockDirLetsOneIn(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockDir(dir); err == nil || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("second: %v; want one that names process %d", err, os.Getpid())
	}
	unlock()
	unlock, err = lockDir(dir)
	if err != nil {
		t.Fatalf("after unlocking: %v", err)
	}
	unlock()
}

// waitEnd waits until a process that is not our child has ended, and fails when it
// does not within a minute. One that only waits to be reaped by init has ended.
func waitEnd(t *testing.T, pid int) {
	t.Helper()
	ended := func(context.Context) error {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err == nil && !strings.Contains(string(stat), ") Z ") {
			return fmt.Errorf("process %d is left", pid)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := eventually(ctx, ended); err != nil {
		t.Error(err)
	}
}

// TestUpChild is not a test of its own: it is `hotline up` for the tests below, which
// run this binary again.
func TestUpChild(t *testing.T) {
	if os.Getenv("UP_CHILD") == "" {
		return
	}
	os.Exit(run([]string{"up", "--drain", "1s"}))
}

// upProcess is `hotline up` running in a folder and on ports of its own.
type upProcess struct {
	cmd    *exec.Cmd
	dir    string        // HOTLINE_RUN_DIR
	out    *bytes.Buffer // complete once the process has ended
	parts  map[string]int
	output *bufio.Scanner
}

// startUp starts it and waits for the banner.
func startUp(t *testing.T) *upProcess {
	t.Helper()
	p, err := rig.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "up") // short, for Asterisk's control socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	u := &upProcess{dir: dir, cmd: exec.Command(os.Args[0], "-test.run", "^TestUpChild$"), out: &bytes.Buffer{}}
	u.cmd.Env = append(append(os.Environ(), p.Environ()...), "UP_CHILD=1", "HOTLINE_RUN_DIR="+dir)
	pipe, err := u.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	u.cmd.Stderr = u.cmd.Stdout
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.cmd.Process.Kill(); u.cmd.Wait() })
	u.output = bufio.NewScanner(pipe)
	if !u.read("emergency number is simulated") {
		t.Fatalf("no banner:\n%s", u.out)
	}
	u.parts = children(t, u.cmd.Process.Pid)
	var names []string
	for name := range u.parts {
		names = append(names, name)
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"asterisk", "carrier", "hotline", "redis-server"}, names); diff != "" {
		t.Fatalf("children: %s", diff)
	}
	return u
}

// read reads output up to a line with text, or to the end.
func (u *upProcess) read(text string) bool {
	for u.output.Scan() {
		u.out.WriteString(u.output.Text() + "\n")
		if text != "" && strings.Contains(u.output.Text(), text) {
			return true
		}
	}
	return false
}

// end waits for the end of the process and of every part.
func (u *upProcess) end(t *testing.T) (code int) {
	t.Helper()
	u.read("")
	u.cmd.Wait() // the code is below
	for name, pid := range u.parts {
		t.Logf("waiting for the end of %s (%d)", name, pid)
		waitEnd(t, pid)
	}
	return u.cmd.ProcessState.ExitCode()
}

// children maps the names of a process's children to their ids.
func children(t *testing.T, pid int) map[string]int {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, list := range lists {
		ids, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that ended
		}
		for _, id := range strings.Fields(string(ids)) {
			name, err := os.ReadFile("/proc/" + id + "/comm")
			if err != nil {
				continue // a child that ended
			}
			found[strings.TrimSpace(string(name))], _ = strconv.Atoi(id)
		}
	}
	return found
}

func TestUpStopsEverythingWhenAsked(t *testing.T) {
	u := startUp(t)
	u.cmd.Process.Signal(syscall.SIGTERM)
	if code := u.end(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, u.out)
	}
}

func TestUpKilledLeavesNothing(t *testing.T) {
	u := startUp(t)
	u.cmd.Process.Kill()
	u.end(t)
}

// Whatever part dies, all of it ends, and says who died and what its last words were.
func TestUpNamesThePartThatDied(t *testing.T) {
	for _, part := range []string{"redis-server", "asterisk", "carrier", "hotline"} {
		t.Run(part, func(t *testing.T) {
			u := startUp(t)
			name, _, _ := strings.Cut(part, "-")
			// Stopped first: what it wrote is then its last; its gate, which outlives it for a
			// moment, may write to the same log.
			if err := syscall.Kill(u.parts[part], syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			last := lastWords(t, u.dir, name)
			if err := syscall.Kill(u.parts[part], syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if code := u.end(t); code != 1 {
				t.Errorf("exit code %d", code)
			}
			for _, text := range []string{name + " 意外结束", "ended unexpectedly", last} {
				if !strings.Contains(u.out.String(), text) {
					t.Errorf("output lacks %q:\n%s", text, u.out)
				}
			}
		})
	}
}

// lastWords is the last line a part wrote to its log.
func lastWords(t *testing.T, dir, part string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "log", part+".log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return lines[len(lines)-1]
}
