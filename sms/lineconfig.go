package sms

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
)

// LineConfig is what a [Line] has to be told. Name, Addr, Numbers, Window, Response and
// Clock are needed.
type LineConfig struct {
	Name string
	Addr string // host:port
	Framing
	// Roles are those of the connections the line holds, one each; nil: one Transceiver.
	Roles []Role
	// Numbers are our own, without extension. Texts go out from the first; an incoming
	// text's extension is what follows the longest that fits.
	Numbers []string
	// Window is how many submits may wait for their answer on one connection.
	Window int
	// Receipts is false for a carrier that sends none.
	Receipts bool

	Probe    time.Duration // how often the line is probed; default 30 s
	Response time.Duration // for an answer to a submit or a probe
	Missed   int           // unanswered probes in a row that end a connection; default 1
	Connect  time.Duration // for dialling, and again for binding; default 10 s
	Write    time.Duration // for one PDU; default 10 s
	// FirstPause and LastPause bound the pauses between tries to connect; defaults 1 s and
	// 60 s. A connection that lasts LastPause starts over at the first.
	FirstPause, LastPause time.Duration

	Clock Clock
	Log   *slog.Logger // nil: silent
	// Dial opens a connection; nil: plain TCP. For SGIP, whose carrier dials in for what it
	// brings, that of a Receiver would be one that accepts.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
}

func (c LineConfig) check() error {
	var errs []error
	bad := func(wrong bool, what string) {
		if wrong {
			errs = append(errs, fmt.Errorf("link %q: %s", c.Name, what))
		}
	}
	bad(c.Name == "", "no name")
	bad(c.Addr == "", "no address")
	bad(len(c.Numbers) == 0, "no number of its own")
	bad(slices.ContainsFunc(c.Numbers, notDigits), "its numbers must be digits")
	bad(c.Window < 0 || c.Missed < 0, "window and missed probes must be positive")
	bad(c.Clock == nil, "no clock")
	return errors.Join(errs...)
}

func notDigits(s string) bool {
	n, err := Normalize(s)
	return err != nil || n != s
}

func (c LineConfig) withDefaults() LineConfig {
	if len(c.Roles) == 0 {
		c.Roles = []Role{Transceiver}
	}
	c.Probe = cmp.Or(c.Probe, 30*time.Second)
	c.Missed = cmp.Or(c.Missed, 1)
	c.Connect = cmp.Or(c.Connect, 10*time.Second)
	c.Write = cmp.Or(c.Write, 10*time.Second)
	c.FirstPause = cmp.Or(c.FirstPause, time.Second)
	c.LastPause = cmp.Or(c.LastPause, time.Minute)
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
