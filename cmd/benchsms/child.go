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
	"syscall"
	"time"

	"hotline/cmd/benchsms/windows"
	"hotline/cmd/rig"
)

// The environment of a child that is this program once more.
const (
	roleVariable = windows.RoleVariable
	taskVariable = windows.TaskVariable
)

// roles are what a child can be. Each hears words by its standard input and says a line of
// JSON for each thing that has happened.
var roles = map[string]func(context.Context, *stage) error{
	"carrier": playCarrier,
	"gateway": playGateway,
	windows.Role: func(ctx context.Context, s *stage) error {
		return windows.Poll(ctx, s.task, os.Stdin, os.Stdout)
	},
}

// stage is a child's side of the talk.
type stage struct {
	task []byte
	in   *bufio.Scanner
	out  *json.Encoder
}

// asRole is main of a child. It ends when its parent closes its input, and with it.
func asRole(name string) int {
	s := &stage{task: []byte(os.Getenv(taskVariable)), in: bufio.NewScanner(os.Stdin), out: json.NewEncoder(os.Stdout)}
	if err := roles[name](context.Background(), s); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

// heard waits for a word; false means that the parent wants no more.
func (s *stage) heard(word string) bool {
	return s.in.Scan() && s.in.Text() == word
}

// child is a process of ours in a role.
type child struct {
	*rig.Process
	in    io.WriteCloser
	out   io.Closer
	lines chan []byte
}

// startRole starts this program in a role, with a task, and what it complains about in a log.
func startRole(role string, task any, log string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, taskVariable+"="+string(text))
	cmd.Stderr = file
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close()
	out, theirOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer theirOut.Close()
	cmd.Stdin, cmd.Stdout = theirIn, theirOut
	p, err := rig.Launch(role, cmd, log)
	if err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	c := &child{Process: p, in: in, out: out, lines: make(chan []byte, 16)}
	go c.read(out)
	return c, nil
}

// read takes lines until the child has ended.
func (c *child) read(out io.Reader) {
	defer close(c.lines)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20) // a record of some thousand handsets is one line
	for lines.Scan() {
		c.lines <- append([]byte(nil), lines.Bytes()...)
	}
}

// say tells the child a word.
func (c *child) say(word string) error {
	_, err := fmt.Fprintln(c.in, word)
	return err
}

// hear reads the child's next line into v.
func (c *child) hear(ctx context.Context, v any) error {
	select {
	case line, ok := <-c.lines:
		if !ok {
			return fmt.Errorf("%s ended: %s", c.Name, c.LastLines(5))
		}
		return json.Unmarshal(line, v)
	case <-ctx.Done():
		return fmt.Errorf("%s says nothing: %w: %s", c.Name, context.Cause(ctx), c.LastLines(5))
	}
}

// end closes the child's input, by which it is asked to end, and waits.
func (c *child) end() error {
	c.in.Close()
	killed := false
	select {
	case <-c.Gone:
	case <-time.After(20 * time.Second):
		killed = c.Stop(5*time.Second, nil)
	}
	for range c.lines { // so that its reader ends
	}
	c.out.Close()
	if killed {
		return fmt.Errorf("%s did not end by itself", c.Name)
	}
	return nil
}

// cut kills the child.
func (c *child) cut() {
	c.Signal(syscall.SIGKILL)
	<-c.Gone
	c.in.Close()
	for range c.lines {
	}
	c.out.Close()
}

// rest lets time pass.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// errShort says that something took longer than it may.
var errShort = errors.New("it took too long")
