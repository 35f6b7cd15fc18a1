package sqlstore

import (
	"context"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func (s *Store) reader(ctx context.Context) conn { return conn{ctx, s.read, s.dialect} }

func (s *Store) writer(ctx context.Context) conn { return conn{ctx, s.write, s.dialect} }

// Bounds of lists (dispatch.Filter).
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// narrow is the WHERE part of a list, built of constant conditions with parameters.
type narrow struct {
	parts []string
	args  []any
}

func (n *narrow) when(set bool, condition string, args ...any) {
	if set {
		n.parts = append(n.parts, condition)
		n.args = append(n.args, args...)
	}
}

// search looks for words in columns, in either case; % and _ are meant literally. A
// column may come with a condition under which it is looked into.
func (n *narrow) search(words string, columns ...string) {
	if words == "" {
		return
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(words) + "%"
	var any []string
	for _, c := range columns {
		column, condition, _ := strings.Cut(c, " ")
		any = append(any, "LOWER("+column+`) LIKE LOWER(?) ESCAPE '\' `+condition)
		n.args = append(n.args, like)
	}
	n.parts = append(n.parts, "("+strings.Join(any, " OR ")+")")
}

// listed is one page of a list, newest first.
func listed[T any](c conn, t table[T], n narrow, p page) ([]T, error) {
	f := p.filter
	n.when(!f.Since.IsZero(), p.by+" >= ?", micros(f.Since))
	n.when(!f.Until.IsZero(), p.by+" < ?", micros(f.Until))
	args := append(n.args, limited(f.Limit), max(f.Offset, 0))
	return many(c, t, n.where()+"ORDER BY "+p.by+" DESC, "+t.columns[0]+" DESC LIMIT ? OFFSET ?", args...)
}

// where is the part itself, with a space behind it, or nothing.
func (n *narrow) where() string {
	if len(n.parts) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(n.parts, " AND ") + " "
}

// limited is how many rows a list has at most.
func limited(n int) int {
	if n <= 0 {
		n = defaultLimit
	}
	return min(n, maxLimit)
}

// page is a filter and the column its times are of.
type page struct {
	filter dispatch.Filter
	by     string
}

// Orders is dispatch.Reader.
func (s *Store) Orders(ctx context.Context, f dispatch.Filter) ([]dispatch.Order, error) {
	var n narrow
	n.when(f.Order != "", "(number = ? OR digits = ?)", f.Order, f.Order)
	n.when(f.Unit != "", `EXISTS (SELECT 1 FROM assignments AS a WHERE a.order_number = orders.number AND a.unit = ?
		AND a.ended IN ('', 'completed'))`, f.Unit)
	n.when(f.Phone != "", "phone = ?", f.Phone)
	n.when(f.State != "", "state = ?", string(f.State))
	n.when(f.Public, public+" AND withdrawn = 0 AND result <> ''")
	n.when(f.Open, "state NOT IN ('archived', 'transferred', 'out_of_scope')")
	// By name no confidential order is found: that would tell who informed (KF-3.1.5).
	n.search(f.Search, "number", "digits", "summary", "result", "name AND confidential = 0")
	by := "created_at"
	if f.Done {
		by = "completed_at"
		n.when(true, "completed_at > 0")
	}
	return listed(s.reader(ctx), orders, n, page{f, by})
}

// public is the condition of the index of answers that are for everybody (ZZ-25).
const public = "reply_mode IN ('public', 'both') AND confidential = 0 AND completed_at > 0"

// Unconfirmed is dispatch.Reader.
func (s *Store) Unconfirmed(ctx context.Context, from, to time.Time) ([]dispatch.Order, error) {
	return many(s.reader(ctx), orders, `WHERE urgent = 1 AND state = 'registered' AND (channel = 'voicemail' OR type = 'emergency')
		AND created_at >= ? AND created_at < ? AND NOT EXISTS
		(SELECT 1 FROM events WHERE events.order_number = orders.number AND events.kind IN (?, ?))
		ORDER BY created_at, number LIMIT ?`, micros(from), micros(to), dispatch.OnConfirmed, dispatch.OnUnconfirmed, maxLimit)
}

// UnconfirmedMajor is dispatch.Reader.
func (s *Store) UnconfirmedMajor(ctx context.Context, from, to time.Time) ([]dispatch.Order, error) {
	return many(s.reader(ctx), orders, `WHERE number IN (SELECT order_number FROM events WHERE kind = 'major' AND at >= ? AND at < ?)
		AND NOT EXISTS (SELECT 1 FROM events AS ended JOIN events AS marked ON marked.order_number = ended.order_number
			WHERE ended.order_number = orders.number AND ended.kind IN (?, ?) AND marked.kind = 'major' AND ended.seq > marked.seq)
		ORDER BY created_at, number LIMIT ?`, micros(from), micros(to), dispatch.OnConfirmed, dispatch.OnUnconfirmed, maxLimit)
}

// OrderBy is dispatch.Reader.
func (s *Store) OrderBy(ctx context.Context, number string) (dispatch.Order, error) {
	o, err := one(s.reader(ctx), orders, "WHERE number = ? OR digits = ?", number, number)
	return found(o, err, "order", number)
}

// Events is dispatch.Reader.
func (s *Store) Events(ctx context.Context, number string) ([]dispatch.Event, error) {
	return many(s.reader(ctx), events, "WHERE order_number = ? ORDER BY seq", number)
}

// Calls is dispatch.Reader. Open has no meaning for calls.
func (s *Store) Calls(ctx context.Context, f dispatch.Filter) ([]dispatch.Call, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ? AND order_number <> ''", f.Order) // as its index is
	n.when(f.Phone != "", "from_number = ?", f.Phone)
	n.when(f.Open, "ended_at = 0")
	n.search(f.Search, "order_number", "outcome", "detail")
	return listed(s.reader(ctx), calls, n, page{f, "started_at"})
}

// CallBy is dispatch.Reader.
func (s *Store) CallBy(ctx context.Context, id string) (dispatch.Call, error) {
	c, err := one(s.reader(ctx), calls, "WHERE id = ?", id)
	return found(c, err, "call", id)
}

// Voicemails is dispatch.Reader.
func (s *Store) Voicemails(ctx context.Context, f dispatch.Filter) ([]dispatch.Voicemail, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ?", f.Order)
	n.when(f.Phone != "", "phone = ?", f.Phone)
	n.when(f.Open, "heard_at = 0")
	n.search(f.Search, "order_number", "reason")
	return listed(s.reader(ctx), voicemails, n, page{f, "at"})
}

// VoicemailBy is dispatch.Reader.
func (s *Store) VoicemailBy(ctx context.Context, id string) (dispatch.Voicemail, error) {
	v, err := one(s.reader(ctx), voicemails, "WHERE id = ?", id)
	return found(v, err, "voicemail", id)
}

// OldRecordings is dispatch.Reader.
func (s *Store) OldRecordings(ctx context.Context, before time.Time, after dispatch.Voicemail, limit int) ([]dispatch.Voicemail, error) {
	return many(s.reader(ctx), voicemails, `WHERE at < ? AND file <> '' AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`,
		micros(before), micros(after.At), after.ID, limit)
}

// Surveys is dispatch.Reader.
func (s *Store) Surveys(ctx context.Context, f dispatch.Filter) ([]dispatch.Survey, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ?", f.Order)
	n.when(f.Phone != "", "phone = ?", f.Phone)
	n.when(f.Open, "outcome = ''")
	n.search(f.Search, "order_number")
	return listed(s.reader(ctx), surveys, n, page{f, "created_at"})
}

// OpenSurveys is dispatch.Reader.
func (s *Store) OpenSurveys(ctx context.Context, after dispatch.Survey, limit int) ([]dispatch.Survey, error) {
	return many(s.reader(ctx), surveys, `WHERE outcome = '' AND opened_at > 0 AND deadline > 0 AND (deadline, id) > (?, ?)
		ORDER BY deadline, id LIMIT ?`, micros(after.Deadline), after.ID, limit)
}

// AreOpen is dispatch.Reader.
func (s *Store) AreOpen(ctx context.Context, ids []string) (open []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err = s.reader(ctx).rows(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		open = append(open, id)
		return err
	}, "SELECT id FROM surveys WHERE outcome = '' AND opened_at > 0 AND id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", args...)
	return open, err
}

// DueSurveys is dispatch.Reader.
func (s *Store) DueSurveys(ctx context.Context, before time.Time, limit int) ([]dispatch.Survey, error) {
	return many(s.reader(ctx), surveys, "WHERE outcome = '' AND deadline > 0 AND deadline < ? ORDER BY deadline LIMIT ?", micros(before), limit)
}

// SilentSurveys is dispatch.Reader.
func (s *Store) SilentSurveys(ctx context.Context, sentBefore time.Time, limit int) ([]dispatch.Survey, error) {
	return many(s.reader(ctx), surveys, s.dialect.by("surveys_open")+`WHERE outcome = '' AND opened_at = 0 AND EXISTS
		(SELECT 1 FROM texts WHERE texts.id = surveys.message_id AND status = 'sent' AND sent_at < ?) ORDER BY created_at LIMIT ?`, micros(sentBefore), limit)
}

// SurveyBy is dispatch.Reader.
func (s *Store) SurveyBy(ctx context.Context, id string) (dispatch.Survey, error) {
	v, err := one(s.reader(ctx), surveys, "WHERE id = ?", id)
	return found(v, err, "survey", id)
}

// Callbacks is dispatch.Reader.
func (s *Store) Callbacks(ctx context.Context, f dispatch.Filter) ([]dispatch.Callback, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ?", f.Order)
	n.when(f.Phone != "", "phone = ?", f.Phone)
	n.when(f.Open, "done_at = 0")
	n.search(f.Search, "order_number", "reason")
	return listed(s.reader(ctx), callbacks, n, page{f, "opened_at"})
}

// Messages is dispatch.Reader. Order narrows to the texts about an order and about its
// surveys; Open to those whose end is not known.
func (s *Store) Messages(ctx context.Context, f dispatch.Filter) ([]sms.Message, error) {
	var n narrow
	n.when(f.Order != "", "(ref = ? OR ref IN (SELECT id FROM surveys WHERE order_number = ?))", f.Order, f.Order)
	n.when(f.Phone != "", "to_number = ?", f.Phone)
	n.when(f.State != "", "status = ?", string(f.State))
	n.when(f.Kind != "", "kind = ?", string(f.Kind))
	n.when(f.Open, "status IN ('queued', 'sent')")
	n.search(f.Search, "body", "ref")
	return listed(s.reader(ctx), texts, n, page{f, "created_at"})
}

// Inbounds is dispatch.Reader. Open narrows to texts nobody has handled.
func (s *Store) Inbounds(ctx context.Context, f dispatch.Filter) ([]sms.Inbound, error) {
	var n narrow
	n.when(f.Phone != "", "from_number = ?", f.Phone)
	n.when(f.Open, "handled_as = ''")
	n.search(f.Search, "body")
	return listed(s.reader(ctx), inbound, n, page{f, "received_at"})
}
