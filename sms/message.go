// Package sms is texts: what they are, where they go, what became of them.
//
// A text is written to an outbox in the same transaction as the change that
// causes it. The [Gateway] claims what is due, hands it to a [Transport] and
// moves its [Status] forward, never back, as the carrier answers and as receipts
// arrive. A text that comes in is persisted before the carrier hears that we
// have it. Nothing here knows what a survey or a work order is.
package sms

import (
	"context"
	"time"
)

// Status is how far a text has come. It only moves forward (see Status.Reaches).
type Status string

// The statuses of an outgoing text.
const (
	Queued      Status = "queued"      // in the outbox; set by the transaction that caused it
	Sent        Status = "sent"        // the carrier took it and gave it an id; set by the gateway
	Delivered   Status = "delivered"   // on the handset; set by a receipt
	Undelivered Status = "undelivered" // the carrier gave up; set by a receipt
	Failed      Status = "failed"      // the carrier refused it, or every try failed
	Expired     Status = "expired"     // its validity passed before the carrier took it
)

// Kind says what a text is for; it decides priority, hours and what its end means.
type Kind string

// The kinds of texts.
const (
	KindSurvey  Kind = "survey"  // the five-option question (ZQ-15.1)
	KindResult  Kind = "result"  // the answer to a request (ZZ-18.4)
	KindReceipt Kind = "receipt" // "we have your text, its number is ..."
	KindDuty    Kind = "duty"    // to officers on duty; goes at any hour
	KindNotice  Kind = "notice"
	KindBulk    Kind = "bulk" // to many at once; after everything else
)

// Message is one text on its way out. Times are UTC.
type Message struct {
	ID         string // ULID, chosen by whoever writes the outbox row
	Key        string // unique; the same cause writes the same key, so it is sent once
	Kind       Kind
	Ref        string // what it is about: a survey id, an order number
	To         string // digits, normalised
	Ext        string // digits appended to the link's own number, so that a reply finds its question
	Text       string // without the 【signature】, which the gateway adds once
	Priority   int    // 0 to 9, lower goes first among the texts of its class (see Lane)
	NotBefore  time.Time
	ValidUntil time.Time // zero: no limit
	CreatedAt  time.Time

	Status     Status
	Attempts   int
	NextTry    time.Time
	Link       string   // transport that took it
	CarrierIDs []string // one per segment, canonical
	Segments   int
	Raw        string // the carrier's own code, as it came
	MaybeTwice bool   // an earlier try had an unknown outcome
	Avoid      string // the link whose carrier says that the number went to another
	Lapsed     bool   // set by Claim alone: an earlier claim ran out, and nobody said what came of it
	SentAt     time.Time
	DoneAt     time.Time // receipt's time for Delivered and Undelivered
}

// Change moves a message forward.
type Change struct {
	ID         string
	Status     Status
	At         time.Time // when it happened, by the carrier's word where it has one
	Link       string
	CarrierIDs []string
	Segments   int
	Raw        string
	NextTry    time.Time // for a Queued message that is to be tried again
	MaybeTwice bool
	Avoid      string // takes a text that was sent back to Queued, once: its number is another carrier's
}

// Want is what a claim asks for.
type Want struct {
	Now    time.Time
	Limit  int           // at most so many
	Urgent bool          // of the urgent class alone
	Owner  string        // who holds it (Config.Owner)
	Lease  time.Duration // held back from other claims that long; without one it only looks
}

// Outbox is where outgoing texts live; SQL implements it.
type Outbox interface {
	// Claim hands out queued texts that are due, lane after lane and in each by when they
	// fell due (see Message.Lane), and holds each back from other claims for the lease, or
	// until it is advanced.
	Claim(ctx context.Context, w Want) ([]Message, error)
	// Release ends the claims whose owner begins with a word, but for those of keep, and
	// counts them. Their processes are dead: what became of the texts is unknown (Lapsed).
	Release(ctx context.Context, now time.Time, owner, keep string) (n int, err error)
	// Advance applies a change if the message takes it (see Message.Takes) and reports
	// whether it did. A retry (Status Queued) counts one attempt and sets NextTry.
	Advance(ctx context.Context, c Change) (Message, bool, error)
	// ByCarrierID finds the message a receipt speaks of; ErrNotFound when it is not (yet) known.
	ByCarrierID(ctx context.Context, link, carrierID string) (Message, error)
	// Keep stores a receipt that does not move its text yet, in place of one of the same link
	// and carrier's id. It is safe when Keep returns: the carrier is told that we have it.
	Keep(ctx context.Context, k Kept) error
	// Kept lists the receipts kept for a text; without an id, those whose text is not known.
	// Oldest first, at most limit.
	Kept(ctx context.Context, textID string, limit int) ([]Kept, error)
	// Drop forgets kept receipts, and all that were kept before a moment.
	Drop(ctx context.Context, before time.Time, of ...Kept) error
}

// Kept is a receipt that does not move its text yet: it came before its text was known, or
// speaks of one segment of several. Any process may bring the rest, so all see it.
type Kept struct {
	Receipt
	TextID string    // empty: not known yet
	At     time.Time // when it came
}

// Inbound is one text that came in, whole (segments joined) and decoded.
type Inbound struct {
	ID         string // ULID given on arrival
	Key        string // dedupe: the carrier's id, or a hash of what came
	Link       string
	From       string // digits, normalised
	To         string // the number it was sent to, with extension
	Ext        string // the extension alone
	Text       string
	EventAt    time.Time // when the citizen sent it, by the carrier's word if plausible, else ReceivedAt
	ReceivedAt time.Time
	HandledAs  string // empty until handled: "survey", "late", "invalid", "order", "opt-out" ...
}

// Inbox is where texts that came in live; SQL implements it.
type Inbox interface {
	// Receive persists a text and reports whether it is new; a duplicate Key is not.
	Receive(ctx context.Context, in Inbound) (fresh bool, err error)
	// Unhandled lists texts nobody has handled yet, oldest first.
	Unhandled(ctx context.Context, limit int) ([]Inbound, error)
	// Handled notes what a text was taken for.
	Handled(ctx context.Context, id, as string) error
}
