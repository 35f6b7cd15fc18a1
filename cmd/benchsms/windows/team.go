package windows

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"hotline/cmd/rig"
)

// A controller is this program once more, with these in its environment.
const (
	RoleVariable = "BENCHSMS_ROLE"
	TaskVariable = "BENCHSMS_TASK"
	Role         = "windows"
)

// team are some controllers and what they have settled.
type team struct {
	members []*member

	mu    sync.Mutex
	count map[string]int // how often each survey was offered
	more  chan struct{}  // something was
	ended chan error     // a member ended
}

// member is one controller.
type member struct {
	*rig.Process
	in io.WriteCloser
}

// gather starts the controllers and waits until each is ready to go.
func (c Config) gather(ctx context.Context, t task) (_ *team, err error) {
	all := &team{count: map[string]int{}, more: make(chan struct{}, 1), ended: make(chan error, c.Controllers)}
	defer func() {
		if err != nil {
			all.end()
		}
	}()
	ready := make(chan struct{}, c.Controllers)
	for range c.Controllers {
		if err := all.start(filepath.Join(c.Dir, "controller.log"), t, ready); err != nil {
			return nil, err
		}
	}
	for range c.Controllers {
		select {
		case <-ready:
		case err := <-all.ended:
			return nil, err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return all, nil
}

// start starts one controller.
func (a *team) start(log string, t task, ready chan<- struct{}) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	theirIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirIn.Close()
	out, theirOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, in.Close())
	}
	defer theirOut.Close()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), RoleVariable+"="+Role, TaskVariable+"="+string(text))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, file
	p, err := rig.Launch("controller", cmd, log)
	if err != nil {
		return errors.Join(err, in.Close(), out.Close())
	}
	a.members = append(a.members, &member{p, in})
	go a.hear(p, out, ready)
	return nil
}

// hear takes what a controller says, a line of JSON for each thing, until it has ended.
func (a *team) hear(p *rig.Process, out io.ReadCloser, ready chan<- struct{}) {
	defer out.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	if lines.Scan() {
		ready <- struct{}{}
	}
	for lines.Scan() {
		var ids []string
		if err := json.Unmarshal(lines.Bytes(), &ids); err != nil {
			break
		}
		a.mu.Lock()
		for _, id := range ids {
			a.count[id]++
		}
		a.mu.Unlock()
		select {
		case a.more <- struct{}{}:
		default:
		}
	}
	a.ended <- fmt.Errorf("a controller ended: %s", p.LastLines(5))
}

// say tells all of them a word.
func (a *team) say(word string) {
	for _, m := range a.members {
		fmt.Fprintln(m.in, word) // one that is gone is told of by hear
	}
}

// waitFor waits until so many different surveys were settled.
func (a *team) waitFor(ctx context.Context, surveys int) error {
	for {
		a.mu.Lock()
		n := len(a.count)
		a.mu.Unlock()
		if n >= surveys {
			return nil
		}
		select {
		case <-a.more:
		case err := <-a.ended:
			return err
		case <-ctx.Done():
			return fmt.Errorf("%d of %d settled: %w", n, surveys, context.Cause(ctx))
		}
	}
}

// end asks them to end and waits.
func (a *team) end() {
	for _, m := range a.members {
		m.in.Close()
	}
	for _, m := range a.members {
		select {
		case <-m.Gone:
		case <-time.After(10 * time.Second):
			m.Stop(time.Second, nil)
		}
	}
}
