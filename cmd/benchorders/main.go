// Command benchorders measures the record of orders at the size of a city: a database with
// a million orders that have lived their lives, and people who work in it.
//
// Some orders are made as people make them, by the office, from registration to archive; the
// database then holds each of them many times over, under other numbers. In that database
// orders are registered and given to units, work lists are read, and the sweep looks for what
// is due. At last clerks and units work at the console at once, over HTTP, and afterwards
// everything they were told was done must stand in the record.
//
// The report is a section of BENCH.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"hotline/cmd/gauge"
	"hotline/cmd/rig"
)

// options say what to measure.
type options struct {
	On       []string // keys of databases
	Orders   int      // in the database
	Open     int      // of them not ended
	Tries    int      // registrations and dispatches
	Clerks   int
	Units    int           // whose people work at once
	For      time.Duration // how long they work
	Pause    time.Duration // of a person between two requests, about
	Out      string        // the report
	Repo     string        // root of the checkout; found when empty
	progress io.Writer
}

// The databases.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

var words = map[string]string{onSQLite: "SQLite", onPostgres: "PostgreSQL"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run is main with an exit code: 0 measured, 1 failed, 2 wrong flags.
func run(ctx context.Context, args []string, progress io.Writer) int {
	o, err := parse(args, progress)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(progress, "benchorders:", err)
		}
		return 2
	}
	if err := bench(ctx, o); err != nil {
		fmt.Fprintln(progress, "benchorders:", err)
		return 1
	}
	return 0
}

func parse(args []string, progress io.Writer) (options, error) {
	o := options{progress: progress}
	flags := flag.NewFlagSet("benchorders", flag.ContinueOnError)
	flags.SetOutput(progress)
	on := flags.String("on", "sqlite,postgres", "databases, separated by commas; the people work in the last one")
	flags.IntVar(&o.Orders, "orders", 1_000_000, "orders in the database")
	flags.IntVar(&o.Open, "open", 50_000, "how many of them have not ended")
	flags.IntVar(&o.Tries, "tries", 2000, "orders that are registered and given to units")
	flags.IntVar(&o.Clerks, "clerks", 50, "clerks who work at once")
	flags.IntVar(&o.Units, "units", 20, "units whose people work at once")
	flags.DurationVar(&o.For, "for", 10*time.Minute, "how long they work")
	flags.DurationVar(&o.Pause, "pause", time.Second, "of each between two requests, about")
	flags.StringVar(&o.Out, "out", "BENCH.md", "where the report goes; what else stands there stays")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.On = strings.Split(*on, ",")
	for _, key := range o.On {
		if words[key] == "" {
			return o, fmt.Errorf("-on: %q is neither sqlite nor postgres", key)
		}
	}
	if min(o.Orders, o.Open, o.Tries, o.Clerks, o.Units) < 1 || o.Open > o.Orders || min(o.For, o.Pause) <= 0 {
		return o, errors.New("all numbers and times must be above zero, and no more orders open than there are")
	}
	return o, nil
}

// results is everything a report tells.
type results struct {
	o       options
	machine gauge.Machine
	began   time.Time
	took    time.Duration
	records []record
	work    worked
}

// bench measures and writes the report.
func bench(ctx context.Context, o options) (err error) {
	if o.Repo == "" {
		if o.Repo, err = gauge.Checkout(); err != nil {
			return err
		}
	}
	res := results{o: o, machine: gauge.LookAround(o.Repo), began: time.Now()}
	// Not in /tmp, which may be memory: what is synced must reach a disk.
	dir, err := os.MkdirTemp(filepath.Join(o.Repo, ".cache"), "benchorders")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	urls := map[string]string{onSQLite: filepath.Join(dir, "hotline.db")}
	if slices.Contains(o.On, onPostgres) {
		ports, err := rig.FreePorts()
		if err != nil {
			return err
		}
		server, err := gauge.StartPostgres(ctx, o.Repo, dir, ports.HTTP)
		if err != nil {
			return err
		}
		defer server.Stop(20*time.Second, nil)
		if urls[onPostgres], err = server.Fresh(ctx, "orders"); err != nil {
			return err
		}
	}
	for i, key := range o.On {
		if err := res.inside(ctx, key, urls[key], i == len(o.On)-1); err != nil {
			return fmt.Errorf("%s: %w", words[key], err)
		}
	}
	res.machine.LoadAfter, res.took = gauge.Load(), time.Since(res.began)
	return gauge.WriteSection(o.Out, gauge.Orders, res.report())
}

// inside measures one database, and the people in the last.
func (res *results) inside(ctx context.Context, key, url string, last bool) error {
	h, err := openHouse(ctx, url, res.o)
	if err != nil {
		return err
	}
	defer h.close()
	r, err := h.measure(ctx, words[key])
	if err != nil {
		return err
	}
	res.records = append(res.records, r)
	if !last {
		return nil
	}
	res.work, err = h.peopleWork(ctx)
	res.work.in = words[key]
	return err
}
