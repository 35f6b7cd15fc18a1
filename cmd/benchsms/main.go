// Command benchsms measures the text gateway: how fast texts go from the outbox to a
// carrier and their receipts back, what that costs, and what a killed gateway loses.
//
// Hotline's side is what `hotline serve` runs: the outbox in SQL, the gateway, the link, in
// a process of its own. Beside it stands Kannel with its durable store. They take turns,
// round by round, against the same message centre (sms/smstest) in a third process, which
// counts and holds the clock:
//
//	outbox in SQLite ─────┐
//	outbox in PostgreSQL ─┼─ gateway ─ link ──┐  window 10, SMPP
//	Kannel: spool ── bearerbox, smsbox ───────┴──▶ message centre ──▶ receipts back
//
// Before a round all texts are there, in the outbox or in the spool, and nobody listens.
// Then the centre opens its port. A round is over when it has answered every text and each
// receipt was acknowledged: from the first text to then is what counts. CPU is what the
// kernel charged meanwhile to everything a contender needs, its database included.
//
// The report is a section of BENCH.md; what `make bench` wrote there stays.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options say what to measure.
type options struct {
	Parts   []string      // of parts
	Against []string      // keys of contenders
	Texts   int           // in a round without latency
	Rounds  int           // the report shows medians and ranges
	Latency time.Duration // of the carrier's answers, where the link's own limit is looked for
	For     time.Duration // how long a round at the limit lasts about
	Open    int           // survey windows
	Kills   int           // how often a gateway is killed on each kind of link
	Each    int           // texts of a kill
	Seed    uint64        // of the moments it is killed at; 0: by the clock
	Profile string        // a folder for CPU profiles of Hotline's process; empty: none
	Out     string        // the report
	Repo    string        // root of the checkout; found when empty
}

// The parts of a run.
const (
	partKannel  = "kannel"  // throughput beside Kannel
	partLimit   = "limit"   // at the limit of the links, SMPP beside Kannel and CMPP
	partWindows = "windows" // survey windows in Redis, see package windows
	partKills   = "kills"   // what a killed gateway loses
)

var parts = []string{partKannel, partLimit, partWindows, partKills}

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(asRole(role))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run is main with an exit code: 0 measured, 1 failed, 2 wrong flags.
func run(ctx context.Context, args []string, progress io.Writer) int {
	o, err := parse(args, progress)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(progress, "benchsms:", err)
		}
		return 2
	}
	if err := bench(ctx, o, progress); err != nil {
		fmt.Fprintln(progress, "benchsms:", err)
		return 1
	}
	return 0
}

func parse(args []string, progress io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("benchsms", flag.ContinueOnError)
	flags.SetOutput(progress)
	only := flags.String("only", strings.Join(parts, ","), "parts of the run, separated by commas")
	against := flags.String("contenders", "sqlite,postgres,kannel", "who takes part, separated by commas")
	flags.IntVar(&o.Texts, "texts", 10000, "texts of a round without latency")
	flags.IntVar(&o.Rounds, "rounds", 5, "how often everything is measured")
	flags.DurationVar(&o.Latency, "latency", 50*time.Millisecond, "of the carrier's answers where the link's limit is measured")
	flags.DurationVar(&o.For, "for", 8*time.Second, "how long a round at that limit takes about")
	flags.IntVar(&o.Open, "windows", 1_000_000, "survey windows that are open at once")
	flags.IntVar(&o.Kills, "kills", 20, "how often a gateway is killed, over SMPP and over CMPP")
	flags.IntVar(&o.Each, "each", 2000, "texts that are under way at a kill")
	flags.Uint64Var(&o.Seed, "seed", 0, "of the moments of kills, to repeat a run; 0: another one each time")
	flags.StringVar(&o.Profile, "profile", "", "write CPU profiles of Hotline's process into this folder")
	flags.StringVar(&o.Out, "out", "BENCH.md", "where the report goes; what else stands there stays")
	short := flags.Bool("quick", false, "everything once and short; takes the place of -texts, -rounds, -for, -windows and -kills")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *short {
		o.Texts, o.Rounds, o.For, o.Open, o.Kills = 2000, 1, 2*time.Second, 20_000, 2
	}
	o.Parts = strings.Split(*only, ",")
	for _, p := range o.Parts {
		if !slices.Contains(parts, p) {
			return o, fmt.Errorf("--only: %q is not one of %s", p, strings.Join(parts, ", "))
		}
	}
	o.Against = strings.Split(*against, ",")
	for _, key := range o.Against {
		if !slices.ContainsFunc(contenders, func(c contender) bool { return c.Key == key }) {
			return o, fmt.Errorf("--contenders: %q is not one of them", key)
		}
	}
	if min(o.Texts, o.Rounds, o.Each, o.Open) < 1 || o.Latency <= 0 || o.For <= 0 || o.Kills < 0 {
		return o, errors.New("texts, windows, rounds, latency and times must be above zero")
	}
	return o, nil
}
