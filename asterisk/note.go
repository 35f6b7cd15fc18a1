package asterisk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Note is what another controller has to know of a call to take it over: what the switch
// is doing for the caller, and whatever the flow wants to remember. It is written before
// each step, so that nothing is ever under way that no note tells of.
type Note struct {
	Channel   string          `json:"c"`
	Switch    string          `json:"sw,omitempty"` // Config.Name of the Switch the channel is on
	Seq       int             `json:"n"`            // of two notes about a channel the higher one holds
	Step      Step            `json:"d,omitempty"`
	Playback  int             `json:"p,omitempty"` // which playback of the call may sound, counted from 0
	Leg       string          `json:"l,omitempty"` // channel being rung, or talking with the caller
	Endpoint  string          `json:"e,omitempty"` // the leg's dial string
	Bridge    string          `json:"b,omitempty"`
	Recording string          `json:"r,omitempty"`
	Since     time.Time       `json:"t,omitzero"`  // recording since
	State     json.RawMessage `json:"s,omitempty"` // the flow's own, see Call.Remember
}

// Encode is the note as JSON. The state is JSON already and is taken as it is.
func (n Note) Encode() ([]byte, error) {
	state := n.State
	n.State = nil
	b, err := json.Marshal(n)
	if err != nil || len(state) == 0 {
		return b, err
	}
	b = append(b[:len(b)-1], `,"s":`...)
	return append(append(b, state...), '}'), nil
}

// Step is what a call is in, as far as the switch is concerned.
type Step string

// The steps a note tells apart. Whoever takes a call over begins the first two anew and
// goes on with the others where they are.
const (
	StepListening Step = ""          // prompts, keys, or nothing
	StepRinging   Step = "ringing"   // a leg is being rung: it is hung up and rung again
	StepTalking   Step = "talking"   // with Leg, in Bridge
	StepRecording Step = "recording" // Asterisk writes Recording
)

// Notebook keeps the notes of all controllers, each controller's under the name of its
// application. A Switch asks it from many goroutines at once.
type Notebook interface {
	// Write keeps a note in place of the one before and returns when it is safe, or an
	// error soon: a caller waits for it.
	Write(ctx context.Context, app string, n Note) error
	// Erase drops the note of a call that is over. It may do so later.
	Erase(app, channel string)
	// Read gives the notes kept under the names that are wanted.
	Read(ctx context.Context, wanted func(app string) bool) (map[string][]Note, error)
}

// noteVariable is the channel variable that holds the note while the notebook is away.
const noteVariable = "HOTLINE_NOTE"

// noteBudget bounds how long a note kept on the channel itself may take: Asterisk lets a
// variable wait for the end of a prompt.
const noteBudget = 300 * time.Millisecond

// Remember gives the flow's part of the call's note. It asks nothing of anybody: it is
// written with the next step. state is JSON and must not be changed afterwards.
func (c *Call) Remember(state []byte) { c.memo.State = state }

// jot writes the note of the step that is about to begin.
func (c *Call) jot(ctx context.Context, change func(*Note)) {
	n := &c.memo
	n.Step, n.Leg, n.Endpoint, n.Bridge, n.Recording, n.Since = StepListening, "", "", "", "", time.Time{}
	if change != nil {
		change(n)
	}
	c.write(ctx)
	c.stopped()
}

func (c *Call) write(ctx context.Context) {
	if c.sw.cfg.Notebook == nil || c.memo.Channel == "" {
		return
	}
	c.memo.Seq++
	c.memo.Playback = c.played
	err := c.sw.cfg.Notebook.Write(detached(ctx), c.sw.app, c.memo)
	if err == nil {
		return
	}
	c.sw.stats.notes.Add(1)
	if err := c.keepOnChannel(ctx); err != nil {
		c.sw.cfg.Log.Warn("note of a call not written", "call", c.id, "err", err)
	}
}

// keepOnChannel puts the note into a variable of the channel, which Asterisk shows in
// its list of channels.
func (c *Call) keepOnChannel(ctx context.Context) error {
	b, err := c.memo.Encode()
	if err != nil {
		return err
	}
	c.stopped()
	ctx, cancel := context.WithTimeout(detached(ctx), noteBudget)
	defer cancel()
	return c.sw.do(ctx, request{method: http.MethodPost, path: "/channels/" + url.PathEscape(c.id) + "/variable",
		body: channelVariable{Variable: noteVariable, Value: string(b), ReportEvents: true}})
}

type channelVariable struct {
	Variable     string `json:"variable"`
	Value        string `json:"value"`
	ReportEvents bool   `json:"report_events"` // without it the list of channels does not show the variable
}

// leftNote is a note of a controller that died, and the name it is kept under.
type leftNote struct {
	Note
	app string
}

// booked reads what the notebook has of the controllers that died.
func (s *Switch) booked(ctx context.Context, h *heirs) map[string]*leftNote {
	found := map[string]*leftNote{}
	if s.cfg.Notebook == nil {
		return found
	}
	all, err := s.cfg.Notebook.Read(ctx, h.inherit)
	if err != nil {
		s.cfg.Log.Warn("notes of calls not read", "err", err)
	}
	for app, notes := range all {
		for _, n := range notes {
			s.keep(found, leftNote{Note: n, app: app})
		}
	}
	return found
}

// carried adds what the channels themselves carry.
func (s *Switch) carried(found map[string]*leftNote, ids []string, listed map[string]*channelInfo) {
	for _, id := range ids {
		var n Note
		info := listed[id]
		if info != nil && info.Vars[noteVariable] != "" && json.Unmarshal([]byte(info.Vars[noteVariable]), &n) == nil {
			s.keep(found, leftNote{Note: n})
		}
	}
}

// keep keeps the later of two notes about a channel of this Asterisk.
func (s *Switch) keep(found map[string]*leftNote, n leftNote) {
	if before := found[n.Channel]; n.Switch == s.cfg.Name && (before == nil || before.Seq < n.Seq) {
		found[n.Channel] = &n
	}
}
