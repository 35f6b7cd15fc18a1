package sqlstore

import (
	"errors"
	"fmt"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// InsertSurvey is dispatch.SurveyTx.
func (t *tx) InsertSurvey(s dispatch.Survey) error {
	if s.Version == 0 {
		s.Version = 1
	}
	n, err := t.exec(surveys.insertSQL("ON CONFLICT DO NOTHING"), surveys.fields(&s)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("survey %d of %s: %w", s.Attempt, s.Order, dispatch.ErrConflict)
	}
	return err
}

// Survey is dispatch.SurveyTx.
func (t *tx) Survey(id string) (dispatch.Survey, error) {
	s, err := one(t.conn, surveys, "WHERE id = ?"+t.dialect.hold, id)
	return found(s, err, "survey", id)
}

// SurveysOf is dispatch.SurveyTx.
func (t *tx) SurveysOf(phone string, since time.Time) ([]dispatch.Survey, error) {
	return many(t.conn, surveys, "WHERE phone = ? AND created_at >= ? ORDER BY created_at DESC, id DESC LIMIT 200", phone, micros(since))
}

// SaveSurvey is dispatch.SurveyTx.
func (t *tx) SaveSurvey(s *dispatch.Survey) error {
	next := *s
	next.Version++
	n, err := t.exec(surveys.updateSQL(" AND version = ?"), surveys.updateArgs(&next, s.Version)...)
	if err := saved(n, err, dispatch.ErrConflict, "survey "+s.ID); err != nil {
		return err
	}
	s.Version = next.Version
	return nil
}

// NextSlot is dispatch.SurveyTx: 00 to 99 in turn, so that a slot comes again only
// after a hundred questions to the same phone.
func (t *tx) NextSlot(phone string) (string, error) {
	var n int
	err := t.row([]any{&n}, `INSERT INTO slots (phone, last) VALUES (?, 1)
		ON CONFLICT (phone) DO UPDATE SET last = (slots.last + 1) % 100 RETURNING last`, phone)
	return fmt.Sprintf("%02d", n), err
}

// Enqueue is dispatch.SurveyTx.
func (t *tx) Enqueue(m sms.Message) error {
	m.Status = sms.Queued
	_, err := t.exec(texts.insertSQL("ON CONFLICT DO NOTHING"), texts.fields(&m)...)
	return err
}

// Text is dispatch.TextTx.
func (t *tx) Text(id string) (sms.Message, error) {
	m, err := one(t.conn, texts, "WHERE id = ?", id)
	return found(m, err, "text", id)
}

// TakeInbound is dispatch.TextTx.
func (t *tx) TakeInbound(in sms.Inbound, as string) (before string, err error) {
	in.HandledAs = ""
	if _, err := t.exec(inbound.insertSQL("ON CONFLICT DO NOTHING"), inbound.fields(&in)...); err != nil {
		return "", err
	}
	kept, err := one(t.conn, inbound, "WHERE id = ? OR text_key = ?"+t.dialect.hold, in.ID, in.Key)
	if _, err := found(kept, err, "inbound text", in.ID); err != nil {
		return "", err
	}
	if kept.HandledAs != "" {
		return kept.HandledAs, nil
	}
	_, err = t.exec("UPDATE inbound SET handled_as = ? WHERE id = ?", as, kept.ID)
	return "", err
}

// Waiting is dispatch.TextTx.
func (t *tx) Waiting(phone string, until time.Time) (bool, error) {
	var n int
	err := t.row([]any{&n}, "SELECT COUNT(*) FROM inbound WHERE from_number = ? AND handled_as = '' AND event_at <= ?", phone, micros(until))
	return n > 0, err
}

// Withdraw is dispatch.TextTx.
func (t *tx) Withdraw(phone string, at time.Time) ([]sms.Message, error) {
	left, err := many(t.conn, texts, `WHERE to_number = ? AND status = 'queued' AND kind IN ('survey', 'result', 'bulk')
		AND maybe_twice = 0 AND held_until = 0 ORDER BY id`+t.dialect.skip, phone)
	for i := range left {
		c := sms.Change{ID: left[i].ID, Status: sms.Failed, At: at, Raw: "opted out"}
		apply(&left[i], c)
		if err = errors.Join(err, t.saveTexts([]*sms.Message{&left[i]}, nil)); err != nil {
			return nil, err
		}
		if _, err = t.exec("UPDATE texts SET told = status WHERE id = ?", c.ID); err != nil {
			return nil, err
		}
	}
	return left, err
}

// callGoesOn lets a record be replaced by a later one: of the controller that has the call,
// or of one that took it over; and an end is an end.
const callGoesOn = "calls.fence <= excluded.fence AND (calls.ended_at = 0 OR excluded.ended_at <> 0)"

// SaveCall is dispatch.CallTx.
func (t *tx) SaveCall(c dispatch.Call) error {
	_, err := t.raw.StmtContext(t.ctx, t.saveCall).ExecContext(t.ctx, storable(calls.fields(&c))...)
	if err != nil {
		return fmt.Errorf("save call: %w", err)
	}
	return nil
}

// forgetCodes is how long a count of wrong codes is kept that nobody adds to.
const forgetCodes = 24 * time.Hour

// WrongCode is dispatch.CallTx.
func (t *tx) WrongCode(digits string, now time.Time) (count int, err error) {
	if _, err := t.exec("DELETE FROM code_fails WHERE last_at < ?", micros(now.Add(-forgetCodes))); err != nil {
		return 0, err
	}
	err = t.row([]any{&count}, `INSERT INTO code_fails (digits, count, last_at) VALUES (?, 1, ?)
		ON CONFLICT (digits) DO UPDATE SET count = code_fails.count + 1, last_at = excluded.last_at RETURNING count`, digits, micros(now))
	return count, err
}

// CodeFails is dispatch.CallTx.
func (t *tx) CodeFails(digits string) (count int, last time.Time, err error) {
	err = t.rows(func(scan func(...any) error) error { return scan(&count, (*stamp)(&last)) },
		"SELECT count, last_at FROM code_fails WHERE digits = ?", digits)
	return count, last, err
}

// ClearCodes is dispatch.CallTx.
func (t *tx) ClearCodes(digits string) error {
	_, err := t.exec("DELETE FROM code_fails WHERE digits = ?", digits)
	return err
}
