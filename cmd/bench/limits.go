package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"hotline/cmd/gauge"
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
	return m.tally != nil && m.Calls > 0 && m.Failed == 0 && m.Late <= limitLate &&
		gauge.Percentile(m.Key, 99) < limitKey && gauge.Percentile(m.Answer, 99) < limitAnswer
}

// search is the search for everybody's limit.
type search struct {
	*rig
	o        options
	progress io.Writer
	found    map[string]*limit
}

// limits looks for everybody's, by turns: up in strides of two steps, and out is who
// fails one rate twice. Then, by turns again, each has to keep the rate a step below that
// for twice as long, or goes a step down and tries again.
func (r *rig) limits(ctx context.Context, o options, progress io.Writer) ([]limit, error) {
	s := &search{rig: r, o: o, progress: progress, found: map[string]*limit{}}
	var entrants []contender
	for _, c := range contenders {
		if !slices.Contains(unlimited, c.Name) {
			entrants = append(entrants, c)
			s.found[c.Name] = &limit{Contender: c.Name, Beyond: true}
		}
	}
	if err := s.climb(ctx, slices.Clone(entrants)); err != nil {
		return nil, err
	}
	if err := s.confirm(ctx, slices.Clone(entrants)); err != nil {
		return nil, err
	}
	var all []limit
	for _, c := range entrants {
		all = append(all, *s.found[c.Name])
	}
	return all, nil
}

// climb finds for each the highest rate worth a longer try.
func (s *search) climb(ctx context.Context, climbing []contender) error {
	for rate := s.o.LimitFrom; rate <= s.o.LimitTo && len(climbing) > 0; rate += 2 * s.o.LimitStep {
		var next []contender
		for _, c := range climbing {
			m, err := s.try(ctx, c, rate, s.o.LimitFor)
			if err != nil {
				return err
			}
			l := s.found[c.Name]
			if l.Rate = rate; m.served() {
				next = append(next, c)
				continue
			}
			l.Rate, l.Beyond = max(0, rate-s.o.LimitStep), false
		}
		climbing = turned(next)
	}
	return nil
}

// confirm lets each prove what the climb found, or less.
func (s *search) confirm(ctx context.Context, open []contender) error {
	for len(open) > 0 {
		var next []contender
		for _, c := range open {
			l := s.found[c.Name]
			if l.Rate == 0 {
				continue
			}
			var err error
			if l.Proof, err = s.try(ctx, c, l.Rate, 2*s.o.LimitFor); err != nil {
				return err
			}
			if !l.Proof.served() {
				l.Rate, l.Beyond = max(0, l.Rate-s.o.LimitStep), false
				next = append(next, c)
			}
		}
		open = turned(next)
	}
	return nil
}

// try offers a rate, and once more if it was not served: who else uses the machine may
// spoil one cell, and hardly two.
func (s *search) try(ctx context.Context, c contender, rate int, how time.Duration) (m cell, err error) {
	for tries := 0; tries < 2 && !m.served(); tries++ {
		m = s.measure(ctx, c, rate, max(1, int(how.Seconds()*float64(rate))))
		fmt.Fprintf(s.progress, "limit %3d/s, %-20s %s\n", rate, c.Name, m)
		if err = s.calm(ctx, s.progress); err != nil {
			return m, err
		}
	}
	return m, nil
}

// turned lets another go first.
func turned(all []contender) []contender {
	if len(all) == 0 {
		return nil
	}
	return append(slices.Clone(all[1:]), all[0])
}

// calming is how long Asterisk may take to be rid of the calls of a cell.
const calming = 60 * time.Second

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
