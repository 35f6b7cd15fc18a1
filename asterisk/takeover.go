package asterisk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// playbackIDs is how many ids the playbacks of one call take in turn. Asterisk does not
// tell what plays on a channel, so a controller that takes a call over has to guess; and
// an id must not come again before the events of its last playback are long over.
const playbackIDs = 16

// nextPlayback is the id of the call's next playback.
func (c *Call) nextPlayback() string {
	id := c.playbackID(c.played)
	c.played++
	return id
}

func (c *Call) playbackID(n int) string {
	return url.PathEscape(c.id) + "-p" + strconv.Itoa(n%playbackIDs)
}

// silence stops what a controller that died was playing to a call: whatever is to be
// heard next, and whoever is to be connected, would wait for its end.
func (c *Call) silence(ctx context.Context) {
	for n := range playbackIDs {
		err := c.sw.do(ctx, request{method: http.MethodDelete, path: "/playbacks/" + c.playbackID(n)})
		switch {
		case err == nil:
			c.played = n + 1
		case !refused(err, http.StatusNotFound):
			c.sw.cfg.Log.Warn("playback of a call taken over not stopped", "call", c.id, "err", err)
			return
		}
	}
}

// StopRecording ends a recording that a controller before this one began and keeps its
// file; nothing else is heard on that call before. One that is over is no error.
func (s *Switch) StopRecording(ctx context.Context, name string) error {
	err := s.do(ctx, request{method: http.MethodPost, path: live(name) + "/stop"})
	if refused(err, http.StatusNotFound) {
		return nil
	}
	return err
}
