package asterisk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Fleet is the Asterisks that one controller works with: a Switch for each, under a
// name, with one handler and one configuration for all. They come and go while it
// works, and one that is away disturbs no other. All methods are safe for concurrent
// use, save that Handle comes before Run.
type Fleet struct {
	cfg    Config // what they have in common
	handle Handler
	ready  chan struct{}
	once   sync.Once

	mu       sync.Mutex
	members  map[string]*member
	working  context.Context // Run's; nil before it
	draining bool            // the controller is
	running  sync.WaitGroup
	past     Stats // of those removed, since a counter must not fall
}

// ErrNoSwitch says that the fleet has no Asterisk of that name, or none at all.
var ErrNoSwitch = errors.New("asterisk: no such switch")

// ErrBusy says that an Asterisk cannot be removed yet.
var ErrBusy = errors.New("asterisk: the switch still takes or has calls")

// NewFleet prepares a fleet without an Asterisk. URL, User, Password and Name of common
// are not used: each Switch gets its own from Add.
func NewFleet(common Config) *Fleet {
	return &Fleet{cfg: common.withDefaults(), ready: make(chan struct{}), members: map[string]*member{}}
}

// Handle sets what happens on each citizen's call, whichever Asterisk it is on.
func (f *Fleet) Handle(h Handler) { f.handle = h }

// Add takes an Asterisk into the fleet; while Run works it is connected at once. To add
// the same again does nothing; another one under a name that is taken is an error.
func (f *Fleet) Add(name, url, user, password string) error {
	cfg := f.cfg
	cfg.Name, cfg.URL, cfg.User, cfg.Password = name, url, user, password
	cfg.Log = cfg.Log.With("switch", name)
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.members[name]; m != nil {
		if m.cfg.URL == url && m.cfg.User == user && m.cfg.Password == password {
			return nil
		}
		return fmt.Errorf("asterisk: the name %s is taken by another switch until that is removed", name)
	}
	sw, err := New(cfg)
	if err != nil {
		return err
	}
	sw.draining.Store(f.draining)
	m := &member{Switch: sw}
	sw.greet = func(ctx context.Context) { m.meet(ctx); f.know(ctx, m) }
	f.members[name] = m
	if f.working != nil && f.working.Err() == nil {
		f.start(m)
	}
	return nil
}

// Remove ends the connection to an Asterisk that takes no new calls and has none, or
// that is away; until then it fails with ErrBusy. One that is not there is removed.
func (f *Fleet) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[name]
	if m == nil {
		return nil
	}
	if calls, _ := m.calls.state(); m.Connected() && (calls > 0 || !m.draining.Load()) {
		return fmt.Errorf("%s: %w", name, ErrBusy)
	}
	delete(f.members, name)
	f.past.add(m.Stats())
	f.past.Calls, f.past.Waiting, f.past.Deepest, f.past.Connected = 0, 0, 0, false
	if m.stop != nil {
		m.stop()
	}
	return nil
}

// Run connects every Asterisk and those that are added, and keeps them connected until
// ctx ends; it returns after the goroutine of every call of every Switch has. What
// becomes of calls still up is told at Switch.Run.
func (f *Fleet) Run(ctx context.Context) error {
	f.mu.Lock()
	if f.handle == nil || f.working != nil {
		f.mu.Unlock()
		return errors.New("asterisk: a fleet runs once, and after Handle")
	}
	f.working = ctx
	for _, m := range f.members {
		f.start(m)
	}
	f.mu.Unlock()
	<-ctx.Done()
	f.mu.Lock()
	//lint:ignore SA2001 who is adding one is done; who adds one from now on sees that ctx is over
	f.mu.Unlock()
	f.running.Wait()
	return nil
}

// start runs a member's Switch; the caller holds mu.
func (f *Fleet) start(m *member) {
	ctx, stop := context.WithCancel(f.working)
	m.stop = stop
	m.Handle(f.handle)
	f.running.Go(func() {
		if err := m.Run(ctx); err != nil {
			m.cfg.Log.Error("switch ended", "err", err)
		}
	})
	f.running.Go(func() {
		select {
		case <-m.Ready():
			f.once.Do(func() { close(f.ready) })
		case <-ctx.Done():
		}
	})
}

