package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Handler is what happens on a call. It runs in the call's own goroutine; ctx is the
// call's context and ends with a *Hangup as cause. Returning hangs up a call that is
// still up.
type Handler func(ctx context.Context, c *Call)

// Switch is the connection to one Asterisk and the calls on it. All methods are safe
// for concurrent use, save that Handle comes before Run.
type Switch struct {
	cfg    Config
	app    string // the ARI application of this process: family, node, incarnation
	client *client
	events string // WebSocket URL
	stats  *counters
	calls  *registry
	aside  *errands
	handle Handler
	greet  func(context.Context) // called on every connection before calls are; may be nil

	base     context.Context // what call contexts derive from; ends when the controller stops
	stopAll  context.CancelCauseFunc
	draining atomic.Bool
	stopping atomic.Bool
	away     atomic.Bool // our calls are somebody else's
	adopting sync.Mutex
	online   atomic.Bool
	made     time.Time    // by the machine's clock
	heard    atomic.Int64 // the last sign of life, nanoseconds since made; 0 before the first connection
	ready    chan struct{}
	once     sync.Once
	ids      idMaker
}

// hangupTries is how often a call that stayed up after its handler is hung up. A call
// that outlasts even that is found again after the next reconnect.
const hangupTries = 3

// Why calls end for us that may go on without us.
var (
	errStopped = &Hangup{By: CutOff, Cause: 16, Text: "the controller stops"}
	errAway    = &Hangup{By: TakenOver, Cause: 16, Text: "another controller has the call"}
)

// New checks cfg and prepares a Switch; nothing is connected before Run.
func New(cfg Config) (*Switch, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("asterisk: %q is not the URL of an HTTP server", cfg.URL)
	}
	if cfg.User == "" || cfg.Password == "" {
		return nil, errors.New("asterisk: user and password are required")
	}
	cfg = cfg.withDefaults()
	s := &Switch{
		cfg: cfg, app: AppName(cfg.App, cfg.Node, cfg.Incarnation), client: newClient(u, cfg.User, cfg.Password, cfg.Clock.Now),
		stats: newCounters(), calls: newRegistry(), aside: newErrands(), ready: make(chan struct{}), ids: newIDMaker(cfg.App, cfg.Incarnation),
		made: time.Now(),
	}
	s.base, s.stopAll = context.WithCancelCause(context.Background())
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	u.Path = "/ari/events"
	u.RawQuery = url.Values{"app": {s.app}, "subscribeAll": {"false"}}.Encode()
	s.events = u.String()
	return s, nil
}

// Handle sets what happens on each citizen's call; legs that Dial rang do not count.
// It must be called once, before Run.
func (s *Switch) Handle(h Handler) { s.handle = h }

// Connected reports whether events arrive at the moment.
func (s *Switch) Connected() bool { return s.online.Load() }

// Ready is closed once the first connection is complete: events flow, calls found are
// taken care of.
func (s *Switch) Ready() <-chan struct{} { return s.ready }

// Leave gives all calls up to other controllers, without a word to the callers: their
// contexts end with a *Hangup by TakenOver, and Asterisk gets no request of ours any
// more. Run can then be ended. It is for a controller that ends while others live, and
// for one that finds that others have its calls already.
func (s *Switch) Leave() {
	s.away.Store(true)
	s.draining.Store(true)
	s.stopAll(errAway)
}

// Run keeps the connection up until ctx ends and then returns nil, after every call's
// goroutine has. Calls still up at that moment get a *Hangup by CutOff as their cause
// and go to the dialplan's fallback; to let them finish, Drain and Wait first.
func (s *Switch) Run(ctx context.Context) error {
	if s.handle == nil {
		return errors.New("asterisk: Run without Handle")
	}
	// The socket outlives ctx: calls that are being ended still wait for their events.
	socket, closeSocket := context.WithCancel(context.WithoutCancel(ctx))
	defer closeSocket()
	stop := context.AfterFunc(ctx, func() {
		s.stopping.Store(true)
		s.calls.close()
		s.stopAll(errStopped)
		s.calls.wg.Wait()
		closeSocket()
	})
	defer stop()
	s.stayConnected(socket)
	s.aside.close()
	s.client.forget()
	return nil
}

