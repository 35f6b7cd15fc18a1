package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is one child: its own process group, its output in a file, and dead the
// moment we are, however we die.
type process struct {
	name string
	log  string
	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended; err is set before
	err  error
}

// startProcess starts cmd with its output appended to log, which is begun anew.
func startProcess(name string, cmd *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	return launch(name, cmd, log)
}

// launch starts cmd with the output it has. Its group is its own, so that Ctrl-C at
// the terminal reaches only us, who know the order in which to stop.
func launch(name string, cmd *exec.Cmd, log string) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p := &process{name: name, log: log, cmd: cmd, gone: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel sends the death signal when the starting thread ends, so that
		// thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			p.signal(syscall.SIGKILL) // what it may have left in its group
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// signal goes to the whole group. An error means that nobody is left.
func (p *process) signal(s syscall.Signal) { syscall.Kill(-p.cmd.Process.Pid, s) }

// stop asks the process to end and waits; it is killed after limit, or when hurry is
// closed. It reports whether it had to be killed.
func (p *process) stop(limit time.Duration, hurry <-chan struct{}) (killed bool) {
	syscall.Kill(p.cmd.Process.Pid, syscall.SIGTERM)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.gone:
		return false
	case <-timer.C:
	case <-hurry:
	}
	p.kill()
	return true
}

// kill ends the process as a power cut would, and waits for its end.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.gone
}

// ended says how the process ended; only after gone.
func (p *process) ended() string { return p.cmd.ProcessState.String() }

// lastLines is the end of the log.
func (p *process) lastLines(n int) string {
	f, err := os.Open(p.log)
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
