package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/cmd/rig"
	"hotline/deploy"
)

// fiveHotlines are the profiles that the one binary carries, and what differs in them that
// a caller notices: whether there is a menu, whose key 0 is a person, and whether somebody
// answers at night.
var fiveHotlines = []struct {
	id           string
	menu, allDay bool
}{{"zz", true, false}, {"sq", false, true}, {"kf", true, true}, {"zq", false, true}, {"xz", true, true}}

// TestScenario15FiveProfiles runs the same binary as each of the five hotlines and plays
// by real calls what is cheap of scenarios 1 to 8.
func TestScenario15FiveProfiles(t *testing.T) {
	for _, h := range fiveHotlines {
		t.Run(h.id, func(t *testing.T) {
			t.Parallel() // callers mostly wait
			r := newTestRigOf(t, func(c *rig.Config) {
				house, err := rigHouse(h.id, filepath.Join(c.Repo, ".cache", "sounds"))
				if err != nil {
					t.Fatal(err)
				}
				c.House = house
			})
			f := five{newCalm(t, startRig(t, r)), h.id, h.menu}
			scenes := []struct {
				name string
				play func()
			}{
				{"1 by day to an agent ZZ-16.1 KF-3.1.1", f.day},
				{"2 emergency in the greeting ZZ-10.3 ZQ-7.2 XZ-10", f.emergency},
				{"7 the menu ZZ-10.1", f.mistakes},
				{"8 query by number and code ZZ-18.3", f.query},
				{"3 nobody there SQ-1.1 ZQ-2; 4 urgent message ZZ-20.3 ZZ-16.5", func() { f.nobody(h.allDay) }},
			}
			for _, s := range scenes {
				if !t.Run(s.name, func(t *testing.T) { f.t = t; s.play() }) {
					return // later scenes start from what this one leaves
				}
			}
		})
	}
}

// five is a rig of one of the hotlines.
type five struct {
	*calm
	id   string
	menu bool
}

// person presses what leads to one.
func (f five) person(ctx context.Context, press func(context.Context, string) error) error {
	if !f.menu {
		return nil
	}
	return press(ctx, "0")
}

func (f five) day() {
	s, err := f.dial(f.ctx, citizenNumber)
	f.must(err)
	defer hangUp(s)
	f.must(f.hears(f.ctx, s, "welcome-"+f.id))
	f.must(f.person(f.ctx, s.Press))
	f.must(f.converse(f.ctx, s, talk{to: "8001", far: 620, near: 440}))
	hangUp(s)
	_, err = newest(f.ctx, f.console, "/api/v1/calls", func(c callSeen) error {
		if c.Outcome != "answered" || c.Order == "" || c.Missed {
			return fmt.Errorf("recorded as %+v", c)
		}
		return nil
	})
	f.must(err)
}

func (f five) emergency() {
	f.must(f.lines(f.ctx, map[string]line{"110": {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 800}}))
	calls := f.inTime(3*time.Second, func() time.Duration {
		f.carrier.forget()
		s, err := f.dial(f.ctx, citizenNumber)
		f.must(err)
		defer hangUp(s)
		f.must(f.hears(f.ctx, s, "welcome-"+f.id))
		f.must(s.Press(f.ctx, "9"))
		pressed := time.Now()
		f.must(s.Press(f.ctx, "1"))
		rung, err := f.carrier.rung(f.ctx, "110", 1)
		f.must(err)
		f.must(want("caller at 110", rung.From, citizenNumber))
		f.must(f.converse(f.ctx, s, talk{to: "110", far: 800, near: 440}))
		return rung.invitedAt().Sub(pressed)
	})
	f.recorded(slices.Repeat([]string{"emergency"}, calls)...)
}

func (f five) mistakes() {
	if !f.menu {
		return
	}
	f.must(f.lines(f.ctx, map[string]line{
		"8001": {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 620}, "8002": {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 620}}))
	s, err := f.dial(f.ctx, citizenNumber)
	f.must(err)
	defer hangUp(s)
	f.must(f.hears(f.ctx, s, "welcome-"+f.id))
	f.must(s.Press(f.ctx, "7")) // stops the greeting, and is wrong
	f.must(f.hears(f.ctx, s, "wrong-key"))
	f.must(s.Press(f.ctx, "7"))
	f.must(f.hears(f.ctx, s, "to-person"))
	f.must(s.Ear().WaitTone(f.ctx, 620))
}

// query asks by phone where there is a menu, and by text everywhere.
func (f five) query() {
	var made orderSeen
	f.must(f.console.post(f.ctx, "/api/v1/orders", map[string]any{"type": "help", "phone": textNumber, "channel": "phone", "summary": "路灯不亮"}, &made))
	f.must(f.carrier.write(f.ctx, textNumber, hotlineTexts, "查 "+made.Digits+" "+made.PIN))
	_, err := f.carrier.text(f.ctx, textNumber, made.Number)
	f.must(err)
	if f.menu {
		f.must(f.ask(f.ctx, made.Digits, []string{made.PIN}, "query-result-registered.1"))
		f.must(f.ask(f.ctx, made.Digits, wrongCodes(made.PIN), "query-locked"))
	}
}

// nobody is at a desk at night: duty, backup, and a message marked #, for which the leader
// is called.
func (f five) nobody(allDay bool) {
	f.must(f.clockTo(f.ctx, night))
	for _, desk := range []string{"8001", "8002"} {
		f.must(f.console.post(f.ctx, "/api/v1/desks/"+desk+"/sign-out", struct{}{}, nil))
	}
	f.must(f.lines(f.ctx, map[string]line{dutyNumber: {Behaviour: "decline"}, backupNumber: {Behaviour: "busy"},
		leaderNumber: {Behaviour: "answer", AnswerAfterMS: 200, Press: "1", PressAfterMS: 500}}))
	s, err := f.dial(f.ctx, secondCaller)
	f.must(err)
	defer hangUp(s)
	f.must(f.hears(f.ctx, s, "welcome-"+f.id))
	f.must(f.person(f.ctx, s.Press))
	if allDay {
		f.must(f.hears(f.ctx, s, "all-agents-away"))
	}
	f.must(f.hears(f.ctx, s, "voicemail-intro"))
	f.must(s.Ear().WaitTone(f.ctx, 950))
	f.must(f.speak(f.ctx, s, 4*time.Second))
	f.must(s.Press(f.ctx, "#"))
	f.must(f.hears(f.ctx, s, "voicemail-urgent"))
	hangUp(s)
	_, err = f.carrier.rung(f.ctx, leaderNumber, 1)
	f.must(err)
	v, err := newest(f.ctx, f.console, "/api/v1/voicemails", func(v voicemailSeen) error {
		if v.Order == "" {
			return errors.New("no order")
		}
		return nil
	})
	f.must(err)
	f.must(want("reason", v.Reason, map[bool]string{true: "no_agent", false: "after_hours"}[allDay]))
	f.must(f.console.happened(f.ctx, v.Order, "urgent_confirmed"))
}

// TestQ32 refuses a hotline without its number, naming field and file.
func TestQ32(t *testing.T) {
	for _, h := range fiveHotlines {
		t.Run(h.id, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, deploy.Files); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "hotlines", h.id, "profile.yaml")
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			numberless := regexp.MustCompile(`(?m)^number: "\d*"`).ReplaceAllString(string(src), "# REQUIRED")
			if err := os.WriteFile(file, []byte(numberless), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = loadHouse(settings{Profile: h.id, Deploy: dir, Sounds: t.TempDir()})
			if err == nil || !strings.Contains(err.Error(), `"number"`) {
				t.Errorf("%v", err)
			}
		})
	}
}
