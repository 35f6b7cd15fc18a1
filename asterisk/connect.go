package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// ErrUnmet tells that the caller or the far side left before they could talk.
var ErrUnmet = errors.New("asterisk: one of the two left before they were connected")

// Connect lets the call and a leg that Dial returned talk until either leaves or ctx
// ends. When the far side leaves, or ctx ends, the leg is hung up and the call goes on
// with its flow. Keys pressed during the conversation went to the far side and are
// forgotten here, though a Guard sees them. The error is nil unless they could not be
// connected, ErrUnmet if that is because either had left; a context that ended is CutOff.
// A conversation that the controller's own stop cuts off goes on without it: the next
// controller finds and watches it.
func (c *Call) Connect(ctx context.Context, leg *Call) (LeftFirst, error) {
	if leg == nil {
		return "", errors.New("asterisk: connect without a leg")
	}
	defer c.release(leg)
	defer leg.drop(ctx)
	was := c.before
	if left := c.left(ctx, leg); left != "" {
		return left, unmet(left, was != nil && was.talkedWith(leg))
	}
	defer c.busy("talking")()
	bridge, err := c.bridge(ctx, leg)
	if err != nil {
		c.sw.deleteBridge(ctx, bridge)
		if left := c.left(ctx, leg); left != "" {
			return left, unmet(left, false)
		}
		return "", err
	}
	talks := c.convene(bridge, leg)
	c.listenIn(ctx, talks)
	legs := talks.adjourn(ctx)
	left := c.left(ctx, legs[0])
	if left == TakenOver || left == CutOff && c.sw.stopping.Load() {
		c.let.Store(true)
		for _, leg := range legs {
			leg.let.Store(true)
		}
		return left, nil
	}
	// Hang up first, delete the bridge after: a deletion used to overwrite the cause.
	for _, leg := range legs {
		leg.drop(ctx)
	}
	if left != CallerLeft {
		c.stepOut(ctx, bridge)
	}
	c.sw.deleteBridge(ctx, bridge)
	if left == FarLeft {
		c.forget(0)
	}
	return left, nil
}

// unmet is the error of two that were not connected because one left.
func unmet(left LeftFirst, met bool) error {
	if !met && (left == CallerLeft || left == FarLeft) {
		return ErrUnmet
	}
	return nil
}

// talkedWith reports whether the caller talked with a leg when the note was written.
func (n *Note) talkedWith(leg *Call) bool { return n.Step == StepTalking && n.Leg == leg.id }

// manyKeys is how many keys of a conversation are kept for what follows a Guard.
const manyKeys = 32

// listenIn waits for the end of a conversation. What is pressed in it is taken out of
// the mailboxes at once: a conversation may last for hours, and a key be held down. When
// whom the note tells of has left, it tells of the next.
func (c *Call) listenIn(ctx context.Context, talks *parley) {
	noted, _ := talks.heard()
	for {
		leg, over := talks.heard()
		if over {
			return
		}
		var left, wake <-chan struct{}
		if leg != nil {
			left, wake = leg.ctx.Done(), leg.box.wake
			if leg != noted {
				noted = leg
				c.jot(ctx, func(n *Note) { n.Step, n.Leg, n.Endpoint = StepTalking, leg.id, leg.dialed })
			}
		}
		select {
		case <-c.ctx.Done():
			return
		case <-ctx.Done():
			return
		case <-left:
		case <-talks.stir:
		case <-c.box.wake:
			c.forget(manyKeys)
		case <-wake:
			leg.forget(0)
		}
	}
}

// forget empties the mailbox and keeps the last keys, at most so many.
func (c *Call) forget(but int) {
	c.drain()
	if len(c.keys) > but {
		c.keys = append([]byte(nil), c.keys[len(c.keys)-but:]...)
	}
}

// bridge makes a bridge of the two, or finds the one they talk in already because a
// controller that died made it.
func (c *Call) bridge(ctx context.Context, leg *Call) (path string, err error) {
	if was := c.before; was != nil && was.talkedWith(leg) {
		c.before = nil
		c.jot(ctx, func(n *Note) { n.Step, n.Leg, n.Endpoint, n.Bridge = StepTalking, leg.id, leg.dialed, was.Bridge })
		if c.bridged {
			return "/bridges/" + was.Bridge, nil
		}
	}
	id := c.sw.ids.next(bridgeKind)
	c.jot(ctx, func(n *Note) { n.Step, n.Leg, n.Endpoint, n.Bridge = StepTalking, leg.id, leg.dialed, id })
	path = "/bridges/" + url.PathEscape(id)
	return path, c.join(ctx, path, leg)
}

// join makes the bridge and puts both into it, whatever ctx does meanwhile: a bridge that
// is given up while it is made would be left.
func (c *Call) join(ctx context.Context, bridge string, leg *Call) error {
	ctx = detached(ctx)
	err := c.sw.do(ctx, request{method: http.MethodPost, path: bridge, query: url.Values{"type": {"mixing"}}})
	if err != nil {
		return err
	}
	return c.sw.do(ctx, request{
		method: http.MethodPost, path: bridge + "/addChannel",
		query: url.Values{"channel": {c.id + "," + leg.id}},
	})
}

// stepOut takes our caller out of the bridge and waits until they are out. A deletion only
// sends them off: a sound asked for on the way is queued in the bridge, is never heard, and
// never said to have finished.
func (c *Call) stepOut(ctx context.Context, bridge string) {
	err := c.sw.do(detached(ctx), request{
		method: http.MethodPost, path: bridge + "/removeChannel", query: url.Values{"channel": {c.id}},
	})
	if err != nil && !answered(err) {
		c.sw.cfg.Log.Warn("caller not taken out of a bridge", "call", c.id, "bridge", bridge, "err", err)
	}
}

// left tells who left, "" while both are there.
func (c *Call) left(ctx context.Context, leg *Call) LeftFirst {
	switch {
	case c.sw.away.Load():
		return TakenOver
	case c.ctx.Err() != nil && context.Cause(c.ctx) != error(errStopped):
		return CallerLeft
	case leg.ctx.Err() != nil && context.Cause(leg.ctx) != error(errStopped):
		return FarLeft
	case ctx.Err() != nil || c.ctx.Err() != nil || leg.ctx.Err() != nil:
		return CutOff
	}
	return ""
}

func (s *Switch) deleteBridge(ctx context.Context, bridge string) {
	err := s.do(detached(ctx), request{method: http.MethodDelete, path: bridge})
	if err != nil && !refused(err, http.StatusNotFound) {
		s.cfg.Log.Warn("bridge not deleted", "bridge", bridge, "err", err)
	}
}
