// Command bench measures what it costs to have a program on the line.
//
// The same short call, a welcome, a key, a second prompt, a key, a third, is served in four
// ways by one Asterisk: by its dialplan alone, which is the limit nobody beats; by a small
// FastAGI server; by an application on the ari/v5 library as it is shipped; and by Hotline,
// with its flow, its emergency key, its notes and its call records, and once more without
// those two, so that one sees what they cost. Nobody compares a number of today with one of last
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
// key the next prompt begins, and how long after INVITE the call is answered. Another part
// measures from the emergency key to the INVITE at the trunk, alone and with ordinary
// calls beside it. Then each goes to its limit, holds up to a thousand callers, and
// Hotline is killed with hundreds of them on the line. The report goes to BENCH.md. It
// says which aims were missed, too.
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
	"slices"
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
	LimitFrom     int           // where the search for limits begins, calls per second
	LimitTo       int           // and where it ends; 0: none
	LimitStep     int           // in steps of
	LimitFor      time.Duration // how long a cell of it offers calls
	Patience      time.Duration // of a caller, for an answer and for each prompt
	Claim         time.Duration // what a controller has to claim a call in; 0 for what the product gives it
	Held          []int         // callers held at once, rising; empty: none
	HeldRate      int           // they come at so many a second
	Takeover      int           // callers held when Hotline is killed; 0: it is not
	Benchstat     string        // a table of Go benchmarks to take into the report; empty: none
	Out           string        // the report
	Profile       string        // a CPU profile of Hotline's process; empty: none
	Repo          string        // root of the checkout; found when empty
}

// shorten makes a run of some minutes of one that was not told otherwise: everything
// once, and limits in larger steps.
func (o *options) shorten() {
	o.Rounds, o.For, o.Emergencies = 1, 2*time.Second, 50
	o.LimitStep, o.LimitFor = 20, time.Second
	o.Held = []int{200, 500}
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
	held := flags.String("held", "200,500,1000", "callers held at once, rising, separated by commas; empty for none")
	flags.IntVar(&o.Rounds, "rounds", 3, "how often everything is measured")
	flags.DurationVar(&o.For, "for", 3*time.Second, "how long calls are offered in one cell")
	flags.IntVar(&o.Emergencies, "emergencies", 200, "emergency calls, alone and again beside others")
	flags.IntVar(&o.EmergencyRate, "emergency-rate", 10, "emergency calls per second")
	flags.IntVar(&o.Behind, "behind", 30, "ordinary calls per second beside emergencies")
	flags.IntVar(&o.LimitFrom, "limit-from", 70, "calls per second where the search for each contender's limit begins")
	flags.IntVar(&o.LimitTo, "limit-to", 300, "calls per second where that search ends; 0 for none")
	flags.IntVar(&o.LimitStep, "limit-step", 10, "calls per second from one try to the next")
	flags.DurationVar(&o.LimitFor, "limit-for", 2*time.Second, "how long calls are offered in one try")
	flags.IntVar(&o.HeldRate, "held-rate", 25, "callers to be held come at so many per second")
	flags.IntVar(&o.Takeover, "takeover", 500, "callers held when Hotline is killed and started anew; 0 for none")
	flags.DurationVar(&o.Claim, "claim", 0, "what a controller has to claim a call in, for machines on which nothing is to be measured; 0 for half a second, as in the product")
	flags.DurationVar(&o.Patience, "patience", 5*time.Second, "how long a caller waits for an answer and for each prompt")
	flags.StringVar(&o.Benchstat, "benchstat", "", "a file with benchstat's table, to be part of the report")
	flags.StringVar(&o.Out, "out", "BENCH.md", "where the report goes")
	flags.StringVar(&o.Profile, "profile", "", "write a CPU profile of Hotline's process to this file")
	short := flags.Bool("quick", false, "everything once and short, in a few minutes; takes the place of -rounds, -for, -emergencies, -limit-step, -limit-for and -held")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.Rates, err = numbers("rates", *rates, 1000); err != nil {
		return o, err
	}
	if *held != "" {
		if o.Held, err = numbers("held", *held, 1000); err != nil {
			return o, err
		}
	}
	if *short {
		o.shorten()
	}
	switch {
	case min(o.Rounds, o.Emergencies, o.EmergencyRate, o.Behind, o.LimitFrom, o.LimitStep, o.HeldRate) < 1, o.For <= 0, o.LimitFor <= 0, o.Patience <= 0:
		return o, errors.New("rounds, times, rates and counts must be above zero")
	case o.Takeover < 0, o.Takeover > 1000, o.LimitTo < 0, o.LimitTo > 1000:
		return o, errors.New("--takeover is 0 to 1000 callers, --limit-to 0 to 1000 calls per second")
	case !slices.IsSorted(o.Held):
		return o, errors.New("--held: numbers must rise")
	}
	return o, nil
}

// numbers reads a flag of numbers separated by commas, each from 1 to most.
func numbers(name, text string, most int) ([]int, error) {
	var all []int
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > most {
			return nil, fmt.Errorf("--%s: %q is not a number from 1 to %d", name, word, most)
		}
		all = append(all, n)
	}
	return all, nil
}
