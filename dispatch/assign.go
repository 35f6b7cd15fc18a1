package dispatch

import "fmt"

// openLead is the lead unit's part in an order's present handling. An order that no unit
// has fails with ErrNotFound.
func (u *unit) openLead(number string) (Assignment, error) {
	all, err := u.AssignmentsOf(number)
	if err != nil {
		return Assignment{}, fmt.Errorf("assignments of %s: %w", number, err)
	}
	for _, a := range all {
		if a.Lead && a.EndedAt.IsZero() {
			return a, nil
		}
	}
	return Assignment{}, fmt.Errorf("lead unit of %s: %w", number, ErrNotFound)
}

// endAssignments ends all that is open of an order's, and says why.
func (u *unit) endAssignments(number, why string) error {
	all, err := u.AssignmentsOf(number)
	if err != nil {
		return fmt.Errorf("assignments of %s: %w", number, err)
	}
	for _, a := range all {
		if !a.EndedAt.IsZero() {
			continue
		}
		a.EndedAt, a.Ended = u.now, why
		if err := u.SaveAssignment(a); err != nil {
			return fmt.Errorf("end assignment of %s: %w", a.Unit, err)
		}
	}
	return nil
}

// backToUnits gives an order that is to be handled once more to the units that handled it
// last, with a term of its own. One that no unit had stays with the hotline.
func (u *unit) backToUnits(order *Order, b back) error {
	all, err := u.AssignmentsOf(order.Number)
	if err != nil {
		return fmt.Errorf("assignments of %s: %w", order.Number, err)
	}
	given := false
	for _, a := range all {
		if a.Attempt != order.attempt()-1 || a.Ended != "completed" {
			continue
		}
		again := Assignment{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Unit: a.Unit, Lead: a.Lead, Copy: a.Copy,
			Coordinated: a.Coordinated, Way: a.Way, Words: "重办:" + b.reason, By: b.actor, DispatchedAt: u.now, FirstAt: u.now}
		if a.Copy == "" {
			again.Due = order.Due
		}
		if err := u.InsertAssignment(again); err != nil {
			return fmt.Errorf("give back to %s: %w", a.Unit, err)
		}
		given = given || a.Lead
	}
	if !given {
		return nil
	}
	if err := order.move(Dispatched); err != nil {
		return err
	}
	return u.event(Event{Number: order.Number, Actor: b.actor, Kind: OnDispatched, Rule: b.rule, Text: "重办,交回原承办单位" + order.Unit})
}
