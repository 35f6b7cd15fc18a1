package sqlstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. Several processes may start at once on one
// database; a lock lets one of them do it.
func (s *Store) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("find migrations: %w", err)
	}
	unlock, err := s.lockSchema(ctx)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(s.dialect.goose, s.write, dir)
	if err == nil {
		_, err = p.Up(ctx)
	}
	if err = errors.Join(err, unlock()); err != nil {
		return fmt.Errorf("migrate %s: %w", s.dialect.name, err)
	}
	return nil
}

// schemaLock is our number among PostgreSQL's advisory locks.
const schemaLock = 20061031

func (s *Store) lockSchema(ctx context.Context) (unlock func() error, err error) {
	if s.dialect.name != postgres.name {
		return lockFolder(filepath.Dir(s.file))
	}
	c, err := s.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.dialect.name, err)
	}
	if _, err := c.ExecContext(ctx, "SELECT pg_advisory_lock($1)", schemaLock); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the schema: %w", err), c.Close())
	}
	return func() error {
		_, err := c.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", schemaLock)
		return errors.Join(err, c.Close())
	}, nil
}

// lockFolder holds the folder of an SQLite file. SQLite's own locks are no use here:
// each migration is a transaction of its own, begun by what must be locked out.
func lockFolder(dir string) (unlock func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("lock the schema: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the schema: %w", err), f.Close())
	}
	return f.Close, nil // which ends the lock
}
