package asterisk

import (
	"context"
	"net/http"
	"time"
)

// A call taken over brings along what was going on. The flow walks to the same place
// again, and there the operation finds it under way instead of beginning it: the same
// code serves a call that was never interrupted.

// resumeTalk is the leg the caller is talking with, when the leg before was rung at
// endpoint; nil when there is none. A leg that left meanwhile is one whose call is over.
func (c *Call) resumeTalk(endpoint string) *Call {
	if c.before == nil || c.before.Step != StepTalking || c.before.Endpoint != endpoint {
		return nil
	}
	leg := c.sw.calls.find(route{'c', c.before.Leg})
	if leg == nil {
		leg = c.sw.newCall(c.before.Leg)
		leg.end(&Hangup{By: CallerLeft, Cause: 16, Text: "left while nobody controlled the call"})
	}
	leg.dialed = endpoint
	c.keep(leg)
	return leg
}

// resumesRecording reports whether a recording of that name is under way, and since when.
func (c *Call) resumesRecording(name string) (since time.Time, ok bool) {
	if c.before == nil || c.before.Step != StepRecording || c.before.Recording != name {
		return time.Time{}, false
	}
	since = c.before.Since
	c.before = nil
	return since, true
}

// resume takes up a recording that Asterisk is making. One that ended while nobody
// listened is found out by the first look.
func (t *taping) resume() { t.call.box.put(&event{Type: resynced}) }

// left is how long the recording may still last. One taken over began by the clock of
// another controller: one that cannot be right, after a step, is not believed.
func (t *taping) left() time.Duration {
	ago := t.call.sw.cfg.Clock.Now().Sub(t.began)
	if t.o.Max <= 0 || ago < 0 || ago >= t.o.Max {
		return t.o.Max
	}
	return t.o.Max - ago
}

// erase drops the note of a call that is over.
func (c *Call) erase() {
	if c.sw.cfg.Notebook != nil && c.memo.Seq > 0 {
		c.sw.cfg.Notebook.Erase(c.sw.app, c.id)
	}
}

// silence stops what a controller that died was playing to a call: whatever is to be
// heard next, and whoever is to be connected, would wait for its end. Asterisk does not
// tell what plays on a channel; the note does, or else every id there can be is tried.
func (c *Call) silence(ctx context.Context, note *Note) {
	first, last := 0, playbackIDs
	if note != nil {
		c.played = note.Playback + 1
		first, last = note.Playback, note.Playback+1
		if note.Step == StepRinging { // the tone was begun again and again after the note
			last += playbackIDs - 1
		}
	}
	for n := first; n < last; n++ {
		err := c.sw.do(ctx, request{method: http.MethodDelete, path: "/playbacks/" + c.playbackID(n)})
		switch {
		case err == nil:
			c.played = max(c.played, n+1)
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
