package dispatch_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

// TestMajorMatter: of every hotline by its own clause, once, with a reason; leaders are
// called until one confirms, and the matter counts anew after an older alarm's end.
func TestMajorMatter(t *testing.T) {
	for hotline, rule := range map[string]string{"zz": "ZZ-16.5", "sq": "SQ-3.4", "kf": "KF-3.1.6", "zq": "ZQ-21.3", "xz": "XZ-20"} {
		t.Run(hotline+" "+rule, func(t *testing.T) {
			h := newHall(t, hotline, filepath.Join(t.TempDir(), "hotline.db"))
			o := h.open(func(*dispatch.Intake) {})
			h.ok(h.EndAlarm(h.ctx(), o.Number, "leader:王", "已按1确认")) // of a message before
			major := dispatch.Urgency{Actor: "agent:8001", Reason: "燃气泄漏", Notify: []string{officer}}
			if _, err := h.MarkMajor(h.ctx(), o.Number, dispatch.Urgency{Actor: "agent:8001"}); !errors.Is(err, dispatch.ErrInvalid) || !strings.Contains(err.Error(), rule) {
				t.Errorf("without a reason: %v", err)
			}
			for range 2 {
				got, err := h.MarkMajor(h.ctx(), o.Number, major)
				h.ok(err)
				if !got.Urgent {
					t.Error("not urgent")
				}
			}
			h.same("marked", h.told(o.Number, dispatch.OnMajor), 1)
			over, err := h.AlarmOver(h.ctx(), o.Number)
			h.ok(err)
			h.same("over", over, false)
			orders, err := h.UnconfirmedMajor(h.ctx(), h.now.Add(time.Second))
			h.ok(err)
			h.same("to be called for", len(orders), 1)
			h.ok(h.EndAlarm(h.ctx(), o.Number, "leader:李", "已按1确认"))
			over, err = h.AlarmOver(h.ctx(), o.Number)
			h.ok(err)
			h.same("over", over, true)
			orders, err = h.UnconfirmedMajor(h.ctx(), h.now.Add(time.Second))
			h.ok(err)
			h.same("called for", len(orders), 0)
			events, err := h.store.Events(h.ctx(), o.Number)
			h.ok(err)
			for _, e := range events {
				if e.Kind == dispatch.OnMajor && e.Rule != rule {
					t.Errorf("by %s", e.Rule)
				}
			}
			h.same("worked on", worked(h, o.Number), true)

			done := h.open(func(in *dispatch.Intake) { in.Key = "another" })
			h.complete(done.Number)
			if _, err := h.MarkMajor(h.ctx(), done.Number, major); !errors.Is(err, dispatch.ErrIllegal) {
				t.Errorf("a completed order: %v", err)
			}
		})
	}
}

func worked(h *hall, number string) bool {
	ok, err := h.Worked(h.ctx(), number)
	h.ok(err)
	return ok
}
