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
	CallBack:   {Redone, Archived},
	Redone:     {Completed},
	Archived:   {Redone}, // the citizen demands it, and the office agrees (ZQ-15.7)
}

// move changes the state, or fails with ErrIllegal and says what is possible.
func (o *Order) move(to State) error {
	if !slices.Contains(moves[o.State], to) {
		return fmt.Errorf("order %s is %s and cannot become %s: %w", o.Number, o.State, to, ErrIllegal)
	}
	o.State = to
	return nil
}

// inHand says whether somebody has to handle the order: it is not completed, or not again.
func (o Order) inHand() bool { return o.State == Registered || o.State == Redone }

// attempt is which handling of the order this is: 1, and one more for each redo.
func (o Order) attempt() int { return o.Redos + 1 }

// since is when the deadline counts from: the order's beginning, or its last redo.
func (o Order) since() time.Time {
	if o.RedoneAt.IsZero() {
		return o.CreatedAt
	}
	return o.RedoneAt
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
