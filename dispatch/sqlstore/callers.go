package sqlstore

import (
	"context"
	"time"

	"hotline/dispatch"
)

var callerRules = table[dispatch.CallerRule]{"caller_rules",
	columns("id number prefix allow reason made_by created_at until lifted_at lifted_by"),
	func(r *dispatch.CallerRule) []any {
		return []any{&r.ID, &r.Number, (*flag)(&r.Prefix), (*flag)(&r.Allow), &r.Reason, &r.By, (*stamp)(&r.CreatedAt),
			(*stamp)(&r.Until), (*stamp)(&r.LiftedAt), &r.LiftedBy}
	}}

// InsertCallerRule is dispatch.RuleTx.
func (t *tx) InsertCallerRule(r dispatch.CallerRule) error {
	_, err := t.exec(callerRules.insertSQL(""), callerRules.fields(&r)...)
	return err
}

// CallerRule is dispatch.RuleTx.
func (t *tx) CallerRule(id string) (dispatch.CallerRule, error) {
	r, err := one(t.conn, callerRules, "WHERE id = ?"+t.dialect.hold, id)
	return found(r, err, "caller rule", id)
}

// SaveCallerRule is dispatch.RuleTx.
func (t *tx) SaveCallerRule(r dispatch.CallerRule) error {
	n, err := t.exec(callerRules.updateSQL(""), callerRules.updateArgs(&r)...)
	return saved(n, err, dispatch.ErrNotFound, "caller rule "+r.ID)
}

// CallerRules is dispatch.Reader. Open leaves out those that were lifted, and those that
// were over at Until.
func (s *Store) CallerRules(ctx context.Context, f dispatch.Filter) ([]dispatch.CallerRule, error) {
	var n narrow
	n.when(f.Phone != "", "number = ?", f.Phone)
	n.when(f.Open, "lifted_at = 0 AND until > ?", micros(f.Until))
	n.search(f.Search, "reason")
	if f.Open {
		f.Until = time.Time{}
	}
	return listed(s.reader(ctx), callerRules, n, page{f, "created_at"})
}
