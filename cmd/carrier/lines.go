package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// behaviour is how a line meets a call.
type behaviour string

// The behaviours of a line.
const (
	answers     behaviour = "answer"      // rings, then answers, speaks and presses what it should
	busy        behaviour = "busy"        // 486 at once
	noAnswer    behaviour = "noanswer"    // rings for ever
	declines    behaviour = "decline"     // rings, then 603: a hand pressed the red button
	unavailable behaviour = "unavailable" // 480 without ringing: switched off
	machine     behaviour = "machine"     // answers with a greeting and never presses a key: a mobile's own voicemail
)

var behaviours = []behaviour{answers, busy, noAnswer, declines, unavailable, machine}

// script is what a line does with a call. Times count from the step before.
type script struct {
	Behaviour behaviour `json:"behaviour"`
	AnswerMS  int       `json:"answer_after_ms"` // from the INVITE
	Press     string    `json:"press"`           // keys pressed once answered, "," being half a second
	PressMS   int       `json:"press_after_ms"`
	ToneHz    float64   `json:"tone_hz"`         // spoken while the call is up; 0 is silence
	HangupMS  int       `json:"hangup_after_ms"` // from the answer or the last key; 0 stays
}

// line is one number with its script, and other scripts where a trunk sees it differently.
type line struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	Kind   string `json:"kind"` // emergency, service, desk, mobile, landline
	script
	Trunks map[string]script `json:"trunks,omitempty"` // by "1" and "2"
}

// tones of the lines, at least 50 Hz and 4 % apart so that 20 ms tell them from each other.
var toneOf = map[string]float64{"110": 500, "119": 600, "120": 700, "122": 800, "12395": 1000, "12333": 900}

// unitTone is what the desks of other authorities speak.
const unitTone = 950

var nameOf = map[string]string{
	"110": "公安报警", "119": "火警", "120": "医疗急救", "122": "交通事故报警", "12395": "水上救援", "12333": "人力资源社会保障",
}

// standard is the line a number has before anybody changes it; false for a number this
// carrier does not serve.
func standard(number string) (line, bool) {
	l := line{Number: number, script: script{Behaviour: answers}}
	switch {
	case number == "12333":
		l.Name, l.Kind, l.AnswerMS, l.ToneHz = nameOf[number], "service", 500, toneOf[number]
	case nameOf[number] != "":
		l.Name, l.Kind, l.AnswerMS, l.ToneHz = nameOf[number], "emergency", 300, toneOf[number]
	case len(number) == 4 && strings.HasPrefix(number, "800") && number[3] >= '1' && number[3] <= '9':
		l.Name, l.Kind, l.AnswerMS = "话务台 "+number, "desk", 1000
		l.ToneHz = 1000 + 100*float64(number[3]-'0')
	case isUnit(number):
		l.Name, l.Kind, l.AnswerMS, l.ToneHz = "单位 "+number, "service", 500, unitTone
	case isMobile(number):
		l.Name, l.Kind, l.AnswerMS, l.ToneHz = "手机", "mobile", 2000, 440
		l.Press, l.PressMS = "1", 800
	case isLandline(number):
		l.Name, l.Kind, l.AnswerMS, l.ToneHz = "座机", "landline", 2000, 480
	default:
		return line{}, false
	}
	return l, true
}

// isUnit tells the numbers of other authorities' hotlines and desks, which flows
// transfer to: 12xxx and eight digits from 8.
func isUnit(number string) bool {
	if len(number) == 5 && strings.HasPrefix(number, "12") || len(number) == 8 && number[0] == '8' {
		_, err := strconv.ParseUint(number, 10, 64)
		return err == nil
	}
	return false
}

func isMobile(number string) bool {
	if len(number) != 11 || number[0] != '1' {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 64)
	return err == nil
}

// isLandline tells a fixed line of a household: an area code with its 0, and the number.
func isLandline(number string) bool {
	if len(number) < 10 || len(number) > 12 || number[0] != '0' || number[1] == '0' {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 64)
	return err == nil
}

// national strips what carriers put before a mainland number.
func national(number string) string {
	for _, p := range []string{"+86", "0086"} {
		if rest, ok := strings.CutPrefix(number, p); ok {
			return rest
		}
	}
	return number
}

// on is the script a trunk sees.
func (l line) on(trunk int) script {
	if s, ok := l.Trunks[strconv.Itoa(trunk)]; ok {
		return s
	}
	return l.script
}

// The longest times a script may name: an hour.
const longestMS = 3600_000

func (s script) check() error {
	if !slices.Contains(behaviours, s.Behaviour) {
		return fmt.Errorf("behaviour %q is none of %v", s.Behaviour, behaviours)
	}
	for name, ms := range map[string]int{"answer_after_ms": s.AnswerMS, "press_after_ms": s.PressMS, "hangup_after_ms": s.HangupMS} {
		if ms < 0 || ms > longestMS {
			return fmt.Errorf("%s is %d, outside 0 to %d", name, ms, longestMS)
		}
	}
	if strings.Trim(s.Press, "0123456789*#ABCD,") != "" {
		return fmt.Errorf("press %q: keys are 0-9 * # A-D and a comma for a pause", s.Press)
	}
	if s.ToneHz != 0 && (s.ToneHz < 100 || s.ToneHz > 3400) {
		return fmt.Errorf("tone_hz is %g, outside what a telephone carries (100 to 3400)", s.ToneHz)
	}
	return nil
}

func (l line) check() error {
	if err := l.script.check(); err != nil {
		return err
	}
	for n, s := range l.Trunks {
		if n != "1" && n != "2" {
			return fmt.Errorf("trunks: %q is neither 1 nor 2", n)
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("trunk %s: %w", n, err)
		}
	}
	return nil
}

// lines are the numbers, safe for concurrent use.
type lines struct {
	mu      sync.Mutex
	changed map[string]line
}

func newLines() *lines { return &lines{changed: map[string]line{}} }

// get is a number's line as it stands; false for a number that is not served.
func (ls *lines) get(number string) (line, bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l, ok := ls.changed[number]; ok {
		l.Trunks = maps.Clone(l.Trunks)
		return l, true
	}
	return standard(number)
}

func (ls *lines) set(l line) error {
	if err := l.check(); err != nil {
		return err
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.changed[l.Number] = l
	return nil
}

// reset brings lines back to their standard: one number, or all for "".
func (ls *lines) reset(number string) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if number == "" {
		clear(ls.changed)
	}
	delete(ls.changed, number)
}

// list is every line of note: the well-known ones and those somebody changed or called.
func (ls *lines) list(called []string) []line {
	numbers := []string{"110", "119", "120", "122", "12333"}
	for d := '1'; d <= '9'; d++ {
		numbers = append(numbers, "800"+string(d))
	}
	ls.mu.Lock()
	changed := slices.Sorted(maps.Keys(ls.changed))
	ls.mu.Unlock()
	slices.Sort(called)
	for _, n := range slices.Concat(changed, called) {
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	var out []line
	for _, n := range numbers {
		if l, ok := ls.get(n); ok {
			out = append(out, l)
		}
	}
	return out
}
