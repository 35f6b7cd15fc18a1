package voice

import (
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/zaf/g711"
)

// How a sound may be off before it is worth a warning.
const (
	levelSlack     = 1.5 // LU around the target
	shortestSpoken = 0.10
	longestSpoken  = 0.50 // seconds for one Chinese syllable, pauses included
	slowestWord    = 0.90 // seconds for one English word
)

// LintSounds checks what was built without ears: is it there, from the present text,
// as long as its words suggest, at the common loudness, unclipped, not silent. Notes
// list the prompts that want a human voice and have none.
func (c *Catalogue) LintSounds() []Problem {
	var out []Problem
	for _, id := range c.missing {
		lang, name, _ := strings.Cut(id, "/")
		out = append(out, Problem{Fault, "sounds", name, lang, "is not built, or from an older text: run `hotline prompts build`"})
	}
	spent := map[soundKey]time.Duration{}
	for _, l := range c.script.lines() {
		s, ok := c.sounds[soundKey{l.lang, l.id}]
		if !ok {
			continue
		}
		spent[soundKey{l.lang, promptOf(l.id)}] += s.Length()
		if l.tone == nil {
			out = append(out, c.listen(s)...)
		}
	}
	return append(out, c.lintPrompts(spent)...)
}

func (c *Catalogue) lintPrompts(spent map[soundKey]time.Duration) []Problem {
	var out []Problem
	for _, id := range sortedKeys(c.script.Prompts) {
		p := c.script.Prompts[id]
		limit := time.Duration(p.Max * float64(time.Second))
		if limit == 0 {
			limit = defaultMax
		}
		for _, lang := range Languages() {
			if got := spent[soundKey{lang, id}]; got > limit {
				out = append(out, Problem{Warning, p.File, id, lang, fmt.Sprintf("lasts %.1f s, more than %.1f s", got.Seconds(), limit.Seconds())})
			}
			if s, ok := c.first(lang, p); ok && p.HumanRequired && s.Source != SourceHuman {
				out = append(out, Problem{Note, p.File, id, lang, "wants a human recording, has " + s.Source})
			}
		}
	}
	return out
}

func (c *Catalogue) first(lang string, p Prompt) (Sound, bool) {
	for _, piece := range p.pieces(lang) {
		if piece.sound != "" {
			s, ok := c.sounds[soundKey{lang, piece.sound}]
			return s, ok
		}
	}
	return Sound{}, false
}

// listen checks one sound's measures and its A-law file.
func (c *Catalogue) listen(s Sound) []Problem {
	var out []Problem
	add := func(severity Severity, format string, args ...any) {
		out = append(out, Problem{severity, "sounds", s.ID, s.Lang, fmt.Sprintf(format, args...)})
	}
	if math.Abs(s.LUFS-targetLUFS) > levelSlack {
		add(Warning, "loudness %.1f, want %.1f", s.LUFS, targetLUFS)
	}
	if s.Peak > ceiling+0.2 {
		add(Warning, "peak %.1f dBFS, at most %.1f", s.Peak, ceiling)
	}
	low, high := expected(s)
	if d := s.Length().Seconds(); d < low || d > high {
		add(Warning, "lasts %.2f s, its words suggest %.2f to %.2f s", d, low, high)
	}
	data, err := os.ReadFile(s.path(c.dir) + ".alaw")
	if err != nil {
		add(Fault, "unreadable: %v", err)
		return out
	}
	if len(data) != s.MS*8 {
		add(Fault, "the file holds %d ms, the manifest says %d", len(data)/8, s.MS)
	}
	narrow := PCM{Rate: 8000, Samples: make([]float64, len(data))}
	for i, b := range data {
		narrow.Samples[i] = float64(g711.DecodeAlawFrame(b)) / (1 << 15)
	}
	switch top := peak(narrow.Samples); {
	case top < -40:
		add(Fault, "is silent")
	case top > -0.5:
		add(Warning, "clips at 8 kHz: %.1f dBFS", top)
	}
	return out
}

// expected is how long words may take, in seconds.
func expected(s Sound) (low, high float64) {
	if s.Lang == Chinese {
		n := 0.0
		for _, r := range s.Text {
			if isHan(r) || r >= 'A' && r <= 'Z' {
				n++
			}
		}
		return n * shortestSpoken, n*longestSpoken + 0.5
	}
	n := float64(len(strings.Fields(s.Text)))
	return n * shortestSpoken, n*slowestWord + 0.6
}
