package ivr

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// Ringer rings somebody without a caller on the line; the switch implements it.
type Ringer interface {
	Ring(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error)
}

// Noter keeps an alarm on its order's timeline.
type Noter interface {
	Note(ctx context.Context, number, actor, text string) error
	// EndAlarm notes who pressed 1, or with an empty actor that nobody did in all rounds:
	// the alarm is over, for every controller.
	EndAlarm(ctx context.Context, number, actor, text string) error
	// AlarmOver reports whether it is.
	AlarmOver(ctx context.Context, number string) (bool, error)
}

// Why an alarm is raised.
const (
	UrgentMessage   = "urgent-message"   // ZZ-20.3
	FailedEmergency = "failed-emergency" // ZZ-10.3
	MajorMatter     = "major-matter"     // ZZ-16.5
	SuddenMatter    = "sudden-matter"    // a unit's people on call (XZ-14)
)

// Alert is one urgent matter that a leader on duty must know of, or one of People.
type Alert struct {
	CallID  string
	Order   string // number; empty while it could not be registered
	Digits  string // the same for the ear
	Phone   string // the caller's
	Why     string
	Service string // 110, for FailedEmergency
	// People are rung in their order instead of the leaders on duty: those of Unit, its id, who
	// are on call.
	People []dispatch.Officer
	Unit   string
	// Waits says that another controller may be ringing for the same matter: this one
	// rings only when it can prove that it is alone.
	Waits bool
}

// whom is how those who are rung are called.
func (a Alert) whom() string {
	if a.Unit != "" {
		return "承办单位值班人员"
	}
	return "带班领导"
}

// actor is one of them as an order's timeline shows them.
func (a Alert) actor(who dispatch.Officer) string {
	if a.Unit != "" {
		return "unit:" + a.Unit + ":" + who.Name
	}
	return "leader:" + who.Name
}

// Matter tells alerts apart on all controllers: a call may cause one of each kind.
func (a Alert) Matter() string { return a.Why + ":" + a.CallID }

// AlarmConfig is what an Alarm needs; Orders, Observe and Alone may be nil.
type AlarmConfig struct {
	Ringer  Ringer
	Prompts Prompts
	Roster  Roster
	Routes  *Routes
	Clock   asterisk.Clock
	Log     *slog.Logger
	Orders  Noter
	Observe func(Happening)
	// Alone does the ringing on one controller at a time, again elsewhere when that one
	// dies; it ends ring's context when this one may not go on.
	Alone    func(ctx context.Context, alert Alert, ring func(context.Context) error) error
	CallerID string        // shown to the leaders: the hotline's number
	Language string        // "zh" when empty
	Ring     time.Duration // one leader; 30 s when zero (ZZ-16.5)
	Pause    time.Duration // between two rounds; 60 s when zero
	Rounds   int           // 30 when zero; then it gives up, loudly
}

// Alarm calls the leaders on duty in turn until one of them presses 1 (ZZ-16.5). It
// outlives the call that caused it: the citizen may long have hung up. Safe for
// concurrent use.
type Alarm struct {
	cfg     AlarmConfig
	mu      sync.Mutex
	pending []Alert
	known   map[string]bool // matters whose alarm was raised here; few in a program's life
	raised  chan struct{}
}

// NewAlarm makes an alarm; Run makes it ring.
func NewAlarm(cfg AlarmConfig) *Alarm {
	if cfg.Ring == 0 {
		cfg.Ring = 30 * time.Second
	}
	if cfg.Pause == 0 {
		cfg.Pause = time.Minute
	}
	if cfg.Rounds == 0 {
		cfg.Rounds = 30
	}
	if cfg.Language == "" {
		cfg.Language = "zh"
	}
	if cfg.Observe == nil {
		cfg.Observe = func(Happening) {}
	}
	if cfg.Alone == nil {
		cfg.Alone = func(ctx context.Context, _ Alert, ring func(context.Context) error) error { return ring(ctx) }
	}
	return &Alarm{cfg: cfg, known: map[string]bool{}, raised: make(chan struct{}, 1)}
}

