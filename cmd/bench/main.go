// Command bench measures what it costs to have a program on the line.
//
// The same short call, a welcome, a key, a second prompt, a key, a third, is served in four
// ways by one Asterisk: by its dialplan alone, which is the limit nobody beats; by a small
// FastAGI server; by an application on the ari/v5 library as it is shipped; and by Hotline,
// with its flow, its emergency key and its call records, and once more without the records,
// so that one sees what those cost. Nobody compares a number of today with one of last
// week: they take turns, cell by cell and round by round, so that whatever else the
// machine does hits them alike.
//
//	phone ──SIP, RTP──▶ Asterisk ──┬─ 70001 dialplan
//	  │ key's end packet           ├─ 70002 FastAGI server   a process each,
//	  └ next prompt's first frame  ├─ 70003 ari/v5           so that /proc tells
//	                               ├─ 70004 Hotline, bare    whose time it was
//	                               └─ 12345 Hotline
//
// What counts is what a caller notices, so it is measured at the caller: how long after a
// key the next prompt begins, and how long after INVITE the call is answered. A last part
// measures from the emergency key to the INVITE at the trunk, alone and with ordinary
// calls beside it. The report goes to BENCH.md. It says which aims were missed, too.
//
// Everything here is about the machine's clock, so it is the only one used.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options say what to measure.
type options struct {
	Rates         []int         // calls per second
	Rounds        int           // of every cell; the report shows medians and ranges
	For           time.Duration // how long a cell offers calls
	Emergencies   int           // emergency calls of each kind
	EmergencyRate int           // per second
	Behind        int           // ordinary calls per second beside emergencies
	Out           string        // the report
	Profile       string        // a CPU profile of Hotline's process; empty: none
	Repo          string        // root of the checkout; found when empty
}

// quick is a smoke test of a few seconds: everything once, too short to mean anything.
func quick(out string) options {
	return options{Rates: []int{20}, Rounds: 1, For: time.Second / 4, Emergencies: 4, EmergencyRate: 4, Behind: 4, Out: out}
}

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
			fmt.Fprintln(progress, "bench:", err)
		}
		return 2
	}
	if err := bench(ctx, o, progress); err != nil {
		fmt.Fprintln(progress, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, progress io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	rates := flags.String("rates", "10,30,60", "calls per second, separated by commas")
	flags.IntVar(&o.Rounds, "rounds", 3, "how often everything is measured")
	flags.DurationVar(&o.For, "for", 4*time.Second, "how long calls are offered in one cell")
	flags.IntVar(&o.Emergencies, "emergencies", 200, "emergency calls, alone and again beside others")
	flags.IntVar(&o.EmergencyRate, "emergency-rate", 10, "emergency calls per second")
	flags.IntVar(&o.Behind, "behind", 30, "ordinary calls per second beside emergencies")
	flags.StringVar(&o.Out, "out", "BENCH.md", "where the report goes")
	flags.StringVar(&o.Profile, "profile", "", "write a CPU profile of Hotline's process to this file")
	short := flags.Bool("quick", false, "a smoke test of a few seconds; its numbers mean nothing")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *short {
		return quick(o.Out), nil
	}
	for word := range strings.SplitSeq(*rates, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > 1000 {
			return o, fmt.Errorf("--rates: %q is not a number of calls per second (1 to 1000)", word)
		}
		o.Rates = append(o.Rates, n)
	}
	if o.Rounds < 1 || o.For <= 0 || o.Emergencies < 1 || o.EmergencyRate < 1 || o.Behind < 1 {
		return o, errors.New("rounds, times and counts must be above zero")
	}
	return o, nil
}
