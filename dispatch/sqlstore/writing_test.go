package sqlstore_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

func keyOnce(t *testing.T, s *sqlstore.Store) {
	first, second := order(1), order(2)
	do(t, s, func(tx dispatch.Tx) error { _, err := tx.InsertOrder(first, "k"); return err })
	do(t, s, func(tx dispatch.Tx) error {
		got, err := tx.InsertOrder(second, "k")
		if !errors.Is(err, dispatch.ErrConflict) || got.Number != first.Number {
			t.Errorf("second insert: %s, %v", got.Number, err)
		}
		_, err = tx.NextSerial("20261121") // the transaction is still usable
		return err
	})
	if _, err := s.OrderBy(t.Context(), second.Number); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("the second order: %v", err)
	}
}

// serialsGapless lets many writers number orders at once; some of them fail.
func serialsGapless(t *testing.T, s *sqlstore.Store) {
	const writers, each = 8, 10
	fail := errors.New("rolled back on purpose")
	var mu sync.Mutex
	var got []int
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				var n int
				err := s.Tx(t.Context(), func(tx dispatch.Tx) (err error) {
					if n, err = tx.NextSerial("20261121"); err == nil && (w+i)%4 == 0 {
						err = fail
					}
					return err
				})
				if err != nil && !errors.Is(err, fail) {
					t.Errorf("serial: %v", err)
				}
				if err == nil {
					mu.Lock()
					got = append(got, n)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	slices.Sort(got)
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("serials %v: no %d", got, i+1)
		}
	}
}

func versions(t *testing.T, s *sqlstore.Store) {
	o := insert(t, s, order(1))
	stale := o
	do(t, s, func(tx dispatch.Tx) error { return tx.SaveOrder(&o) })
	err := s.Tx(t.Context(), func(tx dispatch.Tx) error { return tx.SaveOrder(&stale) })
	if !errors.Is(err, dispatch.ErrConflict) || stale.Version != 1 {
		t.Errorf("saving a stale order: %v, version %d", err, stale.Version)
	}
}

func eventsNumbered(t *testing.T, s *sqlstore.Store) {
	o := insert(t, s, order(1))
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			e := dispatch.Event{Number: o.Number, At: noon, Actor: "system", Kind: dispatch.OnNote, Text: "备注"}
			if err := s.Tx(t.Context(), func(tx dispatch.Tx) error { return errors.Join(tx.Append(e), tx.Append(e)) }); err != nil {
				t.Errorf("append: %v", err)
			}
		})
	}
	all.Wait()
	events, err := s.Events(t.Context(), o.Number)
	if err != nil || len(events) != 20 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for i, e := range events {
		if e.Seq != i+1 {
			t.Errorf("event %d has number %d", i, e.Seq)
		}
	}
}

func rolledBack(t *testing.T, s *sqlstore.Store) {
	o, fail := order(1), errors.New("no")
	err := s.Tx(t.Context(), func(tx dispatch.Tx) error {
		_, err := tx.InsertOrder(o, "k")
		return errors.Join(err, tx.Enqueue(sms.Message{ID: "m", Key: "m", CreatedAt: noon}), fail)
	})
	if !errors.Is(err, fail) {
		t.Fatal(err)
	}
	func() {
		defer func() { recover() }()
		s.Tx(t.Context(), func(tx dispatch.Tx) error { tx.InsertOrder(o, "k"); panic("in the middle") })
	}()
	orders, err1 := s.Orders(t.Context(), dispatch.Filter{})
	texts, err2 := s.Messages(t.Context(), dispatch.Filter{})
	if err := errors.Join(err1, err2); err != nil || len(orders)+len(texts) != 0 {
		t.Errorf("%d orders and %d texts are there, %v", len(orders), len(texts), err)
	}
}

func bytesCleaned(t *testing.T, s *sqlstore.Store) {
	o := order(1)
	o.Name, o.Summary = "a\x00b", "坏\xff字节"
	insert(t, s, o)
	got, err := s.OrderBy(t.Context(), o.Number)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "cleaned", []string{got.Name, got.Summary}, []string{"ab", "坏\uFFFD字节"})
	same(t, "the caller's own is untouched", o.Name, "a\x00b")
}

// TestChangesMadeAtOnce moves many texts from many goroutines, with some that are not there
// among them: each hears of its own text alone.
func TestChangesMadeAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(*testing.T) *sqlstore.Store) {
		s := open(t)
		const many = 300
		do(t, s, func(tx dispatch.Tx) error {
			for n := range many {
				if n%10 == 9 {
					continue
				}
				m := sms.Message{ID: fmt.Sprint("m", n), Key: fmt.Sprint("k", n), Kind: sms.KindNotice, To: "13800138000", Text: "办结", CreatedAt: noon}
				if err := tx.Enqueue(m); err != nil {
					return err
				}
			}
			return nil
		})
		var all sync.WaitGroup
		for n := range many {
			all.Go(func() {
				id := fmt.Sprint("m", n)
				ids := []string{fmt.Sprint("a", n), fmt.Sprint("b", n)}
				m, moved, err := s.Advance(t.Context(), sms.Change{ID: id, Status: sms.Sent, At: noon, Link: "smpp", CarrierIDs: ids, Segments: 2})
				if n%10 == 9 {
					if !errors.Is(err, sms.ErrNotFound) || !errors.Is(s.Told(t.Context(), id, sms.Sent), sms.ErrNotFound) {
						t.Errorf("%s is not there, and: %v", id, err)
					}
					return
				}
				if err != nil || !moved || m.ID != id || m.Status != sms.Sent || !slices.Equal(m.CarrierIDs, ids) {
					t.Errorf("%s: %+v moved=%v %v", id, m, moved, err)
				}
				got, err := s.ByCarrierID(t.Context(), "smpp", ids[1])
				if err != nil || got.ID != id || !got.SentAt.Equal(noon) || got.Segments != 2 {
					t.Errorf("by %s: %+v %v", ids[1], got, err)
				}
				if err := s.Told(t.Context(), id, sms.Sent); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if left, err := s.Untold(t.Context(), many); err != nil || len(left) != 0 {
			t.Errorf("untold: %d, %v", len(left), err)
		}
	})
}
