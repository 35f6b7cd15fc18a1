package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	playMargin = 3 * time.Second // past the expected length before our timer ends a playback
	perSound   = time.Minute     // assumed for a sound whose length nobody told
	tooShort   = 400 * time.Millisecond
	// mostPending is how many connections may be in use for a stop's answer to be left for later.
	mostPending = mostConns / 4
	// hangupBehind is how far behind a failed playback the hang-up that made it fail may be.
	hangupBehind = 200 * time.Millisecond
)

// playRequest is the body of a play request: in the URL a long list would not fit.
type playRequest struct {
	Media    []string `json:"media"`
	Language string   `json:"lang,omitempty"`
}

// media names sounds as ARI does: a file unless it says what else it is.
func media(sounds []string) []string {
	all := make([]string, len(sounds))
	for i, s := range sounds {
		if !strings.HasPrefix(s, "tone:") && !strings.HasPrefix(s, "recording:") {
			s = "sound:" + s
		}
		all[i] = s
	}
	return all
}

// Play plays the sounds one after the other and returns when the last has been heard,
// a key stopped them, or they cannot go on; PlayOptions and PlayEnd tell how. A key
// pressed before does not stop a playback; one pressed meanwhile does, at once, unless
// NoBarge, and is kept for the next Gather. No sounds are heard at once.
//
// A refusal by Asterisk is PlayFailed with a *RequestError. A missing sound is
// PlayFailed without an error when it is the last or when the rest was much shorter
// than Expect; Asterisk skips a missing sound in the middle of a list without a word.
func (c *Call) Play(ctx context.Context, o PlayOptions) (Playback, error) {
	if err := c.over(ctx); err != nil {
		return Playback{End: c.interrupted()}, err
	}
	if len(o.Sounds) == 0 {
		return Playback{End: PlayDone}, nil
	}
	c.jot(ctx, nil)
	return c.play(ctx, o)
}

// play is Play under another operation, whose note it leaves as it is.
func (c *Call) play(ctx context.Context, o PlayOptions) (Playback, error) {
	if err := c.over(ctx); err != nil {
		return Playback{End: c.interrupted()}, err
	}
	defer c.busy("playing")()
	p := &playing{call: c, id: c.nextPlayback(), o: o, began: c.sw.cfg.Clock.Now()}
	to := route{'p', p.id}
	c.sw.calls.add(to, c)
	defer c.sw.calls.remove(to)
	if err := p.start(ctx); err != nil {
		return p.failed(ctx, err)
	}
	end, err := p.wait(ctx)
	if c.memo.Channel == "" {
		c.stopped() // a leg has no note to write meanwhile, and may be left as it is
	}
	return Playback{End: end, Elapsed: p.elapsed()}, err
}

// interrupted is how a playback ends when something else ended first.
func (c *Call) interrupted() PlayEnd {
	if c.ctx.Err() != nil {
		return PlayHangup
	}
	return PlayStopped
}

// playing is one running playback.
type playing struct {
	call  *Call
	id    string
	o     PlayOptions
	began time.Time
}

func (p *playing) elapsed() time.Duration { return p.call.sw.cfg.Clock.Now().Sub(p.began) }

func (p *playing) start(ctx context.Context) error {
	body := playRequest{Language: p.o.Language}
	if body.Language == "" {
		body.Language = p.call.Language()
	}
	body.Media = media(p.o.Sounds)
	p.call.stopped()
	// Not cancelled by ctx: what is stopped before Asterisk has begun it is not there to be
	// stopped, and plays all the same.
	return p.call.request(detached(ctx), request{
		method: http.MethodPost, body: body,
		path: "/channels/" + url.PathEscape(p.call.id) + "/play/" + p.id,
	})
}

