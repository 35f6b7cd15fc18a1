package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Call is one channel under our control, a citizen's or a leg we rang.
//
// Its methods belong to one goroutine, the one its handler runs in; only ID, Caller,
// CallerName, Dialed, Context, Language, Snapshot and Hangup may be called from others.
// Whenever the context given to a method ends first, the method undoes what it began
// (the sound stops, the recording is closed and kept, the ringing leg is hung up) and
// its error is the context's cause: a *KeyPressed from Guard, a *Hangup when the call is
// over. The result still says how far it got.
type Call struct {
	sw      *Switch
	id      string
	caller  string
	name    string
	dialed  string
	started time.Time

	ctx    context.Context
	cancel context.CancelCauseFunc
	box    *mailbox
	alive  atomic.Bool // seen in Asterisk, and not seen to end
	ours   atomic.Bool // we are ending it: hang-up or continue
	let    atomic.Bool // left in its conversation for the next controller
	stuck  atomic.Bool // a hang-up of ours failed: the channel may still be up

	played int    // playbacks so far
	keys   []byte // type-ahead: keys taken from the mailbox and not used yet
	late   string // finish keys of an input that was complete without one; the next key, if one of them, belongs to it

	mu       sync.Mutex
	doing    string
	language string
	legs     map[*Call]struct{}
}

// errTimeUp says that the alarm of an operation rang.
var errTimeUp = errors.New("time is up")

// errEnough is the cause of a context that ends because something lasted long enough.
var errEnough = errors.New("long enough")

func (s *Switch) newCall(id string) *Call {
	c := &Call{sw: s, id: id, box: newMailbox(), started: s.cfg.Clock.Now(), legs: map[*Call]struct{}{}}
	c.ctx, c.cancel = context.WithCancelCause(s.base)
	return c
}

// read takes over what Asterisk says about the channel.
func (c *Call) read(info *channelInfo) {
	c.caller = Normalise(info.Caller.Number)
	c.name = info.Caller.Name
	c.dialed = info.Dialplan.Exten
	c.alive.Store(true)
}

// ID is the channel's id in Asterisk, unique in its lifetime.
func (c *Call) ID() string { return c.id }

// Caller is the calling number in digits, empty when it was withheld.
func (c *Call) Caller() string { return c.caller }

// CallerName is the name presented with the number; anybody can claim any.
func (c *Call) CallerName() string { return c.name }

// Dialed is the number the citizen dialled.
func (c *Call) Dialed() string { return c.dialed }

// Context ends when the call does; its cause is a *Hangup.
func (c *Call) Context() context.Context { return c.ctx }

// Language is what SetLanguage set, empty before.
func (c *Call) Language() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.language
}

// SetLanguage sets the language of playbacks that name none. It asks nothing of Asterisk.
func (c *Call) SetLanguage(language string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.language = language
}

// Snapshot is how the call stands.
func (c *Call) Snapshot() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Info{ID: c.id, Caller: c.caller, Dialed: c.dialed, Started: c.started, Doing: c.doing}
}

// busy notes what the call is doing; the func it returns ends that.
func (c *Call) busy(doing string) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.doing
	c.doing = doing
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.doing = before
	}
}

// Answer picks up. A call that is up already stays as it is.
func (c *Call) Answer(ctx context.Context) error {
	if err := c.over(ctx); err != nil {
		return err
	}
	return c.command(ctx, http.MethodPost, "/answer", nil)
}

// Hangup ends the call; its context's cause becomes a *Hangup by CutOff with reason as
// text. A reason ARI knows (busy, congestion, no_answer, rejected, ...) is what the
// caller's phone is told, else it is a normal hang-up. A call that is over is no error.
func (c *Call) Hangup(ctx context.Context, reason string) error {
	if c.let.Load() {
		return nil
	}
	c.ours.Store(true)
	query := url.Values{"reason": {"normal"}}
	switch reason {
	case "busy", "congestion", "no_answer", "timeout", "rejected", "unallocated", "failure":
		query.Set("reason", reason)
	}
	err := c.command(ctx, http.MethodDelete, "", query)
	c.end(&Hangup{By: CutOff, Cause: 16, Text: reason})
	if refused(err, http.StatusNotFound) {
		err = nil
	}
	c.stuck.Store(err != nil)
	return err
}

// Continue leaves the call to the dialplan at the context place, extension, priority 1. For us the
// call is over then; its context's cause is a *Hangup by CutOff.
func (c *Call) Continue(ctx context.Context, place, extension string) error {
	c.ours.Store(true)
	err := c.command(ctx, http.MethodPost, "/continue",
		url.Values{"context": {place}, "extension": {extension}, "priority": {"1"}})
	if err == nil {
		c.alive.Store(false)
		c.end(&Hangup{By: CutOff, Cause: 16, Text: "left to the dialplan"})
	}
	return err
}

