package sqlstore_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

func listsNarrowed(t *testing.T, s *sqlstore.Store) {
	for n := 1; n <= 5; n++ {
		o := order(n)
		if n == 2 {
			o.State, o.Phone = dispatch.Archived, "13900000002"
		}
		if n == 3 {
			o.Summary = "100% 漏水"
		}
		insert(t, s, o)
	}
	for _, tt := range []struct {
		name string
		f    dispatch.Filter
		want []int
	}{
		{"all, newest first", dispatch.Filter{}, []int{5, 4, 3, 2, 1}},
		{"open", dispatch.Filter{Open: true}, []int{5, 4, 3, 1}},
		{"state", dispatch.Filter{State: dispatch.Archived}, []int{2}},
		{"phone", dispatch.Filter{Phone: "13900000002"}, []int{2}},
		{"number", dispatch.Filter{Order: order(4).Number}, []int{4}},
		{"digits", dispatch.Filter{Order: order(4).Digits}, []int{4}},
		{"words", dispatch.Filter{Search: "漏水"}, []int{3}},
		{"a percent sign is one", dispatch.Filter{Search: "100%_x"}, []int{5, 4, 2, 1}},
		{"nothing", dispatch.Filter{Search: "' OR 1=1 --"}, nil},
		{"since and until", dispatch.Filter{Since: order(2).CreatedAt, Until: order(4).CreatedAt}, []int{3, 2}},
		{"page", dispatch.Filter{Limit: 2, Offset: 1}, []int{4, 3}},
		{"odd page", dispatch.Filter{Limit: -1, Offset: -1}, []int{5, 4, 3, 2, 1}},
	} {
		got, err := s.Orders(t.Context(), tt.f)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var numbers, want []string
		for _, o := range got {
			numbers = append(numbers, o.Number)
		}
		for _, n := range tt.want {
			want = append(want, order(n).Number)
		}
		same(t, tt.name, numbers, want)
	}
	otherLists(t, s)
}

// otherLists asks every other list with every filter, so that each statement runs.
func otherLists(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	f := dispatch.Filter{Order: "ZZ", Phone: "1", State: "x", Since: noon, Until: noon, Open: true, Search: "x"}
	_, e1 := s.Calls(t.Context(), f)
	_, e2 := s.Voicemails(t.Context(), f)
	_, e3 := s.Surveys(t.Context(), f)
	_, e4 := s.Callbacks(t.Context(), f)
	_, e5 := s.Messages(t.Context(), f)
	_, e6 := s.Inbounds(t.Context(), f)
	if err := errors.Join(e1, e2, e3, e4, e5, e6); err != nil {
		t.Error(err)
	}
}

