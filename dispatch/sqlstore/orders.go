package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"

	"hotline/dispatch"
)

// tx is dispatch.Tx: one transaction at work.
type tx struct {
	conn
	raw      *sql.Tx
	saveCall *sql.Stmt
	outbox   *outbox
	audited  []dispatch.Audit // to be sealed
}

// found turns the absence of a row into dispatch.ErrNotFound.
func found[T any](v T, err error, what, id string) (T, error) {
	if errors.Is(err, errNoRow) {
		err = dispatch.ErrNotFound
	}
	if err != nil {
		var none T
		return none, fmt.Errorf("%s %s: %w", what, id, err)
	}
	return v, nil
}

// saved turns an update that touched nothing into fail.
func saved(n int64, err error, fail error, what string) error {
	if err == nil && n == 0 {
		err = fail
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", what, err)
	}
	return nil
}

// NextSerial is dispatch.OrderTx. The row is held until the transaction ends, so that
// one that is rolled back leaves no gap.
func (t *tx) NextSerial(day string) (n int, err error) {
	err = t.row([]any{&n}, `INSERT INTO serials (day, last) VALUES (?, 1)
		ON CONFLICT (day) DO UPDATE SET last = serials.last + 1 RETURNING last`, day)
	return n, err
}

// InsertOrder is dispatch.OrderTx.
func (t *tx) InsertOrder(o dispatch.Order, key string) (dispatch.Order, error) {
	if o.Version == 0 {
		o.Version = 1
	}
	n, err := t.exec(orders.insertSQL("ON CONFLICT DO NOTHING"), orders.fields(&o)...)
	if err != nil {
		return dispatch.Order{}, err
	}
	if n == 0 {
		return dispatch.Order{}, fmt.Errorf("order %s exists: %w", o.Number, dispatch.ErrConflict)
	}
	if key == "" {
		return o, nil
	}
	return t.claimKey(o, key)
}

// claimKey gives the new order its key, or takes it back and returns the order that
// has the key.
func (t *tx) claimKey(o dispatch.Order, key string) (dispatch.Order, error) {
	n, err := t.exec(`INSERT INTO intake_keys (intake_key, order_number) VALUES (?, ?) ON CONFLICT DO NOTHING`, key, o.Number)
	if err != nil || n == 1 {
		return o, err
	}
	if _, err := t.exec("DELETE FROM orders WHERE number = ?", o.Number); err != nil {
		return dispatch.Order{}, err
	}
	first, err := one(t.conn, orders, "WHERE number = (SELECT order_number FROM intake_keys WHERE intake_key = ?)", key)
	if err != nil {
		return dispatch.Order{}, fmt.Errorf("order of key %q: %w", key, err)
	}
	return first, fmt.Errorf("key %q: %w", key, dispatch.ErrConflict)
}

// Order is dispatch.OrderTx.
func (t *tx) Order(number string) (dispatch.Order, error) {
	o, err := one(t.conn, orders, "WHERE number = ? OR digits = ?"+t.dialect.hold, number, number)
	return found(o, err, "order", number)
}

// SaveOrder is dispatch.OrderTx.
func (t *tx) SaveOrder(o *dispatch.Order) error {
	next := *o
	next.Version++
	n, err := t.exec(orders.updateSQL(" AND version = ?"), orders.updateArgs(&next, o.Version)...)
	if err := saved(n, err, dispatch.ErrConflict, "order "+o.Number); err != nil {
		return err
	}
	o.Version = next.Version
	return nil
}

// Append is dispatch.OrderTx. The order is held first: two writers of one timeline
// must not find the same last line.
func (t *tx) Append(e dispatch.Event) error {
	var number string
	err := t.row([]any{&number}, "SELECT number FROM orders WHERE number = ?"+t.dialect.hold, e.Number)
	if _, err := found(number, err, "order", e.Number); err != nil {
		return err
	}
	if err := t.row([]any{&e.Seq}, "SELECT COALESCE(MAX(seq), 0) + 1 FROM events WHERE order_number = ?", e.Number); err != nil {
		return err
	}
	_, err = t.exec(events.insertSQL(""), events.fields(&e)...)
	return err
}

// InsertCallback is dispatch.OrderTx.
func (t *tx) InsertCallback(c dispatch.Callback) error {
	_, err := t.exec(callbacks.insertSQL(""), callbacks.fields(&c)...)
	return err
}

// SaveCallback is dispatch.OrderTx.
func (t *tx) SaveCallback(c dispatch.Callback) error {
	n, err := t.exec(callbacks.updateSQL(""), callbacks.updateArgs(&c)...)
	return saved(n, err, dispatch.ErrNotFound, "callback "+c.ID)
}

// Callback is dispatch.OrderTx.
func (t *tx) Callback(id string) (dispatch.Callback, error) {
	c, err := one(t.conn, callbacks, "WHERE id = ?"+t.dialect.hold, id)
	return found(c, err, "callback", id)
}

// Voicemail is dispatch.OrderTx.
func (t *tx) Voicemail(id string) (dispatch.Voicemail, error) {
	v, err := one(t.conn, voicemails, "WHERE id = ?"+t.dialect.hold, id)
	return found(v, err, "voicemail", id)
}

// InsertVoicemail is dispatch.OrderTx.
func (t *tx) InsertVoicemail(v dispatch.Voicemail) error {
	_, err := t.exec(voicemails.insertSQL(""), voicemails.fields(&v)...)
	return err
}

// SaveVoicemail is dispatch.OrderTx.
func (t *tx) SaveVoicemail(v dispatch.Voicemail) error {
	n, err := t.exec(voicemails.updateSQL(""), voicemails.updateArgs(&v)...)
	return saved(n, err, dispatch.ErrNotFound, "voicemail "+v.ID)
}
