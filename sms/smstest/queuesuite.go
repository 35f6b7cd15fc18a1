package smstest

import (
	"fmt"
	"testing"
	"time"

	"hotline/sms"
)

func claimsByClass(t *testing.T, s Store) {
	put(t, s, 1, func(m *sms.Message) { m.Kind, m.Priority = sms.KindBulk, 0 })
	put(t, s, 2, func(m *sms.Message) { m.Kind = sms.KindSurvey })
	put(t, s, 3, func(m *sms.Message) { m.Priority = 7 })
	put(t, s, 4, func(m *sms.Message) { m.Kind, m.Priority = sms.KindDuty, 9 })
	put(t, s, 5, func(m *sms.Message) { m.Kind, m.Priority = sms.KindReceipt, 1 })
	var want []string
	for _, n := range []int{4, 5, 3, 2, 1} {
		want = append(want, fmt.Sprintf("01JD000000000000000000%04d", n))
	}
	at := noon.Add(time.Hour)
	got, err := s.Claim(t.Context(), sms.Want{Now: at, Limit: 9, Urgent: true, Lease: time.Minute})
	if err != nil || len(got) != 1 || got[0].ID != want[0] {
		t.Errorf("urgent texts: %v, %v", got, err)
	}
	same(t, "then", claim(t, s, at, 9), want[1:])
	if got, err := s.Claim(t.Context(), sms.Want{Now: at, Limit: 9, Urgent: true, Lease: time.Minute}); err != nil || len(got) > 0 {
		t.Errorf("no more urgent texts: %v, %v", got, err)
	}
}

func claimsByDue(t *testing.T, s Store) {
	late := put(t, s, 1, func(m *sms.Message) { m.NotBefore = noon.Add(30 * time.Minute) })
	early := put(t, s, 2, nil)
	same(t, "claimed", claim(t, s, noon.Add(time.Hour), 9), []string{early.ID, late.ID})
}

func goesBackOnce(t *testing.T, s Store) {
	m := put(t, s, 1, nil)
	sent := sms.Change{ID: m.ID, Status: sms.Sent, At: noon, Link: "a", CarrierIDs: []string{"7"}, Segments: 1}
	back := sms.Change{ID: m.ID, Status: sms.Queued, At: noon, NextTry: noon, Raw: "MB:1047", Avoid: "a"}
	advance(t, s, sent)
	got, moved := advance(t, s, back)
	if !moved || got.Status != sms.Queued || got.Avoid != "a" || got.Raw != "MB:1047" {
		t.Errorf("back: moved %v, %+v", moved, got)
	}
	claimed, err := s.Claim(t.Context(), sms.Want{Now: noon.Add(time.Second), Limit: 9, Lease: time.Minute})
	if err != nil || len(claimed) != 1 || claimed[0].Avoid != "a" || claimed[0].Lapsed {
		t.Errorf("claimed %+v, %v", claimed, err)
	}
	sent.Link, sent.CarrierIDs, back.Avoid = "b", []string{"8"}, "b"
	advance(t, s, sent)
	if got, moved := advance(t, s, back); moved || got.Status != sms.Sent || got.Avoid != "a" {
		t.Errorf("back again: moved %v, %+v", moved, got)
	}
}

func learnsPorted(t *testing.T, s Store) {
	learner, ok := s.(sms.Learner)
	if !ok {
		t.Fatalf("%T is no sms.Learner", s)
	}
	const phone = "13800000001"
	known := func(want sms.Learnt) {
		t.Helper()
		got, err := learner.Learnt(t.Context(), phone)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "known", got, want)
	}
	learn := func(l sms.Learnt) {
		t.Helper()
		l.Phone = phone
		if err := learner.Learn(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	known(sms.Learnt{})
	learn(sms.Learnt{Not: "a", At: noon})
	known(sms.Learnt{Phone: phone, Not: "a", At: noon})
	learn(sms.Learnt{Link: "b", At: noon.Add(time.Hour)})
	known(sms.Learnt{Phone: phone, Link: "b", Not: "a", At: noon.Add(time.Hour)})
	learn(sms.Learnt{Link: "a", At: noon}) // it came back
	known(sms.Learnt{Phone: phone, Link: "a", At: noon})
}

func countsReceiver(t *testing.T, s Store) {
	counter, ok := s.(sms.Counter)
	if !ok {
		t.Fatalf("%T is no sms.Counter", s)
	}
	now := noon.Add(24 * time.Hour)
	sentAt := func(n int, at time.Time, text string) {
		m := put(t, s, n, func(m *sms.Message) { m.Text = text })
		advance(t, s, sms.Change{ID: m.ID, Status: sms.Sent, At: at, Link: "a", Segments: 1})
	}
	sentAt(1, noon.Add(-time.Second), "您好")
	sentAt(2, noon.Add(time.Hour), "您好")
	sentAt(3, noon.Add(2*time.Hour), "再见")
	put(t, s, 4, nil)
	put(t, s, 5, func(m *sms.Message) { m.To = "13800000009" })
	claim(t, s, now, 9)
	m := put(t, s, 6, nil) // 4 is on its way before it
	got, err := counter.SentTo(t.Context(), m, noon, 50)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	same(t, "sent", got, []sms.SentText{{At: now, Same: true}, {At: noon.Add(2 * time.Hour)}, {At: noon.Add(time.Hour), Same: true}})
	if got, err = counter.SentTo(t.Context(), m, noon, 1); err != nil || len(got) != 1 || !got[0].At.Equal(now) {
		t.Errorf("the latest: %v, %v", got, err)
	}
}

// releasesClaims ends the claims of a process that died, before their time and as lapsed.
func releasesClaims(t *testing.T, s Store) {
	at := noon.Add(time.Hour)
	for n, owner := range []string{"a/1/", "a/12/", "b/1/"} {
		put(t, s, n, nil)
		got, err := s.Claim(t.Context(), sms.Want{Now: at, Limit: 1, Lease: time.Minute, Owner: owner})
		if err != nil || len(got) != 1 {
			t.Fatalf("claimed %+v, %v", got, err)
		}
	}
	release := func(owner, keep string, want int) {
		t.Helper()
		if n, err := s.Release(t.Context(), at, owner, keep); err != nil || n != want {
			t.Errorf("released %d of %s but %s, %v, want %d", n, owner, keep, err, want)
		}
	}
	release("a/1/", "", 1)
	same(t, "what it had", lapsed(t, s, at.Add(time.Second)), map[string]bool{"01JD0000000000000000000000": true})
	release("a/", "a/12/", 0)
	release("a/", "a/13/", 1)
	release("c/", "", 0)
	same(t, "what its namesake had", lapsed(t, s, at.Add(time.Second)), map[string]bool{"01JD0000000000000000000001": true})
}
