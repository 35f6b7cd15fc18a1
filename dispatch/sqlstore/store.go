// Package sqlstore keeps the record of a hotline in SQL: in one SQLite file by
// default, in PostgreSQL where one machine is not enough. It is the dispatch.Store,
// and the outbox and inbox of the SMS gateway, so that a text is written in the same
// transaction as the change that causes it (D6).
//
// Both databases have the same schema and the same statements; the differences are in
// the dialect. Times are stored as microseconds since 1970 in UTC, which sort. Every
// statement carries its values as parameters.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	_ "modernc.org/sqlite"             // the SQLite driver, pure Go

	"hotline/dispatch"
	"hotline/sms"
)

// Store is a database. It is safe for concurrent use, by several processes too.
type Store struct {
	file    string  // SQLite's
	write   *sql.DB // SQLite: one connection, because it has one writer
	read    *sql.DB
	dialect dialect
	// saveCall is parsed once: two records a call are most of what is written.
	saveCall *sql.Stmt
	learnt   atomic.Int64 // how often Learn ran
	ready    *ready       // for reading
	outbox   outbox
}

var (
	_ dispatch.Store = (*Store)(nil)
	_ sms.Outbox     = (*Store)(nil)
	_ sms.Inbox      = (*Store)(nil)
	_ sms.Teller     = (*Store)(nil)
	_ sms.Rememberer = (*Store)(nil)
	_ sms.Doubter    = (*Store)(nil)
	_ sms.Learner    = (*Store)(nil)
	_ sms.Counter    = (*Store)(nil)
)

// Open opens a database and brings its schema up to date. url is a PostgreSQL URL
// (postgres://...) or a path of an SQLite file, which is made if need be.
func Open(ctx context.Context, url string) (*Store, error) {
	open := openSQLite
	if isPostgres(url) {
		open = openPostgres
	}
	s, err := open(url)
	if err != nil {
		return nil, err
	}
	if err = s.migrate(ctx); err == nil {
		err = s.tx(ctx, (*tx).chainOld)
	}
	if err == nil {
		s.saveCall, err = s.write.PrepareContext(ctx, s.dialect.sql(calls.replaceSQL(callGoesOn)))
	}
	if err == nil {
		err = s.openOutbox(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// openSQLite opens one file twice: a single writer that takes the write lock as its
// transaction begins, so that two never deadlock, and readers that it does not hold
// up (WAL). A commit is on the disk when it returns: a text that the carrier was told
// we have must survive a power cut.
func openSQLite(path string) (*Store, error) {
	if err := private(path); err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	dsn := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	write, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(4)
	return &Store{file: path, write: write, read: read, dialect: sqlite, ready: &ready{db: read}}, nil
}

// private makes the file that nobody else may read: it holds every citizen's number
// (KF-3.1.5). SQLite gives the files beside it the same rights. A file that is there is
// not touched, since opening and closing it here would end SQLite's locks on it.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func openPostgres(url string) (*Store, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	db.SetMaxOpenConns(16)
	return &Store{write: db, read: db, dialect: postgres, ready: &ready{db: db}}, nil
}

// Close closes the database. Transactions under way fail.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return err
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.write.PingContext(ctx) }

// Version names the database and its version, for logs and status pages.
func (s *Store) Version(ctx context.Context) (string, error) {
	var v string
	if err := s.read.QueryRowContext(ctx, s.dialect.versionSQL).Scan(&v); err != nil {
		return "", fmt.Errorf("ask for the version: %w", err)
	}
	return s.dialect.name + " " + v, nil
}

// txTries is how often a transaction is run again that PostgreSQL ended in favour of
// another one.
const txTries = 5

// Tx is dispatch.Store: f's writes are committed together or not at all. A panic in f
// rolls back and goes on.
func (s *Store) Tx(ctx context.Context, f func(dispatch.Tx) error) error {
	return s.tx(ctx, func(t *tx) error { return f(t) })
}

func (s *Store) tx(ctx context.Context, f func(*tx) error) error {
	for try := 1; ; try++ {
		err := s.tryTx(ctx, f)
		if err == nil || try == txTries || !again(err) {
			return err
		}
	}
}

func (s *Store) tryTx(ctx context.Context, f func(*tx) error) error {
	raw, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer raw.Rollback() // after a commit it does nothing
	t := &tx{conn: conn{ctx, raw, s.dialect}, raw: raw, saveCall: s.saveCall, outbox: &s.outbox}
	if err := f(t); err != nil {
		return err
	}
	if err := t.seal(); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// again says whether PostgreSQL asks to run the transaction again: serialization
// failure or deadlock.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
