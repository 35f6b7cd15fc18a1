package asterisk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Whisper plays sounds to one leg of a conversation and returns at once; nobody else hears
// them, and what the others say is not heard by the leg for as long. It may be called from
// any goroutine while Connect has the leg; whether the sounds were heard is not told.
func (c *Call) Whisper(ctx context.Context, leg *Call, o PlayOptions) error {
	body := playRequest{Language: o.Language}
	for _, s := range o.Sounds {
		if !strings.HasPrefix(s, "tone:") {
			s = "sound:" + s
		}
		body.Media = append(body.Media, s)
	}
	return c.sw.do(ctx, request{method: http.MethodPost, body: body,
		path: "/channels/" + url.PathEscape(leg.id) + "/play/" + c.sw.ids.next("whisper")})
}
