package dispatch

import (
	"context"
	"errors"
	"slices"

	"hotline/deploy/fault"
)

// PutThroughPolicy is what follows when a citizen was to be put through to a unit and nobody
// answered there. The zero value asks for nothing.
type PutThroughPolicy struct {
	// Types are of orders that the unit is given then, without anybody's word (ZZ-10.5).
	Types []Type `yaml:"types"`
	Rule  string `yaml:"rule"`
	// DutyRule is the clause by which a phone that is not answered in business hours is kept as
	// evidence, for people to judge (ZZ-20.4). Empty: it is not.
	DutyRule string `yaml:"duty_rule"`
}

// Unreached is a unit whose phone was rung for a citizen in vain, or not rung at all.
type Unreached struct {
	Unit   string
	Why    string // 无人接听, 忙 ...
	Line   bool   // a line of our own failed: that says nothing about the unit
	Put    bool   // the citizen was to be handed over to it, not only asked about
	Closed bool   // it was not rung, since it has closed
}

// UnitOpen says whether a unit's phone is answered now: a special unit's always, another's in
// the business hours of working days (ZZ-20.4). A unit that is not on the list has no hours.
func (o *Office) UnitOpen(id string) bool {
	unit, known := o.unitOf(id)
	return !known || unit.AllDay || o.calendar().Open(o.now())
}

// Unreached notes that a unit was not reached by phone. In the unit's hours that is evidence
// (ZZ-20.4); an order of the policy's types that nobody has yet is the unit's from now on, with
// its usual term (ZZ-10.5). What cannot be given to that unit stays with the hotline, and says why.
func (o *Office) Unreached(ctx context.Context, number string, by By, r Unreached) (Order, error) {
	r.Why = cut(r.Why, maxName)
	return o.command(ctx, number, deed{By: by, name: "unreached", do: func(u *unit, order *Order) error {
		p := o.policy.Life.PutThrough
		rule := ruleOf(p.Rule, Dispatched)
		if err := by.may(rule, counterDesk...); err != nil {
			return err
		}
		if _, known := o.unitOf(r.Unit); !known {
			return refuse(ErrInvalid, Refusal{Field: "unit", Rule: rule, Text: "没有“" + r.Unit + "”这个单位"})
		}
		text := "转接" + o.unitName(r.Unit) + ":" + r.Why
		if r.Closed {
			text = o.unitName(r.Unit) + "已下班,未转接"
		}
		note := Event{Number: order.Number, Actor: by.Actor, Kind: OnUnreached, Rule: rule, Text: text}
		if !r.Closed && !r.Line && p.DutyRule != "" && o.UnitOpen(r.Unit) {
			note.Rule, note.Text = p.DutyRule, text+",在其值班时段,记录备查"
			a := Act{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Kind: ActUnanswered, Unit: r.Unit, About: u.now, Step: 1,
				Rule: p.DutyRule, Actor: by.Actor, Words: r.Why, DueAt: u.now, At: u.now}
			if _, err := u.InsertAct(a); err != nil {
				return err
			}
		}
		if err := u.event(note); err != nil {
			return err
		}
		if !r.Put || order.State != Registered || !slices.Contains(p.Types, order.Type) {
			return nil
		}
		return u.giveUnreached(order, by, r)
	}})
}

// giveUnreached gives an order to the unit that was not reached, or notes why it cannot.
func (u *unit) giveUnreached(order *Order, by By, r Unreached) error {
	rule := u.office.policy.Life.PutThrough.Rule
	g := Giving{Lead: r.Unit, Words: "电话未能转接,自动派单"}
	var why *Refusal
	err := u.owned(order, by)
	if err == nil {
		err = u.mayGive(*order, g)
	}
	if errors.As(err, &why) {
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnNote, Rule: rule, Text: "未能自动派单:" + why.Text})
	}
	if err != nil {
		return err
	}
	return u.give(order, by, g)
}

// checkPutThrough looks at what follows on phones that nobody answers.
func (p *Policy) checkPutThrough(d *fault.Document) {
	t := p.Life.PutThrough
	if len(t.Types) > 0 && t.Rule == "" {
		d.Fault("life.put_through", "types need rule, the clause that they follow")
	}
	for _, typ := range t.Types {
		if typ == Unset || !p.Accepts(typ) {
			d.Fault("life.put_through.types", "%q is not among the types", typ)
		}
	}
}
