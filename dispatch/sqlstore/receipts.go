package sqlstore

import (
	"context"
	"fmt"
	"time"

	"hotline/sms"
)

// Keep is sms.Outbox.
func (s *Store) Keep(ctx context.Context, k sms.Kept) error {
	_, err := s.writer(ctx).exec(kept.insertSQL(`ON CONFLICT (link, carrier_id) DO UPDATE SET text_id = excluded.text_id,
		phone = excluded.phone, status = excluded.status, raw = excluded.raw, done_at = excluded.done_at, at = excluded.at`), kept.fields(&k)...)
	if err != nil {
		return fmt.Errorf("keep receipt %s of %s: %w", k.CarrierID, k.Link, err)
	}
	return nil
}

// Kept is sms.Outbox.
func (s *Store) Kept(ctx context.Context, textID string, limit int) ([]sms.Kept, error) {
	return many(s.quick(ctx), kept, "WHERE text_id = ? ORDER BY at, link, carrier_id LIMIT ?", textID, limit)
}

// Drop is sms.Outbox.
func (s *Store) Drop(ctx context.Context, before time.Time, of ...sms.Kept) error {
	return s.tx(ctx, func(t *tx) error {
		if !before.IsZero() {
			if _, err := t.exec("DELETE FROM kept_receipts WHERE at < ?", micros(before)); err != nil {
				return err
			}
		}
		for _, k := range of {
			if _, err := t.exec("DELETE FROM kept_receipts WHERE link = ? AND carrier_id = ? AND text_id = ?", k.Link, k.CarrierID, k.TextID); err != nil {
				return err
			}
		}
		return nil
	})
}
