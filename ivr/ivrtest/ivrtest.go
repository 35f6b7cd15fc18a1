// Package ivrtest plays a caller to a flow, so that a test reads like the call it
// stands for:
//
//	synctest.Test(t, func(t *testing.T) {
//		call := ivrtest.New(t, "13800000001")
//		go call.Serve(runner)
//		call.Hears("welcome")
//		call.Hears("menu").Presses("3")
//		desk := call.Rings("PJSIP/8001")
//		desk.Answers()
//		call.Passes(35 * time.Second)
//		desk.HangsUp()
//		call.Hears("call-ended", "goodbye")
//		call.Ends()
//	})
//
// It runs in a testing/synctest bubble: time is virtual and moves by itself while
// everybody waits, and a goroutine left behind by a call fails the test.
package ivrtest

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/asterisk"
	"hotline/ivr"
)

// Phone is a scripted call. The flow uses it as an ivr.Phone; the test uses its other
// methods, each of which waits for its event and fails the test if something else
// comes first.
type Phone struct {
	*Board
	t      *testing.T
	caller string
	dialed string
	ctx    context.Context
	end    context.CancelCauseFunc
	served chan struct{}

	// DiskFull makes every recording fail.
	DiskFull bool

	mu      sync.Mutex
	keys    []byte // typed ahead
	typed   chan struct{}
	wanted  int // digits the input asks for; in a longer one that has begun the guard's key is data
	got     int
	guard   byte
	fire    context.CancelCauseFunc
	spoken  time.Duration // in this recording
	until   time.Time     // the caller speaks until then
	hungUp  string        // reason given by the flow
	records []asterisk.RecordOptions
	state   []byte // as remembered last
}

var _ ivr.Phone = (*Phone)(nil)

// New makes a call from a number to 12345, not yet served.
func New(t *testing.T, caller string) *Phone {
	p := &Phone{
		Board: NewBoard(t), t: t, caller: caller, dialed: "12345",
		served: make(chan struct{}), typed: make(chan struct{}, 1),
	}
	p.ctx, p.end = context.WithCancelCause(context.Background())
	return p
}

// ID is the channel id.
func (p *Phone) ID() string { return "chan-" + p.caller }

// Caller is the calling number.
func (p *Phone) Caller() string { return p.caller }

// Source is nowhere: scripted calls come by no network.
func (p *Phone) Source() netip.Addr { return netip.Addr{} }

// Dials makes it a call to another number than 12345; before it is served.
func (p *Phone) Dials(number string) { p.dialed = number }

// Dialed is the number that was called.
func (p *Phone) Dialed() string { return p.dialed }

// Context ends with the call.
func (p *Phone) Context() context.Context { return p.ctx }

// Serve gives the call to a runner and returns when the runner is done with it.
func (p *Phone) Serve(r *ivr.Runner) { p.serve(r.Serve) }

// ServedBy gives the call to something else that takes calls.
func (p *Phone) ServedBy(call func(context.Context, ivr.Phone)) { p.serve(call) }

func (p *Phone) serve(call func(context.Context, ivr.Phone)) {
	defer close(p.served)
	call(p.ctx, p)
	p.end(&asterisk.Hangup{By: asterisk.CutOff, Cause: 16, Text: "served"})
	p.emit(event{kind: ended})
}

// Hears waits for prompts, in this order and with no other between; tones do not
// count. It returns while the last of them is being heard.
func (p *Phone) Hears(ids ...string) *Phone {
	p.t.Helper()
	for _, id := range ids {
		if e := p.next(); e.kind != heard || e.what != id {
			p.t.Fatalf("caller should hear %q, but %s", id, e)
		}
	}
	return p
}

// HearsText is Hears for one prompt with slots; it returns their values.
func (p *Phone) HearsText(id string) ivr.Slots {
	p.t.Helper()
	e := p.next()
	if e.kind != heard || e.what != id {
		p.t.Fatalf("caller should hear %q, but %s", id, e)
	}
	return e.slots
}

// Anything waits for whatever happens next and tells what it was; ok is false once the
// call has ended.
func (p *Phone) Anything() (what string, ok bool) {
	e := p.next()
	return e.String(), e.kind != ended
}

// Settle lets the flow do all it does at this instant, and forgets what that was.
func (p *Phone) Settle() {
	synctest.Wait()
	p.Board.mu.Lock()
	defer p.Board.mu.Unlock()
	p.events = nil
}

// Presses presses keys so quickly that the flow sees them all at once.
func (p *Phone) Presses(keys string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range []byte(keys) {
		p.press(key)
	}
}

// Passes lets time go by.
func (p *Phone) Passes(d time.Duration) {
	<-time.After(d)
}

// Records waits for a recording to begin.
func (p *Phone) Records() asterisk.RecordOptions {
	p.t.Helper()
	if e := p.next(); e.kind != records {
		p.t.Fatalf("the caller should be recorded, but %s", e)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.records[len(p.records)-1]
}

// Speaks makes the caller speak, from now on and for d; it returns afterwards.
func (p *Phone) Speaks(d time.Duration) {
	p.mu.Lock()
	p.until = time.Now().Add(d)
	p.spoken += d
	p.mu.Unlock()
	p.Passes(d)
}

// HangsUp hangs up at the caller's side and waits until the flow has taken note.
func (p *Phone) HangsUp() {
	p.end(&asterisk.Hangup{By: asterisk.CallerLeft, Cause: 16, Text: "normal clearing"})
	<-p.served
}

// Ends waits until the flow has ended the call and written its record.
func (p *Phone) Ends() {
	p.t.Helper()
	if e := p.next(); e.kind != ended {
		p.t.Fatalf("the call should end, but %s", e)
	}
	<-p.served
}

// EndsSomehow passes over whatever still happens until the call is over and served.
func (p *Phone) EndsSomehow() {
	<-p.served
}
