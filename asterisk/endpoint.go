package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Reachable reports whether the PJSIP endpoint answers Asterisk's OPTIONS probes. An
// endpoint that is not configured is an error.
func (s *Switch) Reachable(ctx context.Context, endpoint string) (bool, error) {
	var state struct {
		State string `json:"state"`
	}
	if err := s.do(ctx, request{method: http.MethodGet, path: "/endpoints/PJSIP/" + url.PathEscape(endpoint), out: &state}); err != nil {
		return false, fmt.Errorf("state of %s: %w", endpoint, err)
	}
	return state.State == "online", nil
}
