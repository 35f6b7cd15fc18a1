package sqlstore

import (
	"context"
	"fmt"

	"hotline/dispatch"
)

var audits = table[dispatch.Audit]{"audit", columns("id at actor act subject words rule seq hash"),
	func(a *dispatch.Audit) []any {
		return []any{&a.ID, (*stamp)(&a.At), &a.Actor, &a.Act, &a.Subject, &a.Text, &a.Rule, &a.Seq, &a.Hash}
	}}

// unchained is the head's place until chainOld ran.
const unchained = -1

// InsertAudit is dispatch.TextTx.
func (t *tx) InsertAudit(a dispatch.Audit) error {
	t.audited = append(t.audited, a)
	return nil
}

// seal writes the audit's entries of a transaction as the last thing before its commit. The
// head's row is held from here to there: one unbroken chain needs one writer at a time, and
// so it is held for a commit, not for what the transaction did before. Since nothing is
// asked for afterwards, nobody who holds it waits for others.
func (t *tx) seal() error {
	if len(t.audited) == 0 {
		return nil
	}
	head, err := t.holdHead()
	if err != nil {
		return err
	}
	for _, a := range t.audited {
		for _, s := range []*string{&a.ID, &a.Actor, &a.Act, &a.Subject, &a.Text, &a.Rule} {
			if odd(*s) {
				*s = clean(*s) // as it will be read: the hash is over that
			}
		}
		a.Seal(head.Seq+1, head.Hash)
		if _, err := t.exec(audits.insertSQL(""), audits.fields(&a)...); err != nil {
			return err
		}
		head = dispatch.AuditHead{Seq: a.Seq, Hash: a.Hash}
	}
	return t.saveHead(head)
}

func (t *tx) holdHead() (dispatch.AuditHead, error) {
	var head dispatch.AuditHead
	err := t.row([]any{&head.Seq, &head.Hash}, "SELECT seq, hash FROM audit_head"+t.dialect.hold)
	if err != nil {
		err = fmt.Errorf("hold the end of the audit: %w", err)
	}
	return head, err
}

func (t *tx) saveHead(head dispatch.AuditHead) error {
	_, err := t.exec("UPDATE audit_head SET seq = ?, hash = ?", head.Seq, head.Hash)
	return err
}

// chainOld chains, once, the entries from before there was a chain. The migration has
// numbered them; SQLite has no SHA-256.
func (t *tx) chainOld() error {
	head, err := t.holdHead()
	if err != nil || head.Seq != unchained {
		return err
	}
	head = dispatch.AuditHead{}
	for {
		old, err := many(t.conn, audits, "WHERE seq > ? ORDER BY seq LIMIT ?", head.Seq, maxLimit)
		if err != nil {
			return err
		}
		for _, a := range old {
			a.Seal(head.Seq+1, head.Hash)
			if _, err := t.exec("UPDATE audit SET hash = ? WHERE id = ?", a.Hash, a.ID); err != nil {
				return err
			}
			head = dispatch.AuditHead{Seq: a.Seq, Hash: a.Hash}
		}
		if len(old) == 0 {
			return t.saveHead(head)
		}
	}
}

// Audits is dispatch.Reader.
func (s *Store) Audits(ctx context.Context, subject string) ([]dispatch.Audit, error) {
	return many(s.reader(ctx), audits, "WHERE subject = ? ORDER BY seq LIMIT ?", subject, maxLimit)
}

// AuditLog is dispatch.AuditReader.
func (s *Store) AuditLog(ctx context.Context, f dispatch.Filter) ([]dispatch.Audit, error) {
	var n narrow
	n.when(f.Order != "", "subject = ?", f.Order)
	n.when(f.Actor != "", "actor = ?", f.Actor)
	n.when(f.Act != "", "act = ?", f.Act)
	return listed(s.reader(ctx), audits, n, page{f, "at"})
}

// AuditChain is dispatch.AuditReader.
func (s *Store) AuditChain(ctx context.Context, seq int64, limit int) ([]dispatch.Audit, error) {
	return many(s.reader(ctx), audits, "WHERE seq > ? ORDER BY seq LIMIT ?", seq, min(limit, maxLimit))
}

// AuditHead is dispatch.AuditReader.
func (s *Store) AuditHead(ctx context.Context) (dispatch.AuditHead, error) {
	var head dispatch.AuditHead
	err := s.reader(ctx).row([]any{&head.Seq, &head.Hash}, "SELECT seq, hash FROM audit_head")
	return head, err
}
