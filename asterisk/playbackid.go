package asterisk

import (
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
