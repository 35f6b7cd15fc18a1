package survey

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// walkAll lets one whole walk happen.
func (b bench) walkAll(t *testing.T, rec *record) Drift {
	t.Helper()
	for {
		done, err := b.walkOn(t.Context(), rec)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			d := b.Drift()
			d.At = time.Time{}
			return d
		}
	}
}

// TestWalk: what differs between SQL and Redis is found, shown, and repaired, and what is
// only on its way is left alone.
func TestWalk_ZQ15_2(t *testing.T) {
	b := warm(t)
	wins := map[string]Window{}
	for n, id := range []string{"missing", "rated here", "settled there", "fine", "unknown", "on its way", "over"} {
		win := window(id, opened)
		win.Phone = fmt.Sprintf("139%08d", n)
		if wins[id] = win; id != "missing" {
			b.open(t, win)
		}
	}
	rec := newRecord()
	for id, win := range wins {
		if id != "unknown" {
			rec.windows = append(rec.windows, win)
		}
	}
	rec.settled = []Settlement{{SurveyID: "settled there"}}
	rate := func(id string) { b.reply(t, Reply{Phone: wins[id].Phone, Text: "1", At: opened}) }
	rate("rated here") // and SQL never hears of it
	rate("on its way")

	b.step(t, rec) // to be warm
	if err := b.compare(t.Context(), []Window{wins["missing"]}); err != nil || b.walk.found.Missing != 0 {
		t.Errorf("in the minute of its opening: %+v, %v", b.walk.found, err)
	}
	b.walk = walk{}
	b.clock.Set(opened.Add(justOpened))
	if diff := cmp.Diff(Drift{Warm: true, SQL: 5, Redis: 5, Missing: 1, Stale: 2, Repaired: 3}, b.walkAll(t, rec)); diff != "" {
		t.Errorf("first walk: -want +got\n%s", diff)
	}
	rec.settled = append(rec.settled, Settlement{SurveyID: "on its way"})
	if diff := cmp.Diff(Drift{Warm: true, SQL: 4, Redis: 4, Ended: 1, Repaired: 4}, b.walkAll(t, rec)); diff != "" {
		t.Errorf("second walk: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(Drift{Warm: true, SQL: 4, Redis: 4, Repaired: 4}, b.walkAll(t, rec)); diff != "" {
		t.Errorf("third walk: -want +got\n%s", diff)
	}
	for id, want := range map[string]VerdictKind{"missing": Rated, "rated here": Rated, "settled there": Late, "fine": Rated, "unknown": Late, "on its way": Late} {
		if v := b.reply(t, Reply{Phone: wins[id].Phone, Text: "2", At: opened}); v.Kind != want {
			t.Errorf("%s: %+v, want %s", id, v, want)
		}
	}
}

// TestWalkInPages: a walk over more than a page sees each window once, in both.
func TestWalkInPages(t *testing.T) {
	b := warm(t)
	rec := newRecord()
	for n := range 2*walkPage + 50 {
		win := window(fmt.Sprintf("s%04d", n), opened) // all end at once
		win.Phone = fmt.Sprintf("139%08d", n)
		rec.windows = append(rec.windows, win)
	}
	if _, err := b.put(t.Context(), "", "", rec.windows[:walkPage]); err != nil {
		t.Fatal(err)
	}
	b.clock.Set(opened.Add(justOpened))
	b.step(t, rec)
	n := len(rec.windows)
	if diff := cmp.Diff(Drift{Warm: true, SQL: n, Redis: n, Missing: n - walkPage, Repaired: uint64(n - walkPage)}, b.walkAll(t, rec)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestRunWalks: Run repairs what it was not told.
func TestRunWalks(t *testing.T) {
	b := warm(t)
	rec := newRecord(window("s1", opened)) // whoever opened it died before telling Redis
	b.run(t, rec)
	want := Settlement{SurveyID: "s1", Outcome: OutcomeUnrated, At: opened.Add(24 * time.Hour)}
	if diff := cmp.Diff(want, b.settled(t, rec)); diff != "" {
		t.Errorf("settled: -want +got\n%s", diff)
	}
}
