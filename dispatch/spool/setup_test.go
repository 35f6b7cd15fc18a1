package spool_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/spool"
	"hotline/dispatch/sqlstore"
)

// friday is after hours: what is said then is due later than what is said on Monday,
// and both differ from now.
var friday = time.Date(2026, 11, 20, 22, 30, 0, 0, dispatch.Place)

// desk is an office with its database, which the test can take away.
type desk struct {
	t      *testing.T
	folder string // of the spool
	file   string // of the database
	now    time.Time
	after  chan time.Time // set before start: lets Run go on
	store  *sqlstore.Store
	*spool.Spool
}

func newDesk(t *testing.T) *desk {
	dir := t.TempDir()
	d := &desk{t: t, folder: filepath.Join(dir, "spool"), file: filepath.Join(dir, "h.db"), now: friday}
	d.start()
	t.Cleanup(func() { d.store.Close() })
	return d
}

// start is what a process does when it starts: database, office, spool.
func (d *desk) start() {
	d.t.Helper()
	must := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	var err error
	d.store, err = sqlstore.Open(d.t.Context(), d.file)
	must(err)
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	must(err)
	cal, err := calendar.LoadDir(deploy.Files, "calendar")
	must(err)
	now := func() time.Time { return d.now }
	office := dispatch.NewOffice(dispatch.Config{Store: d.store, Policy: policy, Calendar: cal, Now: now})
	cfg := spool.Config{Dir: d.folder, Office: office, Now: now}
	if d.after != nil {
		cfg.After = func(time.Duration) <-chan time.Time { return d.after }
	}
	d.Spool, err = spool.New(cfg)
	must(err)
}

// unplug takes the database away from the office.
func (d *desk) unplug() {
	d.t.Helper()
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) waiting(want int) {
	d.t.Helper()
	if got := d.Waiting(); got != want {
		d.t.Errorf("%d things wait, want %d", got, want)
	}
}

func (d *desk) offer() {
	d.t.Helper()
	if err := d.Offer(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) orders() []dispatch.Order {
	d.t.Helper()
	all, err := d.store.Orders(d.t.Context(), dispatch.Filter{})
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

var (
	message = dispatch.Intake{Type: dispatch.Unset, Phone: "13812345678", CallID: "c1", Actor: "citizen", Urgent: true,
		Voicemail: &dispatch.Voicemail{CallID: "c1", File: "voicemail/c1-1.wav", Duration: 8 * time.Second, Reason: "after_hours"}}
	request = dispatch.Intake{Key: "call:c2", Channel: dispatch.ByPhone, Type: dispatch.Unset, Phone: "13812340001", CallID: "c2", Actor: "agent:8001"}
	record  = dispatch.Call{ID: "c1", From: "13812345678", To: "12345", Class: dispatch.Unset, Outcome: "voicemail", StartedAt: friday,
		EndedAt: friday.Add(time.Minute), Steps: []dispatch.Step{{At: friday, What: "record", Text: "留言 8 秒"}}}
)

// leaveAll leaves a message, a request and a record and wants errors to be so.
func (d *desk) leaveAll(want error) {
	d.t.Helper()
	if _, err := d.LeaveVoicemail(d.t.Context(), message); !errors.Is(err, want) {
		d.t.Errorf("message: %v, want %v", err, want)
	}
	if _, err := d.Open(d.t.Context(), request); !errors.Is(err, want) {
		d.t.Errorf("request: %v, want %v", err, want)
	}
	if err := d.RecordCall(d.t.Context(), record); err != nil {
		d.t.Errorf("record: %v", err)
	}
}
