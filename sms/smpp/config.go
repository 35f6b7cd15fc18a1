// Package smpp is a link to a carrier over SMPP 3.4.
//
// A [Link] binds as transceiver, keeps the line alive, comes back by itself with
// growing pauses, and closes with an unbind. Requests are registered before they are
// written and wait in a window for their answers; nothing is ever dropped because the
// window is full. A text that arrives is acknowledged only after its sink has stored
// it. Frames that make no sense are refused by their number and the line goes on.
//
// The PDUs we send are built with the gosmpp codec. Those we read are taken apart here,
// because that codec forgets data codings it does not know (GBK) and gives up on
// headers that handsets really send.
package smpp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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
	SystemType string
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
	// TON and NPI go with every address.
	TON, NPI byte

	Enquire  time.Duration // silence after which the line is probed; default 30 s
	Response time.Duration // for an answer to a submit or a probe; default 30 s
	Connect  time.Duration // for dialling, and again for binding; default 10 s
	Write    time.Duration // for one PDU; default 10 s
	// FirstPause and LastPause bound the pauses between binds; defaults 1 s and 60 s. A
	// bind that lasts LastPause starts over at the first.
	FirstPause, LastPause time.Duration

	Clock sms.Clock
	Log   *slog.Logger // nil: silent
	// Dial opens the connection, with TLS if need be; nil: plain TCP.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
}

func (c Config) check() error {
	var errs []error
	bad := func(wrong bool, what string) {
		if wrong {
			errs = append(errs, fmt.Errorf("smpp link %q: %s", c.Name, what))
		}
	}
	bad(c.Name == "", "no name")
	bad(c.Addr == "", "no address")
	bad(c.SystemID == "" || len(c.SystemID) > 15, "system id must have 1 to 15 characters")
	bad(len(c.Password) > 8, "password must have at most 8 characters")
	bad(len(c.SystemType) > 12, "system type must have at most 12 characters")
	bad(len(c.Numbers) == 0, "no number of its own")
	bad(slices.ContainsFunc(c.Numbers, notDigits), "its numbers must be digits")
	bad(c.Window < 0, "window must be positive")
	bad(c.Clock == nil, "no clock")
	for _, form := range []IDForm{c.SubmitIDs, c.ReceiptIDs} {
		bad(!slices.Contains([]IDForm{Text, Hex, Decimal}, form), fmt.Sprintf("id form %q is not one of \"\", hex, dec", form))
	}
	return errors.Join(errs...)
}

func notDigits(s string) bool {
	n, err := sms.Normalize(s)
	return err != nil || n != s
}

func (c Config) withDefaults() Config {
	c.Window = cmp.Or(c.Window, 10)
	c.Enquire = cmp.Or(c.Enquire, 30*time.Second)
	c.Response = cmp.Or(c.Response, 30*time.Second)
	c.Connect = cmp.Or(c.Connect, 10*time.Second)
	c.Write = cmp.Or(c.Write, 10*time.Second)
	c.FirstPause = cmp.Or(c.FirstPause, time.Second)
	c.LastPause = cmp.Or(c.LastPause, time.Minute)
	if c.Zone == nil {
		c.Zone = time.FixedZone("CST", 8*60*60)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	c.Log = c.Log.With("link", c.Name)
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, addr string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		}
	}
	return c
}
