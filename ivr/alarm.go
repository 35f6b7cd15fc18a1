package ivr

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
	"hotline/sms"
)

// Ringer rings somebody without a caller on the line; the switch implements it.
type Ringer interface {
	Ring(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error)
}

// Noter adds lines to an order's timeline.
type Noter interface {
	Note(ctx context.Context, number, actor, text string) error
	// ConfirmUrgent notes who pressed 1; the alarm is over, also for a program restarted.
	ConfirmUrgent(ctx context.Context, number, actor, text string) error
}

// Why an alarm is raised.
const (
	UrgentMessage   = "urgent-message"   // ZZ-20.3
	FailedEmergency = "failed-emergency" // ZZ-10.3
)

// Alert is one urgent matter that a leader on duty must know of.
type Alert struct {
	CallID  string
	Order   string // number; empty while it could not be registered
	Digits  string // the same for the ear
	Phone   string // the caller's
	Why     string
	Service string // 110, for FailedEmergency
}

// AlarmConfig is what an Alarm needs; Orders and Observe may be nil.
type AlarmConfig struct {
	Ringer   Ringer
	Prompts  Prompts
	Roster   Roster
	Trunks   Trunks
	Clock    asterisk.Clock
	Log      *slog.Logger
	Orders   Noter
	Observe  func(Happening)
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
	return &Alarm{cfg: cfg, raised: make(chan struct{}, 1)}
}

// Raise starts an alarm and returns at once. Alarms raised before Run begin with it.
func (a *Alarm) Raise(alert Alert) {
	a.mu.Lock()
	a.pending = append(a.pending, alert)
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

// pursue rings round after round until a leader confirms.
func (a *Alarm) pursue(ctx context.Context, alert Alert) {
	log := a.cfg.Log.With("call", alert.CallID, "order", alert.Order, "why", alert.Why)
	log.Warn("alarm: calling the leaders on duty", "from", sms.Mask(alert.Phone))
	for range a.cfg.Rounds {
		if name, ok := a.round(ctx, alert); ok {
			log.Info("alarm confirmed", "leader", name)
			a.cfg.Observe(Happening{What: "alarm", Outcome: "confirmed"})
			return
		}
		if ctx.Err() != nil || !a.pause(ctx) {
			return
		}
	}
	log.Error("alarm: no leader confirmed")
	a.cfg.Observe(Happening{What: "alarm", Outcome: "unconfirmed"})
	a.write(ctx, alert, func(ctx context.Context) error {
		return a.cfg.Orders.Note(ctx, alert.Order, "system", "多次呼叫带班领导,无人确认")
	})
}

// round rings every leader once, until one confirms. A fault of ours costs one round
// and neither the alarm nor the program.
func (a *Alarm) round(ctx context.Context, alert Alert) (name string, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			a.cfg.Log.Error("panic in an alarm", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for _, leader := range a.leaders() {
		if a.confirmed(ctx, alert, leader) {
			return leader.Name, true
		}
		if ctx.Err() != nil {
			break
		}
	}
	return "", false
}

// leaders asks the roster anew each round: the shift may have changed. Without a
// leader the officers on duty must know.
func (a *Alarm) leaders() []dispatch.Officer {
	if a.cfg.Roster == nil {
		return nil
	}
	shift := a.cfg.Roster.At(a.cfg.Clock.Now())
	if len(shift.Leader) > 0 {
		return shift.Leader
	}
	return append(append([]dispatch.Officer(nil), shift.Duty...), shift.Backup...)
}

// confirmed rings one leader, on the next trunk when the first is down.
func (a *Alarm) confirmed(ctx context.Context, alert Alert, leader dispatch.Officer) bool {
	for _, endpoint := range a.cfg.Trunks.dials(leader.Phone) {
		d, err := a.cfg.Ringer.Ring(ctx, asterisk.DialOptions{
			Endpoint: endpoint, CallerID: a.cfg.CallerID, CallerName: "热线告警", Ring: a.cfg.Ring,
			Confirm: &asterisk.Confirm{Prompt: a.prompt(alert), Key: '1', Timeout: 20 * time.Second},
		})
		if err != nil {
			a.cfg.Log.Warn("alarm call failed", "leader", leader.Name, "err", err)
			continue
		}
		a.note(ctx, alert, leader, d.Outcome)
		if d.Outcome == asterisk.Answered {
			a.thank(ctx, alert, d)
			return true
		}
		if d.Outcome != asterisk.Unreachable {
			return false
		}
	}
	return false
}

// prompt is what the leader hears until pressing 1.
func (a *Alarm) prompt(alert Alert) asterisk.PlayOptions {
	id := promptLeaderAlert
	if alert.Why == FailedEmergency {
		id = promptLeaderEmergency
	}
	return a.compose(phrase{id: id})
}

func (a *Alarm) compose(p phrase) asterisk.PlayOptions {
	s, err := a.cfg.Prompts.Compose(a.cfg.Language, p.id, p.slots)
	if err != nil {
		a.cfg.Log.Warn("prompt missing", "prompt", p.id, "err", err)
	}
	return asterisk.PlayOptions{Sounds: s.Sounds, Language: a.cfg.Language, Expect: s.Length}
}

// note writes to the order's timeline what came of ringing a leader.
func (a *Alarm) note(ctx context.Context, alert Alert, leader dispatch.Officer, o asterisk.DialOutcome) {
	save, word := Noter.Note, outcomeWords[o]
	if o == asterisk.Answered {
		save, word = Noter.ConfirmUrgent, "已按1确认"
	}
	a.write(ctx, alert, func(ctx context.Context) error {
		return save(a.cfg.Orders, ctx, alert.Order, "leader:"+leader.Name, fmt.Sprintf("呼叫带班领导 %s:%s", leader.Name, word))
	})
}

// write does one of the Noter's writes. The alarm does not wait long for it.
func (a *Alarm) write(ctx context.Context, alert Alert, f func(context.Context) error) {
	if a.cfg.Orders == nil || alert.Order == "" {
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := a.cfg.Clock.AfterFunc(budgetRecord, func() { cancel(errBudget) })
	defer cancel(nil)
	defer stop()
	if err := f(ctx); err != nil {
		a.cfg.Log.Warn("alarm not noted on the order", "order", alert.Order, "err", err)
	}
}

// thank tells the leader which order it is and hangs up.
func (a *Alarm) thank(ctx context.Context, alert Alert, d asterisk.Dialed) {
	if d.Leg == nil {
		return
	}
	phrases := []phrase{{id: promptLeaderConfirmed}}
	if alert.Digits != "" && alert.Phone != "" {
		phrases = append([]phrase{{id: promptLeaderOrder, slots: Slots{"ticket": alert.Digits, "phone": alert.Phone}}}, phrases...)
	}
	for _, p := range phrases {
		if _, err := d.Leg.Play(ctx, a.compose(p)); err != nil {
			a.cfg.Log.Warn("leader not told", "err", err)
		}
	}
	if err := d.Leg.Hangup(context.WithoutCancel(ctx), "normal"); err != nil {
		a.cfg.Log.Warn("leader's leg not hung up", "err", err)
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
