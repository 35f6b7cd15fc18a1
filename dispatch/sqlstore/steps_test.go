package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

// TestStepsOfBefore reads calls as programs of before kept them, and keeps them shorter.
func TestStepsOfBefore(t *testing.T) {
	onEach(t, func(t *testing.T, url func() string) {
		at := url()
		s, err := sqlstore.Open(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		want := []dispatch.Step{{At: noon, What: "say", Text: "您好"}, {At: noon.Add(time.Second + time.Microsecond), What: "key", Text: `"1"`},
			{At: noon, What: "clock set back"}, {What: "at no time"}, {At: noon, What: "end"}}
		c := dispatch.Call{ID: "c", StartedAt: noon, EndedAt: noon.Add(time.Minute), Steps: want}
		if err := s.Tx(t.Context(), func(tx dispatch.Tx) error { return tx.SaveCall(c) }); err != nil {
			t.Fatal(err)
		}
		check := func(name string) {
			t.Helper()
			got, err := s.CallBy(t.Context(), "c")
			if err != nil {
				t.Fatal(err)
			}
			same(t, name, got.Steps, want)
		}
		check("as it is kept now")
		db, short := byHand(t, at), ""
		if err := db.QueryRowContext(t.Context(), "SELECT steps FROM calls").Scan(&short); err != nil {
			t.Fatal(err)
		}
		first := fmt.Sprintf(`[[%d,"say","您好"],[1000001,"key","\"1\""],[-1000001,"clock set back",""],[-%d,"at no time",""],[%[1]d,"end",""]]`,
			noon.UnixMicro(), noon.UnixMicro())
		same(t, "what is kept", short, first)
		run(t, db, `UPDATE calls SET steps = '[{"at":"2026-11-21T04:00:00Z","what":"say","text":"您好"},{"at":"2026-11-21T04:00:01.000001Z","what":"key","text":"\"1\""},
			{"at":"2026-11-21T04:00:00Z","what":"clock set back","text":""},{"at":"0001-01-01T00:00:00Z","what":"at no time","text":""},{"at":"2026-11-21T04:00:00Z","what":"end","text":""}]'`)
		check("as it was kept before")
	})
}
