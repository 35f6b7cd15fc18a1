package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// ready runs statements that were parsed once, for what is asked about every text. Only
// constant statements may come here: each is kept.
type ready struct {
	db    *sql.DB
	known sync.Map // statement: *sql.Stmt
}

// quick asks by statements that are kept.
func (s *Store) quick(ctx context.Context) conn { return conn{ctx, s.ready, s.dialect} }

func (r *ready) stmt(ctx context.Context, statement string) (*sql.Stmt, error) {
	if st, ok := r.known.Load(statement); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := r.db.PrepareContext(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if kept, was := r.known.LoadOrStore(statement, st); was {
		_ = st.Close()
		return kept.(*sql.Stmt), nil
	}
	return st, nil
}

// ExecContext is querier.
func (r *ready) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	st, err := r.stmt(ctx, statement)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

// QueryContext is querier.
func (r *ready) QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	st, err := r.stmt(ctx, statement)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}
