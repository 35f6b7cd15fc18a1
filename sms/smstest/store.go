package smstest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"hotline/sms"
)

// Store is what a gateway needs kept.
type Store interface {
	sms.Outbox
	sms.Inbox
}

// Putter is how a suite puts a text into the outbox it tests; in production the
// transaction that causes the text does it.
type Putter interface {
	PutText(ctx context.Context, m sms.Message) error
}

// MemoryStore is an outbox and an inbox in memory, for tests of what uses them. Safe
// for concurrent use.
type MemoryStore struct {
	mu       sync.Mutex
	messages map[string]*kept
	inbound  []sms.Inbound
	keys     map[string]bool
	learnt   map[string]sms.Learnt
	receipts map[string]sms.Kept // by link and carrier's id
}

type kept struct {
	sms.Message
	held time.Time  // claimed until then
	by   string     // by whom
	told sms.Status // the last move that was told
}

// NewStore makes an empty store.
func NewStore() *MemoryStore {
	return &MemoryStore{messages: map[string]*kept{}, keys: map[string]bool{}, learnt: map[string]sms.Learnt{},
		receipts: map[string]sms.Kept{}}
}

// PutText queues a text; one with a known Key is ignored, as sending it twice would
// be the mistake.
func (s *MemoryStore) PutText(_ context.Context, m sms.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys["out:"+m.Key] {
		return nil
	}
	s.keys["out:"+m.Key] = true
	m.Status = sms.Queued
	s.messages[m.ID] = &kept{Message: m, told: sms.Queued}
	return nil
}

// Text is one message as it stands.
func (s *MemoryStore) Text(id string) (sms.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.messages[id]; ok {
		return m.Message, nil
	}
	return sms.Message{}, sms.ErrNotFound
}

// Inbound is everything that came in, in order, parts of long texts included.
func (s *MemoryStore) Inbound() []sms.Inbound {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.inbound)
}

// Claim is sms.Outbox.
func (s *MemoryStore) Claim(_ context.Context, w sms.Want) ([]sms.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []*kept
	for _, m := range s.messages {
		if m.Status == sms.Queued && !m.due().After(w.Now) && (!w.Urgent || m.Lane() < sms.UrgentLanes) {
			due = append(due, m)
		}
	}
	slices.SortFunc(due, func(a, b *kept) int {
		return cmp.Or(a.Lane()-b.Lane(), a.due().Compare(b.due()), cmp.Compare(a.ID, b.ID))
	})
	var out []sms.Message
	for _, m := range due[:min(w.Limit, len(due))] {
		claimed := m.Message
		claimed.Lapsed = !m.held.IsZero()
		if w.Lease > 0 {
			m.held, m.by = w.Now.Add(w.Lease), w.Owner
		}
		out = append(out, claimed)
	}
	return out, nil
}

// due is when a claim may have it.
func (m *kept) due() time.Time {
	due := m.NotBefore
	for _, t := range []time.Time{m.NextTry, m.held} {
		if t.After(due) {
			due = t
		}
	}
	return due
}

// Learn is sms.Learner.
func (s *MemoryStore) Learn(_ context.Context, l sms.Learnt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learnt[l.Phone] = s.learnt[l.Phone].And(l)
	return nil
}

// Learnt is sms.Learner.
func (s *MemoryStore) Learnt(_ context.Context, phone string) (sms.Learnt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.learnt[phone], nil
}

// SentTo is sms.Counter.
func (s *MemoryStore) SentTo(_ context.Context, m sms.Message, since time.Time, limit int) ([]sms.SentText, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []sms.SentText
	for _, o := range s.messages {
		at := o.SentAt
		if o.Status == sms.Queued && o.ID < m.ID && !o.held.IsZero() {
			at = since.Add(24 * time.Hour)
		}
		if o.To == m.To && o.ID != m.ID && !at.Before(since) {
			out = append(out, sms.SentText{At: at, Same: o.Text == m.Text})
		}
	}
	slices.SortFunc(out, func(a, b sms.SentText) int { return b.At.Compare(a.At) })
	return out[:min(limit, len(out))], nil
}

// Doubted is sms.Doubter.
func (s *MemoryStore) Doubted(_ context.Context, to string) (texts []sms.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.Status == sms.Queued && m.MaybeTwice && m.To == to && m.held.IsZero() {
			texts = append(texts, m.Message)
		}
	}
	return texts, nil
}

// Advance is sms.Outbox.
func (s *MemoryStore) Advance(_ context.Context, c sms.Change) (sms.Message, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.messages[c.ID]
	if !ok {
		return sms.Message{}, false, sms.ErrNotFound
	}
	if !m.Takes(c) {
		return m.Message, false, nil
	}
	m.apply(c)
	return m.Message, true, nil
}

// apply writes a change that moves the message forward.
func (m *kept) apply(c sms.Change) {
	m.Status, m.Raw = c.Status, cmp.Or(c.Raw, m.Raw)
	m.Link = cmp.Or(c.Link, m.Link)
	if len(c.CarrierIDs) > 0 {
		m.CarrierIDs = c.CarrierIDs
	}
	m.Segments = cmp.Or(c.Segments, m.Segments)
	m.MaybeTwice = m.MaybeTwice || c.MaybeTwice
	m.Avoid = cmp.Or(m.Avoid, c.Avoid)
	switch c.Status {
	case sms.Queued:
		m.Attempts++
		m.NextTry, m.held = c.NextTry, time.Time{}
	case sms.Sent:
		m.SentAt = c.At
	default:
		m.DoneAt = c.At
	}
}

// ByCarrierID is sms.Outbox.
func (s *MemoryStore) ByCarrierID(_ context.Context, link, carrierID string) (sms.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.Link == link && slices.Contains(m.CarrierIDs, carrierID) {
			return m.Message, nil
		}
	}
	return sms.Message{}, sms.ErrNotFound
}

// Untold is sms.Teller.
func (s *MemoryStore) Untold(_ context.Context, limit int) ([]sms.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []sms.Message
	for _, m := range s.messages {
		if m.told != m.Status && m.Status != sms.Queued && len(out) < limit {
			out = append(out, m.Message)
		}
	}
	return out, nil
}

// Told is sms.Teller.
func (s *MemoryStore) Told(_ context.Context, id string, status sms.Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.messages[id]
	if !ok {
		return sms.ErrNotFound
	}
	m.told = status
	return nil
}

// Receive is sms.Inbox.
func (s *MemoryStore) Receive(_ context.Context, in sms.Inbound) (fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys["in:"+in.Key] {
		return false, nil
	}
	s.keys["in:"+in.Key] = true
	s.inbound = append(s.inbound, in)
	return true, nil
}

// Recent is sms.Rememberer.
func (s *MemoryStore) Recent(_ context.Context, from string, since time.Time) (out []sms.Inbound, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range slices.Backward(s.inbound) {
		if in.From == from && !in.ReceivedAt.Before(since) {
			out = append(out, in)
		}
	}
	return out, nil
}

// Unhandled is sms.Inbox.
func (s *MemoryStore) Unhandled(_ context.Context, limit int) ([]sms.Inbound, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []sms.Inbound
	for _, in := range s.inbound {
		if in.HandledAs == "" && len(out) < limit {
			out = append(out, in)
		}
	}
	slices.SortStableFunc(out, func(a, b sms.Inbound) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return out, nil
}

// Handled is sms.Inbox.
func (s *MemoryStore) Handled(_ context.Context, id, as string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.inbound {
		if s.inbound[i].ID == id {
			s.inbound[i].HandledAs = as
			return nil
		}
	}
	return sms.ErrNotFound
}
