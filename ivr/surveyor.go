package ivr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// Surveys is the office's part in the calls that ask for a rating.
type Surveys interface {
	// NextVoice claims the next call to make; dispatch.ErrNotFound when there is none now.
	NextVoice(ctx context.Context, actor string) (dispatch.Callback, error)
	Keyed(ctx context.Context, id, actor, keys string) (rating int, err error)
	FinishCallback(ctx context.Context, id string, c dispatch.Called) (dispatch.Callback, error)
}

// SurveyorConfig is what a Surveyor needs.
type SurveyorConfig struct {
	Runner   *Runner
	Ringer   Ringer
	Surveys  Surveys
	Routes   *Routes
	Clock    asterisk.Clock
	Log      *slog.Logger
	Actor    string        // this controller, as claims and timelines have it
	CallerID string        // shown to citizens: the hotline's number
	Lines    int           // calls at once; 2 when zero
	Ring     time.Duration // of one call; 30 s when zero
	Pause    time.Duration // between two looks for calls to make; 5 s when zero
}

// Surveyor calls the citizens whom no text can ask how they were served: landlines, and
// whom a text did not reach (ZQ-15.2, XZ-12.5.1). When and how often is the office's to say.
type Surveyor struct {
	cfg    SurveyorConfig
	enough chan struct{} // closed: no call is begun any more
	stop   sync.Once
	lines  sync.WaitGroup
}

// NewSurveyor makes a surveyor; Run makes it call.
func NewSurveyor(cfg SurveyorConfig) *Surveyor {
	if cfg.Lines == 0 {
		cfg.Lines = 2
	}
	if cfg.Ring == 0 {
		cfg.Ring = 30 * time.Second
	}
	if cfg.Pause == 0 {
		cfg.Pause = 5 * time.Second
	}
	return &Surveyor{cfg: cfg, enough: make(chan struct{})}
}

// Drain begins no more calls; those under way go on until Run's context ends. Safe for
// concurrent use.
func (s *Surveyor) Drain() { s.stop.Do(func() { close(s.enough) }) }

// Wait waits until the calls under way are over; it fails with ctx's cause. To be called
// after Drain.
func (s *Surveyor) Wait(ctx context.Context) error {
	over := make(chan struct{})
	go func() {
		s.lines.Wait() // ends with Run at the latest
		close(over)
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run calls until ctx ends or Drain, and returns when the calls under way are over.
func (s *Surveyor) Run(ctx context.Context) {
	for range s.cfg.Lines {
		s.lines.Go(func() {
			for s.next(ctx) || s.pause(ctx) {
			}
		})
	}
	s.lines.Wait()
}

// next makes one call and reports whether there was one to make and ctx goes on. A fault of
// ours costs one call: its claim runs out, and it is made again.
func (s *Surveyor) next(ctx context.Context) (made bool) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("panic in a survey's call", "panic", p, "stack", string(debug.Stack()))
			made = false
		}
	}()
	select {
	case <-s.enough:
		return false
	case <-ctx.Done():
		return false
	default:
	}
	task, err := s.cfg.Surveys.NextVoice(ctx, s.cfg.Actor)
	if errors.Is(err, dispatch.ErrNotFound) {
		return false
	}
	if err != nil {
		s.cfg.Log.Warn("no look for surveys to make calls for", "err", err)
		return false
	}
	s.call(ctx, task)
	return true
}

// pause waits and reports whether to go on.
func (s *Surveyor) pause(ctx context.Context) bool {
	over := make(chan struct{})
	stop := s.cfg.Clock.AfterFunc(s.cfg.Pause, func() { close(over) })
	defer stop()
	select {
	case <-over:
		return true
	case <-s.enough:
		return false
	case <-ctx.Done():
		return false
	}
}

// call rings one citizen and asks. A call that our own lines did not let out is no try of
// the citizen's: it is made again when its claim has run out. So is one that ended with us.
func (s *Surveyor) call(ctx context.Context, task dispatch.Callback) {
	log := s.cfg.Log.With("order", task.Order)
	ways := s.cfg.Routes.to(ForExternal, task.Phone)
	d := ways.reach(func(w way) asterisk.Dialed {
		d, err := s.cfg.Ringer.Ring(ctx, asterisk.DialOptions{Endpoint: w.endpoint, CallerID: s.cfg.CallerID, CallerName: "政务热线", Ring: s.cfg.Ring})
		if err != nil {
			log.Warn("survey's call failed", "err", err)
			return asterisk.Dialed{Outcome: asterisk.Unreachable}
		}
		return d
	})
	defer d.free()
	rated := d.Outcome == asterisk.Answered && s.asked(ctx, task, d.Leg)
	log.Info("survey's call", "outcome", d.Outcome, "rated", rated)
	if rated || d.Outcome == asterisk.Abandoned || ctx.Err() != nil || notLetOut(d.Dialed) {
		return
	}
	s.cfg.Runner.cfg.Observe(Happening{What: "survey", Outcome: "unanswered"})
	_ = s.cfg.Runner.errand("survey's call about "+task.Order, func(ctx context.Context) error { // it logs what it cannot do
		_, err := s.cfg.Surveys.FinishCallback(ctx, task.ID, dispatch.Called{Actor: s.cfg.Actor})
		if errors.Is(err, dispatch.ErrEarly) || errors.Is(err, dispatch.ErrIllegal) || errors.Is(err, dispatch.ErrConflict) {
			return nil // written before
		}
		return err
	})
}

// notLetOut says whether it was our lines, or our carrier's, that a call did not get past. A
// number that nobody has is the citizen's: it must not be called for ever.
func notLetOut(d asterisk.Dialed) bool {
	return d.Outcome == asterisk.Unreachable && (d.Status == 0 || d.Status >= 500 && d.Status < 600)
}

// asked puts the question to who answered.
func (s *Surveyor) asked(ctx context.Context, task dispatch.Callback, leg *asterisk.Call) bool {
	if leg == nil {
		return false
	}
	digits := ""
	if n, err := dispatch.ParseNumber(task.Order); err == nil {
		digits = n.Digits()
	}
	q := SurveyCall{Task: task.ID, Order: task.Order, Digits: digits, Phone: task.Phone}
	return s.cfg.Runner.Ask(ctx, leg, q, func(ctx context.Context, keys string) (int, error) {
		rating, err := s.cfg.Surveys.Keyed(ctx, task.ID, s.cfg.Actor, keys)
		if err != nil {
			return 0, fmt.Errorf("rating by key: %w", err)
		}
		return rating, nil
	})
}
