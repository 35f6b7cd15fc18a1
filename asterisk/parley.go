package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// ErrNotTalking is returned by what needs a conversation that goes on.
var ErrNotTalking = errors.New("asterisk: no conversation")

// parley is the conversation of a Connect, which others may join. Its methods may be
// called from any goroutine; only heard belongs to the call's own.
type parley struct {
	call   *Call
	bridge string // path

	mu     sync.Mutex
	first  *Call    // the leg that Connect listens to
	guests []*guest // those that joined later, in order
	coming int      // being rung: while any is, only the caller ends the conversation
	apart  string   // the playback the caller waits with, "" while the caller is in the bridge
	over   bool
	stir   chan struct{} // one slot: look again
}

// guest is a leg that joined. Its mailbox is emptied until quiet is called.
type guest struct {
	leg   *Call
	quiet func()
}

// convene begins the conversation of a call with a leg.
func (c *Call) convene(bridge string, leg *Call) *parley {
	p := &parley{call: c, bridge: bridge, first: leg, stir: make(chan struct{}, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.talks = p
	return p
}

// conversation is the one that goes on, or ErrNotTalking.
func (c *Call) conversation() (*parley, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.talks == nil {
		return nil, ErrNotTalking
	}
	return c.talks, nil
}

// look makes Connect look again.
func (p *parley) look() {
	select {
	case p.stir <- struct{}{}:
	default:
	}
}

// heard is the leg to listen to: the first, or when it has left the one that joined next;
// nil while nobody is there but somebody is being rung. over is true when all have left.
func (p *parley) heard() (leg *Call, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.first.ctx.Err() != nil && len(p.guests) > 0 {
		next := p.guests[0]
		p.guests = p.guests[1:]
		next.quiet()
		p.first = next.leg
	}
	switch {
	case p.first.ctx.Err() == nil:
		return p.first, false
	case p.coming > 0:
		return nil, false
	}
	return nil, true
}

// adjourn ends the conversation and gives the legs that were in it, the one listened to
// first. A caller who waits apart hears nothing any more.
func (p *parley) adjourn(ctx context.Context) []*Call {
	p.call.mu.Lock()
	p.call.talks = nil
	p.call.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	legs := []*Call{p.first}
	for _, g := range p.guests {
		g.quiet()
		legs = append(legs, g.leg)
	}
	p.guests = nil
	p.silence(ctx)
	return legs
}

// silence ends what the caller hears apart. mu is held.
func (p *parley) silence(ctx context.Context) {
	if p.apart == "" {
		return
	}
	err := p.call.sw.do(detached(ctx), request{method: http.MethodDelete, path: "/playbacks/" + p.apart})
	if err != nil && !refused(err, http.StatusNotFound) {
		p.call.sw.cfg.Log.Warn("waiting tone not stopped", "call", p.call.id, "err", err)
	}
	p.apart = ""
}

// Invite rings somebody else into the conversation that Connect has, as Dial does, and
// returns once they are in it or cannot be reached. Whoever talks goes on talking; while
// somebody is rung only the caller's leaving ends the conversation. ErrNotTalking when
// there is none, or when it ended first.
func (c *Call) Invite(ctx context.Context, o DialOptions) (Dialed, error) {
	p, err := c.conversation()
	if err != nil {
		return Dialed{Outcome: Abandoned}, err
	}
	p.mu.Lock()
	p.coming++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.coming--
		p.mu.Unlock()
		p.look()
	}()
	ctx, done := c.joined(ctx)
	defer done()
	d, err := c.sw.rings(o, nil).outcome(ctx)
	if d.Outcome != Answered {
		return d, err
	}
	if err := p.admit(ctx, d.Leg); err != nil {
		d.Leg.drop(ctx)
		return Dialed{Outcome: Abandoned}, err
	}
	return d, nil
}

// admit puts a leg that answered into the bridge.
func (p *parley) admit(ctx context.Context, leg *Call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return ErrNotTalking
	}
	if err := p.put(ctx, "addChannel", leg.id); err != nil {
		return err
	}
	quit, quiet := make(chan struct{}), make(chan struct{})
	go func() { // a key may be held down for hours
		defer close(quiet)
		for {
			select {
			case <-quit:
				return
			case <-leg.ctx.Done():
				return
			case <-leg.box.wake:
				leg.forget(0)
			}
		}
	}()
	p.guests = append(p.guests, &guest{leg: leg, quiet: func() { close(quit); <-quiet }})
	context.AfterFunc(leg.ctx, func() { p.forget(leg) })
	return nil
}

// forget takes a guest that left out of the list.
func (p *parley) forget(leg *Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guests = slices.DeleteFunc(p.guests, func(g *guest) bool {
		if g.leg != leg {
			return false
		}
		g.quiet()
		return true
	})
	p.look()
}

// put adds a channel to the bridge, or takes it out.
func (p *parley) put(ctx context.Context, how, channel string) error {
	return p.call.sw.do(detached(ctx), request{method: http.MethodPost, path: p.bridge + "/" + how, query: url.Values{"channel": {channel}}})
}

// Hold takes the caller out of the conversation; the others go on, and the caller hears a
// waiting tone until Unhold. Again it changes nothing.
func (c *Call) Hold(ctx context.Context) error {
	p, err := c.conversation()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.apart != "" {
		return nil
	}
	if err := p.put(ctx, "removeChannel", c.id); err != nil {
		return err
	}
	p.apart = c.sw.ids.next("wait")
	return c.sw.do(detached(ctx), request{method: http.MethodPost, body: playRequest{Media: []string{"tone:ring"}},
		path: "/channels/" + url.PathEscape(c.id) + "/play/" + p.apart})
}

// Unhold brings the caller back. Again it changes nothing.
func (c *Call) Unhold(ctx context.Context) error {
	p, err := c.conversation()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.apart == "" {
		return nil
	}
	p.silence(ctx)
	return p.put(ctx, "addChannel", c.id)
}

// Part lets one of those who talk go; the others go on.
func (c *Call) Part(ctx context.Context, leg *Call) { leg.drop(ctx) }
