package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"
)

// health is what a contender's process says of itself when asked.
type health struct {
	Goroutines int // those of idle HTTP connections left out
	Connects   uint64
	Malformed  uint64 // events that could not be read
	Unrouted   uint64 // events about calls that are over
	Waiting    int    // events that nobody took yet
}

// speak is a contender's side: it says that it is ready, and how it is for every line
// it reads. count may be nil.
func speak(in io.Reader, out io.Writer, count counters) {
	fmt.Fprintln(out, readyLine)
	for asked := bufio.NewScanner(in); asked.Scan(); {
		h := health{Goroutines: goroutines()}
		if count != nil {
			s := count()
			h.Connects, h.Malformed, h.Unrouted, h.Waiting = s.Connects, s.Malformed, s.Unrouted, s.Waiting
		}
		_ = json.NewEncoder(out).Encode(h) // who asked is gone, and we are next
	}
}

// goroutines counts those that serve calls or wait for them. Each idle connection of an
// HTTP pool has two more, and how many there are says nothing about calls. While there
// are many it does not matter, and to look at each would cost memory.
func goroutines() int {
	n := runtime.NumGoroutine()
	if n > 500 {
		return n
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, idle := range []string{"\nnet/http.(*persistConn).readLoop(", "\nnet/http.(*persistConn).writeLoop("} {
		n -= bytes.Count(stacks, []byte(idle))
	}
	return n
}

// told is how long a contender may take to say how it is.
const told = time.Minute

// ask asks a contender how it is.
func (p *process) ask() (health, error) {
	var h health
	if _, err := p.in.Write([]byte("\n")); err != nil {
		return h, err
	}
	if err := p.out.SetReadDeadline(time.Now().Add(told)); err != nil {
		return h, err
	}
	line, err := p.answers.ReadBytes('\n')
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(line, &h)
}
