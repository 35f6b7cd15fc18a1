package dispatch_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/dispatch/sqlstore/pgtest"
)

// crowd is how many orders are open.
const crowd = 50_000

// BenchmarkSweep sweeps over 50,000 open orders: when nothing is due, when five hundred
// deadlines have passed (each is an act, its event and its texts), when every order changed,
// and when the rules did, which changes nothing for any of them.
func BenchmarkSweep(b *testing.B) { onCrowds(b, sweepCrowd) }

// BenchmarkRecount goes through the deadlines of 50,000 open orders and of their units' parts
// when a year of the calendar came that changes none of them; and says what it takes when all
// of them were provisional until then.
func BenchmarkRecount(b *testing.B) { onCrowds(b, recountCrowd) }

// mass is an office with 50,000 open orders.
type mass struct {
	*dispatch.Office
	store *sqlstore.Store
	now   time.Time
}

func onCrowds(b *testing.B, bench func(*testing.B, *mass)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, newMass(b, filepath.Join(b.TempDir(), "h.db"))) })
	b.Run("postgres", func(b *testing.B) {
		url := pgtest.Start(b)
		m := newMass(b, url)
		analyze(b, url)
		bench(b, m)
	})
}

// analyze lets PostgreSQL know its tables, as autovacuum does some seconds after so many rows.
func analyze(b *testing.B, url string) {
	b.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
}

func newMass(b *testing.B, url string) *mass {
	b.Helper()
	store, err := sqlstore.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	if err != nil {
		b.Fatal(err)
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		b.Fatal(err)
	}
	policy.Watch.Remind = nil // or all fifty thousand are reminded on the day before
	m := &mass{store: store, now: time.Date(2026, 11, 20, 10, 0, 0, 0, dispatch.Place)}
	m.Office = dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: func() time.Time { return m.now },
		Units: []dispatch.Unit{{ID: "road", Handlers: []dispatch.Handler{{Mobile: handlerPhone}, {Mobile: headPhone, Head: true}}}}})
	for from := 0; from < crowd; from += 500 {
		if err := fillCrowd(b.Context(), store, from, m.now); err != nil {
			b.Fatal(err)
		}
	}
	return m
}

func sweepCrowd(b *testing.B, m *mass) {
	run := func(name string, before func()) {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				before()
				b.StartTimer()
				if _, err := m.SweepOrders(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("all_changed", func() {
		for from := 0; from < crowd; from += 500 {
			looks := make([]dispatch.Look, 500)
			for i := range looks {
				looks[i].Number = crowdNumber(from + i)
			}
			if err := m.store.Tx(b.Context(), func(tx dispatch.Tx) error { return tx.LookAgain(looks) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("rules_changed", func() {
		if err := m.store.Tx(b.Context(), func(tx dispatch.Tx) error { return tx.Mark("sweep_rules", "others", m.now) }); err != nil {
			b.Fatal(err)
		}
	})
	run("nothing_due", func() { m.now = m.now.Add(time.Second) })
	m.now = m.now.Add(100 * 24 * time.Hour)
	run("500_overdue", func() { m.now = m.now.Add(500 * time.Second) })
}

func recountCrowd(b *testing.B, m *mass) {
	begin := time.Now()
	if n, err := m.Recount(b.Context()); err != nil || n != crowd {
		b.Fatal(n, err)
	}
	all := time.Since(begin)
	for b.Loop() {
		if n, err := m.Recount(b.Context()); err != nil || n != 0 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(all.Seconds(), "s/all-changed")
}

func crowdNumber(i int) string { return fmt.Sprintf("ZZ20261120-%05d-0", i) }

// fillCrowd writes 500 orders at a unit; each has a deadline of its own second.
func fillCrowd(ctx context.Context, store *sqlstore.Store, from int, now time.Time) error {
	return store.Tx(ctx, func(tx dispatch.Tx) error {
		for i := from; i < from+500; i++ {
			due := now.Add(100*24*time.Hour + time.Duration(i)*time.Second).UTC()
			o := dispatch.Order{Number: crowdNumber(i), Digits: fmt.Sprintf("261120%06d", i), PIN: "1234", Type: dispatch.Help,
				Channel: dispatch.ByPhone, State: dispatch.Processing, Phone: citizen, Summary: "路灯不亮,夜间出行不便,请尽快派人维修,谢谢。",
				CreatedAt: now.UTC(), Version: 1}
			o.Due = dispatch.Deadline{At: due, Provisional: true, Rule: "ZZ-17.1", From: due.Add(-48 * time.Hour), Span: calendar.Span{N: 48, Unit: calendar.Hours}}
			o.Unit, o.ContactedAt = "road", now.UTC()
			if _, err := tx.InsertOrder(o, ""); err != nil {
				return err
			}
			a := dispatch.Assignment{ID: fmt.Sprint("A", i), Order: o.Number, Attempt: 1, Unit: "road", Lead: true, DispatchedAt: now.UTC(),
				FirstAt: now.UTC(), Due: o.Due}
			if err := tx.InsertAssignment(a); err != nil {
				return err
			}
		}
		return nil
	})
}
