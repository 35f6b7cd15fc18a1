package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hotline/asterisk/trunkprobe"
	"hotline/dispatch/console"
	"hotline/ivr"
)

// What the status strip says of the ways to the outside.
const (
	partTrunk = "中继 " // and its name
	partCut   = "紧急中继"
)

// trunkWatch hears of trunks that go and come back. Calls try a trunk that is down last;
// when all that emergencies go over are down, people have to know.
type trunkWatch struct {
	*trunkprobe.Prober
	app    *app
	routes *ivr.Routes

	mu  sync.Mutex
	cut bool // every trunk of the emergency order is down
}

// watchTrunks prepares the probes of the trunks whose address is known.
func (a *app) watchTrunks(routes *ivr.Routes) (*trunkWatch, error) {
	w := &trunkWatch{app: a, routes: routes}
	var err error
	w.Prober, err = trunkprobe.New(trunkprobe.Config{Trunks: a.set.outside.addrs, Now: a.clock.Now, After: a.clock.After,
		Log: a.log.With("part", "trunks"), Changed: w.changed})
	return w, err
}

// changed takes note of one trunk's new state before anything else is done about it.
func (w *trunkWatch) changed(ctx context.Context, h trunkprobe.Health) {
	w.routes.Mark(h.Trunk, h.State == trunkprobe.Down)
	w.app.metrics.trunkMoved(h.Trunk, string(h.State))
	w.mu.Lock()
	before := w.cut
	w.cut = w.routes.Cut(ivr.ForEmergency)
	now := w.cut
	w.mu.Unlock()
	switch {
	case now && !before:
		w.app.cutOff(ctx)
	case before && !now:
		w.app.log.Warn("emergency calls have a trunk again", "trunk", h.Trunk)
	}
}

// alertEvery is how often at most the officers are texted that emergencies are cut off,
// however many controllers see it and however often a trunk comes and goes.
const alertEvery = 30 * time.Minute

// cutOff tells the officers on duty that no emergency can be put through.
func (a *app) cutOff(ctx context.Context) {
	a.log.Error("every trunk for emergency calls is down")
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	key := fmt.Sprintf("cut:%d", a.clock.Now().Truncate(alertEvery).Unix())
	if err := a.office.AlertDuty(ctx, key, "热线告警:通往110、119、120的中继全部不通,紧急求助无法转接,请立即联系运营商。", a.onDuty()); err != nil {
		a.log.Error("officers not told that emergency calls are cut off", "err", err)
	}
}

// parts is the trunks on the status strip, and above all that emergencies are cut off.
func (w *trunkWatch) parts() []console.Part {
	var all []console.Part
	for _, h := range w.List() {
		p := console.Part{Name: partTrunk + h.Trunk, Up: h.State != trunkprobe.Down, Since: h.Since, Detail: h.Detail}
		if h.Detail == "" && h.RTT > 0 {
			p.Detail = fmt.Sprintf("%s, %.1f ms", h.State, float64(h.RTT.Microseconds())/1000)
		}
		all = append(all, p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		all = append(all, console.Part{Name: partCut, Detail: "全部不通,紧急求助无法转接"})
	}
	return all
}

// trunkState is a trunk for the metrics.
type trunkState struct {
	up  bool
	rtt time.Duration // of the last answer to our own probe; 0: none
}

// trunkStates is how each trunk is: by our own probes, and where there are none by what
// any Asterisk says.
func (a *app) trunkStates(ctx context.Context) map[string]trunkState {
	states := map[string]trunkState{}
	for name, up := range a.reachable(ctx) {
		states[name] = trunkState{up: up}
	}
	for _, h := range a.trunks.List() {
		if h.State != trunkprobe.Unknown {
			states[h.Trunk] = trunkState{up: h.State != trunkprobe.Down, rtt: h.RTT}
		}
	}
	return states
}
