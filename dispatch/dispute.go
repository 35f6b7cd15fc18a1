package dispatch

import (
	"fmt"
	"slices"

	"hotline/deploy/fault"
)

// Who leads an order of several units, or one that none of them thinks its own, is settled by
// the first of a chain; where they do not agree it climbs to the next, and the last one has to
// say (ZQ-9.4, XZ-27.2). Who was settled on may not return it.

// climb notes that a rung of the chain settled nothing, and puts the question to the next one.
// The caller has decided the review that waited there.
func (u *unit) climb(order Order, by By, at, opinion string) error {
	p := u.office.policy.Life.Asks[ForDispute]
	i := slices.Index(p.Chain, at) + 1
	if i == 0 || i >= len(p.Chain) {
		return refuse(ErrInvalid, Refusal{Field: "lead", Rule: p.Rule, Text: at + "是最后一级,请明确牵头单位"})
	}
	return u.put(order, by.Actor, Putting{Kind: ForDispute, Level: p.Chain[i], Reason: at + "协商未成:" + opinion})
}

// settleLead gives an order to who was settled on as its lead; those who had it and do not lead
// now help. The clock went on meanwhile (rec).
func (u *unit) settleLead(order *Order, by By, d Decided) error {
	p := u.office.policy.Life.Asks[ForDispute]
	if err := needs(p.Rule, blank{"lead", "牵头单位", d.Lead == ""}); err != nil {
		return err
	}
	if order.State != Dispatched && !order.withHotline() {
		return refuse(ErrIllegal, Refusal{Field: "state", Rule: p.Rule, Text: "工单现为“" + StateWords[order.State] + "”,退回或未签收的才能另定牵头"})
	}
	g := Giving{Lead: d.Lead, Words: d.Opinion, Coordinated: true, keepDue: true}
	all, err := u.AssignmentsOf(order.Number)
	if err != nil {
		return fmt.Errorf("assignments of %s: %w", order.Number, err)
	}
	for _, a := range all {
		if a.EndedAt.IsZero() && a.Copy == "" {
			g.Way = a.Way
			if a.Unit != d.Lead && !slices.Contains(g.Assist, a.Unit) {
				g.Assist = append(g.Assist, a.Unit)
			}
		}
	}
	if err := u.endAssignments(order.Number, "redispatched"); err != nil {
		return err
	}
	return u.give(order, By{Actor: by.Actor, Role: ByOffice}, g)
}

// tellRung texts the people of the unit that a dispute is put to, where it is on the list.
func (u *unit) tellRung(order Order, name string) error {
	for _, unit := range u.office.units {
		if unit.Name == name {
			return u.textHandlers(order, "dispute:"+unit.ID, unit.ID)
		}
	}
	return nil
}

// checkChain looks at who settles disputes.
func (a AskPolicy) checkChain(d *fault.Document, path string, kind ReviewKind) {
	switch {
	case kind == ForDispute && len(a.Chain) == 0:
		d.Fault(path, "it needs chain: who settles which unit leads, the first one in front")
	case kind != ForDispute && len(a.Chain) > 0:
		d.Fault(path+".chain", "a chain is of %s alone", ForDispute)
	}
	for i, name := range a.Chain {
		if name == "" || slices.Index(a.Chain, name) != i {
			d.Fault(path+".chain", "each of a chain has a name of its own")
		}
	}
}
