// Package rig runs everything a hotline consists of on this machine: Redis, Asterisk, the
// development phone company and the hotline itself, as children of one process that ends
// them all however it ends. `hotline up` and the end-to-end tests stand on it.
package rig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"hotline/asterisk/conf"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/voice"
)

// The parts of a rig. Where there are several of a kind the second is asterisk-2,
// redis-2, sentinel-2; a controller with a name of its own is hotline-NAME.
const (
	Hotline  = "hotline"
	Carrier  = "carrier"
	Asterisk = "asterisk"
	Redis    = "redis"
	Sentinel = "sentinel"
	Postgres = "postgres"
)

// Config says what to run and where. Repo, Dir, House and Ports are needed.
type Config struct {
	Repo     string // checkout, with the programs in .cache/bin
	Dir      string // everything that is written; .run
	Sounds   string // rendered prompts; default Repo/.cache/sounds
	House    House
	Bind     string   // SIP and RTP; default 127.0.0.1
	Allow    []string // whose SIP is heard; see conf.Config
	Ports    Ports
	Cluster  Cluster           // default: one of everything
	Calls    int               // of each Asterisk at once; default conf's
	Claim    time.Duration     // what controllers have to claim a call in; default conf's
	Dev      bool              // the clock can be moved over HTTP
	Password string            // console's admin; default one made up
	Drain    time.Duration     // live calls after a stop; default 30 s
	Env      []string          // more environment for hotline serve
	Carrier  []string          // more flags for the carrier
	Programs map[string]string // files to run in place of those in .cache/bin, by name
	Say      func(line string)
	Hurry    <-chan struct{} // closed: stop at once
}

// House is what the rig has to know of the hotline it runs.
type House struct {
	ID      string // folder of deploy/hotlines
	Profile *ivr.Profile
	Roster  *dispatch.Roster
	Prompts *voice.Catalogue
	Keys    string // what the menu's keys do, in words, for the page of handsets
}

// Rig is Redis, Asterisk, the carrier and the hotline, running as children of this
// process. Safe for concurrent use.
type Rig struct {
	Config
	Asterisk conf.Config   // as rendered
	Switches []conf.Config // all of them; the first is Asterisk

	at    map[string]string // the address each part listens on, by name
	parts []part
	died  chan *Process

	mu      sync.Mutex
	running map[string]*Process
	begun   map[string]bool
}

// startLimit is what one part may take until it is ready: long, since a machine that tests
// much at once may stand still for a minute.
const startLimit = 3 * time.Minute

// New renders Asterisk's configuration and makes the folders; nothing runs yet.
func New(c Config) (*Rig, error) {
	if c.Sounds == "" {
		c.Sounds = filepath.Join(c.Repo, ".cache", "sounds")
	}
	if c.Bind == "" {
		c.Bind = "127.0.0.1"
	}
	if c.Password == "" {
		c.Password = rand.Text()[:10]
	}
	if c.Drain == 0 {
		c.Drain = 30 * time.Second
	}
	if c.Say == nil {
		c.Say = func(string) {}
	}
	r := &Rig{Config: c, died: make(chan *Process, 4), at: map[string]string{}, running: map[string]*Process{}, begun: map[string]bool{}}
	if err := os.MkdirAll(filepath.Join(c.Dir, "log"), 0o755); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if err := r.place(); err != nil {
		return nil, err
	}
	return r, r.plan()
}

// Start starts every part and returns when all are ready: what the hotline leans on
// first, side by side, then the hotline. On an error everything is stopped again.
func (r *Rig) Start(ctx context.Context) error {
	err := r.startAll(ctx, false)
	if err == nil {
		err = r.startAll(ctx, true)
	}
	if err != nil {
		r.Stop()
	}
	return err
}

