package dispatch

import (
	"context"
	"fmt"
)

// How orders get to a unit (ZZ-13.2).
const (
	FormElectronic = "electronic" // the default: its people see them here
	FormPaper      = "paper"      // on a slip (受理单); the office writes down when that was delivered
)

// WayPaper is the way of an assignment that went on a slip, where nobody named another.
const WayPaper = "paper"

// onPaper says whether a unit gets its orders on slips.
func (o *Office) onPaper(id string) bool {
	unit, _ := o.unitOf(id)
	return unit.Form == FormPaper
}

// way is how an order is given to a unit: as somebody said, or as the unit gets them.
func (o *Office) way(g Giving, id string) string {
	if g.Way == "" && o.onPaper(id) {
		return WayPaper
	}
	return g.Way
}

// Slip is the paper by which an order goes to a unit that does not work here (受理单).
type Slip struct {
	Hotline    string
	Unit       Unit
	Order      Order
	Assignment Assignment
}

// Slip is the slip of an order for one of the units that have a part in it; whose it is and the
// citizen's number are in it, which is audited (ZQ-24). It is refused for a unit that has its
// orders here (ZZ-13.2), and for a confidential order: paper keeps no secret (KF-3.1.5).
func (o *Office) Slip(ctx context.Context, number string, by By, id string) (Slip, error) {
	var s Slip
	err := o.do(ctx, func(u *unit) error {
		order, err := u.Order(number)
		if err != nil {
			return err
		}
		const rule = "ZZ-13.2"
		if err := by.may(rule, counterDesk...); err != nil {
			return err
		}
		if order.Confidential {
			return refuse(ErrIllegal, Refusal{Field: "number", Rule: "KF-3.1.5", Text: "保密件不打印受理单,请另行密送"})
		}
		if id == "" {
			id = order.Unit
		}
		if !o.onPaper(id) {
			return refuse(ErrInvalid, Refusal{Field: "unit", Rule: rule, Text: "该单位用电子工单,不打印受理单"})
		}
		part, err := u.partOf(order, id)
		if err != nil {
			return err
		}
		to, _ := o.unitOf(id)
		s = Slip{Hotline: o.policy.Hotline.Name, Unit: to, Order: order, Assignment: part}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnNote, Rule: rule, Text: "打印受理单:" + to.Name}); err != nil {
			return err
		}
		return u.audit(Audit{Actor: by.Actor, Act: ActExport, Subject: order.Number, Rule: rule, Text: "打印受理单:" + to.Name})
	})
	if err != nil {
		return Slip{}, fmt.Errorf("slip of %s: %w", number, err)
	}
	return s, nil
}

// delivered has a unit's time begin when its slip was delivered, which the office writes down
// (ZZ-13.2): a promise to the citizen stands, and what waits for more time too.
func (u *unit) delivered(order *Order, a *Assignment) {
	p := u.office.policy
	if !u.office.onPaper(a.Unit) || order.Due.Rule != "" && order.Due.Rule == p.PromiseRule {
		return
	}
	a.FirstAt, a.Due = u.now, u.dueOf(*order, Giving{Way: a.Way})
	if a.Lead {
		order.Due = a.Due
	}
}
