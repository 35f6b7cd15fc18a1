package spool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/dispatch"
)

func TestNothingIsLeftWhileTheDatabaseWorks(t *testing.T) {
	d := newDesk(t)
	d.leaveAll(nil)
	files, err := os.ReadDir(d.folder)
	if err != nil || len(files) != 0 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if n := len(d.orders()); n != 2 {
		t.Errorf("%d orders, want 2", n)
	}
}

// What was said on Friday while SQL was away becomes an order in the next process, due
// as if SQL had been there (ZZ-20.2).
func TestKeptForTheNextProcess(t *testing.T) {
	d := newDesk(t)
	d.unplug()
	d.leaveAll(dispatch.ErrKept)
	d.waiting(3)

	d.now = friday.Add(60 * time.Hour)
	d.start()
	d.offer()
	d.waiting(0)
	orders := d.orders()
	if len(orders) != 2 {
		t.Fatalf("%d orders, want 2", len(orders))
	}
	number := ""
	for _, o := range orders {
		if o.CallID == "c1" {
			number = o.Number
		}
		if !o.CreatedAt.Equal(friday) || o.Channel == dispatch.ByVoicemail != o.Urgent {
			t.Errorf("order %+v", o)
		}
	}
	got, err := d.store.CallBy(t.Context(), "c1")
	if err != nil {
		t.Fatal(err)
	}
	want := record
	want.Order = number
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("call: %s", diff)
	}
	messages, err := d.store.Voicemails(t.Context(), dispatch.Filter{})
	if err != nil || len(messages) != 1 || messages[0].Order != number || messages[0].File != message.Voicemail.File {
		t.Errorf("voicemails %+v, %v", messages, err)
	}
}

func TestTakenTwiceIsOneOrder(t *testing.T) {
	d := newDesk(t)
	d.unplug()
	d.leaveAll(dispatch.ErrKept)
	before := readAll(t, d.folder)
	d.start()
	d.offer()
	for name, data := range before {
		writeFile(t, filepath.Join(d.folder, name), data)
	}
	d.offer()
	d.leaveAll(nil)
	if n := len(d.orders()); n != 2 {
		t.Errorf("%d orders, want 2", n)
	}
}

func TestTheLastRecordOfACallWins(t *testing.T) {
	d := newDesk(t)
	d.unplug()
	first := record
	first.Outcome, first.EndedAt = "abandoned", time.Time{}
	for _, c := range []dispatch.Call{first, record} {
		if err := d.RecordCall(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	d.waiting(1)
	d.start()
	if err := d.RecordCall(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	d.waiting(0)
	if c, err := d.store.CallBy(t.Context(), "c1"); err != nil || c.Outcome != "voicemail" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestFilesThatMakeNoSenseAreSetAside(t *testing.T) {
	d := newDesk(t)
	d.unplug()
	d.leaveAll(dispatch.ErrKept)
	for name, text := range map[string]string{
		"0.json": "{", "1-voicemail-0.json": `{"Kind":"1-voicemail"}`, "4.json": `{"Kind":"4-order","Call":{"ID":"x"}}`,
		"2-request-0.json": `{"Kind":"2-request","Intake":{"Key":"k","Channel":"pigeon"}}`, "new-1": "half",
	} {
		writeFile(t, filepath.Join(d.folder, name), text)
	}
	d.start()
	d.offer()
	d.waiting(0)
	refused := 0
	for name := range readAll(t, d.folder) {
		if strings.HasSuffix(name, ".refused") {
			refused++
		}
	}
	if n := len(d.orders()); n != 2 || refused != 4 {
		t.Errorf("%d orders, %d files set aside", n, refused)
	}
}

// A type that the hotline no longer accepts must not lose the request (ZZ-10.1).
func TestUnknownTypeBecomesUnset(t *testing.T) {
	d := newDesk(t)
	d.unplug()
	odd := request
	odd.Type = "tax"
	if _, err := d.Open(t.Context(), odd); !errors.Is(err, dispatch.ErrKept) {
		t.Fatal(err)
	}
	d.start()
	if _, err := d.Open(t.Context(), odd); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("with the database: %v, want refusal", err)
	}
	d.unplug()
	if _, err := d.Open(t.Context(), odd); !errors.Is(err, dispatch.ErrKept) {
		t.Fatal(err)
	}
	d.start()
	d.offer()
	if all := d.orders(); len(all) != 1 || all[0].Type != dispatch.Unset {
		t.Errorf("orders %+v", all)
	}
}

// A full or missing disk is said, not promised away.
func TestWhatIsNotKeptIsNotSaidToBe(t *testing.T) {
	d := newDesk(t)
	d.unplug()
	if err := os.RemoveAll(d.folder); err != nil {
		t.Fatal(err)
	}
	if _, err := d.LeaveVoicemail(t.Context(), message); err == nil || errors.Is(err, dispatch.ErrKept) {
		t.Errorf("message: %v", err)
	}
	if err := d.RecordCall(t.Context(), record); err == nil {
		t.Error("record: no error")
	}
}

func TestRunOffersUntilItIsTaken(t *testing.T) {
	d := newDesk(t)
	d.after = make(chan time.Time)
	d.start()
	d.unplug()
	d.leaveAll(dispatch.ErrKept)
	d.start()
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- d.Run(ctx) }()
	d.after <- d.now // the first round is over
	d.waiting(0)
	d.unplug()
	if _, err := d.Open(t.Context(), dispatch.Intake{Key: "call:c3", Channel: dispatch.ByPhone}); !errors.Is(err, dispatch.ErrKept) {
		t.Error(err)
	}
	d.after <- d.now
	d.after <- d.now // the round between was in vain
	d.waiting(1)
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
}

func readAll(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = string(data)
	}
	return all
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
