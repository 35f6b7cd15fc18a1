// Package conf renders Asterisk's configuration files from one description:
// PJSIP, RTP, ARI, HTTP limits, logging, and the dialplan with the static
// fallback that answers when the controller is away.
//
// [Render] writes the files below Config.Dir, which then holds everything this
// Asterisk owns: configuration, logs, recordings, its database and its control
// socket, so that several instances live side by side on one machine. The
// fallback leaves messages and a list of calls behind; [Messages] reads them back.
package conf

import (
	"runtime"
	"time"
)

// Config is everything Asterisk has to know. Zero values take the defaults that
// Defaults documents.
type Config struct {
	Name    string // of this Asterisk among several, first part of its channels' ids; may be empty where it is the only one
	Dir     string // where the files and every run-time folder of this Asterisk live; absolute
	Modules string // Asterisk's module folder
	Data    string // Asterisk's own data folder (documentation, sounds)
	Sounds  string // folder of our rendered prompts
	Beep    string // tone before a recording, absolute path without extension; a plain one when empty or not there
	// Recordings is the folder of recordings that several share, absolute; empty: its own below Dir.
	Recordings string
	Bind       string // address SIP and RTP listen on; 127.0.0.1 unless opened to the network
	// Allow are addresses and networks whose SIP is heard, beside the trunks and desks that
	// have an address. Empty: everybody while Bind is a loopback or private address, which
	// only those beside us reach, else private networks.
	Allow        []string
	SIPPort      int
	RTPStart     int
	RTPEnd       int
	ARIPort      int // always on 127.0.0.1
	ARIUser      string
	ARIPass      string
	App          string   // family of ARI applications; each controller has one of its own, "hotline-NODE-...": "hotline"
	Hotline      string   // the number citizens dial, "12345"
	Lines        []string // other numbers that lead to the hotline
	Calls        int      // citizens' calls at once; beyond them asterisk/gate has new ones refused
	Trunks       []Trunk
	Desks        []Desk
	Fallback     Fallback
	Claim        time.Duration // what the controllers have to claim a new call in; then the dialplan answers it
	WriteTimeout time.Duration // of the ARI WebSocket; at least 2 s
	SessionLimit int           // of the HTTP server; at least 500
	Events       bool          // what every channel does goes to the file EventsOf (CEL), for an audit
}

// Numbers are all that citizens may dial, the hotline's own first.
func (c Config) Numbers() []string { return append([]string{c.Hotline}, c.Lines...) }

// Trunk is a SIP peer that carries calls to the outside.
type Trunk struct {
	Name string // PJSIP endpoint name; ring a number on it as PJSIP/<number>@<name>
	Addr string // host:port
}

// Desk is an agent's SIP phone that registers or sits at a fixed address.
type Desk struct {
	Name     string // extension, such as "8001"
	Addr     string // fixed contact host:port; empty when it registers
	Password string // digest password when it registers
}

// Fallback is what the dialplan does alone (D4): emergency keys, the duty
// phone, then a message to disk that the controller imports when it is back.
type Fallback struct {
	Emergency   map[string]string // key after 9 -> dial string, tried in order when separated by '&'-free commas
	Duty        []string          // dial strings rung in turn
	Leader      []string          // dial strings of the duty leader, rung when no emergency line answered; Duty when empty
	RingSeconds int
	// Prompts are absolute sound paths without extension. Known names: "sorry",
	// "emergency-menu", "dial-directly", "leave-message", "duty-accept". A missing one is
	// not played; without "duty-accept" a duty phone need not press 1 to accept.
	Prompts    map[string]string
	MaxSeconds int // of a message; 180
}

// Names the dialplan and the controller share.
const (
	// FallbackContext with extension "s" is the dialplan's last line of defence; the
	// controller sends a call there when it cannot serve it.
	FallbackContext = "hotline-fallback"
	inboundContext  = "hotline-in"
)

// Defaults fills the zero fields of c: Bind 127.0.0.1, SIP 5060, RTP 10000-19999,
// ARI 8088, user and application "hotline", number "12345", half a second to claim a call,
// 5 s WebSocket write timeout (Asterisk's own 100 ms closes the socket of a controller that pauses for
// garbage collection), 1000 HTTP sessions, 25 s of ringing and 180 s for a message.
// Calls are 250 a core, which is what one was measured to carry with half of it to spare,
// and no more than the RTP ports do.
// There is no default password.
func Defaults(c Config) Config {
	setDefault(&c.Bind, "127.0.0.1")
	setDefault(&c.SIPPort, 5060)
	setDefault(&c.RTPStart, 10000)
	setDefault(&c.RTPEnd, 19999)
	setDefault(&c.ARIPort, 8088)
	setDefault(&c.ARIUser, "hotline")
	setDefault(&c.App, "hotline")
	setDefault(&c.Hotline, "12345")
	setDefault(&c.Claim, 500*time.Millisecond)
	setDefault(&c.WriteTimeout, 5*time.Second)
	setDefault(&c.SessionLimit, 1000)
	setDefault(&c.Calls, min(250*runtime.NumCPU(), c.carried()))
	setDefault(&c.Fallback.RingSeconds, 25)
	setDefault(&c.Fallback.MaxSeconds, 180)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Inbound are the PJSIP endpoints by which citizens' calls come in, given the names of the
// trunks: whoever is no trunk, and each trunk apart from the way out over it.
func Inbound(trunks []string) []string {
	all := []string{"anonymous"}
	for _, t := range trunks {
		all = append(all, inbound(t))
	}
	return all
}

func inbound(trunk string) string { return trunk + "-in" }

// legPorts is RTP and RTCP of one leg.
const legPorts = 2

// Limit is how many citizens' calls there can be in a rush that came faster than the gate:
// half as many again as Calls. What comes beyond it Asterisk itself turns away.
func (c Config) Limit() int { return c.Calls + c.Calls/2 }

// carried is the Calls whose Limit the RTP ports carry when each call has a leg of its own
// and one to whom it asks for, so that an emergency always finds one.
func (c Config) carried() int { return (c.RTPEnd - c.RTPStart + 1) / (2 * legPorts) * 2 / 3 }