// failed sorts out a play request that did not succeed: the call or the context may
// simply be over.
func (p *playing) failed(ctx context.Context, err error) (Playback, error) {
	if over := p.call.over(ctx); over != nil {
		p.stop(ctx) // the request may have arrived all the same
		return Playback{End: p.call.interrupted(), Elapsed: p.elapsed()}, over
	}
	if !answered(err) {
		p.stop(ctx)
	}
	p.call.sw.cfg.Log.Warn("playback refused", "call", p.call.id, "sounds", p.o.Sounds, "err", err)
	return Playback{End: PlayFailed, Elapsed: p.elapsed()}, err
}

func (p *playing) wait(ctx context.Context) (PlayEnd, error) {
	a := p.call.sw.after(p.limit())
	defer a.cancel()
	for {
		e, err := p.call.await(ctx, a)
		switch {
		case errors.Is(err, errTimeUp):
			p.stop(ctx)
			p.call.sw.cfg.Log.Warn("playback never finished", "call", p.call.id, "sounds", p.o.Sounds)
			return PlayTimedOut, nil
		case err != nil:
			end := p.call.interrupted()
			if end == PlayStopped {
				p.stop(ctx)
			}
			return end, err
		case e.key() != 0 && !p.o.NoBarge:
			p.stop(ctx)
			return PlayStopped, nil
		case e.Type == playbackFinished && e.Playback.ID == p.id:
			return p.finished(ctx, e.Playback.State)
		case e.Type == resynced && p.vanished(ctx):
			return PlayDone, nil
		}
	}
}

// limit is how long our own timer lets it play: Asterisk sometimes never says that a
// playback finished.
func (p *playing) limit() time.Duration {
	if p.o.Expect > 0 {
		return p.o.Expect + playMargin
	}
	return time.Duration(len(p.o.Sounds)) * perSound
}

// finished reads Asterisk's verdict. Of a list it judges the last sound only, so one
// that was over in less than half its length missed something, or the caller left.
func (p *playing) finished(ctx context.Context, state string) (PlayEnd, error) {
	heard := p.elapsed()
	if state != "failed" && (p.o.Expect <= tooShort || heard == 0 || heard >= p.o.Expect/2) {
		return PlayDone, nil
	}
	a := p.call.sw.after(hangupBehind)
	defer a.cancel()
	select {
	case <-p.call.ctx.Done():
	case <-ctx.Done(): // ends with the call's too, and which is seen first is chance
	case <-a.ring():
	}
	if err := p.call.over(ctx); err != nil {
		return p.call.interrupted(), err
	}
	p.call.sw.cfg.Log.Warn("playback failed: a sound is missing or unreadable",
		"call", p.call.id, "sounds", p.o.Sounds, "expected", p.o.Expect, "heard", heard)
	return PlayFailed, nil
}

// vanished asks after a reconnect whether the playback ended while we were away.
func (p *playing) vanished(ctx context.Context) bool {
	err := p.call.sw.do(ctx, request{method: http.MethodGet, path: "/playbacks/" + p.id})
	return refused(err, http.StatusNotFound)
}

// stop silences it: the request for that is written at once. What Asterisk says to it is
// read by stopped, as late as can be, so that the next step's note is written meanwhile.
func (p *playing) stop(ctx context.Context) {
	c := p.call
	c.stopped()
	a := c.sw.ask(detached(ctx), time.Now().Add(c.sw.cfg.RequestTimeout),
		request{method: http.MethodDelete, path: "/playbacks/" + p.id})
	c.stopping = &a
	if c.sw.client.busy() > mostPending {
		c.stopped() // whatever the flow does next may take long, and others need the connection
	}
}

// stopped waits until Asterisk has stopped the playback that stop was called for. That
// must happen before the next command on the channel, which would wait for the end of the
// sound; before the call waits for anything, because a stop that was lost on the way is
// sent again here; and before its handler is left.
func (c *Call) stopped() {
	if c.stopping == nil {
		return
	}
	res, err := c.stopping.answer()
	c.stopping = nil
	switch {
	case err == nil:
		res.Close()
	case !refused(err, http.StatusNotFound):
		c.sw.cfg.Log.Warn("playback not stopped", "call", c.id, "err", err)
	}
}