func surveysListed(t *testing.T, s *sqlstore.Store) {
	add := func(n int, change func(*dispatch.Survey)) {
		v := dispatch.Survey{ID: fmt.Sprintf("s%d", n), Order: order(n).Number, Attempt: 1, Phone: "13800000001", Slot: "01",
			MessageID: fmt.Sprintf("m%d", n), CreatedAt: noon.Add(time.Duration(n) * time.Second)}
		change(&v)
		do(t, s, func(tx dispatch.Tx) error {
			return errors.Join(tx.InsertSurvey(v), tx.Enqueue(sms.Message{ID: v.MessageID, Key: v.ID, Kind: sms.KindSurvey, Ref: v.ID, CreatedAt: noon}))
		})
	}
	open := func(at time.Time) func(*dispatch.Survey) {
		return func(v *dispatch.Survey) { v.OpenedAt, v.Deadline = at, at.Add(24*time.Hour) }
	}
	add(1, open(noon))
	add(2, open(noon.Add(time.Hour)))
	add(3, func(v *dispatch.Survey) {
		open(noon)(v)
		v.Outcome, v.SettledAt = dispatch.Unrated, noon.Add(30*time.Hour)
	})
	add(4, func(*dispatch.Survey) {}) // its text stays queued
	add(5, func(*dispatch.Survey) {}) // its text is sent and silent
	if _, _, err := s.Advance(t.Context(), sms.Change{ID: "m5", Status: sms.Sent, At: noon}); err != nil {
		t.Fatal(err)
	}
	ids := func(list []dispatch.Survey, err error) (ids []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			ids = append(ids, v.ID)
		}
		return ids
	}
	ctx := t.Context()
	same(t, "due, the deadline's own second not", ids(s.DueSurveys(ctx, noon.Add(24*time.Hour), 9)), []string(nil))
	same(t, "due", ids(s.DueSurveys(ctx, noon.Add(24*time.Hour+time.Second), 9)), []string{"s1"})
	same(t, "due, limited", ids(s.DueSurveys(ctx, noon.Add(48*time.Hour), 1)), []string{"s1"})
	same(t, "silent", ids(s.SilentSurveys(ctx, noon.Add(time.Second), 9)), []string{"s5"})
	same(t, "not silent long enough", ids(s.SilentSurveys(ctx, noon, 9)), []string(nil))
	add(6, open(noon)) // the same deadline as the first
	none := dispatch.Survey{}
	same(t, "open", ids(s.OpenSurveys(ctx, none, 9)), []string{"s1", "s6", "s2"})
	same(t, "open, the first page", ids(s.OpenSurveys(ctx, none, 1)), []string{"s1"})
	same(t, "open, the next one", ids(s.OpenSurveys(ctx, dispatch.Survey{ID: "s1", Deadline: noon.Add(24 * time.Hour)}, 9)), []string{"s6", "s2"})
	still, err := s.AreOpen(ctx, []string{"s1", "s2", "s3", "s4", "nobody"})
	if slices.Sort(still); err != nil || !slices.Equal(still, []string{"s1", "s2"}) {
		t.Errorf("still open: %v, %v", still, err)
	}
	do(t, s, func(tx dispatch.Tx) error {
		same(t, "of the phone", ids(tx.SurveysOf("13800000001", noon.Add(2*time.Second))), []string{"s6", "s5", "s4", "s3", "s2"})
		return nil
	})
}

func surveyOnce(t *testing.T, s *sqlstore.Store) {
	v := dispatch.Survey{ID: "s1", Order: order(1).Number, Attempt: 1, CreatedAt: noon}
	do(t, s, func(tx dispatch.Tx) error { return tx.InsertSurvey(v) })
	do(t, s, func(tx dispatch.Tx) error {
		again := v
		again.ID = "s2"
		if err := tx.InsertSurvey(again); !errors.Is(err, dispatch.ErrConflict) {
			t.Errorf("a second survey of one attempt: %v", err)
		}
		again.Attempt = 2
		return tx.InsertSurvey(again)
	})
}

func slotsGoRound(t *testing.T, s *sqlstore.Store) {
	do(t, s, func(tx dispatch.Tx) error {
		seen := map[string]bool{}
		for range 100 {
			slot, err := tx.NextSlot("13800000001")
			if err != nil || len(slot) != 2 || seen[slot] {
				return fmt.Errorf("slot %q again or odd: %w", slot, err)
			}
			seen[slot] = true
		}
		other, err := tx.NextSlot("13800000002")
		same(t, "another phone's first slot", other, "01")
		return err
	})
}

