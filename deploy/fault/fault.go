// Package fault says what is wrong with a file that a person wrote: where, in which
// line, with a caret under it and a suggestion, and everything at once, the way
// compilers do. Whoever reads a part of deploy/ reports in its words, so that all of
// them look alike.
package fault

import (
	"fmt"
	"strings"
)

// Problem is one fault and the place it was found (D9).
type Problem struct {
	File    string
	Line    int // from 1; 0 when the fault has no place, such as an empty file
	Col     int // from 1, in characters
	Source  string
	Text    string // what is wrong
	Hint    string // what to do about it; may be empty
	Rule    string // clause it follows, such as "ZZ-10.1"; may be empty
	Warning bool   // the hotline starts all the same
}

// String shows the problem the way compilers do: place, text, the line itself, a
// caret under the fault, and a suggestion.
func (p Problem) String() string {
	var b strings.Builder
	level := "error"
	if p.Warning {
		level = "warning"
	}
	fmt.Fprintf(&b, "%s:%d:%d: %s: %s", p.File, p.Line, p.Col, level, p.Text)
	if p.Rule != "" {
		fmt.Fprintf(&b, " [%s]", p.Rule)
	}
	if p.Line > 0 {
		number := fmt.Sprintf("%5d", p.Line)
		fmt.Fprintf(&b, "\n%s | %s", number, p.Source)
		fmt.Fprintf(&b, "\n%s | %s^", strings.Repeat(" ", len(number)), indent(p.Source, p.Col))
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "\n        hint: %s", p.Hint)
	}
	return b.String()
}

// indent is as wide as the part of line before column col: Chinese characters take
// two cells of a terminal and tabs stay tabs, so that the caret stands right.
func indent(line string, col int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i >= col-1 {
			break
		}
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case wide(r):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// wide reports whether a terminal draws r two cells wide.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf ||
		r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60
}

// Problems is everything wrong with a configuration, found in one go.
type Problems []Problem

// Error lists all problems, one after the other.
func (ps Problems) Error() string {
	all := make([]string, len(ps))
	for i, p := range ps {
		all[i] = p.String()
	}
	return strings.Join(all, "\n")
}

// Failed reports whether any problem is more than a warning.
func (ps Problems) Failed() bool {
	for _, p := range ps {
		if !p.Warning {
			return true
		}
	}
	return false
}

// Err is nil when there are no errors, and the problems otherwise.
func (ps Problems) Err() error {
	if !ps.Failed() {
		return nil
	}
	return ps
}
