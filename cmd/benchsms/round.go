package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hotline/cmd/gauge"
	"hotline/cmd/rig"
)

// cell is one contender in one round.
type cell struct {
	Contender string
	Links     int           // connections to the carrier
	Rate      float64       // texts a second
	CPU       time.Duration // per text, of all it needs
	DB        time.Duration // of that, its database server's
	Left      int           // texts that did not become what they should
}

// setup is what a round is about.
type setup struct {
	Proto    string
	Links    int // connections; SMPP has one
	Latency  time.Duration
	Texts    int
	Round    int
	Patience time.Duration

	ports rig.Ports // the carrier's is SMPP; the others are the contender's
}

// contender is one way to bring texts to a carrier.
type contender struct {
	Key   string // its flag
	Name  string
	ready func(ctx context.Context, b *stand, s setup) (racer, error)
}

// racer is a contender that has all texts of a round and waits for the carrier.
type racer interface {
	start() error
	cpu() (all, db time.Duration)
	// stop ends it and counts the texts that are not delivered by its own word.
	stop(ctx context.Context) (left int, err error)
}

// The contenders.
const (
	nameSQLite   = "Hotline, SQLite"
	namePostgres = "Hotline, PostgreSQL"
	nameKannel   = "Kannel 1.4.5, spool"
)

var contenders = []contender{
	{"sqlite", nameSQLite, readySQLite},
	{"postgres", namePostgres, readyPostgres},
	{"kannel", nameKannel, readyKannel},
}

// stand is everything that runs during a bench.
type stand struct {
	o        options
	dir      string
	db       *gauge.Postgres
	progress io.Writer
	heavy    chan struct{} // one per kill that keeps the machine busy

	mu     sync.Mutex
	rounds int
}

// openStand makes a folder and starts the database server.
func openStand(ctx context.Context, o options, progress io.Writer) (*stand, error) {
	// Not in /tmp, which may be memory: what is synced must reach a disk.
	dir, err := os.MkdirTemp(filepath.Join(o.Repo, ".cache"), "benchsms")
	if err != nil {
		return nil, err
	}
	return &stand{o: o, dir: dir, progress: progress, heavy: make(chan struct{}, killHeavy)}, nil
}

// postgres starts the server when it is first needed.
func (b *stand) postgres(ctx context.Context) (*gauge.Postgres, error) {
	if b.db != nil {
		return b.db, nil
	}
	ports, err := rig.FreePorts()
	if err != nil {
		return nil, err
	}
	b.db, err = gauge.StartPostgres(ctx, b.o.Repo, b.dir, ports.HTTP)
	return b.db, err
}

func (b *stand) close() {
	if b.db != nil {
		b.db.Stop(10*time.Second, nil)
	}
	os.RemoveAll(b.dir)
}

// name is a new one for a round.
func (b *stand) name() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rounds++
	return fmt.Sprint("round", b.rounds)
}

// folder is a new one for a round.
func (b *stand) folder() (string, error) {
	dir := filepath.Join(b.dir, b.name())
	return dir, os.Mkdir(dir, 0o755)
}

// round is one contender from the opening of the carrier's port to the last receipt.
func (b *stand) round(ctx context.Context, c contender, s setup) (_ cell, err error) {
	if s.ports, err = rig.FreePorts(); err != nil {
		return cell{}, err
	}
	racer, carrier, err := b.prepare(ctx, c, s)
	if err != nil {
		return cell{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	defer func() { err = errors.Join(err, carrier.end()) }()
	m := cell{Contender: c.Name, Links: s.Links}
	done, err := b.race(ctx, racer, carrier, s)
	all, db := done.all, done.db
	var failed error
	m.Left, failed = racer.stop(ctx)
	if err = errors.Join(err, failed); err != nil {
		return m, fmt.Errorf("%s: %w", c.Name, err)
	}
	if done.Once != s.Texts {
		return m, fmt.Errorf("%s: the carrier got %d different texts of %d", c.Name, done.Once, s.Texts)
	}
	m.Rate = float64(s.Texts) / done.Took.Seconds()
	m.CPU, m.DB = all/time.Duration(s.Texts), db/time.Duration(s.Texts)
	return m, nil
}

// prepare starts a carrier that does not listen yet, and fills the contender.
func (b *stand) prepare(ctx context.Context, c contender, s setup) (racer, *child, error) {
	task := carrierTask{Proto: s.Proto, Addr: rig.Local(s.ports.SMPP), Texts: s.Texts, Latency: s.Latency, Receipts: true}
	carrier, err := startRole("carrier", task, filepath.Join(b.dir, "carrier.log"))
	if err != nil {
		return nil, nil, err
	}
	var word string
	if err = carrier.hear(ctx, &word); err == nil {
		var r racer
		if r, err = c.ready(ctx, b, s); err == nil {
			return r, carrier, nil
		}
	}
	return nil, nil, errors.Join(err, carrier.end())
}

// raced is a carrier's account and the contender's CPU time.
type raced struct {
	finished
	all, db time.Duration
}

func (b *stand) race(ctx context.Context, r racer, carrier *child, s setup) (done raced, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.Patience, errShort)
	defer cancel()
	all, db := r.cpu()
	if err := carrier.say("go"); err != nil {
		return done, err
	}
	var open string
	if err := carrier.hear(ctx, &open); err != nil {
		return done, err
	}
	if err := r.start(); err != nil {
		return done, err
	}
	if err := carrier.hear(ctx, &done.finished); err != nil {
		return done, err
	}
	done.all, done.db = r.cpu()
	done.all, done.db = done.all-all, done.db-db
	return done, nil
}
