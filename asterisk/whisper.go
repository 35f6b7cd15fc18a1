package asterisk

import (
	"context"
	"net/http"
	"net/url"
)

// Whisper plays sounds to one leg of a conversation and returns at once; nobody else hears
// them, and what the others say is not heard by the leg for as long. It may be called from
// any goroutine while Connect has the leg; whether the sounds were heard is not told.
func (c *Call) Whisper(ctx context.Context, leg *Call, o PlayOptions) error {
	return c.sw.do(ctx, request{method: http.MethodPost, body: playRequest{Media: media(o.Sounds), Language: o.Language},
		path: "/channels/" + url.PathEscape(leg.id) + "/play/" + c.sw.ids.next("whisper")})
}
