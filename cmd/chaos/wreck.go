package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"
)

// wreck plays the rounds and says how many findings there were.
func wreck(ctx context.Context, o options, out io.Writer) (found int, err error) {
	t, err := openTown(ctx, o, out)
	if t != nil {
		defer t.shut()
	}
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "seed %d, logs in %s\n", o.Seed, t.dir)
	all, err := t.chosen()
	if err != nil {
		return 0, err
	}
	r := &report{o: o, began: time.Now(), machine: machine(o.Repo)}
	for n := 1; n <= o.Rounds && ctx.Err() == nil; n++ {
		if o.For > 0 && time.Since(r.began) > o.For {
			break
		}
		if o.OnlyRound > 0 && n != o.OnlyRound {
			continue
		}
		rng := rand.New(rand.NewPCG(o.Seed, uint64(n)))
		f := pick(all, rng)
		res := t.round(ctx, n, f, rng)
		if ctx.Err() != nil {
			break
		}
		r.add(res)
		t.tell(res)
		found += len(res.Findings)
	}
	r.took = time.Since(r.began)
	r.repeats(t.tap)
	fmt.Fprintf(out, "%d rounds, %d calls, %d findings, %v\n", len(r.rounds), r.calls(), found, r.took.Round(time.Second))
	if o.Report != "" {
		if err := os.WriteFile(o.Report, []byte(r.text()), 0o644); err != nil {
			return found, err
		}
	}
	if found == 0 && !o.Keep && ctx.Err() == nil {
		t.close = append([]func(){func() { os.RemoveAll(t.dir) }}, t.close...)
	}
	return found, ctx.Err()
}

// chosen are the faults the flags leave.
func (t *town) chosen() ([]fault, error) {
	var all []fault
	for _, f := range t.faults() {
		if strings.HasPrefix(f.name, t.o.Only) {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		var names []string
		for _, f := range t.faults() {
			names = append(names, f.name)
		}
		return nil, fmt.Errorf("no fault begins with %q; there are %s", t.o.Only, strings.Join(names, " "))
	}
	return all, nil
}

// pick draws a kind of fault and then one of it, so that the many wires do not outnumber
// the few processes.
func pick(all []fault, rng *rand.Rand) fault {
	kinds := map[string][]fault{}
	var names []string
	for _, f := range all {
		kind, _, _ := strings.Cut(f.name, "-")
		if !slices.Contains([]string{"kill", "stop", "cut", "dead", "delay"}, kind) {
			kind = "other"
		}
		if kinds[kind] == nil {
			names = append(names, kind)
		}
		kinds[kind] = append(kinds[kind], f)
	}
	some := kinds[names[rng.IntN(len(names))]]
	return some[rng.IntN(len(some))]
}

// tell prints a round: one line, and what was found.
func (t *town) tell(o *outcome) {
	fmt.Fprintf(t.out, "%3d %-28s %2d calls %5.1f s  %s\n", o.N, o.Fault, len(o.Calls), o.Took.Seconds(), strings.Join(o.Notes, "; "))
	for _, f := range o.Findings {
		fmt.Fprintf(t.out, "    %s round %d of seed %d: %s\n", o.Broken.Format("15:04:05.000"), o.N, t.o.Seed, f)
	}
}
