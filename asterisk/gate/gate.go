// Package gate keeps an Asterisk from taking more calls than it can serve.
//
// A [Gate] looks how many citizens' calls there are. From the limit's high mark on it has
// new ones refused before they become calls, with 503 and Retry-After, so that their carrier
// takes another way and those inside are served as if nothing were; once enough of them have
// ended, from the low mark down, new ones come in again. Emergencies of those inside go out
// over endpoints that are never refused, and over RTP ports that were left for them.
//
// Asterisk's own control socket is the way to all of it. The count is Asterisk's own, so it
// includes the calls of every controller and those of the dialplan's fallback. An Asterisk
// that is being drained refuses in the same way: its dialplan does too, but cannot say when
// to come again.
//
// What refuses goes on refusing when its gate dies. So a gate must outlive what it serves:
// it is a process of its own, which opens when its controller is gone, and only one of them
// keeps the gate of an Asterisk: [Keep].
package gate

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Config is what a Gate has to know.
type Config struct {
	Control   Control
	Endpoints []string // of calls that come in; one that Asterisk does not have is no error
	Draining  string   // the dialplan's global variable that is 1 while no call is to be taken; empty: none
	Log       *slog.Logger
}

// Gate refuses new calls while there are too many. It is used by one goroutine.
type Gate struct {
	cfg      Config
	known    bool // that Asterisk does as refusing says
	refusing bool
	full     bool      // too many calls
	drained  bool      // no calls wanted
	asked    time.Time // when that was asked last
	fault    string    // the last that was told
}

// New makes a gate, which does nothing yet.
func New(c Config) *Gate { return &Gate{cfg: c} }

// How often the calls are counted: while there is much room, and while there is not.
const (
	calmly = 50 * time.Millisecond
	busily = 10 * time.Millisecond
)

// drainedEvery is how often Asterisk is asked whether it is being drained; until then its
// dialplan refuses.
const drainedEvery = 200 * time.Millisecond

// askLimit is what it may take to ask; Asterisk answers within a millisecond.
const askLimit = 2 * time.Second

// Run keeps the gate until ctx ends, and opens it then. An Asterisk that is away is waited
// for.
func (g *Gate) Run(ctx context.Context) {
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askLimit)
		defer cancel()
		if err := g.Refuse(ctx, false); err != nil {
			g.cfg.Log.Error("gate not opened", "err", err)
		}
	}()
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		pause, err := g.look(ctx)
		if ctx.Err() == nil {
			g.tell(err)
		}
		tick.Reset(pause)
	}
}

// tell writes down what is wrong, once.
func (g *Gate) tell(err error) {
	fault := ""
	if err != nil {
		g.known, fault = false, err.Error()
	}
	if fault != g.fault && fault != "" {
		g.cfg.Log.Warn("gate without Asterisk", "err", err)
	}
	g.fault = fault
}

// look counts the calls, does what follows, and says when to look again.
func (g *Gate) look(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	answer, err := g.cfg.Control.Do(ctx, "core show calls")
	if err != nil {
		return calmly, err
	}
	if err := g.ask(ctx); err != nil {
		return calmly, err
	}
	calls, limit := count(answer)
	g.full = decide(calls, limit, g.full)
	refuse := g.full || g.drained
	if refuse != g.refusing {
		g.cfg.Log.Warn("gate", "refuses", refuse, "calls", calls, "limit", limit, "drained", g.drained)
	}
	if !g.known || refuse != g.refusing {
		if err := g.Refuse(ctx, refuse); err != nil {
			return calmly, err
		}
	}
	if limit == 0 || calls < limit/3 {
		return calmly, nil
	}
	return busily, nil
}

// ask learns now and then whether calls are wanted at all.
func (g *Gate) ask(ctx context.Context) error {
	if g.cfg.Draining == "" || time.Since(g.asked) < drainedEvery {
		return nil
	}
	answer, err := g.cfg.Control.Do(ctx, "dialplan show globals")
	if err != nil {
		return err
	}
	g.asked, g.drained = time.Now(), isSet(answer, g.cfg.Draining)
	return nil
}

// isSet reads lines of NAME=VALUE, as Asterisk shows its global variables: whether name is 1.
func isSet(globals, name string) bool {
	for line := range strings.Lines(globals) {
		if strings.TrimSpace(line) == name+"=1" {
			return true
		}
	}
	return false
}

// Refuse has new calls refused, or taken, whatever their number. The calls that run go on.
func (g *Gate) Refuse(ctx context.Context, refuse bool) error {
	g.known, g.refusing = false, refuse
	word := map[bool]string{true: "on", false: "off"}[refuse]
	for _, e := range g.cfg.Endpoints {
		answer, err := g.cfg.Control.Do(ctx, "pjsip set maintenance "+word+" "+e)
		if err != nil {
			return err
		}
		if strings.HasPrefix(answer, "No such command") {
			return fmt.Errorf("asterisk has no res_pjsip_maintenance: %.100s", answer)
		}
	}
	g.known = true
	return nil
}

// count reads "7 of 50 max active calls (14.00% of capacity)"; limit is 0 when Asterisk has
// none, or says something else.
func count(answer string) (calls, limit int) {
	if _, err := fmt.Sscanf(answer, "%d of %d max active call", &calls, &limit); err != nil || calls < 0 || limit < 0 {
		return 0, 0
	}
	return calls, limit
}

// decide says whether to refuse, given how many calls there are and whether we do. A third
// of the limit is left for those that come before Asterisk knows.
func decide(calls, limit int, refusing bool) bool {
	high := limit - limit/3
	low := high - max(1, high/10)
	if refusing {
		return limit > 0 && calls > low
	}
	return limit > 0 && calls >= high
}
