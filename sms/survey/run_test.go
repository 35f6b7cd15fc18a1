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
		case at := <-b.clock.armed:
			if at.After(b.clock.Now()) {
				b.clock.Set(at)
			}
		case <-t.Context().Done():
			t.Fatal("nothing was settled")
		}
	}
}

func TestSettlements_ZQ15_2(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	second := window("s2", opened.Add(time.Minute))
	second.Phone = "13800000002"
	b.open(t, window("s1", opened), second)
	b.reply(t, Reply{Text: "1 2", At: opened.Add(time.Hour)})
	end := opened.Add(24 * time.Hour)

	b.clock.Set(end.Add(999 * time.Millisecond)) // the last second is a whole one
	b.step(t, rec)
	if len(rec.settled) != 0 {
		t.Fatalf("in the last second: %v", rec.settled)
	}
	b.clock.Set(end.Add(time.Second))
	b.step(t, rec)
	want := []Settlement{{SurveyID: "s1", Outcome: OutcomeInvalid, At: end}}
	if diff := cmp.Diff(want, rec.settled); diff != "" {
		t.Errorf("after it: -want +got\n%s", diff)
	}
	b.clock.Set(end.Add(time.Hour))
	b.step(t, rec)
	b.step(t, rec)
	want = append(want, Settlement{SurveyID: "s2", Outcome: OutcomeUnrated, At: end.Add(time.Minute)})
	if diff := cmp.Diff(want, rec.settled); diff != "" {
		t.Errorf("an hour later: -want +got\n%s", diff)
	}
	if d := b.Drift(); !d.Warm || d.Waiting != 0 {
		t.Errorf("left behind: %+v", d)
	}
	// It has ended, so even an answer of the window's time comes too late.
	if v := b.reply(t, Reply{Text: "2", At: opened.Add(time.Hour)}); v.Kind != Late {
		t.Errorf("after settling: %+v", v)
	}
}

// TestRemembered: ended windows are known for 7 days, then forgotten.
func TestRemembered(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	b.reply(t, Reply{Text: "2", At: opened})
	for _, tt := range []struct {
		days time.Duration
		want VerdictKind
	}{{7, Late}, {9, None}} {
		b.clock.Set(opened.Add(tt.days * 24 * time.Hour))
		if v := b.reply(t, Reply{Text: "5", At: b.clock.Now()}); v.Kind != tt.want {
			t.Errorf("after %d days: %+v, want %s", tt.days, v, tt.want)
		}
	}
	if ttl := b.cfg.Redis.TTL(t.Context(), b.place("13800000001").windows).Val(); ttl < 7*24*time.Hour || ttl > 8*24*time.Hour {
		t.Errorf("Redis forgets it in %v", ttl)
	}
}

func TestRunSettlesOnce(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened))
	b.open(t, window("s1", opened))
	b.run(t, rec)
	second := b // another controller
	second.Windows = b.another(t, b.server.Client())
	second.run(t, rec)
	got := b.settled(t, rec)
	want := Settlement{SurveyID: "s1", Outcome: OutcomeUnrated, At: opened.Add(24 * time.Hour)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settled: -want +got\n%s", diff)
	}
}

// TestRunIsRightToTheSecond: Run wakes in the second after the deadline's own.
func TestRunIsRightToTheSecond_ZQ15_2(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened))
	b.open(t, rec.windows...)
	b.run(t, rec)
	b.settled(t, rec)
	if !b.clock.wasArmed(opened.Add(24*time.Hour + time.Second)) {
		t.Error("it woke at another time")
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

// TestSQLAway: a settlement that SQL could not take is offered again, by anybody, and no
// more windows end meanwhile.
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
	other := b
	other.Windows = b.another(t, b.server.Client())
	if other.step(t, rec); len(rec.settled) != 1 {
		t.Errorf("Step with SQL back: settled %v", rec.settled)
	}
}

// TestUnreadTexts: what SQL cannot settle yet holds up nothing else.
func TestUnreadTexts(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	rec.unread = map[string]bool{"s1": true}
	same := window("s2", opened)
	b.open(t, window("s1", opened), same)
	b.clock.Set(opened.Add(25 * time.Hour))
	for range 2 {
		b.step(t, rec)
		if diff := cmp.Diff([]string{"s2"}, rec.ids()); diff != "" {
			t.Errorf("while a text is unread: -want +got\n%s", diff)
		}
	}
	if n := b.Drift().Waiting; n != 1 {
		t.Errorf("%d wait", n)
	}
	rec.unread = nil
	b.step(t, rec)
	if diff := cmp.Diff([]string{"s1", "s2"}, rec.ids()); diff != "" {
		t.Errorf("when it is read: -want +got\n%s", diff)
	}
}

// TestDeadReader: what a controller took and never acknowledged another one takes over.
func TestDeadReader(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	b.open(t, window("s1", opened))
	b.clock.Set(opened.Add(25 * time.Hour))
	p := b.place("13800000001")
	if n, err := b.expire(t.Context(), p.bucket, b.clock.Now()); err != nil || n != 1 {
		t.Fatalf("%d ended, %v", n, err)
	}
	taken, err := b.read(t.Context(), p.bucket)
	if err != nil || len(taken) != 1 {
		t.Fatalf("took %v, %v", taken, err)
	}
	if b.step(t, rec); len(rec.settled) != 0 {
		t.Fatalf("taken away from a living reader: %v", rec.settled)
	}
	// As if it had taken it long ago.
	if err := b.release(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	if b.step(t, rec); len(rec.settled) != 1 {
		t.Errorf("after its death: %v", rec.settled)
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
			rec := newRecord(answered, open, other, Window{ID: "a bad row"})
			rec.rate(t.Context(), b.reply(t, Reply{Slot: "01", Text: "1", At: opened}))
			lose(b)

			_, err := b.Reply(t.Context(), Reply{TextID: "cold", Phone: open.Phone, Text: "2", At: opened})
			if !errors.Is(err, ErrCold) {
				t.Fatalf("reply to a cold Redis: %v", err)
			}
			fresh := window("fresh", opened.Add(time.Minute)) // opens while cold
			fresh.Phone = "13800000003"
			b.open(t, fresh)

			b.step(t, rec)
			// Redis has forgotten slot 01, SQL has not: what is sent there must not end another.
			if v := b.reply(t, Reply{Slot: "01", Text: "5", At: opened}); !v.Heuristic {
				t.Errorf("a second answer to the first: %+v", v)
			}
			for _, tt := range []struct {
				reply Reply
				want  VerdictKind
			}{
				{Reply{Slot: "02", Text: "2", At: open.Deadline}, Rated},
				{Reply{Phone: other.Phone, Text: "2", At: other.Deadline.Add(time.Second)}, Late},
				{Reply{Phone: fresh.Phone, Text: "2", At: opened.Add(time.Hour)}, Rated},
			} {
				if v := b.reply(t, tt.reply); v.Kind != tt.want {
					t.Errorf("%+v: %+v, want %s", tt.reply, v, tt.want)
				}
			}
			b.clock.Set(other.Deadline.Add(time.Second))
			b.step(t, rec)
			want := []Settlement{{SurveyID: "other", Outcome: OutcomeUnrated, At: other.Deadline}}
			if diff := cmp.Diff(want, rec.settled[1:]); diff != "" {
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
