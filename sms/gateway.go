package sms

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Gateway moves texts: out of the outbox to a carrier, receipts onto them, and what
// citizens write into the inbox and on to its handler. Safe for concurrent use.
type Gateway struct {
	cfg     Config
	clock   Clock
	links   []*link
	work    context.Context // of the texts under way, set by Run
	teller  Teller          // nil if the outbox does not remember what was told
	learner Learner         // nil if it does not remember ported numbers
	counter Counter         // nil if it does not count a receiver's texts

	wakeOut chan struct{} // one slot each: a nudge is never lost and never waits
	wakeIn  chan struct{}
	sending sync.WaitGroup

	turn [64]sync.Mutex // one move per message at a time, by hash of its id

	mu       sync.Mutex
	stats    Stats
	inHand   map[string]string  // texts under way here, with their phones
	missed   map[string]claimed // of these, what was claimed before they were let go of
	standing map[string]bool    // texts that have begun and found no seat in a link yet
	left     chan struct{}      // closed and replaced when one is not any more
	busy     int                // how many were claimed and are not done
	waiting  int                // how many of these wait for room in a link
	roomy    chan struct{}      // closed and replaced when they should look again
	refs     [256]byte          // last reference, by hash of the receiver
	unstored map[string]bool    // texts whose outcome the store did not take yet
	parked   map[string]parked  // receipts whose text is not known yet, by link and id
	untold   map[string]Message // moves whose telling failed, by id
	repeats  repeats
	recent   recent
	ahead    ahead
	backlog  map[string]arrival // arrived and not handled, by id
	handled  map[string]failing // texts whose handling failed, by id
	replay   bool               // the inbox was read through since the start

	lastExpire time.Time // when texts were last looked through without a link
}

// NewGateway checks the configuration and makes a gateway that does nothing until Run.
func NewGateway(cfg Config) (*Gateway, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	g := &Gateway{
		cfg: cfg, clock: cfg.Clock,
		wakeOut: make(chan struct{}, 1), wakeIn: make(chan struct{}, 1),
		roomy:  make(chan struct{}),
		inHand: map[string]string{}, missed: map[string]claimed{}, standing: map[string]bool{}, left: make(chan struct{}), unstored: map[string]bool{}, parked: map[string]parked{},
		untold: map[string]Message{}, repeats: newRepeats(), recent: newRecent(),
		backlog: map[string]arrival{}, handled: map[string]failing{},
	}
	g.teller, _ = cfg.Outbox.(Teller)
	g.learner, _ = cfg.Outbox.(Learner)
	g.counter, _ = cfg.Outbox.(Counter)
	for _, t := range cfg.Transports {
		h := t.Health()
		name, route := h.Link, cfg.Routes[h.Link]
		if len(h.Serves) > 0 {
			route.Prefixes = h.Serves
		}
		g.links = append(g.links, &link{Transport: t, name: name, route: route, bucket: newBucket(route.Rate, g.clock.Now())})
	}
	return g, nil
}

// Run works until ctx is done, then lets the texts under way finish (Policy.Drain),
// closes the links in good order and returns nil.
func (g *Gateway) Run(ctx context.Context) error {
	g.cfg.Log.InfoContext(ctx, "sms gateway up", "links", len(g.links))
	after := context.WithoutCancel(ctx)
	linked, hangUp := context.WithCancel(after)
	defer hangUp()
	working, stopWork := context.WithCancel(after)
	defer stopWork()

	g.work = working
	var links, loops sync.WaitGroup
	for _, l := range g.links {
		links.Go(func() { g.hold(linked, l) })
	}
	loops.Go(func() { g.dispatch(ctx, working) })
	loops.Go(func() { g.handle(ctx) })
	loops.Go(func() { g.sweepLoop(ctx) })
	loops.Wait()
	g.putBack(working, 0)

	stop := g.clock.AfterFunc(g.cfg.Policy.Drain, stopWork)
	g.sending.Wait()
	stop()
	hangUp()
	links.Wait()
	g.cfg.Log.InfoContext(after, "sms gateway down")
	return nil
}

// Wake says that the outbox has something, so that it need not be found by polling.
func (g *Gateway) Wake() { nudge(g.wakeOut) }

// Changed is part of [Sink].
func (g *Gateway) Changed(string) {
	g.noteLinks()
	g.stir()
	nudge(g.wakeOut)
}

// hold runs a link; one that stops by itself is started again.
func (g *Gateway) hold(ctx context.Context, l *link) {
	for {
		err := l.Run(ctx, g)
		if ctx.Err() != nil {
			return
		}
		g.cfg.Log.ErrorContext(ctx, "link stopped by itself", "link", l.name, "err", err)
		g.pause(ctx, 5*time.Second, nil)
	}
}

// sweepEvery is how often waiting things are looked at.
const sweepEvery = 5 * time.Second

// recallEvery is after how many sweeps the store is asked again what is untold: another
// process may have moved a text and died.
const recallEvery = 12

func (g *Gateway) sweepLoop(ctx context.Context) {
	for n, read := 0, false; ; n++ {
		if !read || n%recallEvery == 0 {
			read = g.recallUntold(ctx)
			g.recallParked(ctx)
		}
		g.retell(ctx)
		if !g.pause(ctx, sweepEvery, nil) {
			return
		}
		g.noteLinks()
		g.sweepReceipts(ctx)
	}
}

// pause waits for d on the clock or for a nudge; false means that ctx is done.
func (g *Gateway) pause(ctx context.Context, d time.Duration, nudged <-chan struct{}) bool {
	over := make(chan struct{})
	stop := g.clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-ctx.Done():
		return false
	case <-over:
	case <-nudged:
	}
	return ctx.Err() == nil
}

// storing is how long writing down an outcome may take; it does not shrink with what
// is left of the context of the work itself, because the outcome is true either way.
const storing = 15 * time.Second

// budget is a context for writing down an outcome.
func (g *Gateway) budget(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := g.clock.AfterFunc(storing, func() { cancel(fmt.Errorf("store did not answer in %s", storing)) })
	return ctx, func() { stop(); cancel(nil) }
}

func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// shard picks a place in a small table by a string (FNV-1a).
func shard(s string) byte {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return byte(h ^ h>>8 ^ h>>16 ^ h>>24)
}
