// Package ivr is what a caller hears, and what happens next.
//
// A hotline's flow is data: nodes in a YAML file, each with one verb (say, menu,
// hours, transfer, agents, duty, voicemail, query, goodbye). One call is one
// goroutine that walks the flow on a [Phone]; a real call, the keyboard player and
// the test script are its three implementations. The emergency key is not in the
// flow: it is armed before the first prompt and needs neither flow, Redis nor SQL.
package ivr

import (
	"context"
	"net/netip"
	"time"

	"hotline/asterisk"
)

// Phone is a call as the flow sees it; *asterisk.Call is the real one.
type Phone interface {
	Line
	Speaker
	Dialer
}

// Line is who is on the phone and for how long.
type Line interface {
	ID() string     // channel id
	Caller() string // calling number as presented, may be empty
	Dialed() string
	Source() netip.Addr // where the call came in from; invalid when nobody knows
	// Context ends when the call ends; its cause is *asterisk.Hangup.
	Context() context.Context
	Answer(ctx context.Context) error
	Hangup(ctx context.Context, reason string) error
	// Guard derives a context that is cancelled with *asterisk.KeyPressed as cause the
	// moment key arrives, whatever is going on. While a Gather with Max > 1 has already
	// got a digit, key is data and does not fire.
	Guard(ctx context.Context, key byte) (context.Context, context.CancelFunc)
	// Remember keeps what another controller has to know to go on with this call, JSON,
	// with the call's next step; see asterisk.Call.
	Remember(state []byte)
}

// Speaker plays, listens for keys and records.
type Speaker interface {
	Play(ctx context.Context, o asterisk.PlayOptions) (asterisk.Playback, error)
	Gather(ctx context.Context, o asterisk.GatherOptions) (asterisk.Gathered, error)
	Record(ctx context.Context, o asterisk.RecordOptions) (asterisk.Recording, error)
}

// Dialer rings others and connects them.
type Dialer interface {
	Dial(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error)
	// Connect bridges the call with a leg that Dial returned until either leaves or ctx ends.
	Connect(ctx context.Context, leg *asterisk.Call) (asterisk.LeftFirst, error)
	// Whisper plays to a leg alone while Connect has it, from any goroutine.
	Whisper(ctx context.Context, leg *asterisk.Call, o asterisk.PlayOptions) error
}

// Slots fill the variable parts of a prompt: order numbers, dates, counts. Values are
// plain text; the prompt's slot types say how they are spoken.
type Slots map[string]string

// Speech is a prompt ready to be heard.
type Speech struct {
	Sounds []string      // absolute paths without extension, in order
	Length time.Duration // how long it takes to hear
	Text   string        // the same in writing, for the keyboard player and timelines
}

// Prompts is the catalogue as the flow needs it; package voice implements it.
type Prompts interface {
	Has(id string) bool
	// Compose turns a prompt and its slots into sounds. A prompt or language that is
	// missing is an error; the caller then hears the next best thing, never silence.
	Compose(lang, id string, slots Slots) (Speech, error)
}
