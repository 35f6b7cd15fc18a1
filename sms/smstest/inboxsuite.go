package smstest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hotline/sms"
)

func notFound(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	advance(t, s, sms.Change{ID: m.ID, Status: sms.Sent, At: noon, Link: "a", CarrierIDs: []string{"7"}})
	for _, ask := range [][2]string{{"a", "8"}, {"b", "7"}} {
		if _, err := s.ByCarrierID(t.Context(), ask[0], ask[1]); !errors.Is(err, sms.ErrNotFound) {
			t.Errorf("by %v: %v, want ErrNotFound", ask, err)
		}
	}
	if _, _, err := s.Advance(t.Context(), sms.Change{ID: "nobody", Status: sms.Sent, At: noon}); !errors.Is(err, sms.ErrNotFound) {
		t.Errorf("Advance of an unknown text: %v, want ErrNotFound", err)
	}
}

// tellsAgain holds for a store that is an sms.Teller; another has nothing to tell.
func tellsAgain(t *testing.T, s Store) {
	teller, ok := s.(sms.Teller)
	if !ok {
		t.Logf("%T is no sms.Teller", s)
		return
	}
	untold := func() (ids []string) {
		t.Helper()
		got, err := teller.Untold(t.Context(), 10)
		if err != nil {
			t.Fatalf("Untold: %v", err)
		}
		for _, m := range got {
			ids = append(ids, m.ID+" "+string(m.Status))
		}
		return ids
	}
	told := func(id string, status sms.Status) {
		t.Helper()
		if err := teller.Told(t.Context(), id, status); err != nil {
			t.Fatalf("Told: %v", err)
		}
	}
	m := put(t, s, 1, nil)
	same(t, "queued", untold(), []string(nil))
	advance(t, s, sms.Change{ID: m.ID, Status: sms.Sent, At: noon})
	same(t, "sent", untold(), []string{m.ID + " sent"})
	told(m.ID, sms.Sent)
	same(t, "sent and told", untold(), []string(nil))
	advance(t, s, sms.Change{ID: m.ID, Status: sms.Queued, At: noon, NextTry: noon, Avoid: "a"})
	same(t, "back in the queue", untold(), []string(nil))
	advance(t, s, sms.Change{ID: m.ID, Status: sms.Sent, At: noon})
	advance(t, s, sms.Change{ID: m.ID, Status: sms.Delivered, At: noon})
	same(t, "delivered", untold(), []string{m.ID + " delivered"})
	told(m.ID, sms.Delivered)
	same(t, "delivered and told", untold(), []string(nil))
}

// arrived is inbound text n.
func arrived(n int, key string) sms.Inbound {
	at := noon.Add(time.Duration(n) * time.Second)
	return sms.Inbound{
		ID: "01JE000000000000000000000" + string(rune('A'+n)), Key: key, Link: "a",
		From: "13800000001", To: "1069012345", Ext: "01", Text: "２", EventAt: at, ReceivedAt: at,
	}
}

func receive(t *testing.T, s Store, in sms.Inbound) bool {
	t.Helper()
	fresh, err := s.Receive(t.Context(), in)
	if err != nil {
		t.Fatalf("Receive: %v", err)
	}
	return fresh
}

func keepsOnce(t *testing.T, s Store) {
	first, again := arrived(1, "k"), arrived(2, "k")
	if !receive(t, s, first) || receive(t, s, again) {
		t.Error("the second of one key counted as fresh, or the first did not")
	}
	got, err := s.Unhandled(t.Context(), 10)
	if err != nil || len(got) != 1 || got[0].ID != first.ID {
		t.Errorf("unhandled: %v, %v", got, err)
	}
}

func listsUnhandled(t *testing.T, s Store) {
	young, old := arrived(5, "young"), arrived(1, "old")
	receive(t, s, young)
	receive(t, s, old)
	got, err := s.Unhandled(t.Context(), 10)
	if err != nil || len(got) != 2 || got[0].ID != old.ID {
		t.Fatalf("unhandled: %v, %v", got, err)
	}
	if !got[0].EventAt.Equal(old.EventAt) || !got[0].ReceivedAt.Equal(old.ReceivedAt) {
		t.Errorf("times changed: %+v, want %+v", got[0], old)
	}
	if err := s.Handled(t.Context(), old.ID, "survey"); err != nil {
		t.Fatalf("Handled: %v", err)
	}
	if got, err = s.Unhandled(t.Context(), 10); err != nil || len(got) != 1 || got[0].ID != young.ID {
		t.Errorf("after handling the oldest: %v, %v", got, err)
	}
}

func survivesOddities(t *testing.T, s Store) {
	in := arrived(1, "odd")
	in.Text = "1️⃣ 👨‍👩‍👧 很不满意\n'; DROP TABLE--" + strings.Repeat("长", 5000)
	receive(t, s, in)
	got, err := s.Unhandled(t.Context(), 1)
	if err != nil || len(got) != 1 || got[0].Text != in.Text {
		t.Errorf("text did not survive: %v", err)
	}
}
