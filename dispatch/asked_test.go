package dispatch_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"hotline/dispatch"
	"hotline/sms"
)

// TestEverybodyIsAsked_XZ_12_5_1: of a month's orders each has an attempt, by text or by
// phone; without one is only who left no number at all, and that is said.
func TestEverybodyIsAsked_XZ_12_5_1(t *testing.T) {
	h := newHall(t, "xz", filepath.Join(t.TempDir(), "h.db"))
	h.same("refuses texts", h.text("TD", ""), "opt-out")
	attempts := map[string]int{}
	const each = 4
	for i := range 4 * each {
		o := h.open(func(in *dispatch.Intake) {
			in.Key = fmt.Sprint("request ", i)
			switch i % 4 {
			case 0, 1:
				in.Phone = fmt.Sprintf("138123400%02d", i)
			case 2:
				in.Phone = fmt.Sprintf("051612345%03d", i)
			case 3: // the one that refuses texts, each time about something else
				in.Phone, in.Summary = citizen, []string{"路灯不亮", "水管爆裂", "噪声扰民", "公交线路"}[i/4]
			}
		})
		h.complete(o.Number)
		if i%4 == 1 { // a text that does not arrive, twice
			h.move(h.question(o.Number), sms.Expired)
			h.move(h.resent(o.Number), sms.Expired)
		}
		s, tasks := h.survey(o.Number), h.callbacks(o.Number)
		h.same(o.Number, []any{s.Attempt, s.Outcome}, []any{1, dispatch.Pending})
		switch {
		case len(tasks) == 0:
			attempts["text"]++
		case tasks[0].Voice:
			attempts["voice"]++
		default:
			attempts["person"]++
		}
	}
	h.same("attempts", attempts, map[string]int{"text": each, "voice": 2 * each, "person": each})
	o := h.complete(h.open(func(in *dispatch.Intake) { in.Phone = "" }).Number)
	h.same("no number, and why", []any{o.Outcome, h.told(o.Number, dispatch.OnTextSkipped) > 0}, []any{dispatch.Skipped, true})
}
