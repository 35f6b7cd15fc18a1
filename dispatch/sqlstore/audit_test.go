package sqlstore_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/dispatch/sqlstore/pgtest"
)

// onEach runs a test on both databases; url names an empty one each time.
func onEach(t *testing.T, test func(t *testing.T, url func() string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, func() string { return filepath.Join(t.TempDir(), "h.db") })
	})
	t.Run("postgres", func(t *testing.T) { test(t, func() string { return pgtest.Database(t) }) })
}

// byHand is the database as whoever has its password sees it.
func byHand(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(url, "postgres") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// entry is the n-th thing that somebody did.
func entry(n int) dispatch.Audit {
	return dispatch.Audit{ID: fmt.Sprintf("audit-%03d", n), At: noon, Actor: "agent:admin", Act: dispatch.ActPhone,
		Subject: "ZZ20261121-0000" + strconv.Itoa(n%10) + "-7", Text: "核实地址", Rule: "ZQ-24"}
}

func appendEntries(t *testing.T, s *sqlstore.Store, n int) {
	t.Helper()
	for i := range n {
		if err := s.Tx(t.Context(), func(tx dispatch.Tx) error { return tx.InsertAudit(entry(i + 1)) }); err != nil {
			t.Fatal(err)
		}
	}
}

func verified(t *testing.T, s *sqlstore.Store, known dispatch.AuditHead) dispatch.Chain {
	t.Helper()
	c, err := dispatch.VerifyAudit(t.Context(), s, known)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// planted is a statement that writes a forged entry.
func planted(a dispatch.Audit) string {
	return fmt.Sprintf("INSERT INTO audit (id, at, actor, act, subject, words, rule, seq, hash) VALUES ('%s', %d, '%s', '%s', '%s', '%s', '%s', %d, '%s')",
		a.ID, a.At.UnixMicro(), a.Actor, a.Act, a.Subject, a.Text, a.Rule, a.Seq, a.Hash)
}

// forged is an entry that nobody made, sealed as it should be after another.
func forged(after dispatch.Audit) string {
	a := entry(99)
	a.Seal(after.Seq+1, after.Hash)
	return planted(a)
}

// TestAuditChain_ZZ_24 edits the database by hand in every way and finds the first entry that
// does not hold.
func TestAuditChain_ZZ_24(t *testing.T) {
	room := "UPDATE audit SET seq = seq + 100 WHERE seq >= 4"
	close := "UPDATE audit SET seq = seq - 99 WHERE seq >= 100"
	tests := map[string]struct {
		edit   func(all []dispatch.Audit) []string
		broken int64
		why    string
	}{
		"untouched": {func([]dispatch.Audit) []string { return nil }, 0, ""},
		"changed": {func([]dispatch.Audit) []string {
			return []string{"UPDATE audit SET words = '好奇' WHERE seq = 3"}
		}, 3, "改动"},
		"changed with its hash": {func(all []dispatch.Audit) []string {
			a := all[2]
			a.Actor = "agent:other"
			a.Seal(3, all[1].Hash)
			return []string{"DELETE FROM audit WHERE seq = 3", planted(a)}
		}, 4, "改动"},
		"removed":       {func([]dispatch.Audit) []string { return []string{"DELETE FROM audit WHERE seq = 3"} }, 3, "删除"},
		"first removed": {func([]dispatch.Audit) []string { return []string{"DELETE FROM audit WHERE seq = 1"} }, 1, "删除"},
		"last removed":  {func([]dispatch.Audit) []string { return []string{"DELETE FROM audit WHERE seq = 6"} }, 6, "删除"},
		"all removed":   {func([]dispatch.Audit) []string { return []string{"DELETE FROM audit"} }, 1, "删除"},
		"inserted": {func(all []dispatch.Audit) []string {
			return []string{room, planted(dispatch.Audit{ID: "x", Seq: 4}), close}
		}, 4, "插入"},
		"inserted, sealed": {func(all []dispatch.Audit) []string { return []string{room, forged(all[2]), close} }, 5, "插入"},
		"inserted at the end": {func(all []dispatch.Audit) []string {
			return []string{forged(all[5])}
		}, 7, "插入"},
		"inserted before all": {func([]dispatch.Audit) []string { return []string{planted(dispatch.Audit{ID: "x"})} }, 0, "插入"},
		"reordered": {func([]dispatch.Audit) []string {
			return []string{"UPDATE audit SET seq = 99 WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = 99"}
		}, 3, "换位"},
	}
	onEach(t, func(t *testing.T, url func() string) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				at := url()
				s := openStore(t, at)
				appendEntries(t, s, 6)
				all, err := s.AuditChain(t.Context(), 0, 10)
				if err != nil {
					t.Fatal(err)
				}
				run(t, byHand(t, at), tt.edit(all)...)
				c := verified(t, s, dispatch.AuditHead{})
				if c.Broken != tt.broken || (c.Why == "") != (tt.why == "") || !strings.Contains(c.Why, tt.why) {
					t.Errorf("%+v, want %d %s", c, tt.broken, tt.why)
				}
			})
		}
	})
}

