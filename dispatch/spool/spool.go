// Package spool keeps on disk what could not be written to SQL, until it is.
//
// It stands between a call and the office of work orders. A database that is away, or
// that hangs, must not cost a citizen their message: what it did not take becomes a
// small file, and Run offers the files again until the office takes them, in this
// process or in the next. A message is on disk before the office is even asked, since
// nobody would ever know of one that a crash took. Offering twice is harmless: orders
// have keys, calls have ids.
//
//	call ends ──▶ Spool ──▶ Office ──▶ SQL
//	                 │ away?               ▲
//	                 └──▶ file ──▶ Run ────┘
package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hotline/dispatch"
)

// Office is what takes the things in; *dispatch.Office is the real one.
type Office interface {
	Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error)
	LeaveVoicemail(ctx context.Context, in dispatch.Intake) (dispatch.Order, error)
	RecordCall(ctx context.Context, c dispatch.Call) error
}

// Config is what a Spool needs. Dir and Office are required.
type Config struct {
	Dir    string // made if need be; holds phone numbers, so nobody else may read it
	Office Office
	Log    *slog.Logger // silent when nil
	Now    func() time.Time
	After  func(time.Duration) <-chan time.Time
	Every  time.Duration // between two offers; 5 s when zero
	Budget time.Duration // of one offer, on the machine's clock; 10 s when zero
}

// Spool is an Office that forgets nothing. It is safe for concurrent use; one process
// at a time may use a folder.
type Spool struct {
	cfg Config

	mu   sync.Mutex
	held map[string]chan struct{} // names at work; closed when they are free again
	kept map[string]bool          // names that may have a file
}

// New opens the folder. What is in it is offered by Run.
func New(cfg Config) (*Spool, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	if cfg.Every == 0 {
		cfg.Every = 5 * time.Second
	}
	if cfg.Budget == 0 {
		cfg.Budget = 10 * time.Second
	}
	if err := makeFolder(cfg.Dir); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	names, err := waiting(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	s := &Spool{cfg: cfg, held: map[string]chan struct{}{}, kept: map[string]bool{}}
	for _, name := range names {
		s.kept[name] = true
	}
	return s, nil
}

// Open registers a request. When the office cannot take it the request is kept and the
// error is dispatch.ErrKept: there is no order number yet, and there will be one.
func (s *Spool) Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	return s.register(ctx, entry{Kind: kindRequest, Intake: &in})
}

// LeaveVoicemail registers a message, as Open does. It is on disk before the office is
// asked and leaves the disk only when the office has it (ZZ-20.2).
func (s *Spool) LeaveVoicemail(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	if in.Key == "" && in.Voicemail != nil {
		in.Key = "voicemail:" + in.Voicemail.File
	}
	return s.register(ctx, entry{Kind: kindVoicemail, Intake: &in})
}

func (s *Spool) register(ctx context.Context, e entry) (dispatch.Order, error) {
	if e.Intake.Key == "" { // it could not be told from its own repetition
		return s.submit(ctx, e)
	}
	release, err := s.hold(ctx, e.name())
	if err != nil {
		return dispatch.Order{}, err
	}
	defer release()
	e.stamp(s.cfg.Now())
	var unkept error
	if e.Kind == kindVoicemail {
		unkept = s.keep(e)
	}
	order, err := s.submit(ctx, e)
	switch {
	case err == nil, errors.Is(err, dispatch.ErrInvalid): // saying it again will not help
		s.drop(e.name())
		return order, err
	case e.Kind != kindVoicemail:
		unkept = s.keep(e)
	}
	if unkept != nil {
		return dispatch.Order{}, errors.Join(err, unkept)
	}
	return dispatch.Order{}, fmt.Errorf("%w: %w", dispatch.ErrKept, err)
}

// RecordCall writes a call's record. One that is kept instead is no error: nobody
// waits for anything that is in it.
func (s *Spool) RecordCall(ctx context.Context, c dispatch.Call) error {
	e := entry{Kind: kindCall, Call: &c}
	release, err := s.hold(ctx, e.name())
	if err != nil {
		return err
	}
	defer release()
	err = s.cfg.Office.RecordCall(ctx, c)
	if err == nil || errors.Is(err, dispatch.ErrInvalid) {
		s.drop(e.name())
		return err
	}
	if unkept := s.keep(e); unkept != nil {
		return errors.Join(err, unkept)
	}
	s.cfg.Log.Warn("call record kept on disk", "call", c.ID, "err", err)
	return nil
}

// submit offers an entry to the office.
func (s *Spool) submit(ctx context.Context, e entry) (dispatch.Order, error) {
	switch e.Kind {
	case kindVoicemail:
		return s.cfg.Office.LeaveVoicemail(ctx, *e.Intake)
	case kindRequest:
		return s.cfg.Office.Open(ctx, *e.Intake)
	default:
		return dispatch.Order{}, s.cfg.Office.RecordCall(ctx, *e.Call)
	}
}

// hold makes sure that one goroutine at a time works at a thing, so that an old record
// of a call cannot come in after a newer one.
func (s *Spool) hold(ctx context.Context, name string) (release func(), err error) {
	for {
		s.mu.Lock()
		busy := s.held[name]
		if busy == nil {
			free := make(chan struct{})
			s.held[name] = free
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				delete(s.held, name)
				s.mu.Unlock()
				close(free)
			}, nil
		}
		s.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, fmt.Errorf("spool: %w", context.Cause(ctx))
		}
	}
}
