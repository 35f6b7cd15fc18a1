package dispatch

import (
	"fmt"
	"slices"
	"time"
)

// moves is the whole life of an order: from each state, the states it may go to.
// Adding a state is adding rows.
var moves = map[State][]State{
	Registered: {Completed},
	Completed:  {Surveyed, CallBack, Archived}, // CallBack: the answer came before the receipt
	Surveyed:   {CallBack, Archived},
	CallBack:   {Archived},
	Archived:   {},
}

// move changes the state, or fails with ErrIllegal and says what is possible.
func (o *Order) move(to State) error {
	if !slices.Contains(moves[o.State], to) {
		return fmt.Errorf("order %s is %s and cannot become %s: %w", o.Number, o.State, to, ErrIllegal)
	}
	o.State = to
	return nil
}

// Overdue says whether the promise was broken at now: the deadline passed before the
// order was completed. It is derived, never stored.
func (o Order) Overdue(now time.Time) bool {
	end := now
	if !o.CompletedAt.IsZero() {
		end = o.CompletedAt
	}
	return !o.Due.At.IsZero() && end.After(o.Due.At)
}
