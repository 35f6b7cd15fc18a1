package dispatch

import "time"

// How an order that a unit has stands (ZZ-3.2); no word for one of which nothing is to be said.
const (
	StandsOverdue  = "overdue"
	StandsDueSoon  = "due_soon" // its unit has been reminded, or is about to be
	StandsUnsigned = "unsigned"
)

// Standing is what is to be said of an order that its unit has: the most pressing of the words
// above, which on a list by deadline come in that sequence.
func (o *Office) Standing(order Order) string {
	switch now := o.now(); {
	case order.Unit == "" || !order.State.Working() || !order.SubmittedAt.IsZero():
		return ""
	case order.Overdue(now):
		return StandsOverdue
	case o.dueSoon(order, now):
		return StandsDueSoon
	case order.State == Dispatched:
		return StandsUnsigned
	}
	return ""
}

// dueSoon says whether a deadline is as near as units are reminded of it.
func (o *Office) dueSoon(order Order, now time.Time) bool {
	for _, span := range o.policy.Watch.Remind {
		if !order.Due.At.IsZero() && !now.Before(o.calendar().Before(order.Due.At, span).At) {
			return true
		}
	}
	return false
}
