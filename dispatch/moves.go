package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what somebody is to an order.
type Role string

// The roles that move orders.
const (
	BySystem  Role = "system"
	ByCitizen Role = "citizen"
	ByAgent   Role = "agent"  // takes calls
	ByOffice  Role = "office" // the hotline's own office: dispatches, reviews, decides
	ByDuty    Role = "duty"   // on duty, and the leader on duty
	ByUnit    Role = "unit"   // a unit's handler
	ByHead    Role = "head"   // a unit's head
	ByLeader  Role = "leader" // above the units and the office
)

// Move is one legal move: from a state to a state, who may make it and by which clause.
// What a clause of the hotline's own policy says goes before Rule.
type Move struct {
	From, To State
	By       []Role
	Rule     string
}

// Who makes moves, by desk.
var (
	counterDesk = []Role{BySystem, ByAgent, ByOffice, ByDuty}
	unitsDesk   = []Role{ByUnit, ByHead, ByOffice} // the office signs for a unit that works on paper (ZZ-13.2)
	officeDesk  = []Role{ByOffice, ByDuty, ByLeader}
	endingDesk  = []Role{BySystem, ByCitizen, ByAgent, ByOffice, ByDuty}
)

// Moves is the whole life of an order: every move that there is. Adding a state is adding
// rows. A move that is not here fails with ErrIllegal, one by somebody else with ErrRole.
var Moves = []Move{
	{Registered, Completed, counterDesk, "ZZ-16.2"}, // answered on the spot
	{Registered, Transferred, counterDesk, "ZZ-10.4"},
	{Registered, OutOfScope, append(slices.Clone(counterDesk), ByUnit), "ZQ-7.2"},
	{Registered, Dispatched, counterDesk, "ZZ-16.3"},
	{Transferred, Registered, counterDesk, "ZZ-10.2"}, // nobody took it there
	{OutOfScope, Registered, counterDesk, "ZQ-7.2"},   // something new came up, or it was judged wrongly

	{Dispatched, Signed, unitsDesk, "XZ-12.3.4"},
	{Dispatched, Dispatched, officeDesk, "ZQ-4"}, // the office gives it to another unit
	{Dispatched, ReturnRequested, unitsDesk, "ZQ-9.2"},
	{Signed, Processing, unitsDesk, "ZQ-9.1"},
	{Signed, ReturnRequested, unitsDesk, "ZQ-9.2"},
	{Signed, ExtensionRequested, unitsDesk, "ZQ-12.1"},
	{Processing, ReturnRequested, unitsDesk, "ZQ-9.2"},
	{Processing, ExtensionRequested, unitsDesk, "ZQ-12.1"},
	{Processing, Submitted, unitsDesk, "ZQ-14.1"},

	{ReturnRequested, Dispatched, officeDesk, "ZQ-9.2"}, // allowed: to another unit; refused, unsigned: to the same
	{ReturnRequested, Registered, officeDesk, "ZQ-9.2"}, // allowed, and back to the office
	{ReturnRequested, Signed, officeDesk, "ZQ-9.2"},     // refused
	{ReturnRequested, Processing, officeDesk, "ZQ-9.2"},
	{ReturnRequested, OutOfScope, officeDesk, "ZQ-9.3"}, // the unit showed that it cannot be accepted
	{ExtensionRequested, Signed, officeDesk, "ZQ-12.3"},
	{ExtensionRequested, Processing, officeDesk, "ZQ-12.3"},
	{Submitted, Processing, append(slices.Clone(officeDesk), ByHead, ByAgent), "ZQ-14.1"}, // refused, or not understood (SQ-5.3)
	{Submitted, Completed, officeDesk, "ZQ-14.1"},

	{Registered, Archived, endingDesk, "ZQ-13.2"}, // withdrawn by the citizen, or merged
	{Dispatched, Archived, endingDesk, "ZQ-13.2"},
	{Signed, Archived, endingDesk, "ZQ-13.2"},
	{Processing, Archived, endingDesk, "ZQ-13.2"},
	{ReturnRequested, Archived, endingDesk, "ZQ-13.2"},
	{ExtensionRequested, Archived, endingDesk, "ZQ-13.2"},
	{Submitted, Archived, endingDesk, "ZQ-13.2"},
	{Redone, Archived, endingDesk, "ZQ-13.2"},

	{Completed, Surveyed, counterDesk, "ZQ-15.2"},
	{Completed, CallBack, counterDesk, "ZQ-15.5"}, // the answer came before the receipt
	{Completed, Archived, counterDesk, "ZQ-15.4"},
	{Surveyed, CallBack, counterDesk, "ZQ-15.5"},
	{Surveyed, Archived, counterDesk, "ZQ-15.4"},
	{CallBack, Redone, counterDesk, "ZQ-16.0"},
	{CallBack, Archived, counterDesk, "ZQ-15.5"},
	{Archived, Redone, counterDesk, "ZQ-15.7"}, // the citizen demands it, and the office agrees
	{Redone, Completed, counterDesk, "ZQ-15.7"},
	{Redone, Dispatched, counterDesk, "ZQ-15.7"}, // back to its unit
}

// findMove is the row of a move; ok is false where there is none.
func findMove(from, to State) (m Move, ok bool) {
	i := slices.IndexFunc(Moves, func(m Move) bool { return m.From == from && m.To == to })
	if i < 0 {
		return Move{}, false
	}
	return Moves[i], true
}

// move changes the state, or fails with ErrIllegal and says what is possible.
func (o *Order) move(to State) error {
	if _, ok := findMove(o.State, to); !ok {
		return fmt.Errorf("order %s is %s and cannot become %s (%s): %w", o.Number, o.State, to, next(o.State), ErrIllegal)
	}
	o.State = to
	return nil
}

// next names the states that may follow on one.
func next(from State) string {
	var names []string
	for _, m := range Moves {
		if m.From == from {
			names = append(names, string(m.To))
		}
	}
	return "possible: " + strings.Join(names, ", ")
}

// Working says whether a state is one in which somebody has to handle the order: it is not
// completed, not given away and not at its end.
func (s State) Working() bool {
	switch s {
	case Registered, Dispatched, Signed, Processing, ReturnRequested, ExtensionRequested, Submitted, Redone:
		return true
	}
	return false
}

// inHand says whether somebody has to handle the order: it is not completed, or not again.
func (o Order) inHand() bool { return o.State.Working() }

// withHotline says whether the hotline itself has the order, no unit.
func (o Order) withHotline() bool { return o.State == Registered || o.State == Redone }

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
// answer that counts was submitted (ZQ-14.1, Q20), or the order completed where nobody
// submits. It is derived, never stored.
func (o Order) Overdue(now time.Time) bool {
	end := now
	switch {
	case !o.SubmittedAt.IsZero():
		end = o.SubmittedAt
	case !o.CompletedAt.IsZero():
		end = o.CompletedAt
	}
	return !o.Due.At.IsZero() && end.After(o.Due.At)
}
