package survey

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// run starts Run and returns when it is told to stop and has stopped.
func (b bench) run(t *testing.T, rec *record) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, rec, rec) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// settled waits for the next settlement; the clock may have to go on for Run's own pauses.
func (b bench) settled(t *testing.T, rec *record) Settlement {
	t.Helper()
	for {
		select {
		case s := <-rec.got:
			return s
		case d := <-b.clock.armed:
			b.clock.Set(b.clock.Now().Add(d))
		case <-t.Context().Done():
			t.Fatal("nothing was settled")
		}
	}
}

func TestDueAndConfirm_ZQ15_2(t *testing.T) {
	b := warm(t)
	second := window("s2", opened.Add(time.Minute))
	second.Phone = "13800000002"
	b.open(t, window("s1", opened), second)
	b.reply(t, Reply{Text: "1 2", At: opened.Add(time.Hour)})
	end := opened.Add(24 * time.Hour)

	none, err := b.Due(t.Context(), end, 0)
	if err != nil || len(none) != 0 {
		t.Fatalf("in the last second: %v, %v", none, err)
	}
	want := []Settlement{{SurveyID: "s1", Outcome: OutcomeInvalid, At: end}, {SurveyID: "s2", Outcome: OutcomeUnrated, At: end.Add(time.Minute)}}
	for range 2 { // proposing changes nothing
		due, err := b.Due(t.Context(), end.Add(time.Hour), 0)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, due); diff != "" {
			t.Errorf("due: -want +got\n%s", diff)
		}
	}
	if first, _ := b.Due(t.Context(), end.Add(time.Hour), 1); len(first) != 1 || first[0].SurveyID != "s1" {
		t.Errorf("limit 1: %v", first)
	}
	for range 2 {
		if err := b.Confirm(t.Context(), []string{"s1", "never heard of"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(t.Context(), "s2"); err != nil {
		t.Fatal(err)
	}
	if due, _ := b.Due(t.Context(), end.Add(time.Hour), 0); len(due) != 0 {
		t.Errorf("after confirming: %v", due)
	}
	// Settled by SQL, so even an answer of the window's time comes too late.
	if v := b.reply(t, Reply{Text: "2", At: opened.Add(time.Hour)}); v.Kind != Late {
		t.Errorf("after settling: %+v", v)
	}
}

// TestRemembered: settled windows are known for 7 days, then forgotten.
func TestRemembered(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	b.reply(t, Reply{Text: "2", At: opened})
	for days, want := range map[time.Duration]VerdictKind{7: Late, 9: None} {
		b.clock.Set(opened.Add(days * 24 * time.Hour))
		// Any script on the phone forgets what is to be forgotten.
		if err := b.Close(t.Context(), "s1"); err != nil {
			t.Fatal(err)
		}
		if v := b.reply(t, Reply{Text: "5", At: b.clock.Now()}); v.Kind != want {
			t.Errorf("after %d days: %+v, want %s", days, v, want)
		}
		if want == None {
			return
		}
	}
}

func TestRunSettlesOnce(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	b.open(t, window("s1", opened))
	b.run(t, rec)
	b.run(t, rec) // a second controller
	got := b.settled(t, rec)
	want := Settlement{SurveyID: "s1", Outcome: OutcomeUnrated, At: opened.Add(24 * time.Hour)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settled: -want +got\n%s", diff)
	}
	if late := b.clock.Now().Sub(got.At); late < time.Second || late > 2*time.Second {
		t.Errorf("settled %v after the deadline, want the second after its own", late)
	}
}

// TestWatermark: while inbound texts are stuck nothing expires, up to the limit.
func TestWatermark_ZQ15_2(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	stuck := opened.Add(23 * time.Hour)
	b.cfg.UpTo = func() time.Time { return stuck }
	b.open(t, window("s1", opened))
	b.clock.Set(opened.Add(40 * time.Hour))
	if _, err := b.Step(t.Context(), rec, rec); err != nil || len(rec.settled) != 0 {
		t.Fatalf("with a stuck link: %v, settled %v", err, rec.settled)
	}
	if v := b.reply(t, Reply{Text: "1", At: opened.Add(23*time.Hour + time.Minute)}); v.Kind != Rated {
		t.Errorf("an answer the link held back: %+v", v)
	}
	second := window("s2", opened)
	second.Phone = "13800000002"
	b.open(t, second)
	b.clock.Set(opened.Add(73 * time.Hour)) // as long as SQL's own sweep waits
	if _, err := b.Step(t.Context(), rec, rec); err != nil || len(rec.settled) != 1 {
		t.Errorf("after two days of waiting: %v, settled %v", err, rec.settled)
	}
}

// TestSQLAway: a settlement that SQL could not take is proposed again.
func TestSQLAway(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	rec.fail = errors.New("no database")
	b.open(t, window("s1", opened))
	b.clock.Set(opened.Add(25 * time.Hour))
	if _, err := b.Step(t.Context(), rec, rec); !errors.Is(err, rec.fail) {
		t.Fatalf("Step without SQL: %v", err)
	}
	rec.fail = nil
	if _, err := b.Step(t.Context(), rec, rec); err != nil || len(rec.settled) != 1 {
		t.Errorf("Step with SQL back: %v, settled %v", err, rec.settled)
	}
}

// TestFlushInMidWindow: losing Redis changes no deadline and no answer (ZQ-15.2, ZZ-1).
func TestFlushInMidWindow_ZQ15_2(t *testing.T) {
	losses := map[string]func(bench){
		"flush":            func(b bench) { b.server.FlushAll() },
		"kill and restart": func(b bench) { b.server.Kill(); b.server.Restart() },
	}
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			b := warm(t)
			answered, open, other := window("answered", opened.Add(-time.Hour)), window("open", opened), window("other", opened)
			answered.Slot, open.Slot, other.Phone = "01", "02", "13800000002"
			b.open(t, answered, open, other)
			b.reply(t, Reply{Slot: "01", Text: "1", At: opened})
			lose(b)

			_, err := b.Reply(t.Context(), Reply{TextID: "cold", Phone: open.Phone, Text: "2", At: opened})
			if !errors.Is(err, ErrCold) {
				t.Fatalf("reply to a cold Redis: %v", err)
			}
			if _, err := b.Due(t.Context(), opened.Add(48*time.Hour), 0); !errors.Is(err, ErrCold) {
				t.Fatalf("expiry of a cold Redis: %v", err)
			}
			fresh := window("fresh", opened.Add(time.Minute)) // opens while cold
			fresh.Phone = "13800000003"
			b.open(t, fresh)

			answered.Settled = true
			rec := newRecord(answered, open, other, Window{ID: "a bad row"})
			if _, err := b.Step(t.Context(), rec, rec); err != nil {
				t.Fatal(err)
			}
			for _, tt := range []struct {
				reply Reply
				want  VerdictKind
			}{
				{Reply{Slot: "01", Text: "5", At: opened}, Late},
				{Reply{Slot: "02", Text: "2", At: open.Deadline}, Rated},
				{Reply{Phone: other.Phone, Text: "2", At: other.Deadline.Add(time.Second)}, Late},
				{Reply{Phone: fresh.Phone, Text: "2", At: opened.Add(time.Hour)}, Rated},
			} {
				if v := b.reply(t, tt.reply); v.Kind != tt.want {
					t.Errorf("%+v: %+v, want %s", tt.reply, v, tt.want)
				}
			}
			b.clock.Set(other.Deadline.Add(time.Second))
			if _, err := b.Step(t.Context(), rec, rec); err != nil {
				t.Fatal(err)
			}
			want := []Settlement{{SurveyID: "other", Outcome: OutcomeUnrated, At: other.Deadline}}
			if diff := cmp.Diff(want, rec.settled); diff != "" {
				t.Errorf("settled: -want +got\n%s", diff)
			}
		})
	}
}

