package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/dispatch"
)

// Done is dispatch.LifeTx. Of two commands with one key at the same time the second waits
// for the first to end.
func (t *tx) Done(key, what string, at time.Time) (before string, err error) {
	n, err := t.exec("INSERT INTO command_keys (command_key, what, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", key, what, micros(at))
	if err != nil || n == 1 {
		return "", err
	}
	err = t.row([]any{&before}, "SELECT what FROM command_keys WHERE command_key = ?", key)
	return before, err
}

// InsertAssignment is dispatch.LifeTx.
func (t *tx) InsertAssignment(a dispatch.Assignment) error {
	n, err := t.exec(assignments.insertSQL("ON CONFLICT DO NOTHING"), assignments.fields(&a)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("order %s has a lead unit: %w", a.Order, dispatch.ErrConflict)
	}
	if err != nil {
		return err
	}
	return t.touch(a.Order)
}

// SaveAssignment is dispatch.LifeTx.
func (t *tx) SaveAssignment(a dispatch.Assignment) error {
	n, err := t.exec(assignments.updateSQL(""), assignments.updateArgs(&a)...)
	if err := saved(n, err, dispatch.ErrNotFound, "assignment "+a.ID); err != nil {
		return err
	}
	return t.touch(a.Order)
}

// AssignmentsOf is dispatch.LifeTx.
func (t *tx) AssignmentsOf(order string) ([]dispatch.Assignment, error) {
	return many(t.conn, assignments, "WHERE order_number = ? ORDER BY attempt, dispatched_at, id", order)
}

// InsertLink is dispatch.LifeTx.
func (t *tx) InsertLink(l dispatch.Link) error {
	_, err := t.exec(links.insertSQL("ON CONFLICT DO NOTHING"), links.fields(&l)...)
	return err
}

// WaitingReview is dispatch.LifeTx.
func (t *tx) WaitingReview(order string, attempt int, kind dispatch.ReviewKind) (dispatch.Review, error) {
	r, err := one(t.conn, reviews, "WHERE order_number = ? AND attempt = ? AND kind = ? AND decided_at = 0"+t.dialect.hold, order, attempt, string(kind))
	return found(r, err, string(kind)+" of", order)
}

// ReviewsOf is dispatch.LifeTx.
func (t *tx) ReviewsOf(order string, attempt int) ([]dispatch.Review, error) {
	return many(t.conn, reviews, "WHERE order_number = ? AND attempt = ? ORDER BY asked_at, id", order, attempt)
}

// LastEvent is dispatch.LifeTx.
func (t *tx) LastEvent(order, kind string) (dispatch.Event, error) {
	e, err := one(t.conn, events, "WHERE order_number = ? AND kind = ? ORDER BY seq DESC LIMIT 1", order, kind)
	if errors.Is(err, errNoRow) {
		return dispatch.Event{}, nil
	}
	return e, err
}

// Assignments is dispatch.Reader.
func (s *Store) Assignments(ctx context.Context, f dispatch.AssignmentFilter) ([]dispatch.Assignment, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ?", f.Order)
	n.when(f.Attempt != 0, "attempt = ?", f.Attempt)
	n.when(f.Unit != "", "unit = ?", f.Unit)
	n.when(f.Open || f.Unsigned || !f.DueBefore.IsZero(), "ended_at = 0")
	n.when(f.Unsigned, "sign_by > 0 AND signed_at = 0")
	n.when(!f.SignBy.IsZero(), "sign_by < ?", micros(f.SignBy))
	n.when(!f.DueBefore.IsZero(), "submitted_at = 0 AND due_at > 0 AND due_at < ?", micros(f.DueBefore))
	n.when(f.After.ID != "", "(due_at, id) > (?, ?)", micros(f.After.Due.At), f.After.ID)
	return many(s.reader(ctx), assignments, n.where()+"ORDER BY due_at, id LIMIT ?", append(n.args, limited(f.Limit))...)
}

// Links is dispatch.Reader.
func (s *Store) Links(ctx context.Context, order string) ([]dispatch.Link, error) {
	return many(s.reader(ctx), links, "WHERE order_number = ? OR other = ? ORDER BY at, order_number LIMIT ?", order, order, maxLimit)
}

// Work is dispatch.Reader.
func (s *Store) Work(ctx context.Context, f dispatch.WorkFilter) ([]dispatch.Order, error) {
	var n narrow
	n.when(true, working)
	n.when(f.Unit != "", "unit = ?", f.Unit)
	n.when(f.Hotline, "unit = ''")
	n.when(f.State != "", "state = ?", string(f.State))
	n.when(f.Supervised, "supervised = 1")
	n.when(f.Enterprise, "enterprise = 1")
	n.when(!f.DueBefore.IsZero(), "due_at < ?", micros(f.DueBefore))
	n.when(f.After.Number != "", "(due_at, number) > (?, ?)", micros(f.After.Due.At), f.After.Number)
	by := "orders_work"
	switch {
	case f.Unit != "" || f.Hotline:
		by = "orders_unit"
	case f.State != "":
		by = "orders_stage"
	case f.Supervised:
		by = "orders_supervised"
	}
	return many(s.reader(ctx), orders, s.dialect.by(by)+n.where()+"ORDER BY due_at, number LIMIT ?", append(n.args, limited(f.Limit))...)
}

// working is the condition of the indices of orders that somebody has to handle.
const working = "state IN ('registered', 'dispatched', 'signed', 'processing', 'return_requested', 'extension_requested', 'submitted', 'redo')"

// The tables of an order's life.
var (
	assignments = table[dispatch.Assignment]{"assignments", columns(`id order_number attempt unit lead copied coordinated way words given_by
		dispatched_at first_at sign_by signed_at signed_by due_at provisional due_rule due_from due_span extensions submitted_at answer ended_at ended`),
		func(a *dispatch.Assignment) []any {
			return []any{&a.ID, &a.Order, &a.Attempt, &a.Unit, (*flag)(&a.Lead), &a.Copy, (*flag)(&a.Coordinated), &a.Way, &a.Words, &a.By,
				(*stamp)(&a.DispatchedAt), (*stamp)(&a.FirstAt), (*stamp)(&a.SignBy), (*stamp)(&a.SignedAt), &a.SignedBy,
				(*stamp)(&a.Due.At), (*flag)(&a.Due.Provisional), &a.Due.Rule,
				(*stamp)(&a.Due.From), (*length)(&a.Due.Span), &a.Extensions, (*stamp)(&a.SubmittedAt), &a.Answer,
				(*stamp)(&a.EndedAt), &a.Ended}
		}}
	links = table[dispatch.Link]{"links", columns("order_number kind other actor at"),
		func(l *dispatch.Link) []any { return []any{&l.Order, &l.Kind, &l.Other, &l.Actor, (*stamp)(&l.At)} }}
)
