package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
)

// errHungUp tells that the caller left.
var errHungUp = errors.New("hung up")

// serveAGI is the FastAGI server many would write: a connection a call, a line a command.
func serveAGI(ctx context.Context, s site, ready func(counters)) error {
	l, err := net.Listen("tcp", s.AGI)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { l.Close() })()
	ready(nil)
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		calls.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			c := agiCall{conn: conn, in: bufio.NewReader(conn)}
			_ = c.serve(s) // the caller left, sooner or later
		})
	}
}

// agiCall is one call over its own connection.
type agiCall struct {
	conn net.Conn
	in   *bufio.Reader
}

func (c *agiCall) serve(s site) error {
	for { // the variables of the call, up to an empty line
		line, err := c.in.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	if _, err := c.command("ANSWER"); err != nil {
		return err
	}
	for _, id := range []string{promptOne, promptTwo} {
		if err := c.ask(s.sound(id)); err != nil {
			return err
		}
	}
	_, err := c.command(fmt.Sprintf(`STREAM FILE %s ""`, s.sound(promptThree)))
	return err
}

// ask plays a prompt until a key is pressed, then or soon after.
func (c *agiCall) ask(sound string) error {
	key, err := c.command(fmt.Sprintf(`STREAM FILE %s "1"`, sound))
	if err == nil && key == "0" {
		key, err = c.command("WAIT FOR DIGIT 5000")
	}
	if err == nil && key != "49" { // the code of "1"
		err = fmt.Errorf("key %s", key)
	}
	return err
}

// command sends one and returns its result.
func (c *agiCall) command(line string) (result string, err error) {
	if _, err := fmt.Fprintln(c.conn, line); err != nil {
		return "", err
	}
	answer, err := c.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(answer, "HANGUP") {
		return "", errHungUp
	}
	_, rest, ok := strings.Cut(answer, "result=")
	if !ok {
		return "", fmt.Errorf("answer %q", answer)
	}
	result, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
	if result == "-1" {
		return "", errHungUp
	}
	return result, nil
}
