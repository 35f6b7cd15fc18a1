package smstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/sms"
)

// noon is where the suites' days begin.
var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// TestStore is what every store of texts must keep. open gives an empty store each
// time; it must also be a [Putter].
func TestStore(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Store){
		"claims by priority and age":          claimsInOrder,
		"claims hold until the lease is over": claimsHold,
		"a claim that ran out is told":        claimsLapse,
		"a look holds nothing":                looksHoldNothing,
		"texts of unknown outcome by phone":   doubtsByPhone,
		"claims wait for their time":          claimsWait,
		"nobody claims what another has":      claimsExclude,
		"claims by class":                     claimsByClass,
		"claims by when a text fell due":      claimsByDue,
		"a ported number goes back once":      goesBackOnce,
		"ported numbers are known":            learnsPorted,
		"a receiver's texts are counted":      countsReceiver,
		"same key is queued once":             queuesOnce,
		"a retry counts and waits":            retryWaits,
		"status moves forward only":           movesForward,
		"a sent text is found by carrier id":  foundByID,
		"an unknown text is not found":        notFound,
		"a dead process's claims end":         releasesClaims,
		"receipts are kept":                   keepsReceipts,
		"tells what was not told":             tellsAgain,
		"a text that came twice is kept once": keepsOnce,
		"unhandled texts oldest first":        listsUnhandled,
		"odd characters survive":              survivesOddities,
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			if _, ok := store.(Putter); !ok {
				t.Fatalf("%T has no PutText(ctx, sms.Message) error", store)
			}
			test(t, store)
		})
	}
}

// put queues message n with the changes given.
func put(t *testing.T, s Store, n int, change func(*sms.Message)) sms.Message {
	t.Helper()
	m := sms.Message{
		ID: fmt.Sprintf("01JD000000000000000000%04d", n), Key: fmt.Sprintf("key-%d", n),
		Kind: sms.KindNotice, Ref: "ref", To: "13800000001", Text: "您好", Priority: 5,
		NotBefore: noon, CreatedAt: noon.Add(time.Duration(n) * time.Second), NextTry: noon,
	}
	if change != nil {
		change(&m)
	}
	if err := s.(Putter).PutText(t.Context(), m); err != nil {
		t.Fatalf("PutText: %v", err)
	}
	return m
}

func claim(t *testing.T, s Store, at time.Time, limit int) []string {
	t.Helper()
	got, err := s.Claim(t.Context(), sms.Want{Now: at, Limit: limit, Lease: time.Minute})
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	ids := []string{}
	for _, m := range got {
		ids = append(ids, m.ID)
	}
	return ids
}

