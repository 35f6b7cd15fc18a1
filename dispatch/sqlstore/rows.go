package sqlstore

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/sms"
)

// table ties a struct to its table: the same list of fields is read into and written
// from, in the order of the columns. The first column is the key.
type table[T any] struct {
	name    string
	columns []string
	fields  func(*T) []any
}

func columns(s string) []string { return strings.Fields(s) }

func (t table[T]) selectSQL(rest string) string {
	return "SELECT " + strings.Join(t.columns, ", ") + " FROM " + t.name + " " + rest
}

func (t table[T]) insertSQL(rest string) string {
	marks := strings.Repeat(", ?", len(t.columns))[2:]
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES (" + marks + ") " + rest
}

// updateSQL sets every column but the key.
func (t table[T]) updateSQL(where string) string {
	return "UPDATE " + t.name + " SET " + strings.Join(t.columns[1:], " = ?, ") + " = ? WHERE " + t.columns[0] + " = ?" + where
}

// replaceSQL inserts a row, or sets every column of the one that has the key where that
// satisfies a condition; the new row is called excluded.
func (t table[T]) replaceSQL(where string) string {
	set := make([]string, len(t.columns)-1)
	for i, c := range t.columns[1:] {
		set[i] = c + " = excluded." + c
	}
	return t.insertSQL("ON CONFLICT (" + t.columns[0] + ") DO UPDATE SET " + strings.Join(set, ", ") + " WHERE " + where)
}

// updateArgs are the arguments of updateSQL.
func (t table[T]) updateArgs(v *T, more ...any) []any {
	f := t.fields(v)
	return append(append(append([]any{}, f[1:]...), f[0]), more...)
}

// one reads one row, or fails with errNoRow.
func one[T any](c conn, t table[T], rest string, args ...any) (T, error) {
	var v T
	err := c.row(t.fields(&v), t.selectSQL(rest), args...)
	return v, err
}

// many reads all rows.
func many[T any](c conn, t table[T], rest string, args ...any) ([]T, error) {
	return scanAll(c, t, t.selectSQL(rest), args...)
}

func scanAll[T any](c conn, t table[T], statement string, args ...any) ([]T, error) {
	list := []T{}
	err := c.rows(func(scan func(...any) error) error {
		var v T
		if err := scan(t.fields(&v)...); err != nil {
			return err
		}
		list = append(list, v)
		return nil
	}, statement, args...)
	return list, err
}

// stamp is a time as microseconds since 1970; the zero time is 0.
type stamp time.Time

// Value is driver.Valuer.
func (s *stamp) Value() (driver.Value, error) { return micros(time.Time(*s)), nil }

// Scan is sql.Scanner.
func (s *stamp) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time stored as %T", v)
	}
	*s = stamp{}
	if n != 0 {
		*s = stamp(time.UnixMicro(n).UTC())
	}
	return nil
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// flag is a truth as 0 or 1.
type flag bool

// Value is driver.Valuer.
func (f *flag) Value() (driver.Value, error) {
	if *f {
		return int64(1), nil
	}
	return int64(0), nil
}

// Scan is sql.Scanner.
func (f *flag) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a truth stored as %T", v)
	}
	*f = n != 0
	return nil
}

// length is a span as it is written, 2wd.
type length calendar.Span

// Value is driver.Valuer.
func (l *length) Value() (driver.Value, error) { return calendar.Span(*l).String(), nil }

// Scan is sql.Scanner.
func (l *length) Scan(v any) (err error) {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a span stored as %T", v)
	}
	var span calendar.Span
	if s != "" {
		span, err = calendar.ParseSpan(s)
	}
	*l = length(span)
	return err
}

// derived is a column that follows from the others: written, and not read.
type derived func() int64

// Value is driver.Valuer.
func (d derived) Value() (driver.Value, error) { return d(), nil }

// Scan is sql.Scanner.
func (derived) Scan(any) error { return nil }

// dueAt is when a claim may have a text that none holds.
func dueAt(m *sms.Message) int64 { return max(micros(m.NotBefore), micros(m.NextTry)) }

// lapse reads of a text that a claim may have whether another had it before.
type lapse bool

// Scan is sql.Scanner.
func (l *lapse) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time stored as %T", v)
	}
	*l = n != 0
	return nil
}

