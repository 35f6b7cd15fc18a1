package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is one child in a group of its own. It dies with us, however we die.
type process struct {
	cmd   *exec.Cmd
	began time.Time     // when it was started
	gone  chan struct{} // closed when it has ended

	in      *os.File // a contender's standard input
	out     *os.File // and output
	answers *bufio.Reader
}

// spawn starts cmd. Linux sends the death signal when the thread that started the child
// ends, so that thread stays for as long as the child.
func spawn(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p := &process{cmd: cmd, gone: make(chan struct{}), began: time.Now()}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is told by its log
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// stop asks the process to end and forces it after five seconds.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	force := time.AfterFunc(5*time.Second, func() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) })
	defer force.Stop()
	p.await()
}

// kill ends the process without asking.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	p.await()
}

func (p *process) await() {
	<-p.gone
	if p.in != nil {
		p.in.Close()
		p.out.Close()
	}
}

// pid is its number.
func (p *process) pid() int { return p.cmd.Process.Pid }

// alive tells whether the process has not ended.
func (p *process) alive() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// startRole starts this program once more as a contender and returns once it is ready.
func startRole(ctx context.Context, role string, s site, log io.Writer) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	told, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, siteVariable+"="+string(told))
	cmd.Stderr = log
	stdin, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	out, stdout, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer stdout.Close()
	cmd.Stdin, cmd.Stdout = stdin, stdout
	p, err := spawn(cmd)
	if err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	p.in, p.out, p.answers = in, out, bufio.NewReader(out)
	if err := p.awaitReady(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s: %w", role, err)
	}
	return p, nil
}

// startLimit is what a contender, Asterisk or Redis may take to be ready: long, since a machine
// that does much beside it may stand still for a minute.
const startLimit = 3 * time.Minute

// awaitReady reads the line that says so.
func (p *process) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = p.out.SetReadDeadline(time.Unix(1, 0)) })()
	line, err := p.answers.ReadString('\n')
	if line == readyLine+"\n" {
		return nil
	}
	return errors.Join(errors.New("did not become ready"), err)
}