// TestAuditWrittenAnew: a chain that was made anew as a whole holds, but the end of an
// earlier verification is not in it.
func TestAuditWrittenAnew_ZZ_24(t *testing.T) {
	onEach(t, func(t *testing.T, url func() string) {
		at := url()
		s := openStore(t, at)
		appendEntries(t, s, 3)
		known := verified(t, s, dispatch.AuditHead{}).Head
		appendMore := func(tx dispatch.Tx) error { return tx.InsertAudit(entry(4)) }
		if err := s.Tx(t.Context(), appendMore); err != nil {
			t.Fatal(err)
		}
		if c := verified(t, s, known); c.Why != "" || !c.Known || c.Entries != 4 {
			t.Errorf("before: %+v", c)
		}
		a := entry(1)
		a.Seal(1, "")
		run(t, byHand(t, at), "DELETE FROM audit", planted(a), "UPDATE audit_head SET seq = 1, hash = '"+a.Hash+"'")
		if c := verified(t, s, known); c.Why != "" || c.Known || c.Entries != 1 {
			t.Errorf("written anew: %+v", c)
		}
	})
}

// TestAuditIsChainedWithEntriesOfBefore: the migration chains what is there.
func TestAuditIsChainedWithEntriesOfBefore_ZZ_24(t *testing.T) {
	file, err := filepath.Glob("migrations/*_audit_chain.sql")
	if err != nil || len(file) != 1 {
		t.Fatal(file, err)
	}
	mine, err := strconv.ParseInt(filepath.Base(file[0])[:5], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, func(t *testing.T, url func() string) {
		at := url()
		db, dialect := byHand(t, at), goose.DialectSQLite3
		if strings.HasPrefix(at, "postgres") {
			dialect = goose.DialectPostgres
		}
		p, err := goose.NewProvider(dialect, db, os.DirFS("migrations"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.UpTo(t.Context(), mine-1); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"b", "c", "a"} { // all of one moment
			run(t, db, fmt.Sprintf("INSERT INTO audit (id, at, actor, act, subject, words) VALUES ('%s', %d, 'citizen', 'opt_out', '13812345678', '退订')", id, noon.UnixMicro()))
		}
		s := openStore(t, at)
		if c := verified(t, s, dispatch.AuditHead{}); c.Why != "" || c.Entries != 3 {
			t.Errorf("%+v", c)
		}
		appendEntries(t, s, 1)
		again := openStore(t, at)
		if c := verified(t, again, dispatch.AuditHead{}); c.Why != "" || c.Entries != 4 {
			t.Errorf("opened again: %+v", c)
		}
	})
}

// TestOneChainOfManyWriters: controllers beside each other make one chain, and what is not
// committed leaves no gap.
func TestOneChainOfManyWriters_ZZ_24(t *testing.T) {
	const writers, each = 8, 12
	onEach(t, func(t *testing.T, url func() string) {
		at := url()
		stores := []*sqlstore.Store{openStore(t, at), openStore(t, at)}
		var writing sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				for i := range each {
					err := stores[w%2].Tx(t.Context(), func(tx dispatch.Tx) error {
						a := entry(w*1000 + i)
						if err := tx.InsertAudit(a); err != nil || i%3 > 0 {
							return err
						}
						a.ID += "-and" // two in one transaction
						if err := tx.InsertAudit(a); err != nil || i%2 == 0 {
							return err
						}
						return dispatch.ErrConflict // undone
					})
					if err != nil && err != dispatch.ErrConflict {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		if c := verified(t, stores[0], dispatch.AuditHead{}); c.Why != "" || c.Entries != writers*(8+2*2) {
			t.Errorf("%+v", c)
		}
	})
}
