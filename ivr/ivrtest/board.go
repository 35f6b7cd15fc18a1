package ivrtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/asterisk"
	"hotline/ivr"
)

// The kinds of things that happen to a caller.
const (
	heard   = "heard"
	rung    = "rung"
	records = "records"
	ended   = "ended"
)

// event is one thing that happened.
type event struct {
	kind  string
	what  string
	slots ivr.Slots
	ring  *Ring
}

// String tells what happened instead of what a test expected.
func (e event) String() string {
	switch e.kind {
	case heard:
		return fmt.Sprintf("heard %q", e.what)
	case rung:
		return fmt.Sprintf("%s was rung", e.what)
	case records:
		return "a recording began"
	default:
		return "the call ended"
	}
}

// Board is where legs are rung: a call's own, or, for an alarm, nobody's. It is an
// ivr.Ringer.
type Board struct {
	t       *testing.T
	mu      sync.Mutex
	events  []event
	talking *Ring // the last leg that answered
	more    chan struct{}
}

var _ ivr.Ringer = (*Board)(nil)

// NewBoard makes a switchboard for an alarm; calls have their own.
func NewBoard(t *testing.T) *Board {
	return &Board{t: t, more: make(chan struct{}, 1)}
}

func (b *Board) emit(e event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	select {
	case b.more <- struct{}{}:
	default:
	}
}

// next waits for the next event.
func (b *Board) next() event {
	for {
		b.mu.Lock()
		if len(b.events) > 0 {
			e := b.events[0]
			b.events = b.events[1:]
			b.mu.Unlock()
			return e
		}
		b.mu.Unlock()
		<-b.more
	}
}

// Rings waits until a leg is rung; an empty endpoint accepts any.
func (b *Board) Rings(endpoint string) *Ring {
	b.t.Helper()
	e := b.next()
	if e.kind != rung || endpoint != "" && e.what != endpoint {
		b.t.Fatalf("%s should be rung, but %s", endpoint, e)
	}
	return e.ring
}

// Quiet fails the test if anything has happened that it did not wait for.
func (b *Board) Quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.events) > 0 {
		b.t.Fatalf("nothing more should happen, but %s", b.events[0])
	}
}

// Ring rings a leg without a caller.
func (b *Board) Ring(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error) {
	return b.ring(ctx, o), nil
}

// Ring is a leg being rung. Its methods say what the far side does; one of them, or
// none for a phone that rings in vain.
type Ring struct {
	Options asterisk.DialOptions
	reply   chan reply
	left    chan struct{}
}

// reply is what the far side does.
type reply struct {
	outcome asterisk.DialOutcome
	status  int
}

// Answers takes the call, and presses the accept key where one is asked for.
func (r *Ring) Answers() { r.does(reply{outcome: asterisk.Answered}) }

// AnswersAsMachine takes the call and presses nothing, as a mobile's voicemail does.
func (r *Ring) AnswersAsMachine() { r.does(reply{outcome: asterisk.NotAccepted}) }

// IsBusy answers 486.
func (r *Ring) IsBusy() { r.does(reply{outcome: asterisk.Busy, status: 486}) }

// Declines answers 603.
func (r *Ring) Declines() { r.does(reply{outcome: asterisk.Declined, status: 603}) }

// IsDown is a trunk without an answer.
func (r *Ring) IsDown() { r.does(reply{outcome: asterisk.Unreachable, status: 503}) }

// does replies and waits until the flow has taken it in, so that what the script does
// next comes after it.
func (r *Ring) does(what reply) {
	r.reply <- what
	synctest.Wait()
}

// HangsUp ends the conversation at the far side.
func (r *Ring) HangsUp() { close(r.left) }

// ring rings a leg until the script replies, the ring time is over or ctx ends.
func (b *Board) ring(ctx context.Context, o asterisk.DialOptions) asterisk.Dialed {
	r := &Ring{Options: o, reply: make(chan reply, 1), left: make(chan struct{})}
	began := time.Now()
	b.emit(event{kind: rung, what: o.Endpoint, ring: r})
	vain := time.NewTimer(o.Ring)
	defer vain.Stop()
	d := asterisk.Dialed{Outcome: asterisk.NoAnswer, Cause: 19}
	select {
	case reply := <-r.reply:
		d = b.settle(ctx, o, reply)
	case <-vain.C:
	case <-ctx.Done():
		d = asterisk.Dialed{Outcome: asterisk.Abandoned}
	}
	d.Rang = time.Since(began)
	if d.Outcome == asterisk.Answered {
		b.answered(r)
	}
	return d
}

// settle lets a machine's greeting run until the accept time is over.
func (b *Board) settle(ctx context.Context, o asterisk.DialOptions, r reply) asterisk.Dialed {
	d := asterisk.Dialed{Outcome: r.outcome, Status: r.status}
	if r.outcome != asterisk.NotAccepted {
		return d
	}
	if o.Confirm == nil { // nobody asked: the machine is taken for a person
		d.Outcome = asterisk.Answered
		return d
	}
	select {
	case <-time.After(o.Confirm.Timeout):
	case <-ctx.Done():
		d.Outcome = asterisk.Abandoned
	}
	return d
}

// answered remembers the leg that Connect will be asked for.
func (b *Board) answered(r *Ring) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.talking = r
}
