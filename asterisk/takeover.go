package asterisk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// TakeOver looks for calls that no living controller has, and takes them: those of
// controllers that died (Config.Inherit), and our own whose beginning was missed. It is
// done on every connect, is cheap when there is nothing to take, and may be called at
// any time, best as soon as another controller is known to be dead.
//
// Taking a call is a subscription to its events and the end of the dead controller's. To
// move the channels to our application would do as well, but Asterisk lets a move wait for
// the end of a recording, and refuses it for a leg that still rings (tried on 22.10.1).
func (s *Switch) TakeOver(ctx context.Context) error {
	s.adopting.Lock()
	defer s.adopting.Unlock()
	h := &heirs{ctx: ctx, sw: s, known: map[string]bool{s.app: false}, left: map[string][]string{}}
	ids, err := s.orphans(ctx, h)
	if err != nil {
		return err
	}
	notes := s.booked(ctx, h)
	if len(ids)+len(notes) == 0 {
		return nil
	}
	if err := s.subscribe(ctx, http.MethodPost, ids); err != nil {
		return err
	}
	ids, err = s.claim(ctx, h, ids)
	if err != nil {
		return err
	}
	// Listed after the subscription: of a call that ends from here on we hear.
	channels, err := s.channels(ctx)
	if err != nil {
		return err
	}
	var bridges []bridgeInfo
	if err := s.do(ctx, request{method: http.MethodGet, path: "/bridges", out: &bridges}); err != nil {
		return err
	}
	t := &taking{sw: s, listed: byID(channels), talking: conversations(bridges), notes: notes}
	s.carried(notes, ids, t.listed)
	theirs := t.takeAll(ids)
	for _, n := range t.notes {
		t.lost(ctx, n)
	}
	return s.subscribe(ctx, http.MethodDelete, theirs)
}

// taking is one taking over of calls.
type taking struct {
	sw      *Switch
	listed  map[string]*channelInfo
	talking map[string]*bridgeInfo
	notes   map[string]*leftNote // what is left of them is of calls that are over
}

// takeAll gives every call its owner, citizens first: who is talking with one is theirs.
// It returns the legs that are another heir's.
func (t *taking) takeAll(ids []string) (theirs []string) {
	var legs []*channelInfo
	for _, id := range ids {
		info := t.listed[id]
		switch {
		case info == nil:
		case t.sw.ids.isLeg(id) && t.notes[id] == nil: // who was called and is asked something has a note
			legs = append(legs, info)
		case info.inStasis():
			t.take(info)
		}
	}
	for _, info := range legs {
		switch {
		case t.sw.calls.find(route{'c', info.ID}) != nil:
		case t.others(info.ID):
			theirs = append(theirs, info.ID)
		default:
			c := t.sw.newCall(info.ID)
			c.read(info)
			t.sw.cfg.Log.Warn("a leg of a controller that died; hanging up", "leg", c.id)
			c.drop(t.sw.base)
		}
	}
	return theirs
}

// others reports whether a leg talks with, or rings for, a caller whom another heir has.
func (t *taking) others(leg string) bool {
	theirs := func(channel string) bool {
		return channel != leg && t.listed[channel] != nil && t.sw.calls.find(route{'c', channel}) == nil
	}
	if b := t.talking[leg]; b != nil && slices.ContainsFunc(b.Channels, theirs) {
		return true
	}
	for _, n := range t.notes {
		if n.Leg == leg && theirs(n.Channel) {
			return true
		}
	}
	return false
}

