package sms

import (
	"context"
	"time"
)

// Teller is an outbox that also remembers which moves were told to the gateway's
// OnMoved. With it a crash between a move and its telling loses nothing: the gateway
// asks for what is untold when it starts and every minute, for other processes die too.
// An outbox need not be one; then a move made in the instant before a crash is told only
// if the carrier repeats its receipt.
type Teller interface {
	// Untold lists messages whose present status was not told yet; a Queued one is not
	// among them: that it waits, or goes again by another link, is nobody's news.
	Untold(ctx context.Context, limit int) ([]Message, error)
	// Told notes that a message's move to status was told.
	Told(ctx context.Context, id string, status Status) error
}

// Doubter is an outbox that knows which texts to a phone are of unknown outcome. With it
// a receipt that belongs to no other text tells what became of one, whichever process
// sent it and whichever the receipt is brought to. An outbox need not be one; then such
// a text is sent once more.
type Doubter interface {
	// Doubted lists the queued texts to a phone that may have been sent and that no claim
	// holds; ten are enough.
	Doubted(ctx context.Context, to string) ([]Message, error)
}

// Rememberer is an inbox that knows what a phone has sent of late. With it a text that a
// carrier brings again, because our word was lost with the process that had it, is known
// for what it is by whichever process it is brought to. An inbox need not be one; then
// such a repetition is mostly known, by its key.
type Rememberer interface {
	// Recent lists the texts of a phone that arrived since a moment, newest first; some
	// hundred are enough.
	Recent(ctx context.Context, from string, since time.Time) ([]Inbound, error)
}
