package smstest

import (
	"slices"
	"testing"
	"time"

	"hotline/sms"
)

// keepsReceipts keeps what may belong to no text yet, or to a text of several segments.
func keepsReceipts(t *testing.T, s Store) {
	list := func(text string, limit int) (ids []string) {
		t.Helper()
		kept, err := s.Kept(t.Context(), text, limit)
		if err != nil {
			t.Errorf("Kept: %v", err)
		}
		for _, k := range kept {
			ids = append(ids, k.CarrierID)
		}
		return ids
	}
	receipt := func(id, text string, at time.Time) sms.Kept {
		k := sms.Kept{TextID: text, At: at, Receipt: sms.Receipt{Link: "a", CarrierID: id, Phone: "13800000001",
			Status: sms.Delivered, Raw: "DELIVRD", DoneAt: noon}}
		if err := s.Keep(t.Context(), k); err != nil {
			t.Errorf("Keep: %v", err)
		}
		return k
	}
	drop := func(before time.Time, of ...sms.Kept) {
		t.Helper()
		if err := s.Drop(t.Context(), before, of...); err != nil {
			t.Errorf("Drop: %v", err)
		}
	}
	first, _ := receipt("1", "", noon), receipt("2", "", noon.Add(time.Second))
	same(t, "without a text", list("", 9), []string{"1", "2"})
	same(t, "the oldest", list("", 1), []string{"1"})
	kept, err := s.Kept(t.Context(), "", 1)
	if err != nil || !slices.Equal(kept, []sms.Kept{first}) {
		t.Errorf("kept %+v, %v, want %+v", kept, err, first)
	}
	receipt("1", "m", noon.Add(time.Minute)) // its text is known now
	receipt("3", "m", noon.Add(2*time.Minute))
	same(t, "of the text", list("m", 9), []string{"1", "3"})
	drop(time.Time{}, first)
	same(t, "of the text, after the parked one is let go", list("m", 9), []string{"1", "3"})
	drop(noon.Add(time.Minute + time.Second))
	same(t, "what is young", list("m", 9), []string{"3"})
	same(t, "what is old", list("", 9), []string(nil))
}