// list is anything small kept as JSON; nothing is kept as an empty text.
type list[T any] struct{ to *[]T }

// Value is driver.Valuer.
func (l list[T]) Value() (driver.Value, error) {
	if len(*l.to) == 0 {
		return "", nil
	}
	b, err := json.Marshal(*l.to)
	return string(b), err
}

// Scan is sql.Scanner.
func (l list[T]) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a list stored as %T", v)
	}
	*l.to = nil
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), l.to)
}

// The tables.
var (
	orders = table[dispatch.Order]{"orders", columns(`number digits pin type channel state phone name summary result urgent
		confidential call_id language due_at provisional due_rule due_from due_span outcome rating redos redone_at exception
		unit source owner enterprise tier points parent repeats no_reply withdrawn supervised returns rounds contacted_at submitted_at
		category upper_number upper_due reply_mode
		created_at completed_at archived_at version look_at`),
		func(o *dispatch.Order) []any {
			return []any{&o.Number, &o.Digits, &o.PIN, (*string)(&o.Type), (*string)(&o.Channel), (*string)(&o.State),
				&o.Phone, &o.Name, &o.Summary, &o.Result, (*flag)(&o.Urgent), (*flag)(&o.Confidential), &o.CallID, &o.Language,
				(*stamp)(&o.Due.At), (*flag)(&o.Due.Provisional), &o.Due.Rule, (*stamp)(&o.Due.From), (*length)(&o.Due.Span), (*string)(&o.Outcome), &o.Rating, &o.Redos, (*stamp)(&o.RedoneAt), &o.Exception,
				&o.Unit, &o.Source, &o.Owner, (*flag)(&o.Enterprise), &o.Tier, &o.Points, &o.Parent, &o.Repeats, &o.NoReply, (*flag)(&o.Withdrawn),
				(*flag)(&o.Supervised), &o.Returns, &o.Rounds, (*stamp)(&o.ContactedAt), (*stamp)(&o.SubmittedAt),
				&o.Category, &o.Upper, (*stamp)(&o.UpperDue), &o.ReplyMode,
				(*stamp)(&o.CreatedAt), (*stamp)(&o.CompletedAt), (*stamp)(&o.ArchivedAt), &o.Version,
				derived(func() int64 { return 0 })} // what changed is looked at again
		}}
	events = table[dispatch.Event]{"events", columns("order_number seq at actor kind rule words"),
		func(e *dispatch.Event) []any {
			return []any{&e.Number, &e.Seq, (*stamp)(&e.At), &e.Actor, &e.Kind, &e.Rule, &e.Text}
		}}
	callbacks = table[dispatch.Callback]{"callbacks", columns(`id order_number attempt phone rating voice opened_at attempts days
		tried_at next_at due_at claimed_by claimed_until reason done_at done_by`),
		func(c *dispatch.Callback) []any {
			return []any{&c.ID, &c.Order, &c.Attempt, &c.Phone, &c.Rating, (*flag)(&c.Voice), (*stamp)(&c.OpenedAt), &c.Attempts, &c.Days, (*stamp)(&c.TriedAt),
				(*stamp)(&c.NextAt), (*stamp)(&c.DueAt), &c.ClaimedBy, (*stamp)(&c.ClaimedUntil), &c.Reason, (*stamp)(&c.DoneAt), &c.DoneBy}
		}}
	redos = table[dispatch.Redo]{"redos", columns(`id order_number attempt rule actor reason at result completed_at due_at outcome
		rating exception`),
		func(r *dispatch.Redo) []any {
			return []any{&r.ID, &r.Order, &r.Attempt, &r.Rule, &r.Actor, &r.Reason, (*stamp)(&r.At), &r.Result, (*stamp)(&r.CompletedAt),
				(*stamp)(&r.DueAt), (*string)(&r.Outcome), &r.Rating, &r.Exception}
		}}
	reviews = table[dispatch.Review]{"reviews", columns(`id order_number attempt kind rule rating fact reason evidence asked_by asked_at
		approved opinion decided_by decided_at unit basis suggestion signed due_at code`),
		func(r *dispatch.Review) []any {
			return []any{&r.ID, &r.Order, &r.Attempt, (*string)(&r.Kind), &r.Rule, &r.Rating, &r.Fact, &r.Reason, &r.Evidence, &r.AskedBy,
				(*stamp)(&r.AskedAt), (*flag)(&r.Approved), &r.Opinion, &r.DecidedBy, (*stamp)(&r.DecidedAt),
				&r.Unit, &r.Basis, &r.Suggestion, (*flag)(&r.Signed), (*stamp)(&r.Due), &r.Code}
		}}
	voicemails = table[dispatch.Voicemail]{"voicemails", columns("id call_id order_number phone file duration urgent reason at heard_at heard_by"),
		func(v *dispatch.Voicemail) []any {
			return []any{&v.ID, &v.CallID, &v.Order, &v.Phone, &v.File, (*int64)(&v.Duration), (*flag)(&v.Urgent), &v.Reason,
				(*stamp)(&v.At), (*stamp)(&v.HeardAt), &v.HeardBy}
		}}
	surveys = table[dispatch.Survey]{"surveys", columns(`id order_number attempt phone slot message_id resent outcome rating original invalid
		opened_at deadline settled_at created_at version`),
		func(s *dispatch.Survey) []any {
			return []any{&s.ID, &s.Order, &s.Attempt, &s.Phone, &s.Slot, &s.MessageID, (*flag)(&s.Resent), (*string)(&s.Outcome), &s.Rating, &s.Original, &s.Invalid,
				(*stamp)(&s.OpenedAt), (*stamp)(&s.Deadline), (*stamp)(&s.SettledAt), (*stamp)(&s.CreatedAt), &s.Version}
		}}
	texts = table[sms.Message]{"texts", columns(`id text_key kind ref to_number ext body priority not_before valid_until created_at
		status attempts next_try link carrier_ids segments raw maybe_twice sent_at done_at avoid lane due_at`),
		func(m *sms.Message) []any {
			return []any{&m.ID, &m.Key, (*string)(&m.Kind), &m.Ref, &m.To, &m.Ext, &m.Text, &m.Priority, (*stamp)(&m.NotBefore),
				(*stamp)(&m.ValidUntil), (*stamp)(&m.CreatedAt), (*string)(&m.Status), &m.Attempts, (*stamp)(&m.NextTry), &m.Link,
				list[string]{&m.CarrierIDs}, &m.Segments, &m.Raw, (*flag)(&m.MaybeTwice), (*stamp)(&m.SentAt), (*stamp)(&m.DoneAt), &m.Avoid,
				derived(func() int64 { return int64(m.Lane()) }), derived(func() int64 { return dueAt(m) })}
		}}
	// claimed is a text with whether an earlier claim of it ran out.
	claimed = table[sms.Message]{texts.name, append(slices.Clone(texts.columns), "held_until"),
		func(m *sms.Message) []any { return append(texts.fields(m), (*lapse)(&m.Lapsed)) }}
	ported = table[sms.Learnt]{"ported", columns("phone link not_link at"),
		func(l *sms.Learnt) []any { return []any{&l.Phone, &l.Link, &l.Not, (*stamp)(&l.At)} }}
	kept = table[sms.Kept]{"kept_receipts", columns("link carrier_id text_id phone status raw done_at at"),
		func(k *sms.Kept) []any {
			return []any{&k.Link, &k.CarrierID, &k.TextID, &k.Phone, (*string)(&k.Status), &k.Raw, (*stamp)(&k.DoneAt), (*stamp)(&k.At)}
		}}
	inbound = table[sms.Inbound]{"inbound", columns("id text_key link from_number to_number ext body event_at received_at handled_as"),
		func(in *sms.Inbound) []any {
			return []any{&in.ID, &in.Key, &in.Link, &in.From, &in.To, &in.Ext, &in.Text, (*stamp)(&in.EventAt), (*stamp)(&in.ReceivedAt), &in.HandledAs}
		}}
	calls = table[dispatch.Call]{"calls", columns(`id channel from_number to_number class outcome detail order_number emergency missed
		started_at answered_at ended_at hangup steps fence`),
		func(c *dispatch.Call) []any {
			return []any{&c.ID, &c.Channel, &c.From, &c.To, (*string)(&c.Class), &c.Outcome, &c.Detail, &c.Order, (*flag)(&c.Emergency),
				(*flag)(&c.Missed), (*stamp)(&c.StartedAt), (*stamp)(&c.AnsweredAt), (*stamp)(&c.EndedAt), &c.Hangup,
				steps{&c.Steps}, &c.Fence}
		}}
)
