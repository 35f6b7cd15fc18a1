// Package httpapi is a link to a carrier over its HTTP API, whatever that looks like.
//
// An [API] is the description of one such interface, in YAML: the request that sends a
// text, with slots for what differs from text to text; where in the answer the id and the
// code stand, and what each code means; how receipts and citizens' texts come in by
// callback, and what is answered; how they are pulled. [Ready] has descriptions in the
// style of Aliyun (RPC signature) and of Tencent (TC3 signature), and a plain one to copy.
// No address stands in them: that is the account's ([Config]).
//
// Such interfaces carry templates that somebody approved, not free text. A [Template] is
// the text as the hotline writes it, with its slots; a text that fits one goes out under
// its id with the slots' values, and one that fits none is left to other links.
//
// A text goes whole and has one id. No such interface knows a request it has seen before,
// so nothing is sent again here: an answer that never came is an unknown outcome, and the
// gateway of package sms decides. A callback is acknowledged after its sink has stored what
// it brought; what could not be stored is refused with a 5xx, so that the carrier comes
// again. Pulls run beside the callbacks; what both bring has the same id both times.
package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"time"

	"hotline/sms"
)

// Config is one account. Name, URL, API, Numbers and Clock are needed.
type Config struct {
	Name string
	API  API
	URL  string // http or https, and host; the API has the paths
	// Key and Secret are the account's. The secret signs, or stands where the API says.
	Key, Secret string
	// Vars fill the API's other slots: a region, an application's id.
	Vars map[string]string
	// Templates are the approved texts, tried in order; needed where the API has slots for them.
	Templates []Template
	// Numbers are our own, without extension: what a text is taken to have been sent to.
	Numbers []string
	// ExtDigits is how many digits of extension the account has; mostly none.
	ExtDigits int
	// Window is how many texts may wait for their answer; default 16.
	Window int
	// Receipts is false for an account that gets none.
	Receipts bool

	// Listen is where callbacks come in, host:port, at /Token/receipts and /Token/texts;
	// empty: none. It speaks plain HTTP, for the machine itself or a proxy that ends TLS.
	Listen string
	// Token is the secret in the callbacks' path: 16 to 128 letters, digits, - and _.
	Token string

	Probe    time.Duration // how often the API's reach is tested; default 30 s
	Response time.Duration // for an answer, from dialling on; default 15 s
	// FirstPause and LastPause bound the pauses between tests while it fails, and between
	// tries to listen; defaults 1 s and 60 s.
	FirstPause, LastPause time.Duration

	Clock sms.Clock
	Log   *slog.Logger // nil: silent
	// Dial and Bind open connections and the port of callbacks; nil: TCP.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	Bind func(ctx context.Context, addr string) (net.Listener, error)
}

// tokens keep a token guessable by nobody and safe in a path.
var tokens = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

func (c Config) check() error {
	var errs []error
	bad := func(wrong bool, what string) {
		if wrong {
			errs = append(errs, fmt.Errorf("http link %q: %s", c.Name, what))
		}
	}
	u, err := url.Parse(c.URL)
	bad(c.Name == "", "no name")
	bad(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https", fmt.Sprintf("%q is no http or https address", c.URL))
	bad(err == nil && (u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil), "the address has more than a host: paths belong to the API")
	bad(len(c.Numbers) == 0, "no number of its own")
	bad(c.Window < 0 || c.ExtDigits < 0, "window and extension must be positive")
	bad(c.Clock == nil, "no clock")
	bad(c.Listen != "" && !tokens.MatchString(c.Token), "the token of its callbacks must be 16 to 128 letters, digits, - and _")
	bad(c.Listen != "" && c.API.Receipts == nil && c.API.Texts == nil, "listens, but its API has no callbacks")
	bad(c.API.Sign.Method != "" && (c.Key == "" || c.Secret == ""), "signs, but has no key and secret")
	bad(c.Receipts && !c.brings((*API).bringsReceipts), "promises receipts, but nothing brings them")
	if err := c.API.check(c.Vars); err != nil {
		errs = append(errs, fmt.Errorf("http link %q: %w", c.Name, err))
	}
	bad(c.API.uses("template") && len(c.Templates) == 0, "its API sends templates, and there is none")
	for _, t := range c.Templates {
		bad(t.ID == "" || t.Text == "", "a template needs an id and a text")
	}
	return errors.Join(errs...)
}

// brings says whether a kind of news can come in, by callback or by pull.
func (c Config) brings(kind func(a *API, listens bool) bool) bool {
	return kind(&c.API, c.Listen != "")
}

func (c Config) withDefaults() Config {
	c.Window = cmp.Or(c.Window, 16)
	c.Probe = cmp.Or(c.Probe, 30*time.Second)
	c.Response = cmp.Or(c.Response, 15*time.Second)
	c.FirstPause = cmp.Or(c.FirstPause, time.Second)
	c.LastPause = cmp.Or(c.LastPause, time.Minute)
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	c.Log = c.Log.With("link", c.Name)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	if c.Bind == nil {
		c.Bind = func(ctx context.Context, addr string) (net.Listener, error) {
			return (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
		}
	}
	return c
}
