package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"hotline/cmd/gauge"
	"hotline/cmd/rig"
)

// runner is Hotline's gateway.
type runner struct {
	*child
	url string
	db  *gauge.Postgres // nil for SQLite
}

func readySQLite(ctx context.Context, b *stand, s setup) (racer, error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	return readyGateway(ctx, b, s, &runner{url: filepath.Join(dir, "hotline.db")})
}

func readyPostgres(ctx context.Context, b *stand, s setup) (racer, error) {
	db, err := b.postgres(ctx)
	if err != nil {
		return nil, err
	}
	url, err := db.Fresh(ctx, b.name())
	if err != nil {
		return nil, err
	}
	return readyGateway(ctx, b, s, &runner{url: url, db: db})
}

func readyGateway(ctx context.Context, b *stand, s setup, r *runner) (_ racer, err error) {
	if err := fill(ctx, r.url, s.Texts); err != nil {
		return nil, err
	}
	name := strings.Fields(map[bool]string{true: nameSQLite, false: namePostgres}[r.db == nil])[1]
	task := gatewayTask{DB: r.url, Proto: s.Proto, Addr: rig.Local(s.ports.SMPP), Connections: s.Links,
		Profile: b.o.profileOf(fmt.Sprintf("%s-%s-%d-%s", name, s.Proto, s.Links, s.Latency), s.Round)}
	if r.child, err = startRole("gateway", task, filepath.Join(b.dir, "gateway.log")); err != nil {
		return nil, err
	}
	var word string
	if err := r.hear(ctx, &word); err != nil {
		return nil, errors.Join(err, r.end())
	}
	return r, nil
}

func (r *runner) start() error { return r.say("go") }

func (r *runner) cpu() (all, db time.Duration) {
	if r.db != nil {
		db = r.db.CPU()
	}
	return gauge.CPUTime(r.Pid()) + db, db
}

func (r *runner) stop(ctx context.Context) (left int, err error) {
	if err := r.end(); err != nil {
		return 0, err
	}
	return count(ctx, r.url, "SELECT COUNT(*) FROM texts WHERE status <> 'delivered'")
}

// count asks a database of ours for a number.
func count(ctx context.Context, url, statement string) (n int, err error) {
	db, err := openSQL(url)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, statement).Scan(&n)
	return n, err
}

// openSQL opens a database of ours past the store, which has nothing to count with.
func openSQL(url string) (*sql.DB, error) {
	if strings.HasPrefix(url, "postgres:") {
		return sql.Open("pgx", url)
	}
	return sql.Open("sqlite", "file:"+url+"?_pragma=busy_timeout(10000)")
}

// spooler is Kannel in a round.
type spooler struct {
	*kannel
	dir string
}

func readyKannel(ctx context.Context, b *stand, s setup) (racer, error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	k, err := startKannel(ctx, b.o.Repo, kannelSite{Dir: dir, SMPP: s.ports.SMPP, Admin: s.ports.ARI, Box: s.ports.Redis, HTTP: s.ports.HTTP})
	if err != nil {
		return nil, err
	}
	if err := k.give(ctx, s.Texts, true); err != nil {
		k.stop()
		return nil, err
	}
	return &spooler{k, dir}, nil
}

func (k *spooler) start() error { return nil }

func (k *spooler) cpu() (all, db time.Duration) { return k.kannel.cpu(), 0 }

func (k *spooler) stop(context.Context) (left int, err error) {
	k.kannel.stop()
	return spooled(k.dir), nil
}
