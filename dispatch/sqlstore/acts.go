package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/dispatch"
)

// Watch is dispatch.ClockTx. What belongs to its orders is read for all of them at once.
func (t *tx) Watch(until time.Time, limit int, number string) ([]dispatch.Watched, error) {
	n, by := narrow{parts: []string{working}}, t.dialect.by("orders_look")
	switch {
	case number != "":
		by = ""
		n.when(true, "number = ?", number)
	case until.IsZero():
		n.when(true, "look_at <= 0") // of one moment alone PostgreSQL would go through all orders by number
	default:
		n.when(true, "look_at > 0 AND look_at <= ?", micros(until))
	}
	return t.watch(by+n.where()+"ORDER BY look_at, number LIMIT ?"+t.dialect.skip, append(n.args, limit)...)
}

// WatchAll is dispatch.ClockTx.
func (t *tx) WatchAll(last dispatch.Look, limit int) ([]dispatch.Watched, error) {
	n := narrow{parts: []string{working}}
	n.when(true, "(look_at, number) > (?, ?)", max(1, micros(last.At)), last.Number)
	return t.watch(t.dialect.by("orders_look")+n.where()+"ORDER BY look_at, number LIMIT ?", append(n.args, limit)...)
}

// watch reads orders and what belongs to them.
func (t *tx) watch(rest string, args ...any) ([]dispatch.Watched, error) {
	all, err := many(t.conn, watched, rest, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	at, numbers := map[string]*dispatch.Watched{}, make([]string, len(all))
	for i := range all {
		numbers[i] = all[i].Number
		at[all[i].Number] = &all[i]
	}
	these := list[string]{&numbers}
	open, err := many(t.conn, assignments, "WHERE ended_at = 0 AND order_number IN ("+t.dialect.each+") ORDER BY dispatched_at, id", these)
	if err != nil {
		return nil, err
	}
	for _, a := range open {
		at[a.Order].Assignments = append(at[a.Order].Assignments, a)
	}
	done, err := many(t.conn, acts, "WHERE order_number IN ("+t.dialect.each+") ORDER BY at, id", these)
	if err != nil {
		return nil, err
	}
	for _, a := range done {
		at[a.Order].Acts = append(at[a.Order].Acts, a)
	}
	asked, err := many(t.conn, reviews, "WHERE decided_at = 0 AND order_number IN ("+t.dialect.each+") ORDER BY asked_at, id", these)
	for _, r := range asked {
		at[r.Order].Reviews = append(at[r.Order].Reviews, r)
	}
	return all, err
}

// LookAgain is dispatch.ClockTx.
func (t *tx) LookAgain(looks []dispatch.Look) error {
	for some := range slices.Chunk(looks, mostRows) {
		rows := make([][]any, len(some))
		for i, l := range some {
			rows[i] = []any{l.Number, micros(l.At)}
		}
		if _, err := lookAgain.exec(t.conn, rows); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain is the statement of LookAgain.
var lookAgain = bulk{before: "UPDATE orders SET look_at = v.column2 FROM (VALUES ", row: "(CAST(? AS TEXT), CAST(? AS BIGINT))",
	after: ") AS v WHERE orders.number = v.column1", none: []any{"", 0}}

// touch has an order looked at at once: something that belongs to it changed.
func (t *tx) touch(number string) error {
	_, err := t.exec("UPDATE orders SET look_at = 0 WHERE number = ? AND look_at <> 0", number)
	return err
}

// InsertAct is dispatch.ClockTx.
func (t *tx) InsertAct(a dispatch.Act) (fresh bool, err error) {
	n, err := t.exec(acts.insertSQL("ON CONFLICT DO NOTHING"), acts.fields(&a)...)
	return n == 1, err
}

// Act is dispatch.ClockTx.
func (t *tx) Act(id string) (dispatch.Act, error) {
	a, err := one(t.conn, acts, "WHERE id = ?"+t.dialect.hold, id)
	return found(a, err, "act", id)
}

// SaveAct is dispatch.ClockTx.
func (t *tx) SaveAct(a dispatch.Act) error {
	n, err := t.exec(acts.updateSQL(""), acts.updateArgs(&a)...)
	if err := saved(n, err, dispatch.ErrNotFound, "act "+a.ID); err != nil || a.Order == "" {
		return err
	}
	return t.touch(a.Order)
}

// ActsOf is dispatch.ClockTx.
func (t *tx) ActsOf(order string) ([]dispatch.Act, error) {
	return many(t.conn, acts, "WHERE order_number = ? ORDER BY at, id", order)
}

// HotlineActs is dispatch.ClockTx.
func (t *tx) HotlineActs(kind dispatch.ActKind, since time.Time) ([]dispatch.Act, error) {
	return many(t.conn, acts, "WHERE order_number = '' AND kind = ? AND about >= ? ORDER BY about, id", string(kind), micros(since))
}

// Mark is dispatch.ClockTx.
func (t *tx) Mark(name, word string, at time.Time) error {
	_, err := t.exec(`INSERT INTO marks (name, word, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET word = excluded.word,
		at = CASE WHEN excluded.at > marks.at THEN excluded.at ELSE marks.at END`, name, word, micros(at))
	return err
}

// Marked is dispatch.Reader.
func (s *Store) Marked(ctx context.Context, name string) (word string, at time.Time, err error) {
	err = s.reader(ctx).row([]any{&word, (*stamp)(&at)}, "SELECT word, at FROM marks WHERE name = ?", name)
	if errors.Is(err, errNoRow) {
		err = nil
	}
	return word, at, err
}

// NextLook is dispatch.Reader.
func (s *Store) NextLook(ctx context.Context) (at time.Time, err error) {
	var n int64
	err = s.reader(ctx).row([]any{&n}, "SELECT COALESCE(MIN(look_at), 0) FROM orders "+s.dialect.by("orders_look")+"WHERE look_at > 0 AND "+working)
	if err == nil && n > 0 {
		at = time.UnixMicro(n).UTC()
	}
	return at, err
}

// Acts is dispatch.Reader.
func (s *Store) Acts(ctx context.Context, f dispatch.ActFilter) ([]dispatch.Act, error) {
	var n narrow
	n.when(f.Order != "", "order_number = ?", f.Order)
	n.when(f.Unit != "", "unit = ?", f.Unit)
	n.when(f.Open, "answer_by > 0 AND answered_at = 0")
	n.when(!f.Since.IsZero(), "at >= ?", micros(f.Since))
	if len(f.Kinds) > 0 {
		kinds := make([]string, len(f.Kinds))
		for i, k := range f.Kinds {
			kinds[i] = string(k)
		}
		n.when(true, "kind IN ("+s.dialect.each+")", list[string]{&kinds})
	}
	list, err := many(s.reader(ctx), acts, n.where()+"ORDER BY at DESC, id DESC LIMIT ?", append(n.args, limited(f.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("acts: %w", err)
	}
	return list, nil
}

// Tally is dispatch.Reader.
func (s *Store) Tally(ctx context.Context, from, to time.Time) (t dispatch.Tally, err error) {
	a, b := micros(from), micros(to)
	for _, q := range []struct {
		into  *int
		query string
		args  []any
	}{
		{&t.Registered, "SELECT COUNT(*) FROM orders WHERE created_at >= ? AND created_at < ?", []any{a, b}},
		{&t.Completed, "SELECT COUNT(*) FROM orders WHERE completed_at >= ? AND completed_at < ?", []any{a, b}},
		{&t.Open, "SELECT COUNT(*) FROM orders WHERE " + working + " AND created_at < ?", []any{b}},
		{&t.Overdue, "SELECT COUNT(*) FROM orders WHERE " + working + " AND submitted_at = 0 AND due_at > 0 AND due_at < ?", []any{b}},
		{&t.Waiting, "SELECT COUNT(*) FROM reviews WHERE decided_at = 0 AND asked_at < ?", []any{b}},
		{&t.Late, "SELECT COUNT(*) FROM reviews WHERE decided_at = 0 AND asked_at < ?", []any{a}},
	} {
		if err = s.reader(ctx).row([]any{q.into}, q.query, q.args...); err != nil {
			return t, fmt.Errorf("tally: %w", err)
		}
	}
	return t, nil
}

// The tables of the clock's work.
var (
	acts = table[dispatch.Act]{"acts", columns(`id order_number attempt kind unit about step serial rule actor mode words due_at at
		answer_by answer answered_by answered_at`),
		func(a *dispatch.Act) []any {
			return []any{&a.ID, &a.Order, &a.Attempt, (*string)(&a.Kind), &a.Unit, (*stamp)(&a.About), &a.Step, &a.Serial, &a.Rule, &a.Actor,
				&a.Mode, &a.Words, (*stamp)(&a.DueAt), (*stamp)(&a.At), (*stamp)(&a.AnswerBy), &a.Answer, &a.AnsweredBy, (*stamp)(&a.AnsweredAt)}
		}}
	// watched is an order with its next look; that of orders is derived: every change of an
	// order has it looked at again.
	watched = table[dispatch.Watched]{orders.name, orders.columns,
		func(w *dispatch.Watched) []any {
			fields := orders.fields(&w.Order)
			for i, f := range fields {
				if _, ok := f.(derived); ok {
					fields[i] = (*stamp)(&w.LookAt)
				}
			}
			return fields
		}}
)
