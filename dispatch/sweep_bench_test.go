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
func BenchmarkSweep(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { sweepCrowd(b, filepath.Join(b.TempDir(), "h.db"), func() {}) })
	b.Run("postgres", func(b *testing.B) {
		url := pgtest.Start(b)
		sweepCrowd(b, url, func() { analyze(b, url) })
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

// sweepCrowd calls filled when the orders are there.
func sweepCrowd(b *testing.B, url string, filled func()) {
	store, err := sqlstore.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	if err != nil {
		b.Fatal(err)
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		b.Fatal(err)
	}
	policy.Watch.Remind = nil // or all fifty thousand are reminded on the day before
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, dispatch.Place)
	office := dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: func() time.Time { return now },
		Units: []dispatch.Unit{{ID: "road", Handlers: []dispatch.Handler{{Mobile: handlerPhone}, {Mobile: headPhone, Head: true}}}}})
	for from := 0; from < crowd; from += 500 {
		if err := fillCrowd(b.Context(), store, from, now); err != nil {
			b.Fatal(err)
		}
	}
	filled()
	run := func(name string, before func()) {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				before()
				b.StartTimer()
				if _, err := office.SweepOrders(b.Context()); err != nil {
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
			if err := store.Tx(b.Context(), func(tx dispatch.Tx) error { return tx.LookAgain(looks) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("rules_changed", func() {
		if err := store.Tx(b.Context(), func(tx dispatch.Tx) error { return tx.Mark("sweep_rules", "others", now) }); err != nil {
			b.Fatal(err)
		}
	})
	run("nothing_due", func() { now = now.Add(time.Second) })
	now = now.Add(100 * 24 * time.Hour)
	run("500_overdue", func() { now = now.Add(500 * time.Second) })
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
			o.Due = dispatch.Deadline{At: due, Rule: "ZZ-17.1"}
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
