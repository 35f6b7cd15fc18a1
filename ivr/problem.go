package ivr

import (
	"fmt"
	"strings"
)

// Problem is one fault in a flow or a profile, with the place it was found (D9).
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

// nearest finds the name most like word, or "" when none is like it at all: at most
// a third of its letters, and at least one, may differ.
func nearest(word string, names []string) string {
	best, distance := "", max(1, len([]rune(word))/3)+1
	for _, name := range names {
		if d := edits(word, name); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// edits counts the single-letter changes between two words, a swap of neighbours
// being one.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	var older []int
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, last = last, row
	}
	return last[len(y)]
}

// didYouMean is a hint naming the nearest of names, or all of them when they are few.
func didYouMean(word string, names []string) string {
	if name := nearest(word, names); name != "" {
		return fmt.Sprintf("did you mean %q?", name)
	}
	if len(names) == 0 || len(names) > 12 {
		return ""
	}
	return "one of: " + strings.Join(names, ", ")
}
