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
	"time"

	"hotline/asterisk/sipphone"
	"hotline/ivr"
)

// The prompts of the call.
const (
	promptOne   = "one"
	promptTwo   = "two"
	promptThree = "three"
)

// promptLength is longer than anybody listens, so that every key stops a prompt.
const promptLength = 3 * time.Second

// The trunks emergencies leave by.
const (
	trunkOne = "carrier"
	trunkTwo = "carrier2"
)

// rig is everything that runs during a bench.
type rig struct {
	dir      string
	sip      string // Asterisk's address
	asterisk *process
	version  string
	roles    map[string]*process // by role
	callers  *sipphone.Phone
	carrier  *sipphone.Phone
	closers  []func()
}

// openRig starts Asterisk, all contenders and the phones, on free ports and below a
// folder of its own. Close ends and removes all of it.
func openRig(ctx context.Context, o options) (_ *rig, err error) {
	// The path of Asterisk's control socket may not exceed 107 bytes.
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	r := &rig{dir: dir, roles: map[string]*process{}}
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
	if err := r.startAsterisk(ctx, o.Repo, &s); err != nil {
		return nil, err
	}
	return r, r.startRoles(ctx, s)
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
		if err := os.WriteFile(filepath.Join(sounds, id+".alaw"), noise, 0o600); err != nil {
			return nil, nil, err
		}
		if id == promptOne || id == promptTwo || id == promptThree {
			index.Add(id, sipphone.PCMA, noise)
		}
	}
	return index, ids, nil
}

// startRoles starts every contender that needs a process.
func (r *rig) startRoles(ctx context.Context, s site) error {
	for _, c := range contenders {
		if c.Role == "" {
			continue
		}
		log, err := os.Create(filepath.Join(r.dir, c.Role+".log"))
		if err != nil {
			return err
		}
		defer log.Close()
		s.Dir = filepath.Join(r.dir, c.Role)
		if err := os.Mkdir(s.Dir, 0o755); err != nil {
			return err
		}
		p, err := startRole(ctx, c.Role, s, log)
		if err != nil {
			return err
		}
		r.roles[c.Role] = p
		r.closers = append(r.closers, p.stop)
	}
	return nil
}

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