// take gives a citizen's call its new owner, never silence: who is in a conversation goes
// on talking, another hears from the Adopt hook, or goes to the fallback without one.
func (t *taking) take(info *channelInfo) {
	s, bridge := t.sw, t.talking[info.ID]
	c := s.newCall(info.ID)
	c.read(info)
	c.memo = Note{Channel: c.id, Switch: s.cfg.Name}
	if !s.calls.add(route{'c', c.id}, c) {
		return
	}
	left := t.notes[info.ID]
	delete(t.notes, info.ID)
	s.stats.adopted.Add(1)
	s.cfg.Log.Warn("call without a controller taken over", "call", c.id, "known", left != nil, "talking", bridge != nil)
	if left == nil && bridge != nil {
		other := t.partner(c, bridge)
		s.start(c, func(context.Context, *Call) { s.watch(c, other, bridge) })
		return
	}
	if left != nil && left.Step == StepTalking {
		t.reunite(c, &left.Note, bridge)
	}
	s.start(c, func(ctx context.Context, c *Call) {
		note := c.inherit(ctx, left)
		if note != nil && note.Bridge != "" && !c.bridged { // nobody talks in it any more
			path := "/bridges/" + url.PathEscape(note.Bridge)
			c.stepOut(ctx, path)
			s.deleteBridge(ctx, path)
		}
		if s.cfg.Adopt == nil {
			c.fallBack()
			return
		}
		defer c.endTalk(ctx)
		s.cfg.Adopt(ctx, c, note)
	})
}

// endTalk ends a conversation of the dead controller's that nobody took up, since the caller
// left before it was their turn: a leg would wait in its bridge for ever.
func (c *Call) endTalk(ctx context.Context) {
	if n := c.before; n != nil && c.bridged && !c.let.Load() && !c.sw.away.Load() {
		c.dropLegs()
		c.sw.deleteBridge(ctx, "/bridges/"+url.PathEscape(n.Bridge))
	}
}

// inherit makes what was known of a call ours, and stops what plays on it.
func (c *Call) inherit(ctx context.Context, left *leftNote) *Note {
	if left == nil {
		c.silence(ctx, nil)
		return nil
	}
	note := left.Note
	c.before, c.memo = &note, note
	if note.Step == StepListening || note.Step == StepRinging {
		c.silence(ctx, &note)
	}
	c.write(ctx)
	if left.app != "" {
		c.sw.cfg.Notebook.Erase(left.app, c.id)
	}
	return &note
}

// reunite gives the caller the leg they are, or were, talking with.
func (t *taking) reunite(c *Call, note *Note, bridge *bridgeInfo) {
	info := t.listed[note.Leg]
	if info == nil {
		return
	}
	leg := t.sw.newCall(note.Leg)
	leg.read(info)
	t.sw.calls.add(route{'c', leg.id}, leg)
	c.keep(leg)
	c.bridged = bridge != nil && bridge.ID == note.Bridge && slices.Contains(bridge.Channels, leg.id)
}

// partner is the other side of a conversation nothing else is known of.
func (t *taking) partner(c *Call, b *bridgeInfo) *Call {
	other := b.Channels[slices.IndexFunc(b.Channels, func(id string) bool { return id != c.id })]
	leg := t.sw.newCall(other)
	if info := t.listed[other]; info != nil {
		leg.read(info)
	}
	t.sw.calls.add(route{'c', other}, leg)
	return leg
}

// lost tells of a note whose channel is no more.
func (t *taking) lost(ctx context.Context, n *leftNote) {
	if t.listed[n.Channel] != nil || t.sw.calls.find(route{'c', n.Channel}) != nil {
		return
	}
	if t.sw.cfg.Lost != nil {
		t.sw.cfg.Lost(ctx, n.Note)
	}
	if n.Bridge != "" {
		t.sw.deleteBridge(ctx, "/bridges/"+url.PathEscape(n.Bridge))
	}
	if n.app != "" {
		t.sw.cfg.Notebook.Erase(n.app, n.Channel)
	}
}

// watch waits until a conversation is over; whoever is left is hung up with it.
func (s *Switch) watch(c, other *Call, b *bridgeInfo) {
	defer c.busy("talking")()
	talks := c.convene("/bridges/"+b.ID, other)
	c.listenIn(c.ctx, talks)
	legs := talks.adjourn(c.ctx)
	if s.stopping.Load() || s.away.Load() {
		c.let.Store(true)
		return
	}
	for _, leg := range legs {
		leg.drop(c.ctx)
	}
	s.deleteBridge(c.ctx, "/bridges/"+url.PathEscape(b.ID))
}
