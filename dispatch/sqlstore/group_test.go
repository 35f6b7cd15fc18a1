package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a group whose writes take a second and double their numbers; a group with a
// spoiler fails, and so does the spoiler alone.
type slow struct {
	group[int, int]
	groups [][]int // as they were begun
}

const spoiler = 13

var errSpoilt = errors.New("spoilt")

func newSlow() *slow {
	s := &slow{}
	s.most = 4
	s.run = func(ctx context.Context, all []int) ([]int, error) {
		s.groups = append(s.groups, slices.Clone(all))
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if slices.Contains(all, spoiler) {
			return nil, errSpoilt
		}
		out := make([]int, len(all))
		for i, n := range all {
			out[i] = 2 * n
		}
		return out, nil
	}
	return s
}

func TestWhatComesDuringAWriteMakesTheNextGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlow()
		var all sync.WaitGroup
		for n := range 6 {
			all.Go(func() {
				if got, err := s.do(t.Context(), n); got != 2*n || err != nil {
					t.Errorf("%d became %d, %v", n, got, err)
				}
			})
			synctest.Wait() // they come one after the other
		}
		all.Wait()
		if got := fmt.Sprint(s.groups); got != "[[0] [1 2 3 4] [5]]" {
			t.Errorf("groups %s", got)
		}
		if s.busy || len(s.waiting) > 0 {
			t.Errorf("left busy=%v with %d waiting", s.busy, len(s.waiting))
		}
	})
}

func TestOneThatSpoilsAGroupFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlow()
		var all sync.WaitGroup
		for _, n := range []int{1, 2, spoiler, 3} {
			all.Go(func() {
				got, err := s.do(t.Context(), n)
				if n == spoiler && !errors.Is(err, errSpoilt) || n != spoiler && (err != nil || got != 2*n) {
					t.Errorf("%d became %d, %v", n, got, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
	})
}

// Who gives up takes nothing from the others, whether it waits, leads or is being written.
func TestWhoGivesUpLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlow()
		const long = time.Hour
		var all sync.WaitGroup
		for n, patience := range []time.Duration{time.Second / 2, long, time.Second / 4, long} {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				got, err := s.do(ctx, n)
				if (patience < long) != (err != nil) || err == nil && got != 2*n {
					t.Errorf("%d became %d, %v", n, got, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if got := fmt.Sprint(s.groups); got != "[[0] [1 3]]" {
			t.Errorf("groups %s", got)
		}
		if got, err := s.do(t.Context(), 7); got != 14 || err != nil {
			t.Errorf("afterwards 7 became %d, %v", got, err)
		}
	})
}

func TestAPanicIsItsCallersAndTheOthersHear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlow()
		run := s.run
		s.run = func(ctx context.Context, all []int) ([]int, error) {
			out, err := run(ctx, all)
			if slices.Contains(all, 1) {
				panic("driver")
			}
			return out, err
		}
		var all sync.WaitGroup
		for n := range 3 {
			all.Go(func() {
				defer func() {
					if r := recover(); (r != nil) != (n == 1) {
						t.Errorf("%d recovered %v", n, r)
					}
				}()
				if _, err := s.do(t.Context(), n); (err != nil) != (n == 2) {
					t.Errorf("%d: %v", n, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if got, err := s.do(t.Context(), 5); got != 10 || err != nil {
			t.Errorf("afterwards 5 became %d, %v", got, err)
		}
	})
}