// Drain sends new calls on every Asterisk to the dialplan's fallback from now on, since
// the controller is about to stop; those that run go on.
func (f *Fleet) Drain() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.draining = true
	for _, m := range f.members {
		m.draining.Store(true)
	}
}

// Admit says whether one Asterisk may take new calls. Refused, they go to another
// Asterisk by their carrier; those that run go on. An Asterisk that is away is told when
// it is there again. After an error call Admit again: it tells what was not told.
func (f *Fleet) Admit(ctx context.Context, name string, calls bool) error {
	f.mu.Lock()
	m := f.members[name]
	if m == nil {
		f.mu.Unlock()
		return fmt.Errorf("%s: %w", name, ErrNoSwitch)
	}
	m.refusing.Store(!calls)
	m.draining.Store(f.draining || !calls)
	f.mu.Unlock()
	if !m.Connected() {
		return nil
	}
	return m.tell(ctx)
}

// unheard is for how long an Asterisk may be quiet and still be asked for calls.
const unheard = time.Second

// TakeOver is Switch.TakeOver on every Asterisk that is connected and gives signs of life.
func (f *Fleet) TakeOver(ctx context.Context) error {
	var taking sync.WaitGroup
	all := f.all()
	errs := make([]error, len(all))
	for i, m := range all {
		if long, _ := m.quietFor(); m.Connected() && long < unheard {
			taking.Go(func() { errs[i] = m.TakeOver(ctx) })
		}
	}
	taking.Wait()
	return errors.Join(errs...)
}

// Channels is the ids of all channels of every Asterisk. It is an error when one of them
// does not answer: what is not listed may still be there.
func (f *Fleet) Channels(ctx context.Context) ([]string, error) {
	var all []string
	for _, m := range f.all() {
		ids, err := m.Channels(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.cfg.Name, err)
		}
		all = append(all, ids...)
	}
	return all, nil
}

// Leave is Switch.Leave on every Asterisk, and on those added later.
func (f *Fleet) Leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.draining = true
	for _, m := range f.members {
		m.Leave()
	}
}

// Wait returns nil once no call runs on any Asterisk, or the cause of ctx when that ends
// first.
func (f *Fleet) Wait(ctx context.Context) error {
	for _, m := range f.all() {
		if err := m.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Ready is closed once the first Asterisk's first connection is complete.
func (f *Fleet) Ready() <-chan struct{} { return f.ready }

// Connected reports whether events arrive from any Asterisk at the moment.
func (f *Fleet) Connected() bool {
	return slices.ContainsFunc(f.all(), func(m *member) bool { return m.Connected() })
}

// Calls is the calls that run on all Asterisks, oldest first, legs not counted.
func (f *Fleet) Calls() []Info {
	var calls []Info
	for _, m := range f.all() {
		calls = append(calls, m.Calls()...)
	}
	slices.SortStableFunc(calls, func(a, b Info) int { return a.Started.Compare(b.Started) })
	return calls
}

// Ring is Switch.Ring on the Asterisk that suits best: one that is connected before one
// that is not, one that takes calls before one that is being drained, then the one with
// the fewest calls. When it cannot be asked the next is tried.
func (f *Fleet) Ring(ctx context.Context, o DialOptions) (Dialed, error) {
	d, err := Dialed{Outcome: Unreachable}, ErrNoSwitch
	for _, m := range f.bestFirst() {
		if d, err = m.Ring(ctx, o); err == nil || d.Outcome != Unreachable {
			break
		}
	}
	return d, err
}

// Reachable tells for each Asterisk whether the PJSIP endpoint answers its probes; one
// that does not say is left out.
func (f *Fleet) Reachable(ctx context.Context, endpoint string) map[string]bool {
	var mu sync.Mutex
	var asked sync.WaitGroup
	reached := map[string]bool{}
	for _, m := range f.all() {
		asked.Go(func() {
			up, err := m.Reachable(ctx, endpoint)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			reached[m.cfg.Name] = up
		})
	}
	asked.Wait()
	return reached
}

// all is the members by name.
func (f *Fleet) all() []*member {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*member, 0, len(f.members))
	for _, m := range f.members {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *member) int { return cmp.Compare(a.cfg.Name, b.cfg.Name) })
	return all
}

func (f *Fleet) bestFirst() []*member {
	all := f.all()
	slices.SortStableFunc(all, func(a, b *member) int { return cmp.Compare(a.burden(), b.burden()) })
	return all
}
