package sms

import (
	"context"
	"fmt"
	"time"
)

// Clock is the time a gateway and its links live by; tests and the demo move it.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine once d has passed; stop prevents it
	// and reports whether it did.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Transport is one link to a carrier. It keeps itself connected while Run runs. A new
// one passes smstest.TestTransport.
type Transport interface {
	// Run holds the link up, reconnecting as often as it takes, and hands what arrives
	// to sink. It returns after ctx is done and the link was closed in good order.
	Run(ctx context.Context, sink Sink) error
	// Send carries one text and returns when the carrier has answered for each of its
	// segments. Every error is a *SendError. Safe for concurrent use; it waits for
	// room in the carrier's window rather than drop anything.
	Send(ctx context.Context, out Outgoing) (Taken, error)
	// Health is how the link is now.
	Health() Health
}

// Sink takes what arrives on a link. When it returns nil the thing is safe and the
// carrier may be told so; after an error the carrier must keep it and come again.
type Sink interface {
	Receipt(ctx context.Context, r Receipt) error
	Arrived(ctx context.Context, p Part) error
	// Changed says that the link went up or down, or has room again; it never blocks.
	Changed(link string)
}

// Outgoing is a text for a transport, signed, with its receiver.
type Outgoing struct {
	ID       string // the message's
	To       string // digits, normalised
	Ext      string // appended to the link's own number
	Text     string
	Ref      byte          // numbers the segments of a long text, per receiver
	Validity time.Duration // how long the carrier may keep trying; zero: its own habit
}

// Taken is the carrier's word that it has a text.
type Taken struct {
	CarrierIDs []string // canonical, one per segment
	Segments   int
}

// Fault is why a text was not taken; the transport decides it, the gateway acts on it.
type Fault string

// The faults. Only Unknown leaves open whether the citizen gets the text.
const (
	Unreachable Fault = "unreachable" // nothing was written; another link may try at once
	Temporary   Fault = "temporary"   // refused for now; another link may try, or this one later
	Elsewhere   Fault = "elsewhere"   // the number is another carrier's; another link may try
	Throttled   Fault = "throttled"   // too fast; the link rests a while
	Permanent   Fault = "permanent"   // refused for good
	Unknown     Fault = "unknown"     // written, but no answer came
)

// SendError is the one kind of error a Send returns.
type SendError struct {
	Fault Fault
	Code  string // the carrier's own, as it came; empty if it said nothing
	Taken Taken  // segments the carrier had taken before the fault
	Err   error
}

// Error says the fault, the carrier's code and the cause.
func (e *SendError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("text not sent (%s): %v", e.Fault, e.Err)
	}
	return fmt.Sprintf("text not sent (%s, carrier says %s): %v", e.Fault, e.Code, e.Err)
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Err }

// Receipt is the carrier's later word on one segment.
type Receipt struct {
	Link      string
	CarrierID string // canonical
	Phone     string // the handset it speaks of, normalised; may be empty
	Status    Status // Delivered or Undelivered; Sent for "still trying", which moves nothing
	Raw       string // the carrier's own code, as it came
	// DoneAt is when it happened; zero if the carrier does not say. A carrier that tells
	// only the minute is rounded up to its end, in the citizen's favour.
	DoneAt time.Time
}

// Part is one incoming segment, decoded; a short text is one part.
type Part struct {
	Link   string
	ID     string // the carrier's own id for it; empty where the protocol has none (SMPP)
	From   string // digits, normalised where possible
	To     string // the number it was sent to, with extension
	Ext    string
	Text   string
	Hash   string // of the bytes as they came; tells a repetition where there is no ID
	Concat Concat
	SentAt time.Time // by the carrier's word; zero if it does not say
	At     time.Time // arrival
}

// Health is how a link is at one moment.
type Health struct {
	Link     string
	Up       bool      // bound, and its last probe was answered
	Inbound  bool      // texts come in on it
	Receipts bool      // it promises a delivery receipt for each text
	Serves   []string  // the only numbers it reaches, as Normalize has them; empty: any
	Since    time.Time // of the present Up or not-Up
	LastSeen time.Time // last sign of life from the carrier
	Free     int       // texts it would take now without waiting
	Window   int       // texts it has under way at most; zero if it has no such bound
	Detail   string    // why it is down, or a part of it is; in words
	// Only is, of a link of two halves (Transmitter and Receiver), the one that is up while
	// the other is not. Up speaks of the half that sends, LastSeen of the one that receives.
	Only  Role
	Stats LinkStats // since it was made; zero of a transport that leaves it to the gateway
}

// Hears reports whether what the carrier has for us comes in now.
func (h Health) Hears() bool { return h.Up && h.Only != Transmitter || h.Only == Receiver }
