package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A round in time. Calls begin all through it, several a second; the fault comes when
// every phase has somebody in it.
const (
	loadEvery  = 300 * time.Millisecond
	faultAfter = 3 * time.Second  // at the earliest
	faultSpan  = 2 * time.Second  // and so much later at most
	afterwards = 2 * time.Second  // callers stay after the mending
	healLimit  = 2 * time.Minute  // a part that starts on a machine that stands still takes long
	endLimit   = 25 * time.Second // for callers who want something yet
	maxCalls   = 40
	// clerkPatience is how long the clerk goes on after the callers.
	clerkPatience = 5 * time.Second
)

// firstWants is how a round begins, so that every phase is there.
var firstWants = []int{1, 1, 0, 2, 1, 3, 1, 4, 2, 1, 3, 1, 2, 0, 1, 3}

// outcome is one round.
type outcome struct {
	N        int
	Fault    string
	Calls    []*call
	Errands  []*errand
	Findings []string
	Notes    []string
	Broken   time.Time
	Whole    time.Time
	Silence  []time.Duration // longest of each call that lived through it
	Back     []time.Duration // from the controller being up again to the first sound
	Took     time.Duration
	Lag      time.Duration // how late this process was at most: what the machine had no time for
}

// lag measures how late a timer is at most, until ctx ends.
func lag(ctx context.Context) (most time.Duration) {
	for {
		began := time.Now()
		if wait(ctx, lagEvery) != nil {
			return most
		}
		most = max(most, time.Since(began)-lagEvery)
	}
}

// lagEvery is how often it is looked, lagWorthTelling what a quiet machine never has.
const (
	lagEvery        = 20 * time.Millisecond
	lagWorthTelling = 100 * time.Millisecond
)

// round lets one fault happen under a load of calls.
func (t *town) round(ctx context.Context, n int, f fault, rng *rand.Rand) *outcome {
	began := time.Now()
	o := &outcome{N: n, Fault: f.name}
	for _, p := range t.tapes {
		p.rewind()
	}
	k := &crowd{}
	enough, noMore := make(chan struct{}), make(chan struct{})
	loading := make(chan struct{})
	loadRand := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
	go func() {
		defer close(loading)
		t.load(ctx, k, loadRand, load{enough, noMore})
	}()
	errands := make(chan []*errand, 1)
	clerking, closed := context.WithCancel(ctx)
	defer closed()
	clerkRand := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
	go func() { errands <- t.clerk(clerking, clerkRand) }()
	lagging, lagged := context.WithCancel(ctx)
	defer lagged()
	late := make(chan time.Duration, 1)
	go func() { late <- lag(lagging) }()
	_ = wait(ctx, faultAfter+time.Duration(rng.Int64N(int64(faultSpan))))
	x := &injury{town: t, rng: rng, round: o}
	o.Broken = time.Now()
	f.strike(ctx, x)
	x.mend(ctx)
	o.Whole = time.Now()
	_ = wait(ctx, afterwards)
	close(noMore)
	<-loading
	close(enough)
	ended := make(chan struct{})
	go func() { k.going.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		<-ended
	}
	lagged()
	if o.Lag = <-late; o.Lag > lagWorthTelling {
		x.say("busy machine: late by %v", o.Lag.Round(time.Millisecond))
	}
	o.Calls = k.calls
	patience := time.AfterFunc(clerkPatience, closed)
	o.Errands = <-errands
	patience.Stop()
	if ctx.Err() == nil {
		o.Findings = append(o.Findings, x.findings...)
		t.judge(o, x)
		t.audit(ctx, o, x)
	}
	o.Took = time.Since(began)
	return o
}

// load is when callers stop coming, and when they have had enough.
type load struct{ enough, noMore <-chan struct{} }

// load begins calls at a steady rate.
func (t *town) load(ctx context.Context, k *crowd, rng *rand.Rand, l load) {
	tick := time.NewTicker(loadEvery)
	defer tick.Stop()
	for i := 0; i < maxCalls; i++ {
		w := wants[rng.IntN(len(wants))]
		if i < len(firstWants) {
			w = wants[firstWants[i]]
		}
		k.going.Go(func() {
			tries := t.dial(ctx, i, w)
			k.add(tries...)
			if len(tries) == 0 {
				return
			}
			if c := tries[len(tries)-1]; c.session != nil {
				c.live(ctx, l.enough)
			}
		})
		select {
		case <-tick.C:
		case <-l.noMore:
			return
		case <-ctx.Done():
			return
		}
	}
}

// injury is what a fault did, and what it excuses.
type injury struct {
	town  *town
	rng   *rand.Rand
	round *outcome
	heal  []func(context.Context) error

	deaf      []window // when nobody could be expected to say anything
	torn      func(*call) bool
	lost      func(*call) bool // nobody could be reached by this caller
	silent    func(*call) bool // may hear nothing for good
	unwritten func(*call) bool // whose message died with their Asterisk; nil: nobody's
	forgets   bool             // the carrier does
	longer    time.Duration    // it takes so much more until all is settled
	findings  []string
	ready     time.Time // the victim was up again
}

// window is a time.
type window struct{ from, to time.Time }

// between is a random time.
func (x *injury) between(from, to time.Duration) time.Duration {
	return from + time.Duration(x.rng.Int64N(int64(to-from)))
}

// mend undoes everything, last first, and waits until all is ready.
func (x *injury) mend(ctx context.Context) {
	for i := len(x.heal) - 1; i >= 0; i-- {
		limit, cancel := context.WithTimeout(ctx, healLimit)
		if err := x.heal[i](limit); err != nil {
			x.findings = append(x.findings, fmt.Sprintf("not mended: %v", err))
		}
		cancel()
	}
	if x.ready.IsZero() {
		x.ready = time.Now()
	}
	limit, cancel := context.WithTimeout(ctx, healLimit)
	defer cancel()
	if err := x.town.whole(limit); err != nil {
		x.findings = append(x.findings, fmt.Sprintf("not whole %v after the mending: %v", healLimit, err))
	}
}
