package asterisk

import (
	"context"
	"net/http"
	"net/url"
)

// Hangup ends the call; its context's cause becomes a *Hangup by CutOff with reason as
// text. A reason ARI knows (busy, congestion, no_answer, rejected, ...) is what the
// caller's phone is told, else it is a normal hang-up. A call that is over is no error.
func (c *Call) Hangup(ctx context.Context, reason string) error {
	if c.let.Load() {
		return nil
	}
	c.ours.Store(true)
	query := url.Values{"reason": {"normal"}}
	switch reason {
	case "busy", "congestion", "no_answer", "timeout", "rejected", "unallocated", "failure":
		query.Set("reason", reason)
	}
	err := c.command(ctx, http.MethodDelete, "", query)
	c.end(&Hangup{By: CutOff, Cause: 16, Text: reason})
	if refused(err, http.StatusNotFound) {
		err = nil
	}
	c.stuck.Store(err != nil)
	return err
}

// Continue leaves the call to the dialplan at the context place, extension, priority 1. For us the
// call is over then; its context's cause is a *Hangup by CutOff.
func (c *Call) Continue(ctx context.Context, place, extension string) error {
	c.stopped()
	c.ours.Store(true)
	err := c.command(ctx, http.MethodPost, "/continue",
		url.Values{"context": {place}, "extension": {extension}, "priority": {"1"}})
	if err == nil {
		c.alive.Store(false)
		c.end(&Hangup{By: CutOff, Cause: 16, Text: "left to the dialplan"})
	}
	return err
}

// fallBack leaves the call to the dialplan's last line of defence.
func (c *Call) fallBack() {
	c.sw.stats.fallback.Add(1)
	err := c.Continue(context.WithoutCancel(c.ctx), c.sw.cfg.Fallback, "s")
	if err != nil && !refused(err, http.StatusNotFound) {
		c.sw.cfg.Log.Error("call could not be sent to the fallback; hanging up", "call", c.id, "err", err)
		c.Hangup(context.WithoutCancel(c.ctx), "failure")
	}
}

// hangup tells from the event that ended the call who did it.
func (c *Call) hangup(e *event) *Hangup {
	h := &Hangup{By: CallerLeft, Cause: e.Cause, Text: e.CauseText}
	if h.Cause == 0 && e.Type == hangupRequest {
		h.Cause = 16 // a phone's BYE seldom carries a cause; it is a normal hang-up
	}
	if c.ours.Load() {
		h.By = CutOff
	}
	if h.Text == "" {
		h.Text = "hung up"
	}
	return h
}

// end ends the call's context; the first cause stays.
func (c *Call) end(h *Hangup) { c.cancel(h) }
