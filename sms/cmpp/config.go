// Package cmpp is a link to a carrier over CMPP 2.0 or 3.0, as China Mobile's gateways
// (ISMG) speak it.
//
// [New] makes an [sms.Line] of one or more connections that speaks it: each logs in, keeps
// the line alive by active tests and takes leave with a Terminate. How a line comes up,
// waits, survives and ends is told there.
//
// The codec is ours and exported for the simulator: [ReadFrame], [Marshal] and
// [Unmarshal], with each PDU's layout told once for reading and for writing.
package cmpp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
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

// line is the configuration as the engine has it, or all that is wrong with ours.
func (c Config) line() (sms.LineConfig, error) {
	var errs []error
	bad := func(wrong bool, what string) {
		if wrong {
			errs = append(errs, fmt.Errorf("cmpp link %q: %s", c.Name, what))
		}
	}
	bad(c.User == "" || len(c.User) > 6, "user must have 1 to 6 characters")
	bad(len(c.Service) > 10, "service must have at most 10 characters")
	bad(c.Version != V20 && c.Version != V30, fmt.Sprintf("version %s is neither 2.0 nor 3.0", c.Version))
	bad(c.Connections < 0, "connections must be positive")
	return sms.LineConfig{
		Name: c.Name, Addr: c.Addr, Framing: framing, Numbers: c.Numbers, Receipts: c.Receipts,
		Roles: make([]sms.Role, max(1, c.Connections)), Window: cmp.Or(c.Window, 16), Missed: cmp.Or(c.Missed, 3),
		Probe: c.Probe, Response: cmp.Or(c.Response, time.Minute), Connect: c.Connect, Write: c.Write,
		FirstPause: c.FirstPause, LastPause: c.LastPause, Clock: c.Clock, Log: c.Log, Dial: c.Dial,
	}, errors.Join(errs...)
}
