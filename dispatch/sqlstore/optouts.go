package sqlstore

import (
	"context"
	"fmt"

	"hotline/dispatch"
	"hotline/sms"
)

var optOuts = table[dispatch.OptOut]{"opt_outs", columns("phone id at text_id"),
	func(o *dispatch.OptOut) []any { return []any{&o.Phone, &o.ID, (*stamp)(&o.At), &o.TextID} }}

// InsertOptOut is dispatch.TextTx.
func (t *tx) InsertOptOut(o dispatch.OptOut) (fresh bool, err error) {
	n, err := t.exec(optOuts.insertSQL("ON CONFLICT DO NOTHING"), optOuts.fields(&o)...)
	return n == 1, err
}

// DeleteOptOut is dispatch.TextTx.
func (t *tx) DeleteOptOut(phone string) (was bool, err error) {
	n, err := t.exec("DELETE FROM opt_outs WHERE phone = ?", phone)
	return n == 1, err
}

// OptedOut is dispatch.TextTx.
func (t *tx) OptedOut(phone string) (bool, error) {
	var n int
	err := t.row([]any{&n}, "SELECT COUNT(*) FROM opt_outs WHERE phone = ?", phone)
	return n > 0, err
}

// OptOut is dispatch.TextTx. Phones whose refusal has no id, written by a program of
// before there were any, are not found.
func (t *tx) OptOut(id string) (dispatch.OptOut, error) {
	o, err := one(t.conn, optOuts, "WHERE id = ? AND id <> ''", id)
	return found(o, err, "opt-out", id)
}

// TextByKey is dispatch.TextTx.
func (t *tx) TextByKey(key string) (sms.Message, error) {
	m, err := one(t.conn, texts, "WHERE text_key = ?", key)
	return found(m, err, "text of key", key)
}

// OptOuts is dispatch.Reader.
func (s *Store) OptOuts(ctx context.Context, f dispatch.Filter) ([]dispatch.OptOut, error) {
	var n narrow
	n.when(f.Phone != "", "phone = ?", f.Phone)
	return listed(s.reader(ctx), optOuts, n, page{f, "at"})
}

// MessageBy is dispatch.Reader.
func (s *Store) MessageBy(ctx context.Context, id string) (sms.Message, error) {
	m, err := one(s.reader(ctx), texts, "WHERE id = ?", id)
	return found(m, err, "text", id)
}

// InboundBy is dispatch.Reader.
func (s *Store) InboundBy(ctx context.Context, id string) (sms.Inbound, error) {
	in, err := one(s.reader(ctx), inbound, "WHERE id = ?", id)
	return found(in, err, "inbound text", id)
}

// OrderOfKey is dispatch.Reader.
func (s *Store) OrderOfKey(ctx context.Context, key string) (number string, err error) {
	err = s.reader(ctx).row([]any{&number}, "SELECT order_number FROM intake_keys WHERE intake_key = ?", key)
	return found(number, err, "order of key", key)
}

// TextsWaiting is dispatch.Reader.
func (s *Store) TextsWaiting(ctx context.Context) (out, in int, err error) {
	err = s.reader(ctx).row([]any{&out, &in}, `SELECT (SELECT COUNT(*) FROM texts WHERE status = 'queued'),
		(SELECT COUNT(*) FROM inbound WHERE handled_as = '')`)
	if err != nil {
		return 0, 0, fmt.Errorf("count texts: %w", err)
	}
	return out, in, nil
}
