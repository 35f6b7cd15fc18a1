package ivr

import (
	"context"
	"errors"
	"log/slog"
	"sort"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// Orders is what a flow needs of the office of work orders. Every call gets a time
// budget; a slow or dead office never holds a caller up.
type Orders interface {
	// Open registers a request; the same Key again returns the same order.
	Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error)
	// LeaveVoicemail registers a message, its order and the texts to officers at once.
	LeaveVoicemail(ctx context.Context, in dispatch.Intake) (dispatch.Order, error)
}

// Inquiry answers what became of an order (ZZ-18.3).
type Inquiry interface {
	Query(ctx context.Context, digits, pin string) (dispatch.Answer, error)
}

// Book keeps the record of every call (ZZ-16.1).
type Book interface {
	RecordCall(ctx context.Context, c dispatch.Call) error
}

// Roster says who is on duty.
type Roster interface {
	At(t time.Time) dispatch.Shift
}

// Alerter calls duty leaders about something urgent; *Alarm is the real one.
type Alerter interface {
	Raise(a Alert)
}

// Happening is one thing a metric may count.
type Happening struct {
	What    string        // call, emergency, menu, duty, agents, voicemail, query, transfer, prompt-failed, unsaved
	Outcome string        // call: the record's outcome; others: how it ended
	Took    time.Duration // how long it took, where that means something
}

// Config is what a Runner needs. Flow, Profile, Prompts, Emergency, Routes, Clock and
// Log are required. The others may be nil: the hotline then goes without, and an
// emergency goes through all the same.
type Config struct {
	Flow      *Flow
	Profile   *Profile
	Prompts   Prompts
	Emergency EmergencyPlan
	Routes    *Routes
	Clock     asterisk.Clock
	Log       *slog.Logger

	Orders   Orders
	Inquiry  Inquiry
	Book     Book
	Roster   Roster
	Desks    *Desks
	Narrator Narrator
	Limiter  *Limiter
	Screen   Screen
	Red      RedLight
	// Worked reports whether an agent has written something about an order; nil: never.
	Worked func(ctx context.Context, number string) (bool, error)
	// Unreached notes of an order that a unit was not reached by phone; nil: nobody does.
	Unreached func(ctx context.Context, number string, by dispatch.By, u dispatch.Unreached) (dispatch.Order, error)
	Alarm     Alerter
	// NewID makes the id of a call of its channel's, always the same; nil: the channel's id.
	NewID   func(channel string) string
	Fence   func() uint64 // this controller's token among several, for records; 0 when nil
	Observe func(Happening)
}

// Runner plays a flow to callers. It is safe for concurrent use; every Serve is one
// call.
type Runner struct {
	cfg Config

	mu      sync.Mutex
	live    map[*visit]struct{}
	errands sync.WaitGroup
}

// NewRunner checks that nothing required is missing.
func NewRunner(cfg Config) (*Runner, error) {
	switch {
	case cfg.Flow == nil, cfg.Profile == nil, cfg.Prompts == nil:
		return nil, errors.New("ivr: a runner needs a flow, a profile and prompts")
	case cfg.Clock == nil, cfg.Log == nil:
		return nil, errors.New("ivr: a runner needs a clock and a log")
	case len(cfg.Emergency.services) == 0, cfg.Routes == nil:
		return nil, errors.New("ivr: a runner needs an emergency plan and routes (ZZ-10.3)")
	}
	if cfg.Desks == nil {
		cfg.Desks = NewDesks(cfg.Clock.Now)
	}
	if cfg.Fence == nil {
		cfg.Fence = func() uint64 { return 0 }
	}
	if cfg.Observe == nil {
		cfg.Observe = func(Happening) {}
	}
	return &Runner{cfg: cfg, live: map[*visit]struct{}{}}, nil
}

// Serve takes one call from its first prompt to its record and returns when all of it
// is over. ctx ends it early; so does the caller. It never panics.
func (r *Runner) Serve(ctx context.Context, phone Phone) {
	v := r.admit(ctx, phone, r.newRecord(phone))
	defer v.end()
	if err := phone.Answer(v.call); err != nil {
		v.log.Warn("answer failed", "err", err)
	}
	v.conduct(v.welcome)
}

// Live lists the calls going on now as their records stand, oldest first.
func (r *Runner) Live() []dispatch.Call {
	r.mu.Lock()
	visits := make([]*visit, 0, len(r.live))
	for v := range r.live {
		visits = append(visits, v)
	}
	r.mu.Unlock()
	calls := make([]dispatch.Call, len(visits))
	for i, v := range visits {
		calls[i] = v.record()
	}
	sort.Slice(calls, func(i, j int) bool { return calls[i].StartedAt.Before(calls[j].StartedAt) })
	return calls
}

// Wait waits until records and messages of ended calls that could not be written at
// once are written or given up, or until ctx ends. Use it when draining.
func (r *Runner) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		r.errands.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// forget takes an ended call out of Live.
func (r *Runner) forget(v *visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, v)
}
