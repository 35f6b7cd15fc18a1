package ivr_test

import (
	"strings"
	"testing"
	"time"

	"hotline/ivr"
)

// TestQuestions shows of the questions about calls that the regulations leave open what holds
// by default, and what holds where a hotline decides otherwise.
func TestQuestions(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"Q4 ZZ-10.4 put through, or told":         throughOrTold,
		"Q5 ZZ-20.2 duty phone, or message":       dutyOrMessage,
		"Q30 a menu, or none":                     menuOrNone,
		"Q32 what has to be filled in is missing": filledIn,
	} {
		t.Run(name, test)
	}
}

// outsideFlow is a flow for who is outside our area.
func outsideFlow(t *testing.T, node string) func(*ivr.Config) {
	t.Helper()
	flow, problems := ivr.ParseFlow("flow.yaml", []byte("start: labor\nnodes:\n  labor: "+node+"\n  end: {verb: goodbye}\n"))
	if problems != nil {
		t.Fatal(problems)
	}
	return func(c *ivr.Config) { c.Flow = flow }
}

func throughOrTold(t *testing.T) {
	play(t, scene{at: daytime, change: outsideFlow(t, "{verb: transfer, to: labor, failed: end}")}, func(h *house) {
		h.call.Rings("PJSIP/12333@carrier").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("transferred")
	})
	play(t, scene{at: daytime, change: outsideFlow(t, "{verb: say, prompt: goodbye, then: end}")}, func(h *house) {
		h.call.Hears("goodbye", "goodbye").Ends() // nobody is rung
	})
}

func dutyOrMessage(t *testing.T) {
	for _, officer := range []bool{true, false} {
		play(t, scene{at: night, change: func(c *ivr.Config) { c.Profile.Duty.Officer = officer }}, func(h *house) {
			h.call.Hears("welcome-zz", "menu").Presses("0")
			if officer {
				h.call.Rings("PJSIP/13900000001@carrier").IsBusy()
				h.call.Rings("PJSIP/13900000002@carrier").IsBusy()
			}
			h.call.Hears("voicemail-intro")
			h.call.Records()
			h.call.Speaks(3 * time.Second)
			h.call.HangsUp()
			h.outcome("voicemail")
		})
	}
}

// Two of the three hotlines with people day and night have no menu; nobody has one in another.
func menuOrNone(t *testing.T) {
	for id, want := range map[string]int{"zz": 1, "sq": 0, "kf": 1, "zq": 0, "xz": 1} {
		flow, _ := loadHotline(t, id)
		menus := 0
		for _, n := range flow.Nodes {
			if n.Verb == "menu" {
				menus++
			}
		}
		if menus != want {
			t.Errorf("%s has %d menus", id, menus)
		}
	}
	flow, problems := ivr.ParseFlow("flow.yaml", []byte("start: desk\nnodes:\n  desk: {verb: agents, none: end}\n  end: {verb: goodbye}\n"))
	if problems.Failed() {
		t.Fatal(problems)
	}
	play(t, scene{at: daytime, change: func(c *ivr.Config) { c.Flow = flow }}, func(h *house) {
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
	})
}

func filledIn(t *testing.T) {
	src := string(readFile(t, "hotlines/zz/profile.yaml"))
	for line, want := range map[string]string{"number: \"12345\"": `the file needs "number"`, "hours: ": `"hours"`} {
		_, problems := ivr.ParseProfile("profile.yaml", []byte(strings.Replace(src, line, "x"+line, 1)))
		if !problems.Failed() || !strings.Contains(problems.Error(), want) {
			t.Errorf("without %s: %v", line, problems)
		}
	}
}
