package sqlstore

import (
	"context"
	"fmt"
	"time"

	"hotline/dispatch"
)

// CallbackOf is dispatch.AfterTx.
func (t *tx) CallbackOf(order string, attempt int) (dispatch.Callback, error) {
	c, err := one(t.conn, callbacks, "WHERE order_number = ? AND attempt = ?"+t.dialect.hold, order, attempt)
	return found(c, err, "callback of", order)
}

// CallbacksTo is dispatch.AfterTx.
func (t *tx) CallbacksTo(phone string) ([]dispatch.Callback, error) {
	return many(t.conn, callbacks, "WHERE phone = ? AND done_at = 0 ORDER BY id"+t.dialect.hold, phone)
}

// SurveyOf is dispatch.AfterTx.
func (t *tx) SurveyOf(order string, attempt int) (dispatch.Survey, error) {
	s, err := one(t.conn, surveys, "WHERE order_number = ? AND attempt = ?"+t.dialect.hold, order, attempt)
	return found(s, err, "survey of", order)
}

// InsertRedo is dispatch.AfterTx.
func (t *tx) InsertRedo(r dispatch.Redo) error {
	n, err := t.exec(redos.insertSQL("ON CONFLICT DO NOTHING"), redos.fields(&r)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("attempt %d at %s: %w", r.Attempt, r.Order, dispatch.ErrConflict)
	}
	return err
}

// RedoOf is dispatch.AfterTx.
func (t *tx) RedoOf(order string, attempt int) (dispatch.Redo, error) {
	r, err := one(t.conn, redos, "WHERE order_number = ? AND attempt = ?", order, attempt)
	return found(r, err, "redo of", order)
}

// InsertReview is dispatch.AfterTx.
func (t *tx) InsertReview(r dispatch.Review) (dispatch.Review, error) {
	n, err := t.exec(reviews.insertSQL("ON CONFLICT DO NOTHING"), reviews.fields(&r)...)
	if err != nil {
		return r, err
	}
	if n == 1 {
		return r, t.touch(r.Order)
	}
	r, err = one(t.conn, reviews, "WHERE order_number = ? AND attempt = ? AND kind = ? AND decided_at = 0", r.Order, r.Attempt, string(r.Kind))
	if err == nil {
		err = fmt.Errorf("a review of %s waits: %w", r.Order, dispatch.ErrConflict)
	}
	return r, err
}

// Review is dispatch.AfterTx.
func (t *tx) Review(id string) (dispatch.Review, error) {
	r, err := one(t.conn, reviews, "WHERE id = ?"+t.dialect.hold, id)
	return found(r, err, "review", id)
}

// SaveReview is dispatch.AfterTx.
func (t *tx) SaveReview(r dispatch.Review) error {
	n, err := t.exec(reviews.updateSQL(""), reviews.updateArgs(&r)...)
	if err := saved(n, err, dispatch.ErrNotFound, "review "+r.ID); err != nil {
		return err
	}
	return t.touch(r.Order)
}

// DueVoice is dispatch.Reader.
func (s *Store) DueVoice(ctx context.Context, now time.Time, limit int) ([]dispatch.Callback, error) {
	return many(s.reader(ctx), callbacks, `WHERE voice = 1 AND done_at = 0 AND next_at <= ? AND NOT EXISTS
		(SELECT 1 FROM callbacks busy WHERE busy.phone = callbacks.phone AND busy.done_at = 0 AND busy.claimed_until > ?)
		ORDER BY next_at, id LIMIT ?`, micros(now), micros(now), limit)
}

// CallbackBy is dispatch.Reader.
func (s *Store) CallbackBy(ctx context.Context, id string) (dispatch.Callback, error) {
	c, err := one(s.reader(ctx), callbacks, "WHERE id = ?", id)
	return found(c, err, "callback", id)
}

// Reviews is dispatch.Reader.
func (s *Store) Reviews(ctx context.Context, f dispatch.Filter) ([]dispatch.Review, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ?", f.Order)
	n.when(f.Open, "decided_at = 0")
	n.search(f.Search, "order_number", "reason", "evidence")
	return listed(s.reader(ctx), reviews, n, page{f, "asked_at"})
}

// Ratings is dispatch.Reader.
func (s *Store) Ratings(ctx context.Context, from, to time.Time) ([]dispatch.RatingCount, error) {
	var counts []dispatch.RatingCount
	err := s.reader(ctx).rows(func(scan func(...any) error) error {
		var c dispatch.RatingCount
		if err := scan(&c.Rating, (*flag)(&c.Excepted), &c.Orders, &c.Corrected); err != nil {
			return err
		}
		counts = append(counts, c)
		return nil
	}, `SELECT o.rating, CASE WHEN o.exception = '' THEN 0 ELSE 1 END, COUNT(*), COUNT(s.id)
		FROM orders o LEFT JOIN surveys s ON s.order_number = o.number AND s.attempt = o.redos + 1 AND s.original <> 0
		WHERE o.outcome = 'rated' AND o.completed_at >= ? AND o.completed_at < ? GROUP BY 1, 2 ORDER BY 1, 2`, micros(from), micros(to))
	return counts, err
}
