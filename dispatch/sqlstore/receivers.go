package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/sms"
)

// SentTo is sms.Counter.
func (s *Store) SentTo(ctx context.Context, m sms.Message, since time.Time, limit int) ([]sms.SentText, error) {
	sent := []sms.SentText{}
	now := micros(since.Add(24 * time.Hour))
	err := s.quick(ctx).rows(func(scan func(...any) error) error {
		var at stamp
		var same flag
		err := scan(&at, &same)
		sent = append(sent, sms.SentText{At: time.Time(at), Same: bool(same)})
		return err
	}, `SELECT * FROM (SELECT sent_at, CASE WHEN body = ? THEN 1 ELSE 0 END FROM texts
			WHERE to_number = ? AND sent_at >= ? AND id <> ? ORDER BY sent_at DESC LIMIT ?) was
		UNION ALL SELECT * FROM (SELECT CAST(? AS BIGINT), CASE WHEN body = ? THEN 1 ELSE 0 END FROM texts
			WHERE to_number = ? AND sent_at = 0 AND status = 'queued' AND held_until > 0 AND id < ? LIMIT ?) now`,
		m.Text, m.To, micros(since), m.ID, limit, now, m.Text, m.To, m.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("texts to a receiver: %w", err)
	}
	slices.SortFunc(sent, func(a, b sms.SentText) int { return b.At.Compare(a.At) })
	return sent[:min(limit, len(sent))], nil
}

// Limits of what is known about ported numbers.
const (
	portedFor  = 180 * 24 * time.Hour
	portedMost = 1_000_000
	portedLook = 1024 // after so many the most is looked at
)

// Learn is sms.Learner.
func (s *Store) Learn(ctx context.Context, l sms.Learnt) error {
	err := s.tx(ctx, func(t *tx) error {
		known, err := one(t.conn, ported, "WHERE phone = ?"+t.dialect.hold, l.Phone)
		if err != nil && !errors.Is(err, errNoRow) {
			return err
		}
		known = known.And(l)
		if _, err := t.exec(ported.replaceSQL("true"), ported.fields(&known)...); err != nil {
			return err
		}
		if _, err = t.exec("DELETE FROM ported WHERE at < ?", micros(l.At.Add(-portedFor))); err != nil || s.learnt.Add(1)%portedLook != 1 {
			return err
		}
		_, err = t.exec("DELETE FROM ported WHERE at <= (SELECT at FROM ported ORDER BY at DESC LIMIT 1 OFFSET ?)", portedMost)
		return err
	})
	if err != nil {
		return fmt.Errorf("learn the carrier of a phone: %w", err)
	}
	return nil
}

// Learnt is sms.Learner.
func (s *Store) Learnt(ctx context.Context, phone string) (sms.Learnt, error) {
	l, err := one(s.quick(ctx), ported, "WHERE phone = ?", phone)
	if errors.Is(err, errNoRow) {
		return sms.Learnt{}, nil
	}
	if err != nil {
		return sms.Learnt{}, fmt.Errorf("carrier of a phone: %w", err)
	}
	return l, nil
}
