package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

// TestOutside is what comes from outside into questions, not only into rows: both
// databases must answer alike, and no byte may make one fail.
func TestOutside(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(*testing.T) *sqlstore.Store) {
		for name, test := range map[string]func(*testing.T, *sqlstore.Store){
			"no byte makes a question fail":                         oddQuestions,
			"a phone's texts of late":                               recentTexts,
			"words are found in either case":                        eitherCase,
			"KF-3.1.5 informants are not found by their name":       informantsName,
			"sixteen writers of every kind lose and refuse nothing": sixteenWriters,
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}

func oddQuestions(t *testing.T, s *sqlstore.Store) {
	insert(t, s, order(1))
	for _, odd := range []string{"a\x00b", "\xff\xfe", "坏\xff", "'; DROP TABLE orders; --", "?", `\`, "%", "_"} {
		if _, err := s.OrderBy(t.Context(), odd); !errors.Is(err, dispatch.ErrNotFound) {
			t.Errorf("order %q: %v", odd, err)
		}
		if _, err := s.ByCarrierID(t.Context(), odd, odd); !errors.Is(err, sms.ErrNotFound) {
			t.Errorf("carrier id %q: %v", odd, err)
		}
		if _, err := s.Orders(t.Context(), dispatch.Filter{Search: odd, Phone: odd, Order: odd, State: dispatch.State(odd)}); err != nil {
			t.Errorf("orders by %q: %v", odd, err)
		}
		do(t, s, func(tx dispatch.Tx) error {
			_, err1 := tx.OptedOut(odd)
			_, err2 := tx.WrongCode(odd, noon)
			_, err3 := tx.Waiting(odd, noon)
			_, err4 := tx.InsertOptOut(dispatch.OptOut{ID: odd, Phone: odd, At: noon, TextID: odd})
			_, err5 := tx.DeleteOptOut(odd)
			return errors.Join(err1, err2, err3, err4, err5)
		})
	}
}

func eitherCase(t *testing.T, s *sqlstore.Store) {
	o := order(1)
	o.Summary = "WiFi 坏了"
	insert(t, s, o)
	for _, words := range []string{"wifi", "WIFI 坏", "zz2026"} {
		list, err := s.Orders(t.Context(), dispatch.Filter{Search: words})
		if err != nil || len(list) != 1 {
			t.Errorf("%q finds %d orders, %v", words, len(list), err)
		}
	}
}

func informantsName(t *testing.T, s *sqlstore.Store) {
	secret, open := order(1), order(2)
	secret.Confidential = true
	insert(t, s, secret)
	insert(t, s, open)
	for words, want := range map[string]int{"王'五": 1, "路灯": 2} {
		list, err := s.Orders(t.Context(), dispatch.Filter{Search: words})
		if err != nil || len(list) != want {
			t.Errorf("%q finds %d orders, want %d, %v", words, len(list), want, err)
		}
	}
}

// recentTexts: what a phone has sent of late, for whoever is brought it again.
func recentTexts(t *testing.T, s *sqlstore.Store) {
	for i, from := range []string{"13800000001", "13800000002", "13800000001"} {
		id := fmt.Sprint(i)
		at := noon.Add(time.Duration(i) * time.Minute)
		if _, err := s.Receive(t.Context(), sms.Inbound{ID: id, Key: id, From: from, EventAt: at, ReceivedAt: at}); err != nil {
			t.Fatal(err)
		}
	}
	for since, want := range map[time.Duration][]string{0: {"2", "0"}, time.Second: {"2"}, time.Hour: nil} {
		got, err := s.Recent(t.Context(), "13800000001", noon.Add(since))
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, in := range got {
			ids = append(ids, in.ID)
		}
		same(t, since.String(), ids, want)
	}
}

// sixteenWriters writes as calls, texts, the gateway and the console do, all at once.
func sixteenWriters(t *testing.T, s *sqlstore.Store) {
	const each = 12
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := range each {
				if err := writeSome(t.Context(), s, w, i); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	all.Wait()
	list, err := s.Orders(t.Context(), dispatch.Filter{Limit: 1000})
	if err != nil || len(list) != 16*each {
		t.Errorf("%d orders, want %d, %v", len(list), 16*each, err)
	}
}

func writeSome(ctx context.Context, s *sqlstore.Store, w, i int) error {
	id := fmt.Sprintf("%d-%d", w, i)
	err := s.Tx(ctx, func(tx dispatch.Tx) error {
		n, err := tx.NextSerial("20261121")
		if err != nil {
			return err
		}
		o, err := tx.InsertOrder(order(n), id)
		return errors.Join(err, tx.Append(dispatch.Event{Number: o.Number, At: noon, Kind: dispatch.OnRegistered}),
			tx.Enqueue(sms.Message{ID: id, Key: id, CreatedAt: noon}), tx.SaveCall(dispatch.Call{ID: id, StartedAt: noon}))
	})
	_, err2 := s.Receive(ctx, sms.Inbound{ID: id, Key: id, ReceivedAt: noon})
	_, err3 := s.Claim(ctx, sms.Want{Now: noon.Add(time.Minute), Limit: 3, Lease: time.Minute})
	_, err4 := s.Orders(ctx, dispatch.Filter{Search: "路灯"})
	return errors.Join(err, err2, err3, s.Handled(ctx, id, "order"), err4)
}

// TestOneFileOpenedAtOnce: two processes may start on one file.
func TestOneFileOpenedAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := sqlstore.Open(t.Context(), path)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	all.Wait()
}

// TestNobodyElseReadsTheRecord_KF3_1_5: it holds every citizen's number.
func TestNobodyElseReadsTheRecord_KF3_1_5(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	insert(t, openStore(t, path), order(1))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s", filepath.Base(name), info.Mode())
		}
	}
}
