package survey

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// slowSource is a record that does something before it lists a page.
type slowSource struct {
	*record
	before func()
}

func (s slowSource) OpenWindows(ctx context.Context, after Window, limit int) ([]Window, error) {
	s.before()
	return s.record.OpenWindows(ctx, after, limit)
}

// TestColdRedisSettlesNothing: while SQL does not say what is open nothing ends, not even
// what was opened meanwhile.
func TestColdRedisSettlesNothing(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened))
	b.server.FlushAll()
	b.open(t, window("s1", opened))
	b.clock.Set(opened.Add(25 * time.Hour))
	src := newRecord()
	src.fail = errors.New("no database")
	for range 2 {
		if _, err := b.Step(t.Context(), src, rec); !errors.Is(err, src.fail) || len(rec.settled) != 0 {
			t.Fatalf("cold: %v, settled %v", err, rec.settled)
		}
	}
	if b.Drift().Warm {
		t.Error("it calls itself warm")
	}
	if b.step(t, rec); len(rec.settled) != 1 || !b.Drift().Warm {
		t.Errorf("warm: settled %v, %+v", rec.settled, b.Drift())
	}
}

// TestPartlyCold: where one bucket was lost, as with one node of a cluster, the others go on.
func TestPartlyCold(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened))
	lost := rec.windows[0]
	for n := 0; b.place(lost.Phone).number == b.place(rec.windows[0].Phone).number; n++ {
		lost = window("s2", opened)
		lost.Phone = fmt.Sprint("1390000000", n)
	}
	rec.windows = append(rec.windows, lost)
	b.open(t, rec.windows...)
	p := b.place(lost.Phone)
	if err := b.cfg.Redis.Del(t.Context(), p.epoch, p.due, p.windows).Err(); err != nil {
		t.Fatal(err)
	}
	b.clock.Set(opened.Add(25 * time.Hour))
	src := newRecord()
	src.fail = errors.New("no database")
	if _, err := b.Step(t.Context(), src, rec); !errors.Is(err, src.fail) || len(rec.settled) != 1 || rec.settled[0].SurveyID != "s1" {
		t.Fatalf("%v, settled %v", err, rec.settled)
	}
	if b.step(t, rec); len(rec.settled) != 2 {
		t.Errorf("settled %v", rec.settled)
	}
}

// TestFlushDuringRebuild: what was emptied while it was filled stays cold.
func TestFlushDuringRebuild(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened))
	b.server.FlushAll()
	if err := b.Rebuild(t.Context(), slowSource{rec, b.server.FlushAll}); !errors.Is(err, ErrCold) {
		t.Fatalf("Rebuild = %v, want ErrCold", err)
	}
	if err := b.Rebuild(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	if v := b.reply(t, Reply{Text: "1", At: opened}); v.Kind != Rated {
		t.Errorf("after the rebuild: %+v", v)
	}
}

// TestTwoRebuildsAtOnce: the second waits for the first; when the first hangs until its
// mark has run out the second does the work, and the first harms nothing any more.
func TestTwoRebuildsAtOnce(t *testing.T) {
	b := warm(t)
	second := b.another(t, b.server.Client())
	var wins []Window
	for n := range 300 {
		win := window(fmt.Sprintf("s%03d", n), opened)
		win.Phone = fmt.Sprintf("139%08d", n)
		wins = append(wins, win)
	}
	rec := newRecord(wins...)
	b.server.FlushAll()
	first := slowSource{rec, func() {
		if err := second.Rebuild(t.Context(), rec); !errors.Is(err, ErrCold) {
			t.Errorf("a rebuild beside another one: %v, want ErrCold", err)
		}
		for n := range buckets { // its mark runs out
			b.cfg.Redis.Del(t.Context(), b.bucket(n).loading)
		}
		if err := second.Rebuild(t.Context(), rec); err != nil {
			t.Errorf("a rebuild after one that hangs: %v", err)
		}
		rec.rate(t.Context(), b.reply(t, Reply{Phone: wins[0].Phone, Text: "1", At: opened}))
	}}
	if err := b.Rebuild(t.Context(), first); !errors.Is(err, ErrCold) {
		t.Errorf("the one that hung: %v, want ErrCold", err)
	}
	if v := b.reply(t, Reply{Phone: wins[0].Phone, Text: "5", At: opened}); v.Kind != Late {
		t.Errorf("what was answered meanwhile: %+v", v)
	}
	b.clock.Set(opened.Add(25 * time.Hour))
	var stepping sync.WaitGroup
	for _, w := range []*Windows{b.Windows, second} {
		stepping.Go(func() {
			if _, err := w.Step(t.Context(), rec, rec); err != nil {
				t.Error(err)
			}
		})
	}
	stepping.Wait()
	if len(rec.ids()) != len(wins) {
		t.Errorf("%d settled", len(rec.ids()))
	}
}
