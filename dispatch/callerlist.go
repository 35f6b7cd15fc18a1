package dispatch

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// RuleReader reads the rules about callers.
type RuleReader interface {
	CallerRules(ctx context.Context, f Filter) ([]CallerRule, error)
}

// How the list in memory follows SQL.
const (
	rulesEvery  = 3 * time.Second
	rulesBudget = 2 * time.Second
	maxRules    = 10_000 // in force at once; the newest count
)

// CallerList is the rules in force, in memory: a call asks it without waiting for SQL.
// While SQL is away nobody is blocked. Safe for concurrent use.
type CallerList struct {
	reader RuleReader
	now    func() time.Time
	log    *slog.Logger
	rules  atomic.Pointer[ruleSet]
	failed bool // SQL was away when it was asked last; Run's
}

// ruleSet finds rules by their number; numbers and prefixes apart.
type ruleSet struct{ exact, prefixes map[string][]CallerRule }

// NewCallerList makes a list that blocks nobody until it has been refreshed.
func NewCallerList(r RuleReader, now func() time.Time, log *slog.Logger) *CallerList {
	return &CallerList{reader: r, now: now, log: log}
}

// Blocked reports whether a number is blocked and not allowed.
func (l *CallerList) Blocked(number string) bool {
	set, now, blocked := l.rules.Load(), l.now(), false
	if set == nil || number == "" {
		return false
	}
	for _, r := range set.about(number) {
		if !r.Counts(now) {
			continue
		}
		if r.Allow {
			return false
		}
		blocked = true
	}
	return blocked
}

// about is every rule that a number falls under.
func (s *ruleSet) about(number string) []CallerRule {
	rules := s.exact[number]
	for n := shortestPrefix; n <= len(number); n++ {
		rules = append(rules[:len(rules):len(rules)], s.prefixes[number[:n]]...)
	}
	return rules
}

// Refresh reads the rules anew. When it fails nobody is blocked.
func (l *CallerList) Refresh(ctx context.Context) error {
	set := &ruleSet{exact: map[string][]CallerRule{}, prefixes: map[string][]CallerRule{}}
	n := 0
	for r, err := range Whole(ctx, Filter{Open: true, Until: l.now()}, l.reader.CallerRules) {
		if err != nil {
			l.rules.Store(nil)
			return err
		}
		to := set.exact
		if r.Prefix {
			to = set.prefixes
		}
		to[r.Number] = append(to[r.Number], r)
		if n++; n == maxRules {
			break
		}
	}
	l.rules.Store(set)
	return nil
}

// Run refreshes the list every few seconds until ctx ends; after paces it.
func (l *CallerList) Run(ctx context.Context, after func(time.Duration) <-chan time.Time) error {
	for ctx.Err() == nil {
		one, cancel := context.WithTimeout(ctx, rulesBudget)
		err := l.Refresh(one)
		cancel()
		if failed := err != nil; failed != l.failed && ctx.Err() == nil {
			l.failed = failed
			l.log.Warn("rules about callers", "blocked", !failed, "err", err)
		}
		select {
		case <-after(rulesEvery):
		case <-ctx.Done():
		}
	}
	return nil
}
