package fault

import (
	"fmt"
	"strings"
)

// fewNames are shown all when none of them is like the word.
const fewNames = 12

// DidYouMean is a hint naming the nearest of names, or all of them when they are few;
// empty when neither helps.
func DidYouMean(word string, names []string) string {
	if name := Nearest(word, names); name != "" {
		return fmt.Sprintf("did you mean %q?", name)
	}
	if len(names) == 0 || len(names) > fewNames {
		return ""
	}
	return "one of: " + strings.Join(names, ", ")
}

// Nearest finds the name most like word, or "" when none is like it at all: at most
// a third of its letters, and at least one, may differ.
func Nearest(word string, names []string) string {
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