// fallBack leaves the call to the dialplan's last line of defence.
func (c *Call) fallBack() {
	c.sw.stats.fallback.Add(1)
	err := c.Continue(context.WithoutCancel(c.ctx), c.sw.cfg.Fallback, "s")
	if err != nil && !refused(err, http.StatusNotFound) {
		c.sw.cfg.Log.Error("call could not be sent to the fallback; hanging up", "call", c.id, "err", err)
		c.Hangup(context.WithoutCancel(c.ctx), "failure")
	}
}

// command is a request about this channel. That the channel is not there any more is
// news of a hang-up, faster than its event.
func (c *Call) command(ctx context.Context, method, path string, query url.Values) error {
	return c.request(ctx, request{method: method, path: "/channels/" + url.PathEscape(c.id) + path, query: query})
}

func (c *Call) request(ctx context.Context, r request) error {
	err := c.sw.do(ctx, r)
	if refused(err, http.StatusNotFound) && strings.HasPrefix(r.path, "/channels/"+url.PathEscape(c.id)) {
		c.alive.Store(false)
		c.end(&Hangup{By: CallerLeft, Text: "the channel is gone"})
	}
	return err
}

// deliver is called by the socket's reader with each event about the call.
func (c *Call) deliver(e *event) {
	switch e.Type {
	case stasisStart, stateChange, resynced:
		c.alive.Store(true)
	case channelDestroyed:
		c.alive.Store(false)
		c.sw.calls.remove(route{'c', c.id})
	}
	c.box.put(e)
	switch e.Type {
	case hangupRequest, stasisEnd, channelDestroyed:
		c.end(c.hangup(e))
	}
}

// hangup tells from the event that ended the call who did it.
func (c *Call) hangup(e *event) *Hangup {
	h := &Hangup{By: CallerLeft, Cause: e.Cause, Text: e.CauseText}
	if h.Cause == 0 && e.Type == hangupRequest {
		h.Cause = 16 // a phone's BYE seldom carries a cause; it is a normal hang-up
	}
	if c.ours.Load() {
		h.By = CutOff
	}
	if h.Text == "" {
		h.Text = "hung up"
	}
	return h
}

// end ends the call's context; the first cause stays.
func (c *Call) end(h *Hangup) { c.cancel(h) }

// gone reports whether the channel is known not to exist any more, or not to be ours.
func (c *Call) gone() bool {
	return !c.alive.Load() || c.let.Load() || c.ctx.Err() != nil && context.Cause(c.ctx) != error(errStopped)
}

// over is the reason an operation cannot begin, nil when it can.
func (c *Call) over(ctx context.Context) error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	return context.Cause(ctx)
}

// await is the call's next event, or why there is none: errTimeUp when the alarm rang,
// the cause when ctx or the call ended. Keys are kept as type-ahead on the way.
func (c *Call) await(ctx context.Context, a *alarm) (*event, error) {
	for {
		if e := c.next(); e != nil {
			return e, nil
		}
		select {
		case <-c.box.wake:
		case <-ctx.Done():
			return nil, c.over(ctx)
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		case <-a.ring():
			return nil, errTimeUp
		}
	}
}

// settle is await for what comes after the end: it minds only the alarm.
func (c *Call) settle(a *alarm) *event {
	for {
		if e := c.next(); e != nil {
			return e
		}
		select {
		case <-c.box.wake:
		case <-a.ring():
			return nil
		}
	}
}

// next takes an event out of the mailbox without waiting.
func (c *Call) next() *event {
	for {
		e := c.box.take()
		if e == nil {
			return nil
		}
		if e.Type == guardFired {
			c.keys = nil // typed before the guarded key, meant for what it interrupted
			continue
		}
		if key := e.key(); key != 0 {
			if c.belated(key) {
				continue
			}
			c.keys = append(c.keys, key)
		}
		return e
	}
}

// belated reports whether key finishes the input before, which had all its digits
// already: callers press # after a code because they are told to, and it must neither
// stop the next prompt nor count as its answer.
func (c *Call) belated(key byte) bool {
	finish := c.late
	c.late = ""
	return strings.IndexByte(finish, key) >= 0
}

// drain throws away what nobody waits for any more, except keys.
func (c *Call) drain() {
	for c.next() != nil {
	}
}

// detached outlives the operation's context, for cleaning up after it.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