func advance(t *testing.T, s Store, c sms.Change) (sms.Message, bool) {
	t.Helper()
	m, moved, err := s.Advance(t.Context(), c)
	if err != nil {
		t.Fatalf("Advance to %s: %v", c.Status, err)
	}
	return m, moved
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func claimsInOrder(t *testing.T, s Store) {
	old := put(t, s, 1, nil)
	young := put(t, s, 2, nil)
	urgent := put(t, s, 3, func(m *sms.Message) { m.Priority = 1 })
	at := noon.Add(time.Hour)
	same(t, "first two", claim(t, s, at, 2), []string{urgent.ID, old.ID})
	same(t, "the rest", claim(t, s, at, 2), []string{young.ID})
}

func claimsHold(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	at := noon.Add(time.Hour)
	same(t, "first claim", claim(t, s, at, 9), []string{m.ID})
	same(t, "within the lease", claim(t, s, at.Add(59*time.Second), 9), []string{})
	same(t, "after the lease", claim(t, s, at.Add(61*time.Second), 9), []string{m.ID})
}

// lapsed are the texts of a claim, and whether an earlier one of each ran out.
func lapsed(t *testing.T, s Store, at time.Time) map[string]bool {
	t.Helper()
	got, err := s.Claim(t.Context(), sms.Want{Now: at, Limit: 9, Lease: time.Minute})
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	told := map[string]bool{}
	for _, m := range got {
		told[m.ID] = m.Lapsed
	}
	return told
}

func claimsLapse(t *testing.T, s Store) {
	dead, tried := put(t, s, 1, nil), put(t, s, 2, nil)
	at := noon.Add(time.Hour)
	same(t, "first claim", lapsed(t, s, at), map[string]bool{dead.ID: false, tried.ID: false})
	advance(t, s, sms.Change{ID: tried.ID, Status: sms.Queued, At: at, NextTry: at.Add(time.Second)})
	at = at.Add(2 * time.Minute)
	same(t, "after the lease", lapsed(t, s, at), map[string]bool{dead.ID: true, tried.ID: false})
	advance(t, s, sms.Change{ID: dead.ID, Status: sms.Queued, At: at, NextTry: at.Add(time.Second), MaybeTwice: true})
	same(t, "after its outcome", lapsed(t, s, at.Add(time.Second)), map[string]bool{dead.ID: false})
}

func looksHoldNothing(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	at := noon.Add(time.Hour)
	for range 2 {
		if got, err := s.Claim(t.Context(), sms.Want{Now: at, Limit: 9}); err != nil || len(got) != 1 || got[0].ID != m.ID {
			t.Errorf("looked at %+v, %v", got, err)
		}
	}
	same(t, "claim", lapsed(t, s, at), map[string]bool{m.ID: false})
}

func doubtsByPhone(t *testing.T, s Store) {
	doubter, ok := s.(sms.Doubter)
	if !ok {
		t.Fatalf("%T is no sms.Doubter", s)
	}
	doubted, other, elsewhere := put(t, s, 1, nil), put(t, s, 2, nil), put(t, s, 3, func(m *sms.Message) { m.To = "13800000009" })
	at := noon.Add(time.Hour)
	claim(t, s, at, 9)
	for _, m := range []sms.Message{doubted, elsewhere} {
		advance(t, s, sms.Change{ID: m.ID, Status: sms.Queued, At: at, NextTry: at.Add(time.Minute), MaybeTwice: true, Link: "a"})
	}
	advance(t, s, sms.Change{ID: other.ID, Status: sms.Queued, At: at, NextTry: at.Add(time.Minute)})
	got, err := doubter.Doubted(t.Context(), doubted.To)
	if err != nil || len(got) != 1 || got[0].ID != doubted.ID || got[0].Link != "a" {
		t.Errorf("doubted %+v, %v", got, err)
	}
	claim(t, s, at.Add(time.Minute), 9) // it goes again: nothing is to be said of it meanwhile
	if got, err := doubter.Doubted(t.Context(), doubted.To); err != nil || len(got) > 0 {
		t.Errorf("doubted under way: %+v, %v", got, err)
	}
}

func claimsWait(t *testing.T, s Store) {
	m := put(t, s, 1, func(m *sms.Message) { m.NotBefore = noon.Add(time.Hour) })
	same(t, "too early", claim(t, s, noon.Add(59*time.Minute), 9), []string{})
	same(t, "on time", claim(t, s, noon.Add(time.Hour), 9), []string{m.ID})
}

func claimsExclude(t *testing.T, s Store) {
	const texts, claimers = 40, 4
	for n := range texts {
		put(t, s, n, nil)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range claimers {
		all.Go(func() {
			for {
				got, err := s.Claim(t.Context(), sms.Want{Now: noon.Add(time.Hour), Limit: 3, Lease: time.Minute})
				if err != nil {
					t.Errorf("Claim: %v", err)
					return
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, m := range got {
					seen[m.ID]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(seen) != texts {
		t.Errorf("%d of %d texts were claimed", len(seen), texts)
	}
}

func queuesOnce(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	put(t, s, 2, func(again *sms.Message) { again.Key = m.Key })
	same(t, "claimed", claim(t, s, noon.Add(time.Hour), 9), []string{m.ID})
}

func retryWaits(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	at := noon.Add(time.Hour)
	claim(t, s, at, 1)
	got, moved := advance(t, s, sms.Change{
		ID: m.ID, Status: sms.Queued, At: at, NextTry: at.Add(10 * time.Second), Raw: "0x58", MaybeTwice: true,
	})
	if !moved || got.Attempts != 1 || got.Status != sms.Queued || !got.MaybeTwice || got.Raw != "0x58" {
		t.Errorf("after one retry: moved %v, %+v", moved, got)
	}
	same(t, "before the next try", claim(t, s, at.Add(9*time.Second), 1), []string{})
	same(t, "at the next try, though the lease ran longer", claim(t, s, at.Add(10*time.Second), 1), []string{m.ID})
}

func movesForward(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	sentAt, doneAt := noon.Add(time.Minute), noon.Add(2*time.Minute)
	steps := []struct {
		to    sms.Status
		at    time.Time
		moved bool
	}{
		{sms.Sent, sentAt, true},
		{sms.Sent, sentAt.Add(time.Hour), false},
		{sms.Queued, sentAt, false},
		{sms.Delivered, doneAt, true},
		{sms.Delivered, doneAt.Add(time.Hour), false},
		{sms.Undelivered, doneAt, false},
		{sms.Failed, doneAt, false},
		{sms.Sent, doneAt, false},
	}
	var last sms.Message
	for _, step := range steps {
		c := sms.Change{ID: m.ID, Status: step.to, At: step.at, Link: "a", CarrierIDs: []string{"7"}, Segments: 1}
		got, moved := advance(t, s, c)
		if moved != step.moved {
			t.Errorf("to %s: moved %v, want %v", step.to, moved, step.moved)
		}
		last = got
	}
	if last.Status != sms.Delivered || !last.DoneAt.Equal(doneAt) || !last.SentAt.Equal(sentAt) {
		t.Errorf("in the end %s, sent %s, done %s", last.Status, last.SentAt, last.DoneAt)
	}
	same(t, "a final text is never claimed", claim(t, s, noon.Add(100*time.Hour), 9), []string{})
}

func foundByID(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	advance(t, s, sms.Change{ID: m.ID, Status: sms.Sent, At: noon, Link: "a", CarrierIDs: []string{"71", "72"}, Segments: 2})
	for _, id := range []string{"71", "72"} {
		got, err := s.ByCarrierID(t.Context(), "a", id)
		if err != nil || got.ID != m.ID {
			t.Errorf("by %s: %q, %v", id, got.ID, err)
		}
		same(t, "its carrier ids", got.CarrierIDs, []string{"71", "72"})
		if got.Segments != 2 {
			t.Errorf("%d segments, want 2", got.Segments)
		}
	}
}