// Raise starts an alarm and returns at once. Alarms raised before Run begin with it. A
// second alarm about the same matter is taken for the first, taken up again.
func (a *Alarm) Raise(alert Alert) {
	a.mu.Lock()
	if !a.known[alert.Matter()] {
		a.known[alert.Matter()] = true
		a.pending = append(a.pending, alert)
	}
	a.mu.Unlock()
	select {
	case a.raised <- struct{}{}:
	default: // Run has been told already
	}
}

// Run rings for every alert until ctx ends, and returns when all ringing stopped.
func (a *Alarm) Run(ctx context.Context) {
	var ringing sync.WaitGroup
	defer ringing.Wait()
	for {
		for _, alert := range a.take() {
			ringing.Go(func() { a.pursue(ctx, alert) })
		}
		select {
		case <-a.raised:
		case <-ctx.Done():
			return
		}
	}
}

func (a *Alarm) take() []Alert {
	a.mu.Lock()
	defer a.mu.Unlock()
	alerts := a.pending
	a.pending = nil
	return alerts
}

// pursue rings as soon as no other controller does.
func (a *Alarm) pursue(ctx context.Context, alert Alert) {
	if err := a.cfg.Alone(ctx, alert, func(ctx context.Context) error { a.ring(ctx, alert); return nil }); err != nil {
		a.cfg.Log.Error("alarm", "call", alert.CallID, "order", alert.Order, "err", err)
	}
}

// ring goes round after round until a leader confirms, here or elsewhere.
func (a *Alarm) ring(ctx context.Context, alert Alert) {
	if a.over(ctx, alert) {
		return
	}
	log := a.cfg.Log.With("call", alert.CallID, "order", alert.Order, "why", alert.Why)
	log.Warn("alarm: calling who has to know", "unit", alert.Unit)
	for range a.cfg.Rounds {
		if name, ok := a.round(ctx, alert); ok {
			log.Info("alarm confirmed", "by", name)
			a.cfg.Observe(Happening{What: "alarm", Outcome: "confirmed"})
			return
		}
		if ctx.Err() != nil || !a.pause(ctx) || a.over(ctx, alert) {
			return
		}
	}
	log.Error("alarm: nobody confirmed", "unit", alert.Unit)
	a.cfg.Observe(Happening{What: "alarm", Outcome: "unconfirmed"})
	a.write(ctx, alert, func(ctx context.Context) error {
		return a.cfg.Orders.EndAlarm(ctx, alert.Order, "", "多次呼叫"+alert.whom()+",无人确认")
	})
}

// over reports whether somebody knows of the matter. While SQL is away nobody can tell.
func (a *Alarm) over(ctx context.Context, alert Alert) (over bool) {
	a.write(ctx, alert, func(ctx context.Context) (err error) {
		over, err = a.cfg.Orders.AlarmOver(ctx, alert.Order)
		return err
	})
	return over
}

// write does one thing with the order's timeline. The alarm does not wait long for it.
func (a *Alarm) write(ctx context.Context, alert Alert, f func(context.Context) error) {
	if a.cfg.Orders == nil || alert.Order == "" {
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := a.cfg.Clock.AfterFunc(budgetRecord, func() { cancel(errBudget) })
	defer cancel(nil)
	defer stop()
	if err := f(ctx); err != nil {
		a.cfg.Log.Warn("alarm and its order apart", "order", alert.Order, "err", err)
	}
}

// pause waits between two rounds and reports whether to go on.
func (a *Alarm) pause(ctx context.Context) bool {
	over := make(chan struct{})
	stop := a.cfg.Clock.AfterFunc(a.cfg.Pause, func() { close(over) })
	defer stop()
	select {
	case <-over:
		return true
	case <-ctx.Done():
		return false
	}
}
