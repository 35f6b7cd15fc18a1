package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// What a rate has to keep to count as served.
const (
	limitKey    = 100 * time.Millisecond // key → prompt, p99
	limitAnswer = 500 * time.Millisecond // INVITE → 200, p99
	limitLate   = 500 * time.Millisecond // the callers themselves behind their plan
)

// limit is the highest rate that a contender served.
type limit struct {
	Contender string
	Rate      int  // calls per second; zero when not even the lowest was
	Proof     cell // the longer cell that confirmed it
	Beyond    bool // the search ended before the contender failed
}

// unlimited are contenders whose limit is not looked for: what records cost is told by
// other tables.
var unlimited = []string{nameBare}

// served says whether the rate of a cell was served.
func (m cell) served() bool {
	return m.Calls > 0 && m.Failed == 0 && m.Late <= limitLate &&
		percentile(m.Key, 99) < limitKey && percentile(m.Answer, 99) < limitAnswer
}

// limits looks for everybody's, by turns: up step by step, and out is who fails the same
// rate twice. Then, by turns again, each confirms its highest in a cell twice as long,
// or goes a step down and tries again.
func (r *rig) limits(ctx context.Context, o options, progress io.Writer) ([]limit, error) {
	try := func(c contender, rate, times int) (cell, error) {
		m := r.measure(ctx, c, rate, max(1, int(float64(times)*o.LimitFor.Seconds()*float64(rate))))
		fmt.Fprintf(progress, "limit %3d/s, %-20s %s\n", rate, c.Name, m)
		return m, r.calm(ctx, progress)
	}
	found := map[string]*limit{}
	var climbing []contender
	for _, c := range contenders {
		if !slices.Contains(unlimited, c.Name) {
			climbing = append(climbing, c)
			found[c.Name] = &limit{Contender: c.Name, Rate: max(0, o.LimitFrom-o.LimitStep), Beyond: true}
		}
	}
	entrants := slices.Clone(climbing)
	for rate := o.LimitFrom; rate <= o.LimitTo && len(climbing) > 0; rate += o.LimitStep {
		for _, c := range slices.Clone(climbing) {
			served := false
			for tries := 0; tries < 2 && !served; tries++ {
				m, err := try(c, rate, 1)
				if err != nil {
					return nil, err
				}
				served = m.served()
			}
			if served {
				found[c.Name].Rate = rate
				continue
			}
			found[c.Name].Beyond = false
			climbing = slices.DeleteFunc(climbing, func(other contender) bool { return other == c })
		}
		climbing = turned(climbing)
	}
	for open := slices.Clone(entrants); len(open) > 0; {
		for _, c := range slices.Clone(open) {
			l, err := found[c.Name], error(nil)
			if l.Rate > 0 {
				if l.Proof, err = try(c, l.Rate, 2); err != nil {
					return nil, err
				}
				if !l.Proof.served() {
					l.Rate, l.Beyond = max(0, l.Rate-o.LimitStep), false
					continue
				}
			}
			open = slices.DeleteFunc(open, func(other contender) bool { return other == c })
		}
	}
	var all []limit
	for _, c := range entrants {
		all = append(all, *found[c.Name])
	}
	return all, nil
}

// turned lets another go first.
func turned(all []contender) []contender {
	if len(all) == 0 {
		return nil
	}
	return append(slices.Clone(all[1:]), all[0])
}

// calming is how long Asterisk may take to be rid of the calls of a cell.
const calming = 20 * time.Second

// calm waits until no call is left, so that one cell does not disturb the next, and
// starts a contender anew that did not survive.
func (r *rig) calm(ctx context.Context, progress io.Writer) error {
	waiting, cancel := context.WithTimeout(ctx, calming)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for r.channels(waiting) != 0 && waiting.Err() == nil {
		select {
		case <-tick.C:
		case <-waiting.Done():
			fmt.Fprintf(progress, "  Asterisk still has calls after %s\n", calming)
		}
	}
	for _, c := range contenders {
		if p := r.roles[c.Role]; p != nil && !p.alive() {
			fmt.Fprintf(progress, "  %s's process ended and is started anew\n", c.Name)
			if err := r.startRole(ctx, c); err != nil {
				return err
			}
		}
	}
	if !r.asterisk.alive() {
		return fmt.Errorf("asterisk ended: %w", r.complaints())
	}
	return context.Cause(ctx)
}

// channels counts Asterisk's; -1 when it does not tell.
func (r *rig) channels(ctx context.Context) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.site.ARI+"/ari/channels", nil)
	if err != nil {
		return -1
	}
	req.SetBasicAuth(r.site.User, r.site.Pass)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return -1
	}
	defer res.Body.Close()
	var list []struct{}
	if res.StatusCode != http.StatusOK || json.NewDecoder(res.Body).Decode(&list) != nil {
		return -1
	}
	return len(list)
}
