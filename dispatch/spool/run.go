package spool

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"hotline/dispatch"
)

// Run offers what is kept to the office until ctx ends. It starts with what an earlier
// process left.
func (s *Spool) Run(ctx context.Context) error {
	for {
		if err := s.Offer(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Warn("kept things still wait", "count", s.Waiting(), "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.cfg.After(s.cfg.Every):
		}
	}
}

// Waiting is how many things are kept. They are all written when it is 0.
func (s *Spool) Waiting() int {
	names, err := waiting(s.cfg.Dir)
	if err != nil {
		s.cfg.Log.Warn("kept things not counted", "err", err)
	}
	return len(names)
}

// Offer offers everything that is kept once. It ends at the first thing the office
// cannot take at the moment, because the others would fare no better.
func (s *Spool) Offer(ctx context.Context) error {
	names, err := waiting(s.cfg.Dir)
	if err != nil {
		return err
	}
	orders := map[string]string{} // of calls
	for _, name := range names {
		if err := s.offer(ctx, name, orders); err != nil {
			return err
		}
	}
	return nil
}

// offer offers one file, which may be gone or newer by the time it is its turn.
func (s *Spool) offer(ctx context.Context, name string, orders map[string]string) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Budget)
	defer cancel()
	release, err := s.hold(ctx, name)
	if err != nil {
		return err
	}
	defer release()
	data, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s.note(name) // it may have been put back by hand
	if err != nil {
		return err
	}
	e, err := decode(data)
	if err != nil {
		s.setAside(name, err)
		return nil
	}
	if e.Call != nil && e.Call.Order == "" {
		e.Call.Order = orders[e.Call.ID]
	}
	order, err := s.submit(ctx, e)
	if errors.Is(err, dispatch.ErrInvalid) && e.Intake != nil && e.Intake.Type != dispatch.Unset {
		e.Intake.Type = dispatch.Unset // this hotline's types may have changed; the request must not be lost (ZZ-10.1)
		order, err = s.submit(ctx, e)
	}
	switch {
	case errors.Is(err, dispatch.ErrInvalid):
		s.setAside(name, err)
		return nil
	case err != nil:
		return err
	}
	s.drop(name)
	s.cfg.Log.Info("written from disk", "file", name, "order", order.Number)
	if e.Intake != nil {
		orders[e.Intake.CallID] = order.Number
	}
	return nil
}
