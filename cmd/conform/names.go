package conform

import (
	"regexp"
	"strings"
)

// dotted and scored are the ways a name spells what follows a regulation's letters: in
// a subtest's name -17.1, in a function's _17_1, 17_1 or 17.1. Only numbers of up to two
// digits are clauses: a longer one is an order's.
var (
	dotted = regexp.MustCompile(`^-(A?\d+(?:\.\d+)*)`)
	letter = regexp.MustCompile(`^-([A-Z])(?:[^A-Za-z0-9]|$)`) // an annex: KF-B
	scored = regexp.MustCompile(`^_?(A?\d+(?:[._]\d+)*)`)
	parts  = regexp.MustCompile(`[._]`)
)

// IDs lists the ids that a test's name carries, and what looks like one and is none.
func (b *Book) IDs(name string) (ids, unknown []string) {
	for i := 0; i+2 < len(name); i++ {
		prefix := name[i : i+2]
		if i > 0 && isCapital(name[i-1]) || !b.starts(prefix) {
			continue
		}
		id, ok, found := b.id(prefix, name[i+2:])
		switch {
		case ok:
			ids = append(ids, id)
		case found:
			unknown = append(unknown, id)
		}
	}
	return ids, unknown
}

// starts says whether ids begin with prefix.
func (b *Book) starts(prefix string) bool {
	for _, reg := range b.Regulations {
		if reg.ID == prefix {
			return true
		}
	}
	return false
}

// id reads what follows the prefix. found: it has the shape of an id; ok: there is a rule.
func (b *Book) id(prefix, rest string) (id string, ok, found bool) {
	var m []string
	for _, form := range []*regexp.Regexp{dotted, scored, letter} {
		if m = form.FindStringSubmatch(rest); m != nil {
			break
		}
	}
	if m == nil {
		return "", false, false
	}
	numbers := parts.Split(m[1], -1)
	if len(strings.TrimPrefix(numbers[0], "A")) > 2 {
		return "", false, false
	}
	// Spaces of a subtest's name and dots of an id are both underscores in a function's: the
	// longest id there is counts, so that ZZ_17_1_2_orders names ZZ-17.1.
	shortest := len(numbers)
	if rest[0] != '-' {
		shortest = 1
	}
	for n := len(numbers); n >= shortest; n-- {
		if id = prefix + "-" + strings.Join(numbers[:n], "."); b.known[id] {
			return id, true, true
		}
	}
	return prefix + "-" + strings.Join(numbers, "."), false, true
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
