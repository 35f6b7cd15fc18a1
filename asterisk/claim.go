package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// offered claims a new call: Asterisk offers it to every controller and gives it to the
// first that asks, whose StasisStart then comes. One that nobody claims within half a
// second goes to the dialplan's fallback, so that a controller that hangs keeps nobody
// waiting (D4).
func (s *Switch) offered(channel string) {
	if s.draining.Load() || s.stopping.Load() {
		return
	}
	s.aside.run(func() {
		err := s.do(context.WithoutCancel(s.base), request{
			method: http.MethodPost, path: "/events/claim",
			query: url.Values{"channelId": {channel}, "application": {s.app}},
		})
		var refusal *RequestError
		switch {
		case err == nil:
			s.stats.claims.Add(1)
		case errors.As(err, &refusal):
			s.stats.lost.Add(1) // another one was faster, or the caller left
		default:
			s.cfg.Log.Warn("new call not claimed", "call", channel, "err", err)
		}
	})
}
