package asterisk

import (
	"context"
	"net/http"
	"time"
)

// startsInFlight is how long a call that Asterisk lists but we do not know may still be
// one whose StasisStart is on its way.
const startsInFlight = 300 * time.Millisecond

// How often, and how soon, the list of channels is asked for again.
const (
	listTries = 5
	listPause = 50 * time.Millisecond
)

// reconcile compares our calls with Asterisk's after every (re)connect, because events
// are not kept while no socket is open: calls that ended meanwhile get their hang-up,
// running operations are told to ask again, and calls nobody controls, of a controller
// that died, are taken over.
func (s *Switch) reconcile(ctx context.Context) error {
	known := s.calls.channels() // before the list, so that newer ones are not missed in it
	channels, err := s.channels(ctx)
	if err != nil {
		return err
	}
	listed := byID(channels)
	for _, c := range known {
		if info := listed[c.id]; info != nil {
			c.deliver(&event{Type: resynced, Channel: info})
		} else {
			c.deliver(&event{Type: channelDestroyed, CauseText: "ended while we were disconnected"})
		}
	}
	return s.TakeOver(ctx)
}

// channels lists them. Asterisk cannot for the instant in which a channel has a name that
// is no text, before the dialplan refuses it.
func (s *Switch) channels(ctx context.Context) (channels []channelInfo, err error) {
	for range listTries {
		err = s.do(ctx, request{method: http.MethodGet, path: "/channels", out: &channels})
		if !refused(err, http.StatusInternalServerError) {
			break
		}
		s.pause(ctx, listPause)
	}
	return channels, err
}

// Channels is the ids of all channels of this Asterisk, ours or not.
func (s *Switch) Channels(ctx context.Context) ([]string, error) {
	all, err := s.channels(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return ids, nil
}

func byID(channels []channelInfo) map[string]*channelInfo {
	listed := make(map[string]*channelInfo, len(channels))
	for i := range channels {
		listed[channels[i].ID] = &channels[i]
	}
	return listed
}

// application is whose events Asterisk knows to send where. It lists a dead controller's
// channels as long as they live.
type application struct {
	Name     string   `json:"name"`
	Channels []string `json:"channel_ids"`
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

// inStasis reports whether the channel waits for a controller, and not in the dialplan.
func (c *channelInfo) inStasis() bool {
	return c.Dialplan.AppName == "Stasis" || c.Dialplan.AppName == "StasisBroadcast"
}
