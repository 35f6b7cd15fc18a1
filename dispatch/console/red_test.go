package console_test

import (
	"context"
	"log/slog"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// redPanel is the button over a real office and store.
type redPanel struct {
	*dispatch.RedLight
	b *bench
}

func (p redPanel) Press(ctx context.Context, r dispatch.RedButton) (dispatch.RedButton, error) {
	r, err := p.b.office.PressRed(ctx, r)
	if err == nil {
		err = p.Refresh(ctx)
	}
	return r, err
}

func (p redPanel) Announcements() []console.Announcement {
	return []console.Announcement{{ID: "red-flood", Text: "洪水"}}
}

func (p redPanel) RedPresses(ctx context.Context, limit int) ([]dispatch.RedButton, error) {
	return p.b.store.RedPresses(ctx, limit)
}

// TestRedButtonZQ_21_3: pressed, shown on the strip, listed with who and why, let go.
func TestRedButtonZQ_21_3(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	c.get("/red").want(t, 200, `"on":false`, `"route":"usual"`, "red-flood", `"presses":[]`)
	c.post("/red", map[string]any{"route": "moon", "reason": "x"}).want(t, 422, "route")
	c.post("/red", map[string]any{"route": "duty"}).want(t, 422, "reason")
	c.post("/red", map[string]any{"route": "duty", "announcement": "red-flood", "reason": "洪水"}).want(t, 200, `"on":true`, "全线转值班,先播公告")
	c.get("/status").want(t, 200, `"red":{"seq":1,"on":true`)
	c.post("/red", map[string]any{"route": "usual", "reason": "解除"}).want(t, 200, `"on":false`)
	c.get("/red").want(t, 200, `"seq":2`, `"seq":1`, `"by":"agent:admin"`, "洪水")
	b.guest().get("/red").want(t, 401)
	b.guest().post("/red", map[string]any{"route": "duty", "reason": "x"}).want(t, 401)
}

func (b *bench) redPanel() redPanel {
	return redPanel{dispatch.NewRedLight(b.store, slog.New(slog.DiscardHandler)), b}
}
