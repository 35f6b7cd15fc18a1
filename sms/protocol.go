package sms

import (
	"context"
	"errors"
)

// Protocol is what a protocol of long connections does its own way; [Line] does the rest.
// Its methods are called from several goroutines at once.
type Protocol interface {
	Manners
	Texts
}

// Manners is how two sides of a connection speak to each other.
type Manners interface {
	// Login makes one of a link's connections fit for its role by asking once. ask writes a
	// request and waits for its answer; nothing behind that is read until Login returns.
	Login(ctx context.Context, role Role, ask func(Frame) (Frame, error)) error
	// Ask is a request of ours that is no text: Probe or Farewell.
	Ask(k Purpose) Frame
	// PurposeOf is what a request of the carrier's asks.
	PurposeOf(f Frame) Purpose
	// Reply answers a request. err is nil, one of ErrBusy, ErrAgain, ErrLength and
	// ErrCommand, or what Arrival returned.
	Reply(f Frame, err error) Frame
}

// Texts is how texts are told.
type Texts interface {
	// Submits are the requests that send a text, one a segment; an error is for good.
	Submits(out Outgoing) ([]Frame, error)
	// Taken reads the answer to one: the carrier's id, canonical, or why it did not take it.
	Taken(answer Frame) (id string, fault *SendError)
	// Arrival reads a Delivery. Numbers are as they came; Link and At are not its business.
	Arrival(f Frame) (Arrival, error)
}

// Purpose is what a request asks.
type Purpose int

// The purposes. Strange is a command that the protocol does not know, or that is not a
// carrier's to give.
const (
	Strange  Purpose = iota
	Probe            // are you there
	Farewell         // the connection is to be closed
	Delivery         // a text or a receipt
	Notice           // asks for nothing, not even an answer
)

// Arrival is what a delivery brings: a receipt, a text, or neither when it is a receipt
// that does not say what it speaks of.
type Arrival struct {
	Receipt *Receipt
	Part    *Part
}

// Why a request of the carrier's is refused.
var (
	ErrBusy    = errors.New("too many deliveries at once")
	ErrAgain   = errors.New("delivery was not stored")
	ErrLength  = errors.New("pdu of a wrong length")
	ErrCommand = errors.New("unknown command")
)

// Role is what a connection is for.
type Role string

// The roles.
const (
	Transceiver Role = ""            // texts go out and come in
	Transmitter Role = "transmitter" // texts go out
	Receiver    Role = "receiver"    // texts and receipts come in
)

// String names what a connection of the role is.
func (r Role) String() string {
	if r == Transceiver {
		return "connection"
	}
	return string(r)
}

func (r Role) sends() bool    { return r != Receiver }
func (r Role) receives() bool { return r != Transmitter }
