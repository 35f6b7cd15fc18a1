package ivr_test

import (
	"context"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
)

// TestLongCallKF_3_1_4: after ten minutes the agent alone hears a hint, which depends on
// whether the problem is recorded; nobody is hung up on, and other hotlines have none.
func TestLongCallKF_3_1_4(t *testing.T) {
	for name, tt := range map[string]struct {
		hotline  string
		recorded bool
		hint     string
	}{
		"recorded":     {"kf", true, "long-call-hint"},
		"not recorded": {"kf", false, "long-call-record"},
		"no such rule": {"zz", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			change := func(c *ivr.Config) {
				office := c.Orders.(*dispatch.Office)
				c.Worked = office.Worked
			}
			play(t, scene{hotline: tt.hotline, at: daytime, change: change}, func(h *house) {
				h.call.Hears("welcome-"+tt.hotline, menuOf(tt.hotline))
				h.call.Presses("0")
				h.call.Rings("PJSIP/8001").Answers()
				h.call.Passes(time.Minute)
				if tt.recorded {
					if err := h.office.Note(context.Background(), h.order().Number, "agent:8001", "路灯不亮"); err != nil {
						t.Fatal(err)
					}
				}
				if tt.hint == "" {
					h.call.Passes(20 * time.Minute)
				} else {
					h.call.Passes(8 * time.Minute)
					h.call.Hears("desk: " + tt.hint)
					h.call.Passes(20 * time.Minute)
				}
				h.call.HangsUp()
				h.outcome("answered")
			})
		})
	}
}
