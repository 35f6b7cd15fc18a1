package voice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"hotline/deploy/fault"
)

// Severity says how bad a problem is.
type Severity string

// The severities: a fault fails `hotline check`, a warning wants eyes, a note is for
// whoever plans the recording session.
const (
	Fault   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Problem is one finding of a lint.
type Problem struct {
	Severity Severity
	Where    string // file, or sounds
	ID       string // prompt or sound
	Lang     string // empty: both
	Text     string
}

// String is one line for people.
func (p Problem) String() string {
	id := p.ID
	if p.Lang != "" {
		id += "/" + p.Lang
	}
	return fmt.Sprintf("%s: %s: %s: %s", p.Where, p.Severity, id, p.Text)
}

var promptID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// defaultMax is how long a prompt may last that does not say so itself.
const defaultMax = 30 * time.Second

// Lint checks the texts: ids, both languages, no ASCII digits in Chinese, slots known
// and used in both. used are the ids that flows and code play; each must exist and
// nothing else may be in the catalogue. A nil used skips that check.
func (s *Script) Lint(used []string) []Problem {
	var out []Problem
	for _, id := range sortedKeys(s.Prompts) {
		out = append(out, s.Prompts[id].lint()...)
	}
	if used != nil {
		out = append(out, s.lintUse(used)...)
	}
	for _, v := range s.Voices {
		if !slices.Contains(Languages(), v.Lang) {
			out = append(out, Problem{Fault, voicesFile, v.Engine, "", fmt.Sprintf("unknown language %q", v.Lang)})
		}
	}
	return out
}

func (s *Script) lintUse(used []string) []Problem {
	var out []Problem
	for _, id := range used {
		if _, ok := s.Prompts[id]; !ok {
			out = append(out, Problem{Fault, "flow", id, "", "is played but not in the catalogue" + s.nearest(id)})
		}
	}
	for _, id := range sortedKeys(s.Prompts) {
		if p := s.Prompts[id]; !slices.Contains(used, id) && !p.builtIn() {
			out = append(out, Problem{Warning, p.File, id, "", "is never played"})
		}
	}
	return out
}

// builtIn are the sounds that no flow names: those that values and the dialplan use,
// and what is there for others.
func (p Prompt) builtIn() bool {
	return p.General || p.Tone != nil || strings.HasPrefix(p.ID, "fallback-")
}

func (p Prompt) lint() []Problem {
	var out []Problem
	add := func(lang, format string, args ...any) {
		out = append(out, Problem{Fault, p.File, p.ID, lang, fmt.Sprintf(format, args...)})
	}
	if !promptID.MatchString(p.ID) {
		add("", "ids are lower case with dashes")
	}
	if strings.HasPrefix(p.ID, "tok-") {
		add("", "tok- is for the sounds of numbers")
	}
	if p.Tone != nil {
		if p.Zh+p.En != "" {
			add("", "has both a tone and a text")
		}
		return out
	}
	if digits := strings.IndexFunc(p.Zh, isASCIIDigit); digits >= 0 {
		add(Chinese, "ASCII digits in Chinese text: write %s", hanziEach(strings.Map(onlyDigits, p.Zh), false))
	}
	for name, kind := range p.Slots {
		if !slices.Contains(SlotTypes(), kind) {
			add("", "slot %s: unknown type %q, want one of %v", name, kind, SlotTypes())
		}
	}
	for _, lang := range Languages() {
		out = append(out, p.lintText(lang)...)
	}
	return out
}

// lintText checks one language.
func (p Prompt) lintText(lang string) []Problem {
	text := p.Text(lang)
	if strings.TrimSpace(text) == "" {
		return []Problem{{Fault, p.File, p.ID, lang, "has no text"}}
	}
	var out []Problem
	add := func(format string, args ...any) {
		out = append(out, Problem{Fault, p.File, p.ID, lang, fmt.Sprintf(format, args...)})
	}
	var found []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
		if _, ok := p.Slots[m[1]]; !ok {
			add("slot {%s} is not declared", m[1])
		}
	}
	for _, name := range sortedKeys(p.Slots) {
		if !slices.Contains(found, name) {
			add("slot {%s} is declared but not in the text", name)
		}
	}
	if strings.ContainsAny(placeholder.ReplaceAllString(text, ""), "{}") {
		add("a brace that is no slot")
	}
	if hasHan := strings.ContainsFunc(text, isHan); hasHan != (lang == Chinese) {
		add("is not in this language")
	}
	return out
}

func isASCIIDigit(r rune) bool { return r >= '0' && r <= '9' }
func isHan(r rune) bool        { return unicode.Is(unicode.Han, r) }

func onlyDigits(r rune) rune {
	if isASCIIDigit(r) {
		return r
	}
	return -1
}

// nearest suggests the id that was probably meant.
func (s *Script) nearest(id string) string {
	if name := fault.Nearest(id, sortedKeys(s.Prompts)); name != "" {
		return fmt.Sprintf(", did you mean %s?", name)
	}
	return ""
}
