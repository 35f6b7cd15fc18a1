package sms

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Route is what a link is to carry, and how fast. The zero value carries everything, as
// fast as the link's window lets it, in the order of Config.Transports.
type Route struct {
	// Prefixes are the beginnings of the numbers it carries; none: every number. Those a link
	// serves (Health.Serves) stand in their place. Of two links of one Order the one whose
	// prefix fits longer is tried first.
	Prefixes []string
	Classes  []Class // none: all
	// Order is when it is tried: lower first; the links after it are those that take over.
	Order int
	// Weight is its share of what links alike in Order and prefix carry; links without one
	// are tried in the order of Config.Transports.
	Weight int
	// Rate is how many segments a second it is given; 0: no limit. At most a second's worth
	// goes at once. Several processes on one account take equal parts (Config.Sharers): for
	// some seconds after one came it may be given more, after one died less.
	Rate int
	// Bare says that its texts go out from its plain number, because its account has no
	// digits of extension, or too few for all the questions of a phone.
	Bare bool
	// Signs says that the carrier puts the signature in front of each text, so that the
	// gateway must not; it is counted all the same.
	Signs bool
}

func (r Route) check(name string) error {
	var errs []error
	for _, p := range r.Prefixes {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			errs = append(errs, fmt.Errorf("route of link %q: prefix %q is not digits", name, p))
		}
	}
	if r.Weight < 0 || r.Rate < 0 || r.Order < 0 {
		errs = append(errs, fmt.Errorf("route of link %q: order, weight and rate must not be negative", name))
	}
	return errors.Join(errs...)
}

// takes reports whether texts of a class go by it.
func (r Route) takes(c Class) bool { return len(r.Classes) == 0 || slices.Contains(r.Classes, c) }

// fit is how long a prefix of its own fits a number.
func (r Route) fit(to string) (length int) {
	for _, p := range r.Prefixes {
		if len(p) > length && strings.HasPrefix(to, p) {
			length = len(p)
		}
	}
	return length
}

// before reports whether a route has every text that another has, so that the other only
// takes over.
func (r Route) before(o Route) bool {
	return r.Order < o.Order &&
		(len(r.Prefixes) == 0 || len(o.Prefixes) > 0 && all(o.Prefixes, func(p string) bool { return r.fit(p) > 0 })) &&
		(len(r.Classes) == 0 || len(o.Classes) > 0 && all(o.Classes, r.takes))
}

func all[T any](list []T, is func(T) bool) bool {
	return !slices.ContainsFunc(list, func(v T) bool { return !is(v) })
}

// candidate is a link that may carry a text.
type candidate struct {
	*link
	last int     // 1: an earlier try of the text by it went unanswered
	rank int     // by what is known of the phone: lower first
	fit  int     // how long its prefix fits: longer first
	luck float64 // drawn by weight: lower first
}

// candidates are the links for a text, the best first. What is known of a phone that took
// its number to another carrier wins over prefixes and order; a link that said of this
// very text that the number is another's (Message.Avoid) is left out, and one that left it
// without an answer comes last.
func (g *Gateway) candidates(m Message, to string, known Learnt) []candidate {
	var list []candidate
	for _, l := range g.links {
		c := candidate{link: l, rank: known.rank(l.name), fit: l.route.fit(to)}
		served := c.fit > 0 || len(l.route.Prefixes) == 0 || c.rank < 0
		if !served || !l.route.takes(m.Kind.Class()) || l.name == m.Avoid {
			continue
		}
		if m.MaybeTwice && l.name == m.Link {
			c.last = 1
		}
		if l.route.Weight > 0 {
			c.luck = rand.ExpFloat64()/float64(l.route.Weight) - 1
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(a.last-b.last, a.rank-b.rank, a.route.Order-b.route.Order, b.fit-a.fit, cmp.Compare(a.luck, b.luck))
	})
	return list
}

// after reports whether a candidate only takes over when another cannot.
func (c candidate) after(other candidate) bool {
	return c.last > other.last || c.rank > other.rank || c.route.Order > other.route.Order
}