func takenOnce(t *testing.T, s *sqlstore.Store) {
	in := sms.Inbound{ID: "i1", Key: "k1", Link: "a", From: "13800000001", Text: "2", EventAt: noon, ReceivedAt: noon}
	if _, err := s.Receive(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	take := func(in sms.Inbound, as, want string) {
		t.Helper()
		do(t, s, func(tx dispatch.Tx) error {
			before, err := tx.TakeInbound(in, as)
			same(t, "before", before, want)
			return err
		})
	}
	waiting := func(until time.Time, want bool) {
		t.Helper()
		do(t, s, func(tx dispatch.Tx) error {
			got, err := tx.Waiting("13800000001", until)
			same(t, "waiting", got, want)
			return err
		})
	}
	waiting(noon.Add(-time.Second), false)
	waiting(noon, true)
	take(in, "survey", "")
	take(in, "order", "survey")
	waiting(noon, false)
	take(sms.Inbound{ID: "i2", Key: "k2", From: "13800000001", EventAt: noon, ReceivedAt: noon}, "late", "") // not received before
	if err := s.Handled(t.Context(), "i1", "order"); err != nil {
		t.Error(err)
	}
	list, err := s.Inbounds(t.Context(), dispatch.Filter{})
	if err != nil || len(list) != 2 || list[0].HandledAs == "" || list[1].HandledAs == "" {
		t.Errorf("inbound %+v, %v", list, err)
	}
	for _, in := range list {
		if in.ID == "i1" && in.HandledAs != "survey" {
			t.Errorf("the first word was replaced by %q", in.HandledAs)
		}
	}
}

// takenByOne lets many handlers take the same text at the same time.
func takenByOne(t *testing.T, s *sqlstore.Store) {
	in := sms.Inbound{ID: "i1", Key: "k1", From: "13800000001", EventAt: noon, ReceivedAt: noon}
	var mu sync.Mutex
	first := 0
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			err := s.Tx(t.Context(), func(tx dispatch.Tx) error {
				before, err := tx.TakeInbound(in, "survey")
				if err == nil && before == "" {
					mu.Lock()
					first++
					mu.Unlock()
				}
				return err
			})
			if err != nil {
				t.Errorf("take: %v", err)
			}
		})
	}
	all.Wait()
	same(t, "how many took it", first, 1)
}

func codesCounted(t *testing.T, s *sqlstore.Store) {
	wrong := func(digits string, at time.Time, want int) {
		t.Helper()
		do(t, s, func(tx dispatch.Tx) error {
			n, err := tx.WrongCode(digits, at)
			same(t, "count", n, want)
			return err
		})
	}
	wrong("1", noon, 1)
	wrong("1", noon.Add(time.Minute), 2)
	wrong("2", noon, 1)
	do(t, s, func(tx dispatch.Tx) error {
		n, last, err := tx.CodeFails("1")
		same(t, "count", n, 2)
		same(t, "last", last, noon.Add(time.Minute))
		return errors.Join(err, tx.ClearCodes("1"))
	})
	do(t, s, func(tx dispatch.Tx) error {
		n, last, err := tx.CodeFails("1")
		same(t, "count after clearing", n, 0)
		same(t, "last after clearing", last, time.Time{})
		return err
	})
	wrong("3", noon.Add(25*time.Hour), 1) // and "2" is forgotten
	wrong("2", noon.Add(25*time.Hour), 1)
}

func notThere(t *testing.T, s *sqlstore.Store) {
	ctx := t.Context()
	_, e1 := s.OrderBy(ctx, "x")
	_, e2 := s.CallBy(ctx, "x")
	_, e3 := s.VoicemailBy(ctx, "x")
	_, e4 := s.SurveyBy(ctx, "x")
	in := func(f func(dispatch.Tx) error) error { return s.Tx(ctx, f) }
	e5 := in(func(tx dispatch.Tx) error { return tx.Append(dispatch.Event{Number: "x"}) })
	e6 := in(func(tx dispatch.Tx) error { _, err := tx.Callback("x"); return err })
	e7 := in(func(tx dispatch.Tx) error { return tx.SaveVoicemail(dispatch.Voicemail{ID: "x"}) })
	e8 := in(func(tx dispatch.Tx) error { _, err := tx.Text("x"); return err })
	for i, err := range []error{e1, e2, e3, e4, e5, e6, e7, e8} {
		if !errors.Is(err, dispatch.ErrNotFound) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if err := s.Told(ctx, "x", sms.Sent); !errors.Is(err, sms.ErrNotFound) {
		t.Errorf("told: %v", err)
	}
}
