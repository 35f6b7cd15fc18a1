package ports

import (
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// What was given to one is nobody else's, before it listens and after it was killed.
func TestFree(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var got [4][]int
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = Free(500); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	given := slices.Sorted(slices.Values(slices.Concat(got[:]...)))
	if len(given) != 2000 || len(slices.Compact(given)) != 2000 {
		t.Errorf("%d ports, some of them twice", len(given))
	}
	if given[0] < lowest || given[len(given)-1] >= lowest+many {
		t.Errorf("ports from %d to %d", given[0], given[len(given)-1])
	}
}

func TestNoneIsLeftAndThenThereAre(t *testing.T) {
	b, err := open(filepath.Join(t.TempDir(), "book"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.file.Close()
	now := time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, text, _ := net.SplitHostPort(taken.Addr().String())
	port, err := strconv.Atoi(text)
	if err != nil || free(port) {
		t.Errorf("port %s is free, and listens; %v", text, err)
	}
	for i := range many {
		if err := b.give(i, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		after time.Duration
		left  bool
	}{{0, false}, {kept - time.Second, false}, {kept, true}} {
		if got, err := b.take(1, now.Add(c.after)); (err == nil) != c.left {
			t.Errorf("after %v: %v, %v", c.after, got, err)
		}
	}
	// The clock was set back an hour: what the book says of the time to come does not count.
	if _, err := b.take(1, now.Add(-time.Hour)); err != nil {
		t.Error(err)
	}
}
