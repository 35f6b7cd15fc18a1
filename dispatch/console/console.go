// Package console is what people see of the hotline: a page for agents and officers
// at / and the API under /api/v1 that the page itself lives on.
//
// The page is one embedded document with plain scripts and no outside parts. It loads
// lists from the API and hears of changes by server-sent events, which carry no
// content: whoever hears one reads again with the rights they have. Everything but
// the empty page, its scripts, the log-in and the API's own description needs a
// session.
//
// Every route has a line in one table of rights (rights.go): what a role is not named for it
// may not do. A unit sees its own orders, and nothing of others, not even that they exist.
//
// Phone numbers leave this package masked (KF-3.1.5), those of a confidential order's
// requester not at all. Who has to dial one asks for it with a reason, and who wants to
// hear a recording too: both are POSTs, events on the order and entries of the audit, as
// are log-ins, refusals and decisions. No number is ever part of an address, since
// addresses end up in logs.
package console

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Handling is what people do to orders; *dispatch.Office does it.
type Handling interface {
	Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error)
	Complete(ctx context.Context, number string, c dispatch.Completion) (dispatch.Order, error)
	SetType(ctx context.Context, number, actor string, t dispatch.Type) (dispatch.Order, error)
}

// Marking is what people note on things.
type Marking interface {
	MarkUrgent(ctx context.Context, number string, why dispatch.Urgency) (dispatch.Order, error)
	MarkMajor(ctx context.Context, number string, why dispatch.Urgency) (dispatch.Order, error)
	Note(ctx context.Context, number, actor, text string) error
	HeardVoicemail(ctx context.Context, id, who string) error
}

// Following is what follows on changes.
type Following interface {
	ClaimCallback(ctx context.Context, id, actor string) (dispatch.Callback, error)
	FinishCallback(ctx context.Context, id string, c dispatch.Called) (dispatch.Callback, error)
	Subscribe(ctx context.Context) <-chan dispatch.Notice
}

// Office is the dispatch office as the console needs it.
type Office interface {
	Handling
	Life
	Marking
	Following
	Tracking
	Printing
	Reviewing
	Pressing
	CallerRules
	Explaining
	Hinting
	Letters
	Repairs
	Auditing
}

// OrderRecord reads orders.
type OrderRecord interface {
	Orders(ctx context.Context, f dispatch.Filter) ([]dispatch.Order, error)
	OrderBy(ctx context.Context, number string) (dispatch.Order, error)
	Events(ctx context.Context, number string) ([]dispatch.Event, error)
}

// CallRecord reads calls and what callers left.
type CallRecord interface {
	Calls(ctx context.Context, f dispatch.Filter) ([]dispatch.Call, error)
	CallBy(ctx context.Context, id string) (dispatch.Call, error)
	Voicemails(ctx context.Context, f dispatch.Filter) ([]dispatch.Voicemail, error)
}

// SurveyRecord reads surveys and what follows from them.
type SurveyRecord interface {
	Surveys(ctx context.Context, f dispatch.Filter) ([]dispatch.Survey, error)
	SurveyBy(ctx context.Context, id string) (dispatch.Survey, error)
	Callbacks(ctx context.Context, f dispatch.Filter) ([]dispatch.Callback, error)
	CallbackBy(ctx context.Context, id string) (dispatch.Callback, error)
	Reviews(ctx context.Context, f dispatch.Filter) ([]dispatch.Review, error)
}

// TextRecord reads texts, and one voicemail.
type TextRecord interface {
	Messages(ctx context.Context, f dispatch.Filter) ([]sms.Message, error)
	Inbounds(ctx context.Context, f dispatch.Filter) ([]sms.Inbound, error)
	VoicemailBy(ctx context.Context, id string) (dispatch.Voicemail, error)
}

// Record is the part of dispatch.Reader the console reads.
type Record interface {
	OrderRecord
	LifeRecord
	CallRecord
	SurveyRecord
	TextRecord
	TextLife
	OptOutRecord
	dispatch.RuleReader
	dispatch.AuditReader
}

// Audio opens the recording of a voicemail; see Folder.
type Audio interface {
	OpenAudio(ctx context.Context, v dispatch.Voicemail) (io.ReadSeekCloser, error)
}

