package ivr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// visit is one call on its way through the flow. It belongs to one goroutine; only
// its record is looked at by others, under mu.
type visit struct {
	r     *Runner
	phone Phone
	log   *slog.Logger

	// call ends with the call. live ends with it too, and the moment the emergency key
	// is pressed; it is replaced when the guard is armed anew, because the key is off
	// while a person talks with the caller. That is why these contexts live in a struct.
	call   context.Context
	live   context.Context
	disarm context.CancelFunc

	saved <-chan struct{} // the writings of the record so far are over
	order *promise        // the order of this call, being registered; nil when none is
	mem   memory          // what the call's note tells
	skip  []string        // mem.Tried of the controller before this one, at this node

	mu    sync.Mutex
	rec   dispatch.Call
	table *table // the conversation with an agent, while it lasts
}

// errEmergency leaves the flow for the emergency branch.
var errEmergency = errors.New("emergency key")

// What a call came to, for its record. The worst that can be said of it is written
// first; every success after that says something better (see end).
const (
	outcomeAbandoned   = "abandoned"
	outcomeMissed      = "missed"
	outcomeAnswered    = "answered"
	outcomeTransferred = "transferred"
	outcomeVoicemail   = "voicemail"
	outcomeQuery       = "query"
	outcomeEmergency   = "emergency"
	outcomeRefused     = "refused"
)

// admit opens the record of a call and arms the emergency key before anything is heard.
func (r *Runner) admit(ctx context.Context, phone Phone, rec dispatch.Call) *visit {
	rec.Fence = max(rec.Fence, r.cfg.Fence())
	call, cancel := context.WithCancelCause(phone.Context())
	context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	v := &visit{r: r, phone: phone, call: call,
		log: r.cfg.Log.With("call", rec.ID), rec: rec}
	v.arm()
	v.remember()
	v.saveSoFar()
	r.mu.Lock()
	r.live[v] = struct{}{}
	r.mu.Unlock()
	v.log.Debug("call", "to", phone.Dialed()) // its end is told
	return v
}

// arm makes the emergency key count from now on.
func (v *visit) arm() {
	v.live, v.disarm = v.phone.Guard(v.call, emergencyKey)
}

// gone says why nothing more can be heard: errEmergency for the key, the hang-up for
// the end of the call, nil while the flow goes on.
func (v *visit) gone() error {
	if v.live.Err() == nil {
		return nil
	}
	cause := context.Cause(v.live)
	var key *asterisk.KeyPressed
	if errors.As(cause, &key) && v.call.Err() == nil {
		return errEmergency
	}
	return cause
}

// conduct walks the flow until the call is over, leaving it for the emergency branch
// whenever its key is pressed. A fault of ours puts the caller through to the officer
// on duty instead of into silence.
func (v *visit) conduct(walk func() error) {
	for {
		err := v.guarded(walk)
		if err != nil && !errors.Is(err, errEmergency) && v.call.Err() == nil {
			v.log.Error("the flow failed", "err", err)
			err = v.guarded(v.rescue)
		}
		if !errors.Is(err, errEmergency) {
			return
		}
		back := false
		for errors.Is(err, errEmergency) {
			v.disarm()
			err = v.guarded(func() (err error) { back, err = v.emergency(); return err })
		}
		if err != nil && v.call.Err() == nil {
			v.log.Error("the emergency branch failed", "err", err)
			err = v.guarded(v.rescue)
		}
		if err != nil || !back {
			return
		}
		v.arm()
		v.mem.Branch = false
		walk = v.home
	}
}

// home is where a caller goes who leaves the emergency menu.
func (v *visit) home() error {
	if v.mem.Refused != "" {
		return v.turnAway()
	}
	line := v.r.cfg.Profile.Line(v.phone.Dialed())
	return v.walk(v.entrance(v.red(), cmp.Or(line.Start, v.r.cfg.Flow.home())))
}

// guarded turns a panic into an error.
func (v *visit) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			v.log.Error("panic", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// maxSteps bounds a walk: a flow that only goes round (a message that cannot be
// recorded, to a duty phone nobody answers, to a message ...) ends with rescue.
const maxSteps = 40

// walk runs nodes until one of them ends the call.
func (v *visit) walk(name string) error {
	v.at(name)
	return v.walkOn(name)
}

// walkOn is walk for a node whose tries so far count.
func (v *visit) walkOn(name string) error {
	for range maxSteps {
		if err := v.gone(); err != nil {
			return err
		}
		if name == toEmergency {
			return errEmergency
		}
		node, ok := v.r.cfg.Flow.Node(name)
		if !ok {
			return fmt.Errorf("no node %q", name)
		}
		next, err := node.verb.run(v)
		if err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		name = next
		v.at(name)
	}
	return fmt.Errorf("more than %d steps without an end, at %q", maxSteps, name)
}

// rescue serves a caller whose flow failed: an apology, the officer on duty, a
// message, a goodbye.
func (v *visit) rescue() error {
	if err := v.say(promptApology); err != nil {
		return err
	}
	answered, err := v.ringDuty()
	if answered || err != nil {
		return err
	}
	if _, err = v.leaveMessage("no_agent"); err != nil {
		return err
	}
	return v.say(promptGoodbye)
}

// home is where a caller goes who leaves the emergency menu with *: the first menu of
// the flow, or its start.
func (f *Flow) home() string {
	for _, n := range f.Nodes {
		if n.Verb == "menu" {
			return n.Name
		}
	}
	return f.Start
}

// maxTimeline bounds a timeline: who goes to and fro between menus for hours must not
// fill the memory.
const maxTimeline = 500

// step adds a line to the call's timeline.
func (v *visit) step(what, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.rec.Steps) >= maxTimeline {
		return
	}
	v.rec.Steps = append(v.rec.Steps, dispatch.Step{At: v.r.cfg.Clock.Now(), What: what, Text: text})
}

// note changes the record.
func (v *visit) note(change func(*dispatch.Call)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(&v.rec)
}

// record is a copy of the record as it stands.
func (v *visit) record() dispatch.Call {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.rec
	c.Steps = append([]dispatch.Step(nil), v.rec.Steps...)
	return c
}

// choose notes what the caller pressed in a menu.
func (v *visit) choose(k menuKey) {
	v.step("key", k.exit.Label)
	v.r.cfg.Observe(Happening{What: "menu", Outcome: string(k.key)})
	if k.class != "" {
		v.note(func(c *dispatch.Call) { c.Class = k.class })
	}
}

// elapsed is the time since t on the injected clock.
func (v *visit) elapsed(t time.Time) time.Duration { return v.r.cfg.Clock.Now().Sub(t) }
