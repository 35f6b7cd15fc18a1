// Command chaos breaks a hotline on purpose and looks whether anybody was harmed.
//
// It runs a whole hotline (cmd/rig) with a wire of its own between every two parts, and
// round after round lets callers pass through every phase of a call: the menu, ringing a
// desk, waiting for one, talking, leaving a message, an emergency. At a moment drawn from
// the seed one thing breaks: a process is killed or stands still, a wire is cut, goes
// dead or slow, a disk is full, a clock jumps. Then everything is mended, as systemd
// would, the callers hang up, and an auditor compares what they know with the carrier's
// wire, Asterisk, SQL and Redis. Whatever was lost, doubled or left behind is printed with
// the seed and the round that show it again.
//
// What dies with the switch or the line it was on is nobody's fault; its record, its
// order and its message must still come out right.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	Rounds    int
	Seed      uint64
	Only      string // a fault by name
	OnlyRound int
	For       time.Duration
	Report    string
	Nodes     int
	Switches  int
	Sentinel  bool
	Hotline   string // program
	Carrier   string
	Repo      string
	Keep      bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is main with an exit code: 0 nothing found, 1 something was or it did not run, 2
// wrong flags.
func run(ctx context.Context, args []string) int {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	found, err := wreck(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	}
	if found > 0 {
		return 1
	}
	return 0
}

func parse(args []string) (options, error) {
	o := options{}
	f := flag.NewFlagSet("chaos", flag.ContinueOnError)
	f.IntVar(&o.Rounds, "rounds", 200, "how many rounds")
	f.Uint64Var(&o.Seed, "seed", uint64(time.Now().Unix()), "what everything random is drawn from")
	f.StringVar(&o.Only, "only", "", "only faults whose name begins with this, such as kill or cut-smpp")
	f.IntVar(&o.OnlyRound, "only-round", 0, "only this round of the seed")
	f.DurationVar(&o.For, "for", 0, "end after this time; 0: after -rounds")
	f.StringVar(&o.Report, "report", "", "file to write the report to")
	f.IntVar(&o.Nodes, "nodes", 3, "controllers")
	f.IntVar(&o.Switches, "switches", 2, "Asterisks")
	f.BoolVar(&o.Sentinel, "sentinel", true, "Redis as a master, two replicas and three Sentinels")
	f.StringVar(&o.Repo, "repo", ".", "the checkout, with the programs in .cache/bin")
	f.BoolVar(&o.Keep, "keep", false, "keep the folder of logs when nothing was found, too")
	err := f.Parse(args)
	return o, err
}
