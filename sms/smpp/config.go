// Package smpp is a link to a carrier over SMPP 3.4.
//
// [New] makes an [sms.Line] that speaks it: one connection bound as transceiver, or a pair
// of which one transmits and one receives, over TCP or TLS. How a line comes up, waits,
// survives and ends is told there. A text has no id in SMPP: it is known by a hash of what
// it says.
//
// PDUs are put together and taken apart here. The codec of gosmpp, which is on the other
// side in the tests, forgets data codings it does not know (GBK) and gives up on headers
// that handsets really send.
package smpp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"hotline/sms"
)

// IDForm is how a carrier writes message ids. Many answer a submit in one form and
// write the receipt in the other.
type IDForm string

// The forms of ids.
const (
	Text    IDForm = ""    // opaque; upper and lower case and leading zeros mean nothing
	Hex     IDForm = "hex" // a number in hexadecimal
	Decimal IDForm = "dec" // a number in decimal
)

// Config is one link. Name, Addr, SystemID, Numbers and Clock are needed.
type Config struct {
	Name       string
	Addr       string // host:port
	SystemID   string // at most 15 characters
	Password   string // at most 8
	SystemType string // at most 12; what the carrier calls our kind of client, if it asks
	// Pair binds a transmitter and a receiver in place of one transceiver. Texts go out while
	// the one is up, texts and receipts come in while the other is.
	Pair bool
	// TLS, unless it is nil, is how the line is encrypted; TLS{} trusts who the system trusts.
	TLS *TLS
	// Numbers are our own, without extension. Texts go out from the first; an incoming
	// text's extension is what follows the longest that fits.
	Numbers []string
	// Window is how many submits may wait for their answer; default 10, which is what
	// SMPP 3.4 §2.7 advises.
	Window int
	// Receipts is false for a carrier that sends none.
	Receipts              bool
	SubmitIDs, ReceiptIDs IDForm
	// Zone is where the carrier's clock is; nil: China, UTC+8.
	Zone *time.Location
	// The kind of our numbers and of handsets' (§5.2.5, §5.2.6). The default 0 leaves it to
	// the carrier to read the digits; 1 of TON (international) puts the 86 in front; 1 of
	// NPI is E.164.
	SourceTON, SourceNPI byte
	DestTON, DestNPI     byte

	Enquire  time.Duration // silence after which the line is probed; default 30 s
	Response time.Duration // for an answer to a submit or a probe; default 30 s
	Connect  time.Duration // for dialling, and again for binding; default 10 s
	Write    time.Duration // for one PDU; default 10 s
	// FirstPause and LastPause bound the pauses between binds; defaults 1 s and 60 s. A
	// bind that lasts LastPause starts over at the first.
	FirstPause, LastPause time.Duration

	Clock sms.Clock
	Log   *slog.Logger // nil: silent
	// Dial opens the connection, without TLS; nil: plain TCP.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
}

// line is the configuration as the engine has it, or all that is wrong with ours.
func (c Config) line() (sms.LineConfig, error) {
	var errs []error
	bad := func(wrong bool, what string) {
		if wrong {
			errs = append(errs, fmt.Errorf("smpp link %q: %s", c.Name, what))
		}
	}
	bad(c.SystemID == "" || len(c.SystemID) > 15, "system id must have 1 to 15 characters")
	bad(len(c.Password) > 8, "password must have at most 8 characters")
	bad(len(c.SystemType) > 12, "system type must have at most 12 characters")
	bad(max(c.SourceTON, c.DestTON) > 6, "a type of number is 0 to 6")
	bad(max(c.SourceNPI, c.DestNPI) > 18, "a numbering plan is 0 to 18")
	for _, form := range []IDForm{c.SubmitIDs, c.ReceiptIDs} {
		bad(!slices.Contains([]IDForm{Text, Hex, Decimal}, form), fmt.Sprintf("id form %q is not one of \"\", hex, dec", form))
	}
	l := sms.LineConfig{
		Name: c.Name, Addr: c.Addr, Framing: framing, Numbers: c.Numbers, Window: cmp.Or(c.Window, 10), Receipts: c.Receipts,
		Probe: c.Enquire, Response: cmp.Or(c.Response, 30*time.Second), Connect: c.Connect, Write: c.Write,
		FirstPause: c.FirstPause, LastPause: c.LastPause, Clock: c.Clock, Log: c.Log, Dial: c.Dial,
	}
	if c.Pair {
		l.Roles = []sms.Role{sms.Transmitter, sms.Receiver}
	}
	if c.TLS != nil {
		var err error
		if l.Dial, err = c.TLS.over(c.Dial); err != nil {
			bad(true, err.Error())
		}
	}
	return l, errors.Join(errs...)
}
