package ivr_test

import (
	"testing"
	"time"
)

// Three hotlines are served by people at every hour of every day: nobody is led to a
// message while a desk is free, not at New Year and not at night.
func TestAPersonAtAnyHour(t *testing.T) {
	for _, tt := range []struct{ rule, hotline, menu string }{
		{"SQ-1.1", "sq", ""}, {"ZQ-2", "zq", ""}, {"XZ-2.1", "xz", "menu-xz"},
	} {
		for _, at := range []string{"2026-02-17 03:00", "2026-10-01 12:30", "2026-11-22 23:59"} {
			t.Run(tt.rule+" "+at, func(t *testing.T) {
				play(t, scene{hotline: tt.hotline, at: at}, func(h *house) {
					h.call.Hears("welcome-" + tt.hotline)
					if tt.menu != "" {
						h.call.Hears(tt.menu).Presses("0")
					}
					h.call.Rings("PJSIP/8001").Answers()
					h.call.Passes(time.Second)
					h.call.HangsUp()
					if c := h.outcome("answered"); c.Missed || c.Order == "" {
						t.Errorf("record %+v", c)
					}
				})
			})
		}
	}
}
