package dispatch

import (
	"context"
	"fmt"
	"slices"
)

// By is who gives a command.
type By struct {
	Actor string // as the timeline shows it: "unit:water:3"
	Role  Role
	Unit  string // of a unit's people: which
	// Key makes the command one: given again it changes nothing. Empty: each is a new one.
	Key string
	// Version is the order's as the actor saw it; 0 does not check.
	Version int
}

// ofUnit says whether who commands belongs to a unit.
func (by By) ofUnit() bool { return by.Role == ByUnit || by.Role == ByHead }

// deed is one command at work.
type deed struct {
	By
	name string
	also []string // numbers of other orders that it changes
	do   func(*unit, *Order) error
}

// command does a deed to an order in one transaction: with its version and events, or not at
// all. What was done by the same key before is not done again; the order as it stands now
// comes back.
//
// Errors, all before anything changed: ErrNotFound, also for a unit that has no part in the
// order, so that it does not learn of it (ZZ-10.8); ErrConflict for another version, or a key
// that was used for something else; ErrIllegal, ErrRole, ErrInvalid and ErrSame as a [Refusal]
// that names field and clause.
func (o *Office) command(ctx context.Context, number string, d deed) (Order, error) {
	var order Order
	err := o.do(ctx, func(u *unit) error {
		var err error
		if order, err = u.hold(number, d.also); err != nil {
			return err
		}
		if done, err := u.doneBefore(order, d); err != nil || done {
			return err
		}
		if err := u.mayTouch(order, d.By); err != nil {
			return err
		}
		if err := d.do(u, &order); err != nil {
			return err
		}
		return u.SaveOrder(&order)
	})
	if err != nil {
		return Order{}, fmt.Errorf("%s %s: %w", d.name, number, err)
	}
	return order, nil
}

// hold reads an order and holds it, and others with it: all commands hold them in one
// sequence, so that no two wait for each other.
func (u *unit) hold(number string, also []string) (Order, error) {
	var order Order
	all := append([]string{number}, also...)
	slices.Sort(all)
	for _, n := range slices.Compact(all) {
		o, err := u.Order(n)
		if err != nil {
			return Order{}, err
		}
		if n == number {
			order = o
		}
	}
	return order, nil
}

// doneBefore says whether the command was done by its key already.
func (u *unit) doneBefore(order Order, d deed) (bool, error) {
	if d.Key == "" {
		return false, nil
	}
	what := d.name + " " + order.Number
	before, err := u.Done(d.Actor+" "+d.Key, what, u.now)
	switch {
	case err != nil:
		return false, fmt.Errorf("note the key: %w", err)
	case before == "":
		return false, nil
	case before != what:
		return false, refuse(ErrConflict, Refusal{Field: "key", Rule: "D6", Text: "这个键已用于另一操作:" + before})
	}
	return true, nil
}

// mayTouch says why an order is not for who commands: it changed meanwhile, or is none of a
// unit's business.
func (u *unit) mayTouch(order Order, by By) error {
	if by.Version != 0 && by.Version != order.Version {
		return refuse(ErrConflict, Refusal{Field: "version", Rule: "D6",
			Text: fmt.Sprintf("工单已被他人更改:您看到的是第%d版,现为第%d版", by.Version, order.Version)})
	}
	if !by.ofUnit() {
		return nil
	}
	all, err := u.AssignmentsOf(order.Number)
	if err != nil {
		return fmt.Errorf("assignments of %s: %w", order.Number, err)
	}
	for _, a := range all {
		if a.Unit == by.Unit && a.EndedAt.IsZero() && a.Copy == "" {
			return nil
		}
	}
	return fmt.Errorf("order %s for unit %s: %w", order.Number, by.Unit, ErrNotFound)
}

// step is one move with its line in the timeline.
type step struct {
	By
	from       []State // the command is for these alone; empty: for every state with such a move
	to         State
	kind, rule string
	text       string
}

// step makes a move of the table, if it is there and who commands may make it. The caller
// saves the order.
func (u *unit) step(order *Order, s step) error {
	m, ok := findMove(order.State, s.to)
	if s.rule == "" {
		s.rule = m.Rule
	}
	if !ok || len(s.from) > 0 && !slices.Contains(s.from, order.State) {
		return refuse(ErrIllegal, Refusal{Field: "state", Rule: ruleOf(s.rule, s.to),
			Text: "工单现为“" + StateWords[order.State] + "”,不能改为“" + StateWords[s.to] + "”"})
	}
	if err := s.may(m.Rule, m.By...); err != nil {
		return err
	}
	if s.ofUnit() && s.Unit != order.Unit {
		return refuse(ErrRole, Refusal{Field: "unit", Rule: s.rule, Text: "只有主办单位可以这样做"})
	}
	order.State = s.to
	return u.event(Event{Number: order.Number, Actor: s.Actor, Kind: s.kind, Rule: s.rule, Text: s.text})
}

// ruleOf is a clause, or the one of any move into a state.
func ruleOf(rule string, to State) string {
	for i := 0; rule == "" && i < len(Moves); i++ {
		if Moves[i].To == to {
			rule = Moves[i].Rule
		}
	}
	return rule
}

// may refuses a command that is for others.
func (by By) may(rule string, roles ...Role) error {
	if slices.Contains(roles, by.Role) {
		return nil
	}
	return refuse(ErrRole, Refusal{Field: "role", Rule: rule, Text: "您的角色不能这样做"})
}

// blank is a field that may be missing and what it is called.
type blank struct {
	name, words string
	missing     bool
}

// needs refuses the first of the fields that is missing.
func needs(rule string, fields ...blank) error {
	for _, f := range fields {
		if f.missing {
			return refuse(ErrInvalid, Refusal{Field: f.name, Rule: rule, Text: "请填写" + f.words})
		}
	}
	return nil
}

// StateWords are the states as people say them.
var StateWords = map[State]string{
	Registered: "已登记", Transferred: "已转接", OutOfScope: "不予受理", Dispatched: "已派发", Signed: "已签收", Processing: "办理中",
	ReturnRequested: "申请退单", ExtensionRequested: "申请延期", Submitted: "待审核", Completed: "已办结", Surveyed: "已发评价",
	CallBack: "待回访", Redone: "重办", Archived: "已归档",
}
