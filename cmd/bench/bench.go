package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"hotline/cmd/gauge"
)

// cell is one contender at one rate in one round.
type cell struct {
	*tally
	Contender  string
	Rate       int
	Late       time.Duration // how much behind plan the last call began
	Asterisk   time.Duration // CPU time per call
	Controller time.Duration // the same of the contender's own process
	Redis      time.Duration // and of Redis, which only Hotline needs
}

// results is everything a report tells.
type results struct {
	o           options
	machine     gauge.Machine
	asterisk    string
	began       time.Time
	took        time.Duration
	cells       []cell
	emergencies map[int]*tally   // by ordinary calls a second beside them
	memory      map[string]int64 // largest resident size of a contender's process in cells and emergencies, bytes
	limits      []limit
	held        []heldCell
	takeover    *takeover
	benchstat   string // its table; empty: none
}

// settle is how long after the last call the processes may still be busy with it.
const settle = 300 * time.Millisecond

// bench measures everything and writes the report. progress hears about every cell.
func bench(ctx context.Context, o options, progress io.Writer) error {
	if o.Repo == "" {
		var err error
		if o.Repo, err = gauge.Checkout(); err != nil {
			return err
		}
	}
	res := results{o: o, machine: gauge.LookAround(o.Repo), began: time.Now(), emergencies: map[int]*tally{}, memory: map[string]int64{}}
	if o.Benchstat != "" {
		table, err := os.ReadFile(o.Benchstat)
		if err != nil {
			return err
		}
		res.benchstat = string(table)
	}
	r, err := openRig(ctx, o)
	if err != nil {
		return err
	}
	defer r.close()
	res.asterisk = r.version
	for _, part := range []func(context.Context, *results, io.Writer) error{
		r.cells, r.allEmergencies, r.kill, r.allLimits, r.allHeld, // what overloads Asterisk comes last
	} {
		if err := part(ctx, &res, progress); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx) // half a report would be a wrong one
	}
	res.machine.LoadAfter = gauge.Load()
	res.took = time.Since(res.began)
	return gauge.WriteSection(o.Out, gauge.Calls, res.report())
}

// allEmergencies measures them alone and beside others, and notes what memory was needed
// so far.
func (r *rig) allEmergencies(ctx context.Context, res *results, progress io.Writer) error {
	for _, behind := range []int{0, res.o.Behind} {
		t := r.emergencies(ctx, res.o, behind)
		fmt.Fprintf(progress, "emergency, %d/s beside: %d calls, %d failed, p50 %s, p99 %s\n",
			behind, t.Calls, t.Failed, gauge.Millis(gauge.Percentile(t.Invite, 50)), gauge.Millis(gauge.Percentile(t.Invite, 99)))
		if t.Why != nil {
			fmt.Fprintf(progress, "  first failure: %v\n", t.Why)
		}
		res.emergencies[behind] = t
	}
	for _, c := range contenders {
		if p := r.roles[c.Role]; p != nil {
			res.memory[c.Name] = gauge.Largest(p.pid())
		}
	}
	return r.calm(ctx, progress)
}

func (r *rig) allLimits(ctx context.Context, res *results, progress io.Writer) (err error) {
	if res.o.LimitTo > 0 {
		res.limits, err = r.limits(ctx, res.o, progress)
	}
	return err
}

func (r *rig) allHeld(ctx context.Context, res *results, progress io.Writer) error {
	if len(res.o.Held) == 0 {
		return nil
	}
	for _, c := range contenders {
		if !slices.Contains(holders, c.Name) {
			continue
		}
		cells, err := r.held(ctx, res.o, c, progress)
		if err != nil {
			return fmt.Errorf("%s holds callers: %w", c.Name, err)
		}
		res.held = append(res.held, cells...)
	}
	return nil
}

func (r *rig) kill(ctx context.Context, res *results, progress io.Writer) (err error) {
	if res.o.Takeover > 0 {
		res.takeover, err = r.takeover(ctx, res.o, progress)
	}
	return err
}

// cells measures every contender at every rate, round by round. Who goes first changes.
func (r *rig) cells(ctx context.Context, res *results, progress io.Writer) error {
	if err := r.warmUp(ctx); err != nil {
		return err
	}
	for round := range res.o.Rounds {
		for _, rate := range res.o.Rates {
			for i := range contenders {
				c := contenders[(i+round)%len(contenders)]
				m := r.measure(ctx, c, rate, max(1, int(res.o.For.Seconds()*float64(rate))))
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				fmt.Fprintf(progress, "round %d, %2d/s, %-20s %s\n", round+1, rate, c.Name, m)
				res.cells = append(res.cells, m)
			}
		}
	}
	return nil
}

// warmUp lets everybody serve a few calls, so that what happens only once hits no cell.
func (r *rig) warmUp(ctx context.Context) error {
	errs := make([]error, len(contenders))
	var all sync.WaitGroup
	for i, c := range contenders {
		all.Go(func() {
			if warm := r.measure(ctx, c, 5, 5); warm.Failed > 0 {
				errs[i] = fmt.Errorf("%s serves no calls: %w", c.Name, warm.Why)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// measure is one cell.
func (r *rig) measure(ctx context.Context, c contender, rate, calls int) cell {
	m := cell{tally: &tally{}, Contender: c.Name, Rate: rate}
	asterisk, controller, redis := gauge.CPUTime(r.asterisk.pid()), r.cpu(c), gauge.CPUTime(r.redis.pid())
	m.Late = offer(ctx, rate, calls, func(n int) { m.ended(r.twoKeys(ctx, c.Number, callerNumber(n), m.tally)) })
	select {
	case <-time.After(settle):
	case <-ctx.Done():
	}
	n := time.Duration(max(1, m.Calls))
	m.Asterisk, m.Controller = (gauge.CPUTime(r.asterisk.pid())-asterisk)/n, (r.cpu(c)-controller)/n
	m.Redis = (gauge.CPUTime(r.redis.pid()) - redis) / n
	return m
}

// String is the cell in one line.
func (m cell) String() string {
	line := fmt.Sprintf("%4d calls, %d failed, key p50 %s p99 %s, answer p99 %s, CPU %s + %s", m.Calls, m.Failed,
		gauge.Millis(gauge.Percentile(m.Key, 50)), gauge.Millis(gauge.Percentile(m.Key, 99)), gauge.Millis(gauge.Percentile(m.Answer, 99)), gauge.Millis(m.Asterisk), gauge.Millis(m.Controller))
	if m.Late > settle {
		line += fmt.Sprintf("; callers %s late", gauge.Millis(m.Late))
	}
	if m.Why != nil {
		line += fmt.Sprintf("; first failure: %v", m.Why)
	}
	return line
}
