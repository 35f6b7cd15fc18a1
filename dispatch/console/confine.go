package console

import (
	"net/http"
	"regexp"

	"hotline/dispatch"
)

// othersWord stands where the number of another unit's order would.
const othersWord = "(他单位工单)"

// orderNumbers is what may be an order's number within an answer, in either form.
var orderNumbers = regexp.MustCompile(`\b(?:[A-Z]{2,4}\d{8}-\d{5,6}-\d|\d{12,13})\b`)

// confined is an answer to a unit's person: whatever writes it, and whoever wrote the words
// in it, it names no order that the unit does not have (ZQ-24, ZZ-10.8). Each part that is
// written is whole JSON.
type confined struct {
	http.ResponseWriter

	own  func(number string) bool
	seen map[string]bool
}

// confine wraps the answers to who sees one unit's orders alone.
func (c *Console) confine(w http.ResponseWriter, r request) http.ResponseWriter {
	if r.unit == "" {
		return w
	}
	own := func(number string) bool { // what cannot be found out is another's
		has, err := c.has(r, number)
		return has && err == nil
	}
	return &confined{ResponseWriter: w, own: own, seen: map[string]bool{}}
}

// asShown is an order as it is shown to the requester: it is confidential to a unit that may
// not know who the citizen is, and not to one that may by consent (XZ-12.6). What cannot be
// found out is hidden.
func (c *Console) asShown(r request, o dispatch.Order) dispatch.Order {
	if r.unit == "" {
		return o
	}
	said, err := c.cfg.Record.Reviews(r.Context(), dispatch.Filter{Order: o.Number, Limit: maxSaid})
	o.Confidential = err != nil || len(said) == maxSaid || !dispatch.MayKnow(o, r.unit, said)
	return o
}

// maxSaid is how many reviews of one order are looked through; who has more is hidden.
const maxSaid = 1000

// Unwrap is for http.ResponseController.
func (c *confined) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Write passes on what the unit may see.
func (c *confined) Write(b []byte) (int, error) {
	if _, err := c.ResponseWriter.Write(orderNumbers.ReplaceAllFunc(b, c.pass)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (c *confined) pass(found []byte) []byte {
	number := string(found)
	if _, err := dispatch.ParseNumber(number); err != nil {
		return found
	}
	own, known := c.seen[number]
	if !known {
		own = c.own(number)
		c.seen[number] = own
	}
	if own {
		return found
	}
	return []byte(othersWord)
}
