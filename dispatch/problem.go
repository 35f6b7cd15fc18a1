package dispatch

import (
	"fmt"
	"strings"
)

// Problem is one fault in a policy or roster file and the place it was found (D9).
type Problem struct {
	File   string
	Line   int // from 1; 0 when the fault has no place
	Col    int // from 1, in characters
	Source string
	Text   string
	Hint   string // what to do about it; may be empty
}

// String shows the place, what is wrong, the line and a caret under the fault.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Line, p.Col, p.Text)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	if p.Source != "" {
		fmt.Fprintf(&b, "\n    %s\n    %s^", p.Source, blank(p.Source, p.Col-1))
	}
	return b.String()
}

// Problems is everything wrong with a file, found in one go.
type Problems []Problem

// Error lists them all.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// blank is as wide as the first n characters of a line on a terminal, where Chinese
// ones take two cells.
func blank(line string, n int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		switch {
		case i >= n:
			return b.String()
		case r == '\t':
			b.WriteByte('\t')
		case r >= 0x2e80 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xff60:
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// didYouMean names the candidate nearest to a word, if one is near.
func didYouMean(word string, candidates []string) string {
	best, at := 1+len(word)/3, ""
	for _, c := range candidates {
		if n := distance(word, c); n <= best {
			best, at = n-1, c
		}
	}
	if at == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", at)
}

// distance is how many letters must change between two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
