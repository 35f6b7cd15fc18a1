package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
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
)

func TestPortsAt(t *testing.T) {
	t.Setenv("CARRIER_SMPP_PORT", "2999")
	got, err := portsAt(100)
	if err != nil {
		t.Fatal(err)
	}
	want := ports{SIP: 5160, ARI: 8188, HTTP: 8180, Redis: 6490, CarrierSIP: 5170, CarrierSIP2: 5171, SMPP: 2999, CarrierWeb: 8190}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	t.Setenv("CARRIER_SMPP_PORT", "many")
	_, err = portsAt(60000)
	for _, part := range []string{"CARRIER_SMPP_PORT=many", "console", "Redis"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %q", err, part)
		}
	}
}

func TestPortsCheckNamesEveryTakenPort(t *testing.T) {
	p, err := freePorts()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.check("127.0.0.1"); err != nil {
		t.Fatalf("free ports: %v", err)
	}
	l, err := net.Listen("tcp", local(p.Redis))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", local(p.SIP))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	err = p.check("127.0.0.1")
	for _, part := range []string{strconv.Itoa(p.Redis), strconv.Itoa(p.SIP), "HOTLINE_REDIS_PORT", "PORT_OFFSET=100"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %q", err, part)
		}
	}
}

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

func TestProcessStops(t *testing.T) {
	hurry := make(chan struct{})
	close(hurry)
	for _, c := range []struct {
		name, script string
		hurry        <-chan struct{}
		killed       bool
	}{
		{"polite", "sleep 1000 & echo $!; wait", nil, false},
		{"deaf, in a hurry", "trap '' TERM; sleep 1000 & echo $!; while :; do wait; done", hurry, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := shell(t, c.script)
			if killed := p.stop(time.Minute, c.hurry); killed != c.killed {
				t.Errorf("killed: %v, want %v", killed, c.killed)
			}
			grandchild, err := strconv.Atoi(p.lastLines(5))
			if err != nil {
				t.Fatal(err)
			}
			waitEnd(t, grandchild)
		})
	}
}

// shell starts a script and waits for its first line.
func shell(t *testing.T, script string) *process {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess("script", exec.Command("sh", "-c", script), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	started := func(context.Context) bool { return p.lastLines(1) != "" }
	if err := until(t.Context(), p.gone, started); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestUntil(t *testing.T) {
	gone := make(chan struct{})
	asked := 0
	if err := until(t.Context(), gone, func(context.Context) bool { asked++; return asked == 3 }); err != nil {
		t.Error(err)
	}
	close(gone)
	never := func(context.Context) bool { return false }
	if err := until(t.Context(), gone, never); err == nil {
		t.Error("a process that has ended became ready")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("too late"))
	if err := until(ctx, nil, never); err == nil || err.Error() != "too late" {
		t.Errorf("got %v, want the cause", err)
	}
}

// waitEnd waits until a process that is not our child has ended, and fails when it
// does not within ten seconds. One that only waits to be reaped by init has ended.
func waitEnd(t *testing.T, pid int) {
	t.Helper()
	ended := func(context.Context) bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := until(ctx, nil, ended); err != nil {
		t.Errorf("process %d is left: %v", pid, err)
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
	out    *bytes.Buffer // complete once the process has ended
	parts  map[string]int
	output *bufio.Scanner
}

// startUp starts it and waits for the banner.
func startUp(t *testing.T) *upProcess {
	t.Helper()
	p, err := freePorts()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "up") // short, for Asterisk's control socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	u := &upProcess{cmd: exec.Command(os.Args[0], "-test.run", "^TestUpChild$"), out: &bytes.Buffer{}}
	u.cmd.Env = append(append(os.Environ(), p.environ()...), "UP_CHILD=1", "HOTLINE_RUN_DIR="+dir)
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
				t.Fatal(err)
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
	for part, words := range map[string]string{
		"redis-server": "Ready to accept connections", "asterisk": "", "carrier": "carrier is up", "hotline": "hotline serves",
	} {
		t.Run(part, func(t *testing.T) {
			u := startUp(t)
			if err := syscall.Kill(u.parts[part], syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if code := u.end(t); code != 1 {
				t.Errorf("exit code %d", code)
			}
			name, _, _ := strings.Cut(part, "-")
			for _, text := range []string{name + " 意外结束", "ended unexpectedly", words} {
				if !strings.Contains(u.out.String(), text) {
					t.Errorf("output lacks %q:\n%s", text, u.out)
				}
			}
		})
	}
}
