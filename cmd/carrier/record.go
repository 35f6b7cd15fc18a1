package main

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"hotline/asterisk/sipphone"
)

// call is the carrier's own record of one call. Times are RFC 3339 with milliseconds,
// empty for what has not happened.
type call struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind"`  // "line": the hotline called a line; "citizen": a test call to the hotline
	Trunk      int               `json:"trunk"` // 0 for a test call
	SIP        string            `json:"sip_call_id"`
	From       string            `json:"from"`
	FromHeader string            `json:"from_header"`
	PAI        string            `json:"pai"`
	To         string            `json:"to"`
	Headers    map[string]string `json:"headers,omitempty"` // those that begin with X-
	Codec      string            `json:"codec"`
	InvitedAt  string            `json:"invited_at"`
	RingingAt  string            `json:"ringing_at"`
	AnsweredAt string            `json:"answered_at"`
	EndedAt    string            `json:"ended_at"`
	EndedBy    string            `json:"ended_by"` // "hotline" or "us"
	Status     int               `json:"status"`   // SIP status that ended it unanswered
	Cause      int               `json:"cause"`    // Q.850
	Tones      []int             `json:"tones_hz"`
	Keys       string            `json:"keys"` // the hotline's side pressed
	Pressed    string            `json:"pressed"`
	Frames     int               `json:"frames"`
	Lost       int               `json:"lost"`
	Heard      []heardPrompt     `json:"heard"`
	Error      string            `json:"error,omitempty"`

	live *live
}

// live is the call itself, as long as its sound is kept. It is replaced, never changed.
type live struct {
	session *sipphone.Session  // nil until answered
	cancel  context.CancelFunc // gives up a test call that is not answered yet
}

// sound is what our end heard; nil when there is none any more.
func (c call) sound() *sipphone.Ear {
	if c.live == nil || c.live.session == nil {
		return nil
	}
	return c.live.session.Ear()
}

// stamp writes an instant as the API shows it.
func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

// What is kept: calls, and the sound of the last of them.
const (
	keptCalls  = 5000
	keptSounds = 50
)

// record is every call since the last reset, safe for concurrent use.
type record struct {
	now    func() time.Time
	events *hub

	mu    sync.Mutex
	last  int
	calls []*call
}

func newRecord(now func() time.Time, events *hub) *record {
	return &record{now: now, events: events}
}

// open notes a call that begins.
func (r *record) open(c call) *call {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	c.ID, c.InvitedAt = strconv.Itoa(r.last), stamp(r.now())
	c.Tones, c.Heard = []int{}, []heardPrompt{}
	r.calls = append(r.calls, &c)
	if len(r.calls) > keptCalls {
		r.calls = slices.Delete(r.calls, 0, len(r.calls)-keptCalls)
	}
	if n := len(r.calls) - keptSounds; n > 0 && r.calls[n-1].EndedAt != "" {
		r.calls[n-1].live = nil
	}
	r.events.publish("call", c)
	return &c
}

// note changes a call and tells everybody who watches, if it changed at all.
func (r *record) note(c *call, change func(*call)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := *c
	change(c)
	if !reflect.DeepEqual(before, *c) {
		r.events.publish("call", *c)
	}
}

// at is the present as the record writes it.
func (r *record) at() string { return stamp(r.now()) }

// end notes how a call that was up came to its end.
func (r *record) end(c *call, s *sipphone.Session) {
	var e *sipphone.Ended
	if !errors.As(context.Cause(s.Context()), &e) {
		e = &sipphone.Ended{By: sipphone.Us}
	}
	r.note(c, func(c *call) {
		c.EndedAt, c.EndedBy, c.Cause = r.at(), "us", e.Cause
		if e.By == sipphone.Them {
			c.EndedBy = "hotline"
		}
	})
}

// list is every call, oldest first.
func (r *record) list() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]call, 0, len(r.calls))
	for _, c := range r.calls {
		out = append(out, *c)
	}
	return out
}

func (r *record) get(id string) (call, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if c.ID == id {
			return *c, true
		}
	}
	return call{}, false
}

// reset forgets all calls but those that are still up.
func (r *record) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = slices.DeleteFunc(r.calls, func(c *call) bool { return c.EndedAt != "" })
}

// called lists the numbers of lines that were called.
func (r *record) called() []string {
	var out []string
	for _, c := range r.list() {
		if c.Kind == "line" && !slices.Contains(out, c.To) {
			out = append(out, c.To)
		}
	}
	return out
}

// lookEvery is how often a call that is up is looked at; a person should see a prompt
// while it is spoken.
const lookEvery = 200 * time.Millisecond

// watch keeps the record of a call that is up, until it ends.
func (c *carrier) watch(rec *call, s *sipphone.Session) {
	for pause(s.Context(), lookEvery) {
		c.look(rec, s)
	}
	c.look(rec, s)
	c.record.end(rec, s)
}

func (c *carrier) look(rec *call, s *sipphone.Session) {
	ear, stats := s.Ear(), s.Stats()
	tones := []int{}
	for _, t := range ear.Tones() {
		tones = append(tones, int(math.Round(t.Hz/10)*10))
	}
	var keys []byte
	for _, k := range ear.Keys() {
		keys = append(keys, k.Key)
	}
	heard := c.book.describe(ear.Heard())
	c.record.note(rec, func(r *call) {
		r.Tones, r.Keys, r.Heard, r.Lost = slices.Compact(tones), string(keys), heard, stats.Lost
		r.Frames = ear.Count()
	})
}
