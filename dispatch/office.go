package dispatch

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"hotline/dispatch/calendar"
	"hotline/sms"
	"hotline/sms/survey"
)

// Windows is the fast judge of replies, kept in Redis. Its word is a proposal: SQL
// decides, and when it fails or knows nothing the office judges from SQL alone.
type Windows interface {
	Open(ctx context.Context, w survey.Window) error
	Close(ctx context.Context, w survey.Window) error
	Reply(ctx context.Context, r survey.Reply) (survey.Verdict, error)
}

// Config is what an office needs.
type Config struct {
	Store    Store
	Policy   *Policy
	Calendar *calendar.Calendar
	Windows  Windows // nil: every reply is judged from SQL
	Now      func() time.Time
	After    func(time.Duration) <-chan time.Time // nil: time.After
	Log      *slog.Logger                         // nil: no log
	// Receipts says whether a link reports deliveries; where it does not, acceptance by
	// the carrier opens a survey's window (Q8). Nil: every link does.
	Receipts func(link string) bool
	// Officers says whose phone a number is by the roster; "" is nobody's. Nil: it is not known.
	Officers func(phone string) string
	// PhoneOf is the phone of somebody of the roster by name; "" where there is none. Nil: it is
	// not known.
	PhoneOf func(name string) string
	// Units are those that orders are given to.
	Units []Unit
	// Knowledge is what the hotline's people look up, and the enterprises that policies are
	// pushed to.
	Knowledge Knowledge
	// Secret is what identity numbers are sealed with, the same on every controller of a store;
	// empty: none are taken.
	Secret []byte
	// Discard lets go of a recording by its Voicemail.File; one that is not there fails with
	// fs.ErrNotExist. Nil: all are kept for ever.
	Discard func(ctx context.Context, file string) error
	// Shift is who is on duty at a moment: whom the clock's work texts. Nil: nobody.
	Shift func(time.Time) Shift
	// Wake is called after a commit that wrote texts, so that they need not wait for
	// the gateway's next look. Nil: nobody is told.
	Wake func()
}

// Office takes requests in, completes them, asks for ratings and acts on the answers.
// Every change is one transaction with its events and its texts (D6); what came twice
// is done once. It holds no state but its live feed and is safe for concurrent use by
// any number of goroutines and processes on one store.
type Office struct {
	store    Store
	policy   *Policy
	days     atomic.Pointer[calendar.Calendar]
	editions atomic.Int64 // of the calendar's years that days is made of
	windows  Windows
	now      func() time.Time
	after    func(time.Duration) <-chan time.Time
	log      *slog.Logger
	receipts func(string) bool
	wake     func()
	officers func(string) string
	phoneOf  func(string) string
	units    []Unit

	knowledge Knowledge
	secret    []byte // of identity numbers
	letGo     func(ctx context.Context, file string) error

	feed    feed
	records records
	shift   func(time.Time) Shift
	ruled   atomic.Pointer[ruled] // what the last sweep went by
}

// NewOffice makes an office. Store, Policy, Calendar and Now are required.
func NewOffice(c Config) *Office {
	o := &Office{
		store: c.Store, policy: c.Policy, windows: c.Windows,
		now: c.Now, after: c.After, log: c.Log, receipts: c.Receipts, wake: c.Wake, officers: c.Officers, phoneOf: c.PhoneOf, units: c.Units,
		shift: c.Shift, knowledge: c.Knowledge, secret: c.Secret, letGo: c.Discard,
	}
	if o.shift == nil {
		o.shift = func(time.Time) Shift { return Shift{} }
	}
	if c.Calendar != nil {
		o.days.Store(c.Policy.Calendar(c.Calendar))
	}
	if o.log == nil {
		o.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if o.after == nil {
		o.after = time.After
	}
	if o.receipts == nil {
		o.receipts = func(string) bool { return true }
	}
	if o.officers == nil {
		o.officers = func(string) string { return "" }
	}
	if o.phoneOf == nil {
		o.phoneOf = func(string) string { return "" }
	}
	if o.wake == nil {
		o.wake = func() {}
	}
	return o
}

// calendar is what deadlines are counted by at this moment; use one for one decision.
func (o *Office) calendar() *calendar.Calendar { return o.days.Load() }

// Policy is the one the office follows. Nobody changes it.
func (o *Office) Policy() *Policy { return o.policy }

// unit is one transaction at work: the store's Tx, the moment it happens at (to the
// microsecond, as stores keep it), and what is to be told when it is committed.
type unit struct {
	Tx
	office  *Office
	now     time.Time
	notices []Notice
	texts   bool
	entropy *ulid.MonotonicEntropy
}

// do runs f in one transaction. Live pages and the gateway hear of it only after the
// commit, and only of the run that was committed.
func (o *Office) do(ctx context.Context, f func(*unit) error) error {
	var last *unit
	err := o.store.Tx(ctx, func(tx Tx) error {
		last = &unit{Tx: tx, office: o, now: o.now().UTC().Truncate(time.Microsecond)}
		return f(last)
	})
	if err != nil {
		return err
	}
	for _, n := range last.notices {
		o.feed.publish(n, true)
	}
	if last.texts {
		o.wake()
	}
	return nil
}

// tell notes that pages showing a thing should look again.
func (u *unit) tell(kind, id string) {
	u.notices = append(u.notices, Notice{Kind: kind, ID: id, At: u.now})
}

// event adds a line to an order's timeline.
func (u *unit) event(e Event) error {
	e.At = u.now
	if e.Actor == "" {
		e.Actor = "system"
	}
	if err := u.Append(e); err != nil {
		return fmt.Errorf("note %s on %s: %w", e.Kind, e.Number, err)
	}
	u.tell(NoticeOrder, e.Number)
	return nil
}

// send writes a text to the outbox. Its key makes it one however often it is written.
func (u *unit) send(m sms.Message) error {
	m.CreatedAt, m.Status = u.now, sms.Queued
	if m.ID == "" {
		m.ID = u.id()
	}
	if err := u.Enqueue(m); err != nil {
		return fmt.Errorf("write %s text: %w", m.Kind, err)
	}
	u.texts = true
	u.tell(NoticeText, m.ID)
	return nil
}

// id makes a ULID of the unit's moment; those of one unit ascend.
func (u *unit) id() string {
	if u.entropy == nil {
		u.entropy = ulid.Monotonic(rand.Reader, 0)
	}
	return ulid.MustNew(ulid.Timestamp(u.now), u.entropy).String()
}
