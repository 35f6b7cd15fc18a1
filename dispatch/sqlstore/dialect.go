package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between the two databases.
type dialect struct {
	name       string
	goose      goose.Dialect
	versionSQL string
	numbered   bool   // placeholders are $1, $2 ... instead of ?
	hold       string // ends a SELECT that holds its row until the end of the transaction
	skip       string // the same, passing over rows that others hold
	each       string // the texts of a JSON list, as rows
}

// SQLite needs no locks on rows: whoever writes has locked everything.
var (
	sqlite = dialect{name: "SQLite", goose: goose.DialectSQLite3, versionSQL: "SELECT sqlite_version()",
		each: "SELECT value FROM json_each(?)"}
	postgres = dialect{
		name: "PostgreSQL", goose: goose.DialectPostgres, versionSQL: "SHOW server_version",
		numbered: true, hold: " FOR UPDATE", skip: " FOR UPDATE SKIP LOCKED",
		each: "SELECT json_array_elements_text(CAST(? AS json))",
	}
)

// sql writes a statement's placeholders the way the database wants them. Statements
// are constants of this package and hold no ? but placeholders.
func (d dialect) sql(statement string) string {
	if !d.numbered {
		return statement
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(statement, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		statement = after
	}
}

// by names the index that a query goes by, where the database has to be told: SQLite, which
// keeps no statistics, takes the states of open orders for few rows, reads all of these
// orders and sorts them, or all rows in the order that is asked for. PostgreSQL knows better.
func (d dialect) by(index string) string {
	if d.numbered {
		return ""
	}
	return "INDEXED BY " + index + " "
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// conn runs statements, for a transaction or for reading.
type conn struct {
	ctx     context.Context
	q       querier
	dialect dialect
}

// exec runs a statement and returns how many rows it touched.
func (c conn) exec(statement string, args ...any) (int64, error) {
	r, err := c.q.ExecContext(c.ctx, c.dialect.sql(statement), storable(args)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", verb(statement), err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", verb(statement), err)
	}
	return n, nil
}

// errNoRow says that a query for one row found none; callers say what that means.
var errNoRow = errors.New("no such row")

// row scans the first row of a query, or fails with errNoRow.
func (c conn) row(into []any, statement string, args ...any) error {
	found := false
	err := c.rows(func(scan func(...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(into...)
	}, statement, args...)
	if err == nil && !found {
		err = errNoRow
	}
	return err
}

// rows calls each for every row of a query.
func (c conn) rows(each func(scan func(...any) error) error, statement string, args ...any) error {
	rows, err := c.q.QueryContext(c.ctx, c.dialect.sql(statement), storable(args)...)
	if err != nil {
		return fmt.Errorf("%s: %w", verb(statement), err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", verb(statement), err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", verb(statement), err)
	}
	return nil
}

// verb is a statement's beginning, for error messages: SELECT orders, UPDATE texts.
func verb(statement string) string {
	words := strings.Fields(statement)
	for i, w := range words[:len(words)-1] {
		switch w {
		case "FROM", "INTO", "UPDATE":
			return words[0] + " " + words[i+1]
		}
	}
	return words[0]
}

// storable takes out of texts what PostgreSQL refuses to keep and to compare, on SQLite
// too so that both keep and find the same: NUL, and bytes that are no UTF-8. Names,
// numbers and ids come from phones, carriers and addresses of pages, and neither a
// record nor a question must fail for them.
func storable(args []any) []any {
	for i, a := range args {
		switch s := a.(type) {
		case *string:
			if odd(*s) {
				args[i] = clean(*s)
			}
		case string:
			if odd(s) {
				args[i] = clean(s)
			}
		}
	}
	return args
}

func odd(s string) bool { return strings.ContainsRune(s, 0) || !utf8.ValidString(s) }

func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
