package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Call is one channel under our control, a citizen's or a leg we rang.
//
// Its methods belong to one goroutine, the one its handler runs in; only ID, Caller,
// CallerName, Dialed, Context, Language, Snapshot and Hangup may be called from others, and
// what changes a conversation: Whisper, Invite, Hold, Unhold and Part.
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
	source  netip.Addr
	started time.Time

	ctx    context.Context
	cancel context.CancelCauseFunc
	box    *mailbox
	alive  atomic.Bool // seen in Asterisk, and not seen to end
	ours   atomic.Bool // we are ending it: hang-up or continue
	let    atomic.Bool // left in its conversation for the next controller
	stuck  atomic.Bool // a hang-up of ours failed: the channel may still be up

	memo     Note   // as written last; only a citizen's call has one
	before   *Note  // what a controller that died was doing, until it is taken up again
	bridged  bool   // with the leg before tells of
	played   int    // playbacks so far
	keys     []byte // type-ahead: keys taken from the mailbox and not used yet
	stopping *asked // a playback's end, which nobody has read Asterisk's answer to yet
	late     string // finish keys of an input that was complete without one; the next key, if one of them, belongs to it

	mu       sync.Mutex
	doing    string
	language string
	legs     map[*Call]struct{}
	talks    *parley // the conversation that goes on
}

// errTimeUp says that the alarm of an operation rang.
var errTimeUp = errors.New("time is up")

// errEnough is the cause of a context that ends because something lasted long enough.
var errEnough = errors.New("long enough")

func (s *Switch) newCall(id string) *Call {
	c := &Call{sw: s, id: strings.Clone(id), box: newMailbox(), started: s.cfg.Clock.Now(), legs: map[*Call]struct{}{}}
	c.ctx, c.cancel = context.WithCancelCause(s.base)
	return c
}

// read takes over what Asterisk says about the channel.
func (c *Call) read(info *channelInfo) {
	c.caller = strings.Clone(Normalise(info.Caller.Number))
	c.name = strings.Clone(info.Caller.Name)
	c.dialed = strings.Clone(info.Dialplan.Exten)
	c.source = info.source()
	c.alive.Store(true)
}

// ID is the channel's id in Asterisk, unique in its lifetime.
func (c *Call) ID() string { return c.id }

// Switch is the name of the Asterisk the call is on, "" outside a Fleet.
func (c *Call) Switch() string { return c.sw.cfg.Name }

// Caller is the calling number in digits, empty when it was withheld.
func (c *Call) Caller() string { return c.caller }

// CallerName is the name presented with the number; anybody can claim any.
func (c *Call) CallerName() string { return c.name }

// Dialed is the number the citizen dialled.
func (c *Call) Dialed() string { return c.dialed }

// Source is the address the citizen's call came in from, invalid where the dialplan does
// not tell it.
func (c *Call) Source() netip.Addr { return c.source }

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
	return Info{ID: c.id, Switch: c.sw.cfg.Name, Caller: c.caller, Dialed: c.dialed, Started: c.started, Doing: c.doing}
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
	c.stopped()
	return c.command(ctx, http.MethodPost, "/answer", nil)
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

// gone reports whether the channel is known not to exist any more, or not to be ours.
func (c *Call) gone() bool {
	return !c.alive.Load() || c.let.Load() || c.sw.away.Load() || c.ctx.Err() != nil && context.Cause(c.ctx) != error(errStopped)
}

// over is the reason an operation cannot begin, nil when it can.
func (c *Call) over(ctx context.Context) error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	return context.Cause(ctx)
}

// detached outlives the operation's context, for cleaning up after it.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
