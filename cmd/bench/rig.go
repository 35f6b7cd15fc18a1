package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	random "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/ivr"
)

// The prompts of the call.
const (
	promptOne   = "one"
	promptTwo   = "two"
	promptThree = "three"
	promptHeld  = "held" // what holds a caller who pressed 2
)

// Prompts are longer than anybody listens, so that every key stops one.
const (
	promptLength = 3 * time.Second
	heldLength   = 200 * promptLength
)

func lengthOf(id string) time.Duration {
	if id == promptHeld {
		return heldLength
	}
	return promptLength
}

// The trunks emergencies leave by.
const (
	trunkOne = "carrier"
	trunkTwo = "carrier2"
)

// rig is everything that runs during a bench.
type rig struct {
	dir          string
	sip          string // Asterisk's address
	asterisk     *process
	redis        *process
	version      string
	roles        map[string]*process // by role
	callers      *sipphone.Phone
	carrier      *sipphone.Phone
	frames       map[frameStart]string // which prompt a frame is of
	site         site
	closers      []func()
	callersSoFar atomic.Int64
	patience     time.Duration // of callers, for an answer and for each prompt
}

// openRig starts Asterisk, all contenders and the phones, on free ports and below a
// folder of its own. Close ends and removes all of it.
func openRig(ctx context.Context, o options) (_ *rig, err error) {
	// The path of Asterisk's control socket may not exceed 107 bytes.
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	r := &rig{dir: dir, patience: o.Patience, roles: map[string]*process{}, frames: map[frameStart]string{}}
	r.closers = append(r.closers, func() { os.RemoveAll(dir) })
	defer func() {
		if err != nil {
			err = errors.Join(err, r.complaints())
			r.close()
		}
	}()
	index, ids, err := r.record()
	if err != nil {
		return nil, fmt.Errorf("prompts: %w", err)
	}
	for number, phone := range map[string]**sipphone.Phone{"caller": &r.callers, trunkOne: &r.carrier} {
		*phone, err = sipphone.Listen(ctx, sipphone.Config{Addr: "127.0.0.1:0", Number: number, Index: index, Keep: time.Second})
		if err != nil {
			return nil, err
		}
		r.closers = append(r.closers, (*phone).Close)
	}
	s := site{Dir: dir, Sounds: filepath.Join(dir, "sounds"), User: "hotline", Pass: rand.Text(), Prompts: ids, Profile: o.Profile}
	if err := r.startRedis(ctx, o.Repo, &s); err != nil {
		return nil, err
	}
	if err := r.startAsterisk(ctx, o, &s); err != nil {
		return nil, err
	}
	r.site = s
	return r, r.startRoles(ctx)
}

// close ends everything, last first.
func (r *rig) close() {
	for i := len(r.closers) - 1; i >= 0; i-- {
		r.closers[i]()
	}
	r.closers = nil
}

// record makes the prompts: noise, every one another, so that a single frame tells which
// is heard. The index knows those of the call.
func (r *rig) record() (*sipphone.Index, []string, error) {
	flow, _, err := readFlow()
	if err != nil {
		return nil, nil, err
	}
	sounds := filepath.Join(r.dir, "sounds")
	if err := os.Mkdir(sounds, 0o755); err != nil {
		return nil, nil, err
	}
	index, source := sipphone.NewIndex(), random.New(random.NewPCG(1, 2))
	ids := ivr.UsedPrompts(flow)
	for _, id := range ids {
		noise := make([]byte, int(promptLength/sipphone.FrameTime)*sipphone.FrameBytes)
		for i := range noise { // any A-law byte but the faintest
			noise[i] = byte(source.IntN(0x30)) ^ 0x95 ^ byte(source.IntN(2)<<7)
		}
		for frame := range slices.Chunk(noise, sipphone.FrameBytes) {
			r.frames[frameStart(frame)] = id
		}
		sound := bytes.Repeat(noise, int(lengthOf(id)/promptLength))
		if err := os.WriteFile(filepath.Join(sounds, id+".alaw"), sound, 0o600); err != nil {
			return nil, nil, err
		}
		if id == promptOne || id == promptTwo || id == promptThree {
			index.Add(id, sipphone.PCMA, noise)
		}
	}
	return index, ids, nil
}

// startRoles starts every contender that needs a process.
func (r *rig) startRoles(ctx context.Context) error {
	for _, c := range contenders {
		if c.Role == "" {
			continue
		}
		if err := r.startRole(ctx, c); err != nil {
			return err
		}
		r.closers = append(r.closers, func() { r.roles[c.Role].stop() })
	}
	return nil
}

// startRole starts a contender's process, or starts it anew.
func (r *rig) startRole(ctx context.Context, c contender) error {
	log, err := os.OpenFile(filepath.Join(r.dir, c.Role+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s := r.site
	s.Dir = filepath.Join(r.dir, c.Role)
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	p, err := startRole(ctx, c.Role, s, log)
	if err != nil {
		return err
	}
	r.roles[c.Role] = p
	return nil
}

// nth numbers callers, so that no two who call at the same time have the same number.
func (r *rig) nth() int { return int(r.callersSoFar.Add(1)) }

// complaints is the end of every log, for when the rig does not start.
func (r *rig) complaints() error {
	var all []error
	logs, _ := filepath.Glob(filepath.Join(r.dir, "*.log")) // the pattern is well-formed
	for _, name := range append(logs, filepath.Join(r.dir, "asterisk", "log", "messages.log")) {
		if text, err := os.ReadFile(name); err == nil && len(text) > 0 {
			all = append(all, fmt.Errorf("%s:\n%s", filepath.Base(name), bytes.TrimSpace(text[max(0, len(text)-2000):])))
		}
	}
	return errors.Join(all...)
}
