package smstest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"hotline/sms"
)

// Keep is sms.Outbox.
func (s *MemoryStore) Keep(_ context.Context, k sms.Kept) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receipts[k.Link+"|"+k.CarrierID] = k
	return nil
}

// Kept is sms.Outbox.
func (s *MemoryStore) Kept(_ context.Context, textID string, limit int) (out []sms.Kept, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.receipts {
		if k.TextID == textID {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b sms.Kept) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.CarrierID, b.CarrierID))
	})
	return out[:min(limit, len(out))], nil
}

// Drop is sms.Outbox.
func (s *MemoryStore) Drop(_ context.Context, before time.Time, of ...sms.Kept) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range of {
		if key := k.Link + "|" + k.CarrierID; s.receipts[key].TextID == k.TextID {
			delete(s.receipts, key)
		}
	}
	for key, k := range s.receipts {
		if k.At.Before(before) {
			delete(s.receipts, key)
		}
	}
	return nil
}

// Release is sms.Outbox.
func (s *MemoryStore) Release(_ context.Context, now time.Time, owner, keep string) (n int, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.Status == sms.Queued && m.held.After(now) && strings.HasPrefix(m.by, owner) && m.by != keep {
			m.held = now
			n++
		}
	}
	return n, nil
}
