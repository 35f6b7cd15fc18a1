package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"hotline/asterisk/conf"
)

// channel is one side of a call as its Asterisk wrote it down.
type channel struct {
	ID, First     string // First is the channel the call began with
	Caller        string
	Answered, Met bool // Met: it was in a bridge
	Ended         bool
}

// tape follows the channel events (CEL) that one Asterisk writes. Safe for concurrent use.
type tape struct {
	path string

	mu       sync.Mutex
	read     int64
	channels map[string]*channel
}

func newTape(dir string) *tape {
	return &tape{path: conf.EventsOf(dir), channels: map[string]*channel{}}
}

// all is every channel since the last rewind, after reading what is new.
func (p *tape) all() ([]channel, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.follow(); err != nil {
		return nil, err
	}
	var all []channel
	for _, c := range p.channels {
		all = append(all, *c)
	}
	return all, nil
}

// follow reads whole lines only; the rest of one that is being written comes later.
func (p *tape) follow() error {
	f, err := os.Open(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nobody called yet
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, p.read, 1<<30))
	if err != nil {
		return fmt.Errorf("%s: %w", p.path, err)
	}
	whole := strings.LastIndexByte(string(b), '\n') + 1
	p.read += int64(whole)
	for line := range strings.Lines(string(b[:whole])) {
		// One that a killed Asterisk left half written runs into the next.
		if row, err := csv.NewReader(strings.NewReader(line)).Read(); err == nil {
			p.note(row)
		}
	}
	return nil
}

// note takes one line: type, time, id, first, caller, name. mu is held.
func (p *tape) note(r []string) {
	if len(r) < 6 {
		return
	}
	c := p.channels[r[2]]
	if c == nil {
		c = &channel{ID: r[2], First: r[3]}
		p.channels[c.ID] = c
	}
	c.Caller = r[4]
	switch r[0] {
	case "ANSWER":
		c.Answered = true
	case "BRIDGE_ENTER":
		c.Met = true
	case "CHAN_END":
		c.Ended = true
	}
}

// cut ends all channels, because their Asterisk was killed and writes nothing of it.
func (p *tape) cut() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.follow()
	for _, c := range p.channels {
		c.Ended = true
	}
	return err
}

// rewind forgets the channels that are over.
func (p *tape) rewind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, c := range p.channels {
		if c.Ended {
			delete(p.channels, id)
		}
	}
}

// againstTapes compares callers and books with what the Asterisks wrote down.
func (t *town) againstTapes(b books, calls []*call) (wrong []string) {
	callers := map[string][]channel{}
	known := map[string]bool{}
	for i, p := range t.tapes {
		all, err := p.all()
		if err != nil {
			return []string{"channel events: " + err.Error()}
		}
		for _, c := range all {
			known[c.ID] = true
			if c.ID == c.First {
				callers[c.Caller] = append(callers[c.Caller], c)
			}
			if !c.Ended {
				wrong = append(wrong, fmt.Sprintf("channel %s of %s has no end", c.ID, t.switchName(i)))
			}
		}
	}
	for _, c := range calls {
		wrong = append(wrong, c.againstTape(callers[c.Number], b.calls[c.Number])...)
		for _, r := range b.calls[c.Number] {
			if !known[r.Channel] {
				wrong = append(wrong, fmt.Sprintf("record %s of channel %s, of which no Asterisk knows: %v", r.ID, r.Channel, c))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// againstTape compares one caller's channels with their records.
func (c *call) againstTape(channels []channel, rows []record) (wrong []string) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf(format, args...)+": "+c.String())
	}
	answered := 0
	for _, ch := range channels {
		if !ch.Answered {
			continue
		}
		answered++
		n := 0
		for _, r := range rows {
			if r.Channel != ch.ID {
				continue
			}
			n++
			if r.Outcome == "answered" && !ch.Met {
				say("recorded as answered, but channel %s met nobody", ch.ID)
			}
		}
		if n != 1 {
			say("%d records of channel %s", n, ch.ID)
		}
		if c.reachedByUs("120") && !ch.Met {
			say("reached 120, but channel %s met nobody", ch.ID)
		}
	}
	if !c.Answered.IsZero() && answered != 1 {
		say("%d answered channels of an answered call", answered)
	}
	return wrong
}
