// Package cmpp is a link to a carrier over CMPP 2.0 or 3.0, as China Mobile's gateways
// (ISMG) speak it.
//
// A [Link] holds one or more connections, each of which logs in, keeps the line alive by
// active tests, comes back by itself with growing pauses and takes leave with a Terminate.
// Requests are registered before they are written and wait in a window for their answers;
// nothing is ever dropped because the window is full. A submit without an answer is not
// repeated, as the standard would have it: its outcome is unknown, and the gateway of
// package sms decides. What arrives is acknowledged only after its sink has stored it.
// Frames that make no sense are refused by their number and the line goes on.
//
// The codec is ours and exported for the simulator: [ReadFrame], [Marshal] and
// [Unmarshal], with each PDU's layout told once for reading and for writing.
package cmpp

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

// Config is one link. Name, Addr, User, Numbers and Clock are needed.
type Config struct {
	Name    string
	Addr    string // host:port
	User    string // SP_Id, at most 6 characters
	Secret  string // shared with the gateway; never on the wire
	Version Version
	Service string // Service_Id, at most 10 characters
	// Numbers are our own (service codes), without extension. Texts go out from the first;
	// an incoming text's extension is what follows the longest that fits.
	Numbers []string
	// Connections is how many the account holds at once; default 1. More make it faster
	// where the carrier allows them: each has a window of its own.
	Connections int
	// Window is how many submits may wait for their answer on one connection; default 16.
	Window int
	// Receipts is false for a carrier that sends none.
	Receipts bool
	// AnyISMG takes a gateway that does not prove that it knows the secret; some never do.
	AnyISMG bool
	// Zone is where the carrier's clock is; nil: China, UTC+8.
	Zone *time.Location

	Probe    time.Duration // how often the line is tested; default 30 s (the standard says 3 min)
	Response time.Duration // for an answer to a submit or a test; default 60 s
	Missed   int           // unanswered tests in a row that end a connection; default 3
	Connect  time.Duration // for dialling, and again for logging in; default 10 s
	Write    time.Duration // for one PDU; default 10 s
	// FirstPause and LastPause bound the pauses between logins; defaults 1 s and 60 s. A
	// connection that lasts LastPause starts over at the first.
	FirstPause, LastPause time.Duration

	Clock sms.Clock
	Log   *slog.Logger // nil: silent
	// Dial opens the connection; nil: plain TCP.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
}

func (c Config) check() error {
	var errs []error
	bad := func(wrong bool, what string) {
		if wrong {
			errs = append(errs, fmt.Errorf("cmpp link %q: %s", c.Name, what))
		}
	}
	bad(c.Name == "", "no name")
	bad(c.Addr == "", "no address")
	bad(c.User == "" || len(c.User) > 6, "user must have 1 to 6 characters")
	bad(len(c.Service) > 10, "service must have at most 10 characters")
	bad(c.Version != 0 && c.Version != V20 && c.Version != V30, fmt.Sprintf("version %s is neither 2.0 nor 3.0", c.Version))
	bad(len(c.Numbers) == 0, "no number of its own")
	bad(slices.ContainsFunc(c.Numbers, notDigits), "its numbers must be digits")
	bad(c.Window < 0 || c.Connections < 0 || c.Missed < 0, "window, connections and missed tests must be positive")
	bad(c.Clock == nil, "no clock")
	return errors.Join(errs...)
}

func notDigits(s string) bool {
	n, err := sms.Normalize(s)
	return err != nil || n != s
}

func (c Config) withDefaults() Config {
	c.Version = cmp.Or(c.Version, V20)
	c.Connections = cmp.Or(c.Connections, 1)
	c.Window = cmp.Or(c.Window, 16)
	c.Probe = cmp.Or(c.Probe, 30*time.Second)
	c.Response = cmp.Or(c.Response, time.Minute)
	c.Missed = cmp.Or(c.Missed, 3)
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
