package smstest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"hotline/sms"
)

// Sink is an sms.Sink that keeps what it gets. Safe for concurrent use.
type Sink struct {
	mu       sync.Mutex
	receipts []sms.Receipt
	parts    []sms.Part
	failures int
	abreast  int // receipts wait for each other until so many are there
	changed  chan struct{}
}

// NewSink makes an empty sink.
func NewSink() *Sink { return &Sink{changed: make(chan struct{})} }

// FailNext has the next n things refused, as if the store were away.
func (s *Sink) FailNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = n
}

// Abreast has receipts wait for each other until n of them are there.
func (s *Sink) Abreast(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abreast = n
}

// Receipt is sms.Sink.
func (s *Sink) Receipt(ctx context.Context, r sms.Receipt) error {
	if err := s.keep(func() { s.receipts = append(s.receipts, r) }); err != nil {
		return err
	}
	return s.Until(ctx, func() bool { return len(s.receipts) >= s.abreast })
}

// Arrived is sms.Sink.
func (s *Sink) Arrived(_ context.Context, p sms.Part) error {
	return s.keep(func() { s.parts = append(s.parts, p) })
}

// Changed is sms.Sink.
func (s *Sink) Changed(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
}

// wake lets waiters look again; the lock is held.
func (s *Sink) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Sink) keep(add func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wake()
	if s.failures > 0 {
		s.failures--
		return errors.New("store is away")
	}
	add()
	return nil
}

// Receipts waits until there are n receipts and returns all.
func (s *Sink) Receipts(ctx context.Context, n int) ([]sms.Receipt, error) {
	err := s.Until(ctx, func() bool { return len(s.receipts) >= n })
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.receipts), err
}

// Parts waits until there are n incoming segments and returns all.
func (s *Sink) Parts(ctx context.Context, n int) ([]sms.Part, error) {
	err := s.Until(ctx, func() bool { return len(s.parts) >= n })
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.parts), err
}

// Until waits until cond holds; it is asked anew whenever something came or the link
// changed, and must not call the sink.
func (s *Sink) Until(ctx context.Context, cond func() bool) error {
	return until(ctx, &s.mu, &s.changed, cond)
}