// startAll starts the controllers, or all that is none, side by side.
func (r *Rig) startAll(ctx context.Context, controllers bool) error {
	errs := make(chan error)
	n := 0
	for _, p := range r.parts {
		if p.controller == controllers {
			n++
			go func() { errs <- r.StartPart(ctx, p.name) }()
		}
	}
	var all []error
	for range n {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// Parts names everything that runs, controllers last.
func (r *Rig) Parts() []string {
	var names []string
	for _, p := range r.parts {
		names = append(names, p.name)
	}
	return names
}

// Addr is host:port at which a part is found: SIP of an Asterisk, the console of a
// controller, the page of handsets of the carrier.
func (r *Rig) Addr(name string) string { return r.at[name] }

// StartPart starts one part, or starts it again after Kill, and waits until it is ready.
func (r *Rig) StartPart(ctx context.Context, name string) error {
	r.mu.Lock()
	if r.running[name] != nil {
		r.mu.Unlock()
		return fmt.Errorf("start %s: it is running", name)
	}
	i := slices.IndexFunc(r.parts, func(p part) bool { return p.name == name })
	if i < 0 {
		r.mu.Unlock()
		return fmt.Errorf("start %s: no such part", name)
	}
	log := filepath.Join(r.Dir, "log", name+".log")
	if !r.begun[name] { // the log of a part that is started again is one
		_ = os.Remove(log)
		r.begun[name] = true
	}
	p, err := startProcess(name, r.parts[i].command(), log)
	if err != nil {
		r.mu.Unlock()
		return err
	}
	r.running[name] = p
	r.mu.Unlock()
	go r.watch(p)

	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("not ready after %v", startLimit))
	defer cancel()
	if err := until(ctx, p.Gone, r.parts[i].ready); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, p.LastLines(20))
	}
	r.Say(fmt.Sprintf("  %-10s 就绪 / ready  %5.1f s  %s", name, time.Since(began).Seconds(), p.Log))
	return nil
}

// Died gives the parts that end though nobody asked them to; the first few, since one is
// enough to end it all.
func (r *Rig) Died() <-chan *Process { return r.died }

// watch reports a part that ends while it is still wanted.
func (r *Rig) watch(p *Process) {
	<-p.Gone
	r.mu.Lock()
	wanted := r.running[p.Name] == p // and not one that took its place since
	if wanted {
		delete(r.running, p.Name)
	}
	r.mu.Unlock()
	if wanted {
		select {
		case r.died <- p:
		default: // there are enough of them
		}
	}
}

// Take gives up a part: from here on its end is intended.
func (r *Rig) Take(name string) *Process {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.running[name]
	delete(r.running, name)
	return p
}

// Kill ends a part as a power cut would; StartPart brings it back. A part that is not
// running is no error.
func (r *Rig) Kill(name string) {
	if p := r.Take(name); p != nil {
		p.Kill()
	}
}

// StopPart ends one part politely, by force after limit.
func (r *Rig) StopPart(name string, limit time.Duration) {
	if p := r.Take(name); p != nil && p.Stop(limit, r.Hurry) {
		r.Say(fmt.Sprintf("  %-10s 强制结束 / had to be killed", name))
	}
}

// Stop ends everything: the controllers first, so that it can finish its calls while the
// others are there. It returns when no process is left, and may be called twice.
func (r *Rig) Stop() {
	for _, controllers := range []bool{true, false} {
		limit := 10 * time.Second
		if controllers {
			limit = r.Drain + 5*time.Second
		}
		var stopping sync.WaitGroup
		for _, p := range r.parts {
			if p.controller == controllers {
				stopping.Go(func() { r.StopPart(p.name, limit) })
			}
		}
		stopping.Wait()
	}
}

// Running is the process of a part, nil when it does not run.
func (r *Rig) Running(name string) *Process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running[name]
}

// until asks ready again and again; it ends with nil when it says yes, and with an
// error when the process has ended or the time is up.
func until(ctx context.Context, gone <-chan struct{}, ready func(context.Context) bool) error {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		if ready(ctx) {
			return nil
		}
		select {
		case <-gone:
			return errors.New("ended before it was ready")
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// program is one of .cache/bin.
func (r *Rig) program(name string, args ...string) *exec.Cmd {
	file := filepath.Join(r.Repo, ".cache", "bin", name)
	if other := r.Programs[name]; other != "" {
		file = other
	}
	cmd := exec.Command(file, args...)
	cmd.Dir = r.Repo
	return cmd
}
