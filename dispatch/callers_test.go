package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/dispatch"
)

// shelf is a store of rules that may be away.
type shelf struct {
	mu    sync.Mutex
	rules []dispatch.CallerRule
	away  bool
}

func (s *shelf) CallerRules(_ context.Context, f dispatch.Filter) ([]dispatch.CallerRule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return nil, errors.New("no database")
	}
	from := min(f.Offset, len(s.rules))
	return s.rules[from:min(from+f.Limit, len(s.rules))], nil
}

func TestCallerList(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	later, before := now.Add(time.Hour), now.Add(-time.Second)
	s := &shelf{rules: []dispatch.CallerRule{
		{Number: "13800000001", Until: later},
		{Number: "13800000002", Until: before},
		{Number: "13800000003", Until: later, LiftedAt: before},
		{Number: "170", Prefix: true, Until: later},
		{Number: "17012345678", Allow: true, Until: later},
		{Number: "1709", Prefix: true, Allow: true, Until: later},
		{Number: "95013", Until: later}, // a number, not a prefix
	}}
	l := dispatch.NewCallerList(s, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if l.Blocked("13800000001") {
		t.Error("blocked before the rules were read")
	}
	want := func(blocked ...string) {
		t.Helper()
		for _, number := range []string{"", "1", "13800000001", "13800000002", "13800000003", "13800000004", "17012345678",
			"17012345679", "17099999999", "170", "95013", "950131234"} {
			if got := l.Blocked(number); got != slices.Contains(blocked, number) {
				t.Errorf("%q blocked: %v", number, got)
			}
		}
	}
	if err := l.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	want("13800000001", "17012345679", "170", "95013")
	now = later
	want() // each ended by itself
	now = before
	if s.away = true; l.Refresh(t.Context()) == nil {
		t.Error("refreshed without a database")
	}
	want() // what cannot be checked blocks nobody
}

// Run follows the rules within seconds, is bounded, and ends.
func TestCallerListRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		l := dispatch.NewCallerList(s, time.Now, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- l.Run(ctx, time.After) }()
		synctest.Wait()
		s.mu.Lock()
		for i := range 12_000 {
			s.rules = append(s.rules, dispatch.CallerRule{Number: fmt.Sprintf("138%08d", i), Until: time.Now().Add(time.Hour)})
		}
		s.mu.Unlock()
		<-time.After(4 * time.Second)
		if !l.Blocked("13800000001") || !l.Blocked("13800009999") || l.Blocked("13800010000") {
			t.Error("not the 10,000 newest rules")
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAddCallerRule(t *testing.T) {
	for name, tt := range map[string]struct {
		rule dispatch.CallerRule
		want string // the number kept; empty: refused
	}{
		"a number":           {dispatch.CallerRule{Number: "138 0000-0001", Reason: "骚扰"}, "13800000001"},
		"with its country":   {dispatch.CallerRule{Number: "+8613800000001", Reason: "骚扰"}, "13800000001"},
		"with 0086":          {dispatch.CallerRule{Number: "008613800000001", Reason: "骚扰"}, "13800000001"},
		"a prefix":           {dispatch.CallerRule{Number: "170", Prefix: true, Reason: "骚扰"}, "170"},
		"two digits":         {dispatch.CallerRule{Number: "13", Prefix: true, Reason: "骚扰"}, ""},
		"no digits":          {dispatch.CallerRule{Number: "1380000000a", Reason: "骚扰"}, ""},
		"no reason":          {dispatch.CallerRule{Number: "13800000001", Reason: " "}, ""},
		"a novel":            {dispatch.CallerRule{Number: "13800000001", Reason: strings.Repeat("长", 201)}, ""},
		"over already":       {dispatch.CallerRule{Number: "13800000001", Reason: "骚扰", Until: time.Unix(1, 0)}, ""},
		"longer than a year": {dispatch.CallerRule{Number: "13800000001", Reason: "骚扰", Until: time.Unix(1<<33, 0)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newHall(t, "zz", filepath.Join(t.TempDir(), "hotline.db"))
			if tt.rule.Until.IsZero() {
				tt.rule.Until = f.now.Add(24 * time.Hour)
			}
			tt.rule.By = "agent:admin"
			r, err := f.AddCallerRule(t.Context(), tt.rule)
			if r.Number != tt.want || (tt.want == "") != errors.Is(err, dispatch.ErrInvalid) {
				t.Errorf("%+v, %v", r, err)
			}
			if tt.want == "" {
				return
			}
			lifted, err := f.LiftCallerRule(t.Context(), r.ID, "agent:other")
			if err != nil || lifted.LiftedAt.IsZero() || lifted.Counts(f.now) {
				t.Errorf("lifted %+v, %v", lifted, err)
			}
			again, err := f.LiftCallerRule(t.Context(), r.ID, "agent:third")
			if err != nil || again.LiftedBy != "agent:other" {
				t.Errorf("lifted again %+v, %v", again, err)
			}
		})
	}
}
