package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"hotline/sms"
)

// Link is an sms.Transport over an HTTP API. Safe for concurrent use.
type Link struct {
	cfg       Config
	client    *http.Client
	templates []template
	doubt     chan struct{} // one slot: somebody doubts that the API is there

	mu       sync.Mutex
	sink     sms.Sink // set by Run
	running  bool
	api      error     // why the API is not believed to be there; nil: it is
	port     error     // why callbacks cannot come in; nil: they can, or need not
	since    time.Time // of the present up or not up
	heard    time.Time // last answer of the API
	whole    time.Time // everything that was called back before this instant has come again
	lastSeen time.Time // everything that citizens sent before has come in
	waiting  int       // texts without an answer
	room     chan struct{}
	stats    Stats
	meter    sms.Meter
	expected map[string]*expected // texts without a receipt, by the id it will have
}

var _ sms.Transport = (*Link)(nil)

// Stats counts what a link saw since it was made, beside what every link counts.
type Stats struct {
	Unapproved int // texts that fit no template
	Callbacks  int // that were stored and acknowledged
	Strangers  int // requests to the callbacks' port without the token
	Pulled     int // things that pulls brought, again or for the first time
}

// New checks the configuration and makes a link that does nothing until Run.
func New(cfg Config) (*Link, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	l := &Link{
		cfg: cfg, client: newClient(cfg), doubt: make(chan struct{}, 1), room: make(chan struct{}),
		since: cfg.Clock.Now(), api: errors.New("not started"), expected: map[string]*expected{},
	}
	for _, t := range cfg.Templates {
		form, err := t.compile()
		if err != nil {
			return nil, fmt.Errorf("http link %q: %w", cfg.Name, err)
		}
		l.templates = append(l.templates, form)
	}
	return l, nil
}

// Run is sms.Transport: it tests the API, listens for callbacks and pulls until ctx is
// done; what is being stored then is stored.
func (l *Link) Run(ctx context.Context, sink sms.Sink) error {
	l.set(func() {
		l.sink, l.running, l.whole = sink, true, l.cfg.Clock.Now()
		if l.cfg.Listen != "" {
			l.port = errNotYet
		}
	})
	var all sync.WaitGroup
	all.Go(func() { l.test(ctx) })
	if l.cfg.Listen != "" {
		all.Go(func() { l.listen(ctx) })
	}
	for i := range l.cfg.API.Pulls {
		if p := &l.cfg.API.Pulls[i]; p.Receipts == nil || l.cfg.Receipts {
			all.Go(func() { l.pull(ctx, p) })
		}
	}
	all.Wait()
	l.set(func() { l.running, l.api = false, errClosed })
	l.client.CloseIdleConnections()
	return nil
}

// test asks the API for a sign of life, often while it fails.
func (l *Link) test(ctx context.Context) {
	for failed := 0; ctx.Err() == nil; {
		err := l.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := l.cfg.Probe
		if err != nil {
			l.meter.Count(func(s *sms.LinkStats) { s.Failures++ })
			pause = sms.BackOff(failed, l.cfg.FirstPause, l.cfg.LastPause)
			failed++
			l.cfg.Log.WarnContext(ctx, "api out of reach", "err", err, "again_in", pause)
		} else {
			failed = 0
		}
		l.set(func() { l.api = err })
		l.wait(ctx, pause, l.doubt)
	}
}

// ask is one test.
func (l *Link) ask(ctx context.Context) error {
	probe := Request{Method: http.MethodGet, Path: l.cfg.API.Probe}
	path, _ := l.accountSlots().text(probe.Path)
	req, err := http.NewRequest(probe.Method, l.cfg.URL, nil)
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	req.URL = req.URL.JoinPath("/", path)
	a, _, err := l.exchange(ctx, req)
	if err == nil && a.status >= 500 {
		err = fmt.Errorf("it answers %d", a.status)
	}
	return err
}

// suspect has the API tested at once. After a broken connection it is not believed until
// it answers; one lost answer proves nothing, nor does our own impatience.
func (l *Link) suspect(err error) {
	patient := !errors.Is(err, errSilent) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	if patient {
		l.set(func() { l.api = err })
	}
	select {
	case l.doubt <- struct{}{}:
	default:
	}
}

// set changes what the link's state hangs on, and tells of it if that changed.
func (l *Link) set(change func()) {
	l.mu.Lock()
	before := l.up()
	change()
	after := l.up()
	if before != after {
		l.since = l.cfg.Clock.Now()
		if after {
			l.meter.Count(func(s *sms.LinkStats) { s.Binds++ })
		}
		close(l.room)
		l.room = make(chan struct{})
	}
	sink := l.sink
	l.mu.Unlock()
	if before != after {
		l.cfg.Log.Info("link", "up", after, "url", l.cfg.URL)
		sink.Changed(l.cfg.Name)
	}
}

// up says whether texts may go; mu is held.
func (l *Link) up() bool { return l.running && l.api == nil && l.port == nil }

// answered notes a sign of life of the API. Where texts come in by callback alone, it is
// the best proof there is that nothing was lost on the way: once the carrier has had the
// time to come again with what we refused or were not there for.
func (l *Link) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = l.cfg.Clock.Now()
	if !l.cfg.API.pullsTexts() && l.port == nil && l.heard.Sub(l.whole) >= l.cfg.API.again() {
		l.lastSeen = l.heard
	}
}

// again is API.Again or its default.
func (a *API) again() time.Duration {
	if a.Again == 0 {
		return 10 * time.Minute
	}
	return a.Again
}

// drained notes that a pull brought every text sent before an instant.
func (l *Link) drained(upTo time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastSeen = upTo
}

// unwhole notes that the carrier has to come again with something.
func (l *Link) unwhole() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = l.cfg.Clock.Now()
	l.meter.Count(func(s *sms.LinkStats) { s.Again++ })
}

// seat waits for room in the window and takes it.
func (l *Link) seat(ctx context.Context) error {
	for {
		l.mu.Lock()
		up, room := l.up(), l.room
		if up && l.waiting < l.cfg.Window {
			l.waiting++
			l.mu.Unlock()
			return nil
		}
		l.mu.Unlock()
		if !up {
			return errDown
		}
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave gives a seat back.
func (l *Link) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting--
	close(l.room)
	l.room = make(chan struct{})
}

// Health is sms.Transport. LastSeen is the instant up to which every citizen's text has
// come in: that of the last pull which left nothing behind or, where texts come by
// callback alone, see API.Again.
func (l *Link) Health() sms.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := sms.Health{
		Link: l.cfg.Name, Up: l.up(), Inbound: l.cfg.brings((*API).bringsTexts), Receipts: l.cfg.Receipts,
		Since: l.since, LastSeen: l.lastSeen, Window: l.cfg.Window,
		Stats: l.meter.Stats(),
	}
	switch {
	case l.api != nil:
		h.Detail = l.api.Error()
	case l.port != nil:
		h.Detail = l.port.Error()
	default:
		h.Free, h.Detail = l.cfg.Window-l.waiting, "the API answers"
	}
	return h
}

// Stats is a snapshot.
func (l *Link) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}

func (l *Link) count(f func(*Stats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.stats)
}

// wait pauses, unless ctx ends or somebody nudges.
func (l *Link) wait(ctx context.Context, d time.Duration, nudged <-chan struct{}) {
	over := make(chan struct{})
	stop := l.cfg.Clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-ctx.Done():
	case <-over:
	case <-nudged:
	}
}
