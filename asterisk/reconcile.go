package asterisk

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// startsInFlight is how long a call that Asterisk lists but we do not know may still be
// one whose StasisStart is on its way.
const startsInFlight = 300 * time.Millisecond

// reconcile compares our calls with Asterisk's after every (re)connect, because events
// are not kept while no socket is open: calls that ended meanwhile get their hang-up,
// running operations are told to ask again, and calls nobody controls, of a controller
// that died, are taken care of. It goes one by one: Asterisk has crashed under a burst
// of clean-ups.
func (s *Switch) reconcile(ctx context.Context) error {
	known := s.calls.channels() // before the list, so that newer ones are not missed in it
	var channels []channelInfo
	if err := s.do(ctx, request{method: http.MethodGet, path: "/channels", out: &channels}); err != nil {
		return err
	}
	listed := map[string]*channelInfo{}
	for i := range channels {
		listed[channels[i].ID] = &channels[i]
	}
	for _, c := range known {
		if info := listed[c.id]; info != nil {
			c.deliver(&event{Type: resynced, Channel: info})
		} else {
			c.deliver(&event{Type: channelDestroyed, CauseText: "ended while we were disconnected"})
		}
	}
	return s.adoptAll(ctx, channels)
}

// adoptAll takes care of channels in our application that no call of ours owns.
func (s *Switch) adoptAll(ctx context.Context, channels []channelInfo) error {
	var strangers []*channelInfo
	for i := range channels {
		if s.isOurs(&channels[i]) && s.calls.find(route{'c', channels[i].ID}) == nil {
			strangers = append(strangers, &channels[i])
		}
	}
	if len(strangers) == 0 {
		return nil
	}
	s.pause(ctx, startsInFlight)
	var bridges []bridgeInfo
	if err := s.do(ctx, request{method: http.MethodGet, path: "/bridges", out: &bridges}); err != nil {
		return err
	}
	talking := conversations(bridges)
	for _, info := range strangers {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.adopt(info, talking)
	}
	return nil
}

func (s *Switch) isOurs(info *channelInfo) bool {
	app, _, _ := strings.Cut(info.Dialplan.AppData, ",")
	return info.Dialplan.AppName == "Stasis" && app == s.cfg.App
}

type bridgeInfo struct {
	ID       string   `json:"id"`
	Channels []string `json:"channels"`
}

// conversations is the bridges with two sides, by the channels in them.
func conversations(bridges []bridgeInfo) map[string]*bridgeInfo {
	talking := map[string]*bridgeInfo{}
	for i, b := range bridges {
		if len(b.Channels) < 2 {
			continue
		}
		for _, id := range b.Channels {
			talking[id] = &bridges[i]
		}
	}
	return talking
}

// adopt gives a call without a controller one: a conversation is left to go on and only
// its end is ours; a citizen alone gets the Adopt hook or the fallback, never silence; a
// leg alone, or somebody's second leg, has nobody to talk to.
func (s *Switch) adopt(info *channelInfo, talking map[string]*bridgeInfo) {
	c := s.newCall(info.ID)
	c.read(info)
	if !s.calls.add(route{'c', c.id}, c) {
		return
	}
	bridge := talking[info.ID]
	s.cfg.Log.Warn("call without a controller found", "call", c.id, "talking", bridge != nil)
	switch {
	case bridge != nil:
		s.start(c, func(context.Context, *Call) { s.watch(c, bridge) })
	case s.isLeg(info):
		c.drop(s.base)
	case s.cfg.Adopt != nil:
		s.start(c, func(ctx context.Context, c *Call) {
			c.silence(ctx)
			s.cfg.Adopt(ctx, c)
		})
	default:
		s.start(c, func(ctx context.Context, c *Call) {
			c.silence(ctx)
			c.fallBack()
		})
	}
}

// isLeg tells legs from citizens' channels by the arguments they entered with.
func (s *Switch) isLeg(info *channelInfo) bool {
	return strings.HasSuffix(info.Dialplan.AppData, ",leg") || strings.HasPrefix(info.ID, s.cfg.App+"-")
}

// watch waits until a conversation is over; whoever is left is hung up with it.
func (s *Switch) watch(c *Call, b *bridgeInfo) {
	defer c.busy("talking")()
	c.listenIn(c.ctx, c)
	if s.stopping.Load() {
		c.let.Store(true)
		return
	}
	for _, id := range b.Channels {
		if other := s.calls.find(route{'c', id}); other != nil && other != c {
			other.Hangup(detached(c.ctx), "normal")
		}
	}
	s.deleteBridge(c.ctx, "/bridges/"+b.ID)
}
