package rig

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPortsAt(t *testing.T) {
	t.Setenv("CARRIER_SMPP_PORT", "2999")
	got, err := PortsAt(100)
	if err != nil {
		t.Fatal(err)
	}
	want := Ports{SIP: 5160, ARI: 8188, HTTP: 8180, Redis: 6490, CarrierSIP: 5170, CarrierSIP2: 5171, SMPP: 2999, CMPP: 7990, CarrierWeb: 8190,
		HTTPSMS: 8191, HTTPBack: 8192}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	t.Setenv("CARRIER_SMPP_PORT", "many")
	_, err = PortsAt(60000)
	for _, part := range []string{"CARRIER_SMPP_PORT=many", "console", "Redis"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %q", err, part)
		}
	}
}

func TestPortsCheckNamesEveryTakenPort(t *testing.T) {
	p, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check("127.0.0.1"); err != nil {
		t.Fatalf("free ports: %v", err)
	}
	l, err := net.Listen("tcp", Local(p.Redis))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", Local(p.SIP))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	err = p.Check("127.0.0.1")
	for _, part := range []string{strconv.Itoa(p.Redis), strconv.Itoa(p.SIP), "HOTLINE_REDIS_PORT", "PORT_OFFSET=100"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %q", err, part)
		}
	}
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
			if killed := p.Stop(time.Minute, c.hurry); killed != c.killed {
				t.Errorf("killed: %v, want %v", killed, c.killed)
			}
			grandchild, err := strconv.Atoi(p.LastLines(5))
			if err != nil {
				t.Fatal(err)
			}
			waitEnd(t, grandchild)
		})
	}
}

// shell starts a script and waits for its first line.
func shell(t *testing.T, script string) *Process {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess("script", exec.Command("sh", "-c", script), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	started := func(context.Context) bool { return p.LastLines(1) != "" }
	if err := until(t.Context(), p.Gone, started); err != nil {
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
// does not within a minute. One that only waits to be reaped by init has ended.
func waitEnd(t *testing.T, pid int) {
	t.Helper()
	ended := func(context.Context) bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := until(ctx, nil, ended); err != nil {
		t.Errorf("process %d is left: %v", pid, err)
	}
}

// A part that is started again at once after it was taken and ended is the one that runs,
// however late its forerunner's end is noticed.
func TestThePartThatTookItsPlaceRuns(t *testing.T) {
	r := &Rig{running: map[string]*Process{}, died: make(chan *Process, 1)}
	first, second := shell(t, "echo up; sleep 1000"), shell(t, "echo up; sleep 1000")
	r.running[first.Name] = first
	if r.Take(first.Name) != first {
		t.Fatal("the first does not run")
	}
	first.Kill()
	r.running[second.Name] = second
	r.watch(first)
	if r.Running(second.Name) != second {
		t.Error("the second counts as ended")
	}
}