// TestRunSurvivesRedis: Run waits for a Redis that is away and settles when it is back.
func TestRunSurvivesRedis(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened))
	b.server.Kill()
	if err := b.Open(t.Context(), window("s2", opened)); err == nil || errors.Is(err, ErrBadWindow) {
		t.Errorf("Open without Redis: %v", err)
	}
	b.run(t, rec)
	<-b.clock.armed // its first try has failed
	b.server.Restart()
	b.clock.Set(opened.Add(25 * time.Hour))
	if got := b.settled(t, rec); got.SurveyID != "s1" {
		t.Errorf("settled %+v", got)
	}
}

// TestFlushDuringRebuild: what was emptied while it was filled stays cold.
func TestFlushDuringRebuild(t *testing.T) {
	b := warm(t)
	b.server.FlushAll()
	src := sourceFunc(func() ([]Window, error) {
		b.server.FlushAll()
		return []Window{window("s1", opened)}, nil
	})
	if err := b.Rebuild(t.Context(), src); !errors.Is(err, ErrCold) {
		t.Fatalf("Rebuild = %v, want ErrCold", err)
	}
	second := sourceFunc(func() ([]Window, error) {
		if err := b.Rebuild(t.Context(), newRecord()); !errors.Is(err, ErrCold) {
			t.Errorf("a rebuild beside another one: %v, want ErrCold", err)
		}
		return []Window{window("s1", opened)}, nil
	})
	if err := b.Rebuild(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if v := b.reply(t, Reply{Text: "1", At: opened}); v.Kind != Rated {
		t.Errorf("after the rebuild: %+v", v)
	}
}

type sourceFunc func() ([]Window, error)

func (f sourceFunc) OpenWindows(context.Context) ([]Window, error) { return f() }

// TestScriptsForgotten: a Redis that forgot the scripts but not the data is served on.
func TestScriptsForgotten(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	if err := b.cfg.Redis.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if v := b.reply(t, Reply{Text: "1", At: opened}); v.Kind != Rated {
		t.Errorf("after SCRIPT FLUSH: %+v", v)
	}
}
