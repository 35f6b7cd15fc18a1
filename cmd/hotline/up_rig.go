package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"hotline/asterisk/conf"
)

// The parts of a rig, in the order they are stopped.
const (
	partHotline  = "hotline"
	partCarrier  = "carrier"
	partAsterisk = "asterisk"
	partRedis    = "redis"
)

// rigConfig says what to run and where. Repo, Dir, Profile and Ports are needed.
type rigConfig struct {
	Repo     string // checkout, with the programs in .cache/bin
	Dir      string // everything that is written; .run
	Sounds   string // rendered prompts; default Repo/.cache/sounds
	Profile  string
	Bind     string // SIP and RTP; default 127.0.0.1
	Ports    ports
	Dev      bool              // the clock can be moved over HTTP
	Password string            // console's admin; default one made up
	Drain    time.Duration     // live calls after a stop; default 30 s
	Env      []string          // more environment for hotline serve
	Programs map[string]string // files to run in place of those in .cache/bin, by name
	Say      func(line string)
	Hurry    <-chan struct{} // closed: stop at once
}

// rig is Redis, Asterisk, the carrier and the hotline, running as children of this
// process. Safe for concurrent use.
type rig struct {
	rigConfig
	Asterisk conf.Config // as rendered
	hotline  house       // as configured

	died chan *process // parts that ended though nobody asked them to

	mu      sync.Mutex
	running map[string]*process
}

// startLimit is what one part may take until it is ready.
const startLimit = 60 * time.Second

// newRig renders Asterisk's configuration and makes the folders; nothing runs yet.
func newRig(c rigConfig) (*rig, error) {
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
	r := &rig{rigConfig: c, died: make(chan *process, 4), running: map[string]*process{}}
	for _, d := range []string{"log", "redis", "asterisk"} {
		if err := os.MkdirAll(filepath.Join(c.Dir, d), 0o755); err != nil {
			return nil, fmt.Errorf("run folder: %w", err)
		}
	}
	var err error
	r.hotline, err = loadHouse(settings{Profile: c.Profile, Deploy: os.Getenv("HOTLINE_DEPLOY"), Sounds: c.Sounds})
	if err != nil {
		return nil, err
	}
	if r.Asterisk, err = asteriskConfig(c, r.hotline); err != nil {
		return nil, err
	}
	return r, conf.Render(r.Asterisk)
}

// start starts every part and returns when all are ready: what the hotline leans on
// first, side by side, then the hotline. On an error everything is stopped again.
func (r *rig) start(ctx context.Context) error {
	errs := make(chan error)
	for _, name := range []string{partRedis, partAsterisk, partCarrier} {
		go func() { errs <- r.startPart(ctx, name) }()
	}
	err := errors.Join(<-errs, <-errs, <-errs)
	if err == nil {
		err = r.startPart(ctx, partHotline)
	}
	if err != nil {
		r.stop()
	}
	return err
}

// startPart starts one part, or starts it again after kill, and waits until it is ready.
func (r *rig) startPart(ctx context.Context, name string) error {
	r.mu.Lock()
	if r.running[name] != nil {
		r.mu.Unlock()
		return fmt.Errorf("start %s: it is running", name)
	}
	cmd, ready := r.command(name)
	p, err := startProcess(name, cmd, filepath.Join(r.Dir, "log", name+".log"))
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
	if err := until(ctx, p.gone, ready); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, p.lastLines(20))
	}
	r.Say(fmt.Sprintf("  %-9s 就绪 / ready  %5.1f s  %s", name, time.Since(began).Seconds(), p.log))
	return nil
}

// watch reports a part that ends while it is still wanted.
func (r *rig) watch(p *process) {
	<-p.gone
	r.mu.Lock()
	wanted := r.running[p.name] == p
	delete(r.running, p.name)
	r.mu.Unlock()
	if wanted {
		select {
		case r.died <- p:
		default: // one is enough to end it all
		}
	}
}

// take gives up a part: from here on its end is intended.
func (r *rig) take(name string) *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.running[name]
	delete(r.running, name)
	return p
}

// kill ends a part as a power cut would; startPart brings it back. A part that is not
// running is no error.
func (r *rig) kill(name string) {
	if p := r.take(name); p != nil {
		p.kill()
	}
}

// stopPart ends one part politely, by force after limit.
func (r *rig) stopPart(name string, limit time.Duration) {
	if p := r.take(name); p != nil && p.stop(limit, r.Hurry) {
		r.Say(fmt.Sprintf("  %-9s 强制结束 / had to be killed", name))
	}
}

// stop ends everything: the hotline first, so that it can finish its calls while the
// others are there. It returns when no process is left, and may be called twice.
func (r *rig) stop() {
	r.stopPart(partHotline, r.Drain+5*time.Second)
	var others sync.WaitGroup
	for _, name := range []string{partCarrier, partAsterisk, partRedis} {
		others.Go(func() { r.stopPart(name, 10*time.Second) })
	}
	others.Wait()
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
func (r *rig) program(name string, args ...string) *exec.Cmd {
	file := filepath.Join(r.Repo, ".cache", "bin", name)
	if other := r.Programs[name]; other != "" {
		file = other
	}
	cmd := exec.Command(file, args...)
	cmd.Dir = r.Repo
	return cmd
}
