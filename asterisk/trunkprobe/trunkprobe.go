// Package trunkprobe asks SIP trunks, again and again, whether they are there.
//
// Asterisk probes its trunks too, but only says whether they are reachable when it is
// asked. A [Prober] sends OPTIONS itself, tells of every change as it happens, and does
// not change its mind about a single lost packet: a trunk is down after two probes in a
// row failed, and up again after two were answered. It asks again sooner where something
// seems to change, and less often where nothing answers.
//
// Any final answer below 500 shows that somebody is there: trunks that do not know OPTIONS
// answer 404, 405 or 501 from below. A 5xx, a refusal of the network and silence do not.
package trunkprobe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"
)

// State is how a trunk is.
type State string

// The states of a trunk. It is Unknown until its first answer or second failure.
const (
	Unknown State = ""
	Up      State = "up"
	Slow    State = "slow" // answers, but takes longer than SlowAfter
	Down    State = "down"
)

// The pace of probing.
const (
	probeEvery = 10 * time.Second // a trunk that is as it was
	probeAgain = time.Second      // one that may have changed
	longestGap = 30 * time.Second // one that stays down
	jitter     = 0.2              // of every pause, so that controllers do not march in step
)

// Patience with one probe. A telephone call would be set up badly by a trunk that takes
// SlowAfter for a thing this small; after Patience it will not answer.
const (
	SlowAfter = 500 * time.Millisecond
	Patience  = 3 * time.Second
)

// stopped is the first SIP status that shows that a trunk does not work.
const stopped = 500

// Answer is what a trunk said to one probe.
type Answer struct {
	Status int
	RTT    time.Duration // by the machine's clock
}

// Health is how one trunk is.
type Health struct {
	Trunk  string
	State  State
	Since  time.Time     // of State; zero while Unknown
	RTT    time.Duration // of the last answer; zero before one
	Detail string        // why the last probe failed; empty when it did not
}

// Config is what a Prober needs. Trunks, Now and After are required.
type Config struct {
	Trunks map[string]string // name to host:port
	Now    func() time.Time
	After  func(d time.Duration) <-chan time.Time
	Log    *slog.Logger // silent by default
	// Ask sends one probe; OPTIONS over UDP when nil. It ends with ctx.
	Ask func(ctx context.Context, addr string) (Answer, error)
	// Changed is told of every change of state, by the trunk's own goroutine: changes of
	// one trunk come in order. The trunk is not probed meanwhile.
	Changed func(ctx context.Context, h Health)
}

// Prober watches trunks. List may be called at any time, Run once.
type Prober struct {
	cfg Config

	mu     sync.Mutex
	trunks []*trunk // by name
}

// New checks the addresses; nothing is sent before Run.
func New(cfg Config) (*Prober, error) {
	if cfg.Now == nil || cfg.After == nil {
		return nil, errors.New("trunkprobe: Now and After are required")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Changed == nil {
		cfg.Changed = func(context.Context, Health) {}
	}
	p := &Prober{cfg: cfg}
	for name, addr := range cfg.Trunks {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return nil, fmt.Errorf("trunkprobe: %s: %q is not host:port", name, addr)
		}
		p.trunks = append(p.trunks, &trunk{addr: addr, health: Health{Trunk: name}})
	}
	slices.SortFunc(p.trunks, func(a, b *trunk) int { return cmp.Compare(a.health.Trunk, b.health.Trunk) })
	return p, nil
}

// List tells how the trunks are, by name.
func (p *Prober) List() []Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]Health, len(p.trunks))
	for i, t := range p.trunks {
		all[i] = t.health
	}
	return all
}

// Run probes until ctx ends, and returns when nothing of it runs any more. Its error says
// that there is no socket to send from.
func (p *Prober) Run(ctx context.Context) error {
	ask := p.cfg.Ask
	if ask == nil && len(p.trunks) > 0 {
		o, err := openOptions()
		if err != nil {
			return err
		}
		defer o.close()
		ask = o.ask
	}
	var watching sync.WaitGroup
	for _, t := range p.trunks {
		watching.Go(func() { p.watch(ctx, t, ask) })
	}
	watching.Wait()
	return nil
}

// watch probes one trunk.
func (p *Prober) watch(ctx context.Context, t *trunk, ask func(context.Context, string) (Answer, error)) {
	for ctx.Err() == nil {
		one, cancel := context.WithTimeoutCause(ctx, Patience, errors.New("no answer"))
		a, err := ask(one, t.addr)
		if err != nil && one.Err() != nil {
			err = context.Cause(one)
		}
		cancel()
		if ctx.Err() != nil {
			return
		}
		if h, changed := p.note(t, a, err); changed {
			p.cfg.Log.Log(ctx, levelOf(h.State), "trunk is "+string(h.State), "trunk", h.Trunk, "rtt", h.RTT, "detail", h.Detail)
			p.cfg.Changed(ctx, h)
		}
		select {
		case <-p.cfg.After(spread(t.gap())):
		case <-ctx.Done():
		}
	}
}

func levelOf(s State) slog.Level {
	if s == Down {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// spread lengthens or shortens a pause at random.
func spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 - jitter + 2*jitter*rand.Float64()))
}

// note takes one probe into account and reports whether the trunk's state changed.
func (p *Prober) note(t *trunk, a Answer, err error) (Health, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := t.health.State
	t.probed(a, err)
	if t.health.State != before {
		t.health.Since = p.cfg.Now()
	}
	return t.health, t.health.State != before
}
