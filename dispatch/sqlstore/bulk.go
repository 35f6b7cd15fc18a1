package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mostRows is how many rows one bulk statement speaks of.
const mostRows = 64

// bulk is a statement about several rows whose values it lists. There is one for each power
// of two, so that a database parses few; what is short of one is filled up with nones, which
// must touch nothing.
type bulk struct {
	before, row, after string
	none               []any       // the values of a row that is none
	parsed             []*sql.Stmt // by power of two; empty where the driver keeps them itself
}

// text is the statement for n rows.
func (b *bulk) text(n int) string {
	return b.before + strings.Repeat(", "+b.row, n)[2:] + b.after
}

// parse has a database parse all of them, for one whose driver would parse anew each time.
func (b *bulk) parse(ctx context.Context, db *sql.DB, d dialect) error {
	for n := 1; n <= mostRows; n *= 2 {
		st, err := db.PrepareContext(ctx, d.sql(b.text(n)))
		if err != nil {
			return fmt.Errorf("prepare %s: %w", verb(b.text(n)), err)
		}
		b.parsed = append(b.parsed, st)
	}
	return nil
}

// prepared is the statement for at most mostRows rows as a connection runs it, with the
// values of its rows, filled up.
func (b *bulk) prepared(c conn, rows [][]any) (st statement, args []any) {
	power := 0
	for 1<<power < len(rows) {
		power++
	}
	args = slices.Concat(rows...)
	for range 1<<power - len(rows) {
		args = append(args, b.none...)
	}
	st = statement{conn: c, text: b.text(1 << power)}
	if len(b.parsed) > 0 {
		st.parsed = b.parsed[power]
		if raw, ok := c.q.(*sql.Tx); ok {
			st.parsed = raw.StmtContext(c.ctx, st.parsed)
		}
	}
	return st, storable(args)
}

// statement is one that may have been parsed before.
type statement struct {
	conn
	text   string
	parsed *sql.Stmt // or nil
}

// exec runs it about rows and returns how many it touched.
func (b *bulk) exec(c conn, rows [][]any) (n int64, err error) {
	st, args := b.prepared(c, rows)
	var r sql.Result
	if st.parsed != nil {
		r, err = st.parsed.ExecContext(c.ctx, args...)
	} else {
		r, err = c.q.ExecContext(c.ctx, c.dialect.sql(st.text), args...)
	}
	if err == nil {
		n, err = r.RowsAffected()
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", verb(st.text), err)
	}
	return n, nil
}

// query runs it about rows and scans every row it gives.
func (b *bulk) query(c conn, rows [][]any, each func(scan func(...any) error) error) (err error) {
	st, args := b.prepared(c, rows)
	var found *sql.Rows
	if st.parsed != nil {
		found, err = st.parsed.QueryContext(c.ctx, args...)
	} else {
		found, err = c.q.QueryContext(c.ctx, c.dialect.sql(st.text), args...)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", verb(st.text), err)
	}
	defer found.Close()
	for err == nil && found.Next() {
		err = each(found.Scan)
	}
	if err = errors.Join(err, found.Err()); err != nil {
		return fmt.Errorf("%s: %w", verb(st.text), err)
	}
	return nil
}