// Drain sends new calls to the dialplan's fallback from now on; those that run go on.
func (s *Switch) Drain() { s.draining.Store(true) }

// Wait returns nil once no call runs, or the cause of ctx when that ends first.
func (s *Switch) Wait(ctx context.Context) error {
	for {
		n, fewer := s.calls.state()
		if n == 0 {
			return nil
		}
		select {
		case <-fewer:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Info is a look at one call from outside.
type Info struct {
	ID      string
	Switch  string // name of its Asterisk in a Fleet
	Caller  string // number as presented; mask it before it is shown
	Dialed  string
	Started time.Time
	Doing   string // "", "playing", "gathering", "recording", "dialling", "talking"
}

// Calls is the calls that run, oldest first, legs not counted.
func (s *Switch) Calls() []Info {
	var infos []Info
	for _, c := range s.calls.list() {
		infos = append(infos, c.Snapshot())
	}
	return infos
}

// arrive starts the goroutine of a citizen's call.
func (s *Switch) arrive(info *channelInfo) {
	if s.draining.Load() {
		s.aside.run(func() { s.decline(info.ID) })
		return
	}
	c := s.newCall(info.ID)
	c.read(info)
	c.memo = Note{Channel: c.id, Switch: s.cfg.Name}
	if !s.calls.add(route{'c', c.id}, c) {
		return
	}
	s.start(c, s.handle)
}

// start runs h on c in its own goroutine.
func (s *Switch) start(c *Call, h Handler) {
	if !s.calls.enter(c) {
		s.calls.remove(route{'c', c.id})
		s.aside.run(func() { s.decline(c.id) })
		return
	}
	go s.serve(c, h)
}

// decline leaves a channel to the dialplan's fallback without ever owning it.
func (s *Switch) decline(id string) {
	s.stats.fallback.Add(1)
	if err := s.toFallback(context.WithoutCancel(s.base), id); err != nil && !refused(err, http.StatusNotFound) {
		s.cfg.Log.Error("call could not be sent to the fallback", "call", id, "err", err)
	}
}

func (s *Switch) toFallback(ctx context.Context, id string) error {
	return s.do(ctx, request{
		method: http.MethodPost, path: "/channels/" + url.PathEscape(id) + "/continue",
		query: url.Values{"context": {s.cfg.Fallback}, "extension": {"s"}, "priority": {"1"}},
	})
}

// serve is a call's goroutine. Whatever h does, the channel does not stay behind silent.
func (s *Switch) serve(c *Call, h Handler) {
	defer s.calls.leave(c)
	defer c.cancel(&Hangup{By: CutOff, Cause: 16, Text: "handler returned"})
	panicked := s.guarded(c, h)
	c.stopped()
	if s.away.Load() {
		return
	}
	defer c.erase()
	c.dropLegs()
	switch {
	case c.stuck.Load():
		s.hangUpSurely(c)
	case c.gone():
	case panicked:
		if s.cfg.Apology != nil && c.ctx.Err() == nil {
			s.guarded(c, s.cfg.Apology)
		}
		c.fallBack()
	case s.stopping.Load():
		c.fallBack()
	default:
		s.hangUpSurely(c)
	}
}

// stray hangs up a leg that answered after whoever rang it gave up: its request was too
// slow, or its controller died. To serve it would play the menu to the person rung.
func (s *Switch) stray(id string) {
	s.cfg.Log.Warn("a leg nobody waits for answered; hanging up", "leg", id)
	s.hangUpSurely(s.newCall(id))
}

// hangUpSurely tries again when Asterisk is too busy to hang up: nobody else would.
func (s *Switch) hangUpSurely(c *Call) {
	ctx := context.WithoutCancel(c.ctx)
	for range hangupTries {
		err := c.Hangup(ctx, "normal")
		if err == nil {
			return
		}
		s.cfg.Log.Warn("call not hung up", "call", c.id, "err", err)
		if s.pause(s.aside.ctx, time.Second); s.aside.ctx.Err() != nil {
			return
		}
	}
}

// guarded runs h and survives its panic.
func (s *Switch) guarded(c *Call, h Handler) (panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			panicked = true
			s.stats.panics.Add(1)
			s.cfg.Log.Error("call handler panicked", "call", c.id, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	h(c.ctx, c)
	return false
}
