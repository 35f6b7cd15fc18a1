package sqlstore

import (
	"context"
	"fmt"
	"time"

	"hotline/sms"
)

// PutText writes a text to the outbox in a transaction of its own. What causes a text
// writes it with dispatch.Tx instead; this is for texts without a cause, such as a test
// text of the engineer.
func (s *Store) PutText(ctx context.Context, m sms.Message) error {
	return s.tx(ctx, func(t *tx) error { return t.Enqueue(m) })
}

// Claim is sms.Outbox.
func (s *Store) Claim(ctx context.Context, w sms.Want) ([]sms.Message, error) {
	if w.Urgent { // asked for often, and there mostly is none
		lane, err := nextLane(s.quick(ctx), noLane)
		if err != nil || lane == noLane || lane >= sms.UrgentLanes {
			return nil, err
		}
	}
	var due []sms.Message
	err := s.tx(ctx, func(t *tx) (err error) {
		due, err = t.claim(w)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim texts: %w", err)
	}
	return due, nil
}

// noLane stands before the first lane, and for none.
const noLane = -1

// nextLane is the first lane after one in which texts wait, due or not.
func nextLane(c conn, after int) (lane int, err error) {
	err = c.row([]any{&lane}, "SELECT COALESCE(MIN(lane), -1) FROM texts WHERE status = 'queued' AND lane > ?", after)
	return lane, err
}

// claim empties lane after lane. In each the index leads to what is due alone, however
// many texts wait there for their time.
func (t *tx) claim(w sms.Want) (due []sms.Message, err error) {
	for lane := noLane; len(due) < w.Limit; {
		if lane, err = nextLane(t.conn, lane); err != nil {
			return nil, err
		}
		if lane == noLane || w.Urgent && lane >= sms.UrgentLanes {
			break
		}
		found, err := many(t.conn, claimed, `WHERE status = 'queued' AND lane = ? AND due_at <= ?
			ORDER BY due_at, id LIMIT ?`+t.dialect.skip, lane, micros(w.Now), w.Limit-len(due))
		if err != nil {
			return nil, err
		}
		due = append(due, found...)
	}
	if w.Lease == 0 || len(due) == 0 {
		return due, nil
	}
	ids := make([]string, len(due))
	for i, m := range due {
		ids[i] = m.ID
	}
	until := micros(w.Now.Add(w.Lease))
	_, err = t.exec("UPDATE texts SET held_until = ?, due_at = ?, held_by = ? WHERE id IN ("+t.dialect.each+")", until, until, w.Owner, list[string]{&ids})
	return due, err
}

// Release is sms.Outbox. What is held is looked for without the writer's lock, since a long
// outbox is read through for it.
func (s *Store) Release(ctx context.Context, now time.Time, owner, keep string) (int, error) {
	const theirs = "status = 'queued' AND held_until > ? AND substr(held_by, 1, length(?)) = ? AND held_by <> ?"
	var ids []string
	err := s.reader(ctx).rows(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT id FROM texts WHERE "+theirs, micros(now), owner, owner, keep)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n, err := s.writer(ctx).exec("UPDATE texts SET held_until = ?, due_at = ? WHERE id IN ("+s.dialect.each+") AND "+theirs,
		micros(now), micros(now), list[string]{&ids}, micros(now), owner, owner, keep)
	if err != nil {
		return 0, fmt.Errorf("end the claims of %s: %w", owner, err)
	}
	return int(n), nil
}

// Doubted is sms.Doubter.
func (s *Store) Doubted(ctx context.Context, to string) ([]sms.Message, error) {
	return many(s.reader(ctx), texts, "WHERE status = 'queued' AND maybe_twice = 1 AND held_until = 0 AND to_number = ? ORDER BY id LIMIT 10", to)
}

// Untold is sms.Teller.
func (s *Store) Untold(ctx context.Context, limit int) ([]sms.Message, error) {
	return many(s.reader(ctx), texts, "WHERE told <> status AND status <> 'queued' ORDER BY id LIMIT ?", limit)
}

// Receive is sms.Inbox.
func (s *Store) Receive(ctx context.Context, in sms.Inbound) (fresh bool, err error) {
	n, err := s.writer(ctx).exec(inbound.insertSQL("ON CONFLICT DO NOTHING"), inbound.fields(&in)...)
	if err != nil {
		return false, fmt.Errorf("keep inbound text %s: %w", in.ID, err)
	}
	return n == 1, nil
}

// Recent is sms.Rememberer.
func (s *Store) Recent(ctx context.Context, from string, since time.Time) ([]sms.Inbound, error) {
	return many(s.reader(ctx), inbound, "WHERE from_number = ? AND received_at >= ? ORDER BY received_at DESC, id LIMIT 200", from, micros(since))
}

// Unhandled is sms.Inbox.
func (s *Store) Unhandled(ctx context.Context, limit int) ([]sms.Inbound, error) {
	return many(s.reader(ctx), inbound, "WHERE handled_as = '' ORDER BY received_at, id LIMIT ?", limit)
}

// Handled is sms.Inbox. A word that stands already is not replaced.
func (s *Store) Handled(ctx context.Context, id, as string) error {
	n, err := s.writer(ctx).exec("UPDATE inbound SET handled_as = CASE WHEN handled_as = '' THEN ? ELSE handled_as END WHERE id = ?", as, id)
	return saved(n, err, sms.ErrNotFound, "inbound text "+id)
}
