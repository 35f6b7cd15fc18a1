// Package replay plays one made-up year of requests to the hotlines of several
// regulations, beside each other: the same citizens ask the same things at the same
// moments, the same unit takes as long, answers as well and asks for as much more time.
// What differs is the rules, through the real dispatch.Office on a SQLite file of each,
// with the clock of the story. Everything in the year is drawn from a seed.
package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"hotline/dispatch"
)

// Request is one citizen's matter, and what people make of it: the same in each hotline.
type Request struct {
	At       time.Time
	Type     dispatch.Type
	Phone    string
	Sign     time.Duration // until the unit signs
	Handle   time.Duration // from then until it answers
	Review   time.Duration // until the office has read the answer
	Returns  bool          // the unit says that it is not its business, and is told that it is
	Asks     bool          // the unit asks for more time, half-way
	Ratings  [2]int        // after the first handling and after a redo; 0: no answer
	Reply    time.Duration // from the question to its answer
	Fault    bool          // a bad rating is the unit's fault
	Excepted bool          // no reason is given for it (ZQ-16.5)

	number string // of its order, once it is registered
}

// kinds are how often each type comes in a hundred requests.
var kinds = []struct {
	typ   dispatch.Type
	share int
}{{dispatch.Consult, 40}, {dispatch.Help, 75}, {dispatch.Complaint, 92}, {dispatch.Suggestion, 97}, {dispatch.Report, 100}}

// Year makes n requests over the 365 days from a moment. The same seed gives the same year.
func Year(seed uint64, n int, from time.Time) []Request {
	r := rand.New(rand.NewPCG(seed, 12345))
	all := make([]Request, 0, n)
	for i := range n {
		at := from.Add(time.Duration((float64(i) + r.Float64()) / float64(n) * float64(365*24*time.Hour)))
		all = append(all, request(r, at.Truncate(time.Second), i))
	}
	return all
}

// request draws one: most are handled within days, some take weeks.
func request(r *rand.Rand, at time.Time, i int) Request {
	q := Request{At: at, Type: kinds[len(kinds)-1].typ, Phone: fmt.Sprintf("1380%07d", i),
		Sign: hours(r, 2, 1), Handle: hours(r, 60, 1.1), Review: hours(r, 5, 0.6), Reply: hours(r, 3, 1.2)}
	for p, j := r.IntN(100), 0; j < len(kinds); j++ {
		if p < kinds[j].share {
			q.Type = kinds[j].typ
			break
		}
	}
	q.Returns, q.Asks = r.IntN(100) < 6, q.Handle > 96*time.Hour && r.IntN(100) < 70
	for k := range q.Ratings {
		if r.IntN(100) < 55 { // the others do not answer
			q.Ratings[k] = 1 + []int{0, 0, 0, 1, 1, 1, 2, 3, 3, 4}[r.IntN(10)]
		}
	}
	q.Fault, q.Excepted = r.IntN(100) < 60, r.IntN(100) < 15
	return q
}

// hours draws from a log-normal distribution around a median.
func hours(r *rand.Rand, median, spread float64) time.Duration {
	return time.Duration(median * math.Exp(spread*r.NormFloat64()) * float64(time.Hour)).Truncate(time.Second)
}
