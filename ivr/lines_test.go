package ivr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/ivr"
)

// TestLinesXZ_15: who dials a number of its own has its greeting and its queue, past the menu.
func TestLinesXZ_15(t *testing.T) {
	for number, rings := range map[string]string{"80012345": "PJSIP/8001", "80012346": "PJSIP/80000001@carrier"} {
		t.Run(number, func(t *testing.T) {
			play(t, scene{hotline: "xz", at: daytime, dialed: number}, func(h *house) {
				h.call.Hears("welcome-xz")
				h.call.Rings(rings).Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
				if c := h.record(); c.To != number {
					t.Errorf("the call was to %s", c.To)
				}
			})
		})
	}
}

// TestLineLeadsSomewhere: a line that starts nowhere is found before anybody calls it.
func TestLineLeadsSomewhere(t *testing.T) {
	flow, _ := loadHotline(t, "xz")
	src := strings.Replace(string(readFile(t, "hotlines/xz/profile.yaml")), "start: biz-env", "start: bizenv", 1)
	profile, problems := ivr.ParseProfile("profile.yaml", []byte(src))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if problems := fmt.Sprint(flow.Check(profile, nil)); !strings.Contains(problems, `"bizenv"`) || !strings.Contains(problems, "biz-env") {
		t.Error(problems)
	}
	if _, problems := ivr.ParseProfile("profile.yaml", []byte(strings.Replace(src, "80012346", "80012345", 1))); !problems.Failed() {
		t.Error("a number twice")
	}
}
