// Package sipmsg is a link to the softphones of officers on duty, by SIP MESSAGE (RFC 3428).
//
// A [Link] listens at an address of its own and knows the SIP address of each number it
// serves; it takes no other (sms.Health.Serves). A text goes by UDP up to 1300 bytes and by
// TCP above, or by TLS where the phone's address says so. Nobody keeps a text on the way: a
// phone that answers 200 has it, one that answers 202 will pass it on, and one that was not
// heard of lately is asked first whether it is there, since an alert must not disappear in
// a phone that is switched off while another link could bring it.
//
// What phones write is stored before it is answered with 200. Only addresses that are
// allowed are heard. There are no extensions and no segments here, and no word of a text
// after its answer (IMDN is left out).
package sipmsg

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"hotline/sms"
)

// Config is one link. Name, Listen, Number, Phones and Clock are needed.
type Config struct {
	Name string
	// Listen is an address of this machine that phones can answer to, host:port, for UDP
	// and TCP. ListenTLS is the same for TLS; empty: none. A port 0 is any that is free.
	Listen, ListenTLS string
	// TLS has the certificate for ListenTLS, and says whom to trust of the phones reached by
	// TLS; nil: whom the system trusts.
	TLS *tls.Config
	// Number is our own: the user in the address that phones see and answer to.
	Number string
	// Phones are the numbers it serves, as sms.Normalize has them, and where each is reached:
	// sip:user@host:port, with ;transport=tcp or tls where that is needed, or sips:.
	Phones map[string]string
	// User and Password answer whoever asks for a proof (digest, RFC 8760); empty: nobody may.
	User, Password string
	// Allow are the networks that are heard beside the phones' own addresses. It is needed
	// where an address has a name for its host.
	Allow []netip.Prefix
	// Window is how many texts may wait for their answer; default 16.
	Window int

	Response time.Duration // for the final answer to a text; default 32 s (RFC 3261, timer F)
	Fresh    time.Duration // how long a sign of life of a phone by UDP counts; default 30 s
	Probe    time.Duration // for a phone to say that it is there; default 4 s
	Connect  time.Duration // for TCP and TLS; default 5 s
	Write    time.Duration // for one message by TCP or TLS; default 10 s
	// FirstPause and LastPause bound the pauses between tries to listen; defaults 1 s and 60 s.
	FirstPause, LastPause time.Duration

	Clock sms.Clock
	Log   *slog.Logger // nil: silent
}

func (c Config) check() error {
	var errs []error
	bad := func(wrong bool, what string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("sip link %q: %s", c.Name, fmt.Sprintf(what, args...)))
		}
	}
	bad(c.Name == "", "no name")
	for _, addr := range []string{c.Listen, c.ListenTLS} {
		at, err := netip.ParseAddrPort(addr)
		wrong := err != nil || at.Addr().IsUnspecified()
		bad(wrong && (addr != "" || addr == c.Listen), "%q is not address:port; phones answer to it, so that it has to be one of this machine's", addr)
	}
	bad(c.ListenTLS != "" && (c.TLS == nil || len(c.TLS.Certificates) == 0 && c.TLS.GetCertificate == nil), "TLS needs a certificate")
	_, err := sms.Normalize(c.Number)
	bad(err != nil, "its own number: %v", err)
	bad(len(c.Phones) == 0, "no phones: it would serve nobody")
	bad(c.Window < 0, "its window must be positive")
	bad(c.User == "" && c.Password != "", "a password needs a user")
	bad(c.Clock == nil, "no clock")
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	c.Window = cmp.Or(c.Window, 16)
	c.Response = cmp.Or(c.Response, 32*time.Second)
	c.Fresh = cmp.Or(c.Fresh, 30*time.Second)
	c.Probe = cmp.Or(c.Probe, 4*time.Second)
	c.Connect = cmp.Or(c.Connect, 5*time.Second)
	c.Write = cmp.Or(c.Write, 10*time.Second)
	c.FirstPause = cmp.Or(c.FirstPause, time.Second)
	c.LastPause = cmp.Or(c.LastPause, time.Minute)
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	c.Log = c.Log.With("link", c.Name)
	return c
}
