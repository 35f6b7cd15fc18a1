package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"hotline/cmd/gauge"
)

// heldCell is one contender with some callers held by a prompt.
type heldCell struct {
	Contender string
	Callers   int
	Failed    int    // callers who did not get as far
	Hearing   int    // who heard their prompt at the end
	Left      int    // on whom Asterisk hung up
	Beside    *tally // two-key calls beside them
	Asterisk  usage
	Own       usage
	Listening float64 // cores that the callers themselves took
	Dropped   uint64  // events that the controller could not read
	Sockets   uint64  // it opened; more than one means that events were lost
	Stays     int     // goroutines more than before, after the last had hung up; of the last cell only
}

// usage is what a process takes.
type usage struct {
	Cores    float64 // CPU time over time
	Resident int64   // bytes
}

// holders are who holds callers.
var holders = []string{nameDialplan, nameStock, nameHotline}

// besideRate is the rate of two-key calls beside held callers, per second.
const besideRate = 10

// held fills Asterisk with one contender's callers, level by level, measures at each and
// lets them go.
func (r *rig) held(ctx context.Context, o options, c contender, progress io.Writer) ([]heldCell, error) {
	before, err := r.health(c)
	if err != nil {
		return nil, err
	}
	callers, err := r.gather()
	if err != nil {
		return nil, err
	}
	defer callers.close()
	var cells []heldCell
	here, failed := 0, 0
	for _, level := range o.Held {
		failed += callers.hold(ctx, c.Number, o.HeldRate, level-here)
		here = level
		m := r.heldCell(ctx, o, c, callers)
		m.Callers, m.Failed = level, failed
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		fmt.Fprintf(progress, "held  %4d, %-20s %s\n", level, c.Name, m)
		cells = append(cells, m)
	}
	callers.disperse(ctx)
	if err := r.calm(ctx, progress); err != nil {
		return nil, err
	}
	if len(cells) > 0 && c.Role != "" {
		last := &cells[len(cells)-1]
		if last.Stays, err = r.stays(ctx, c, before.Goroutines); err != nil {
			return nil, err
		}
		fmt.Fprintf(progress, "held     0, %-20s %d goroutines more than before\n", c.Name, last.Stays)
	}
	return cells, nil
}

// heldCell measures the processes with nothing but held callers, and then calls beside.
func (r *rig) heldCell(ctx context.Context, o options, c contender, callers *crowd) heldCell {
	m := heldCell{Contender: c.Name, Beside: &tally{}}
	asterisk, own, ours, began := gauge.CPUTime(r.asterisk.pid()), r.cpu(c), gauge.CPUTime(os.Getpid()), time.Now()
	select {
	case <-time.After(o.For):
	case <-ctx.Done():
	}
	took := time.Since(began).Seconds()
	m.Asterisk = usage{(gauge.CPUTime(r.asterisk.pid()) - asterisk).Seconds() / took, gauge.Resident(r.asterisk.pid())}
	m.Listening = (gauge.CPUTime(os.Getpid()) - ours).Seconds() / took
	m.Own.Cores = (r.cpu(c) - own).Seconds() / took
	if p := r.roles[c.Role]; p != nil {
		m.Own.Resident = gauge.Resident(p.pid())
	}
	calls := max(1, int(o.For.Seconds()*besideRate))
	offer(ctx, besideRate, calls, func(int) { m.Beside.ended(r.twoKeys(ctx, c.Number, callerNumber(r.nth()), m.Beside)) })
	m.Hearing, m.Left = callers.attending()
	if h, err := r.health(c); err == nil {
		m.Dropped, m.Sockets = h.Malformed, h.Connects
	}
	return m
}

// String is the cell in one line.
func (m heldCell) String() string {
	line := fmt.Sprintf("%4d hear it, %d failed, %d left; beside them key p50 %s p99 %s, %d failed; cores %.2f + %.2f, callers %.2f, MB %d + %d", m.Hearing,
		m.Failed, m.Left, gauge.Millis(gauge.Percentile(m.Beside.Key, 50)), gauge.Millis(gauge.Percentile(m.Beside.Key, 99)), m.Beside.Failed,
		m.Asterisk.Cores, m.Own.Cores, m.Listening, m.Asterisk.Resident>>20, m.Own.Resident>>20)
	if m.Beside.Why != nil {
		line += fmt.Sprintf("; first failure: %v", m.Beside.Why)
	}
	return line
}

// afterCalls is how long goroutines may take to end after the last call did.
const afterCalls = 30 * time.Second

// stays counts the goroutines that a contender has more than before, once there are no
// more or it took too long.
func (r *rig) stays(ctx context.Context, c contender, before int) (more int, err error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(afterCalls); ; {
		h, err := r.health(c)
		if more = max(0, h.Goroutines-before); err != nil || more == 0 || time.Now().After(end) {
			return more, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return more, context.Cause(ctx)
		}
	}
}

// health asks a contender's process; who has none is in the best of health.
func (r *rig) health(c contender) (health, error) {
	if p := r.roles[c.Role]; p != nil {
		return p.ask()
	}
	return health{}, nil
}

// cpu is the CPU time of a contender's own process.
func (r *rig) cpu(c contender) time.Duration {
	if p := r.roles[c.Role]; p != nil {
		return gauge.CPUTime(p.pid())
	}
	return 0
}
