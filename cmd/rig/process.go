package rig

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is one child: its own process group, its output in a file, and dead the
// moment we are, however we die. Safe for concurrent use.
type Process struct {
	Name string
	Log  string          // the file its output goes to, if it is one
	Gone <-chan struct{} // closed when it has ended
	cmd  *exec.Cmd
}

// startProcess starts cmd with its output appended to log.
func startProcess(name string, cmd *exec.Cmd, log string) (*Process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	return Launch(name, cmd, log)
}

// Launch starts cmd with the output it has. Its group is its own, so that Ctrl-C at
// the terminal reaches only us, who know the order in which to stop.
func Launch(name string, cmd *exec.Cmd, log string) (*Process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	gone := make(chan struct{})
	p := &Process{Name: name, Log: log, Gone: gone, cmd: cmd}
	started := make(chan error, 1)
	go func() {
		// The kernel sends the death signal when the starting thread ends, so that
		// thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()            // how it ended is in cmd.ProcessState
			p.Signal(syscall.SIGKILL) // what it may have left in its group
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// Pid is the child's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Signal goes to the whole group; when nobody is left it goes nowhere.
func (p *Process) Signal(s syscall.Signal) { syscall.Kill(-p.Pid(), s) }

// Freeze stops the process and its children where they stand, as a machine out of
// breath does; thaw lets them go on.
func (p *Process) Freeze() (thaw func()) {
	// The parent first: it makes no children while it stands still.
	frozen := []int{p.Pid()}
	p.Signal(syscall.SIGSTOP)
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.Pid())) // the pattern is well-formed
	for _, list := range lists {
		text, _ := os.ReadFile(list) // none when a thread has ended
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				_ = syscall.Kill(pid, syscall.SIGSTOP) // it may have ended
				frozen = append(frozen, pid)
			}
		}
	}
	return func() {
		p.Signal(syscall.SIGCONT)
		for _, pid := range frozen {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}

// Stop asks the process to end and waits; it is killed after limit, or when hurry is
// closed. It reports whether it had to be killed.
func (p *Process) Stop(limit time.Duration, hurry <-chan struct{}) (killed bool) {
	syscall.Kill(p.Pid(), syscall.SIGTERM)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.Gone:
		return false
	case <-timer.C:
	case <-hurry:
	}
	p.Kill()
	return true
}

// Kill ends the process as a power cut would, and waits for its end.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.Gone
}

// Ended says how the process ended; only after Gone.
func (p *Process) Ended() string { return p.cmd.ProcessState.String() }

// Code is the process's exit code, -1 when a signal ended it; only after Gone.
func (p *Process) Code() int { return p.cmd.ProcessState.ExitCode() }

// LastLines is the end of the log.
func (p *Process) LastLines(n int) string {
	f, err := os.Open(p.Log)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		f.Seek(max(0, info.Size()-16<<10), io.SeekStart)
	}
	data, _ := io.ReadAll(f) // as much as there is
	lines := strings.Split(string(bytes.TrimSpace(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