// Desk is one agent's place as the console shows it.
type Desk struct {
	Name  string    `json:"name"`
	Agent string    `json:"agent"`
	State string    `json:"state"` // away, idle, ringing, talking, after_call
	Since time.Time `json:"since"` // in this state since
	Call  string    `json:"call"`
	Taken int       `json:"taken"` // calls answered since the program started
}

// Desks is the register of agents' places. Its changes report whether there is such a desk.
type Desks interface {
	List() []Desk
	SignIn(name, agent string) bool
	SignOut(name string) bool
	WriteUp(name string) bool // signed out, but on duty: writes a call up
}

// Part is one thing the hotline depends on, for the status strip.
type Part struct {
	Name   string    `json:"name"` // "Asterisk", "Redis", "SQL", "SMS smpp"
	Up     bool      `json:"up"`
	Since  time.Time `json:"since,omitzero"`   // of the present Up; zero if unknown
	Detail string    `json:"detail,omitempty"` // why it is down, in words; never a secret
}

// Config is what a console needs. Office, Record, Accounts and Now are required.
type Config struct {
	Office   Office
	Record   Record
	Accounts *Accounts
	Audio    Audio     // nil: voicemails cannot be listened to
	Desks    Desks     // nil: there are none
	Switches Switches  // nil: there are none
	Steering Steering  // nil: conversations are left as they are
	Red      RedButton // nil: there is none
	Calendar Calendar  // nil: there is none
	Trading  Trading   // nil: nothing is brought in or taken out as a file
	// Materials are papers that belong to no order, in folders by month such as 2026-10, for the
	// months' volumes; nil: there are none.
	Materials fs.FS
	Status    func(ctx context.Context) []Part // nil: nothing is known
	Links     func() []Link                    // nil: there are none
	Leaders   func() []string                  // numbers texted when an order is marked urgent; nil: nobody
	Types     []dispatch.Type                  // what the hotline accepts, for the page's choices
	// Exceptions are the rules of the cases that are not sent back (ZQ-16), for the page's choices.
	Exceptions []string
	// Clause says a clause of a regulation in words, "" where it is not known; nil: none is.
	Clause  func(id string) string
	Title   string       // the hotline's name
	Version string       // of the program
	Log     *slog.Logger // nil: no log
	Now     func() time.Time
	After   func(d time.Duration) <-chan time.Time // nil: time.After; paces the event stream
}

// Console serves the page and the API. It is safe for concurrent use.
type Console struct {
	cfg    Config
	mux    *http.ServeMux
	leaves leaves
	closed chan struct{}
	close  sync.Once
	live   chan struct{} // a place for each event stream

	strangers strangers

	large    chan struct{} // one for each command with a large body
	patience time.Duration // with who reads or writes too slowly
}

// maxStreams is how many pages may listen to changes at once.
const maxStreams = 256

// New makes a console of its parts.
func New(cfg Config) (*Console, error) {
	if cfg.Office == nil || cfg.Record == nil || cfg.Accounts == nil || cfg.Now == nil {
		return nil, errors.New("console: Office, Record, Accounts and Now are required")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	if cfg.Leaders == nil {
		cfg.Leaders = func() []string { return nil }
	}
	if cfg.Clause == nil {
		cfg.Clause = func(string) string { return "" }
	}
	if cfg.Status == nil {
		cfg.Status = func(context.Context) []Part { return nil }
	}
	c := &Console{cfg: cfg, mux: http.NewServeMux(), closed: make(chan struct{}), live: make(chan struct{}, maxStreams),
		large: make(chan struct{}, uploads), patience: 10 * time.Second}
	c.mount()
	return c, nil
}

// Close ends all event streams, so that a server can shut down in good order; give it
// to http.Server.RegisterOnShutdown.
func (c *Console) Close() { c.close.Do(func() { close(c.closed) }) }

// ServeHTTP serves the page and the API.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guardHeaders(w.Header())
	c.mux.ServeHTTP(w, r)
}

// guardHeaders forbid what the page never does: inline scripts, foreign parts, frames,
// referrers, and keeping answers.
func guardHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
}
