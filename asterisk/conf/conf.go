// Package conf renders Asterisk's configuration files from one description:
// PJSIP, RTP, ARI, HTTP limits, logging, and the dialplan with the static
// fallback that answers when the controller is away.
package conf

import "time"

// Config is everything Asterisk has to know. Zero values take the defaults that
// Defaults documents.
type Config struct {
	Dir          string // where the files and every run-time folder of this Asterisk live; absolute
	Modules      string // Asterisk's module folder
	Data         string // Asterisk's own data folder (documentation, sounds)
	Sounds       string // folder of our rendered prompts
	Bind         string // address SIP and RTP listen on; 127.0.0.1 unless opened to the network
	SIPPort      int
	RTPStart     int
	RTPEnd       int
	ARIPort      int // always on 127.0.0.1
	ARIUser      string
	ARIPass      string
	App          string // ARI application, "hotline"
	Hotline      string // the number citizens dial, "12345"
	Trunks       []Trunk
	Desks        []Desk
	Fallback     Fallback
	WriteTimeout time.Duration // of the ARI WebSocket; at least 2 s
	SessionLimit int           // of the HTTP server; at least 500
}

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
	RingSeconds int
	Prompts     map[string]string // "sorry", "emergency-menu", "dial-directly", "leave-message" -> absolute sound path without extension
	MaxSeconds  int               // of a message; 180
}
