package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Giving is an order given to its units.
type Giving struct {
	Lead   string   // id of the unit that answers for it
	Assist []string // ids of those that help
	Words  string   // to the units
	Way    string   // how it is given; deadlines go by it (KF-A4.3.1)
	// Promised is the moment the citizen was promised, where the hotline promises (SQ-4.4);
	// or the one of an express order (KF-3.2.3).
	Promised time.Time
	// Leader answers for an order of tier 3 (KF-3.2.3), and reads an order of several units (SQ-5.1.2).
	Leader string
	// Coordinated says that somebody above the units settled who leads (ZQ-9.4).
	Coordinated bool
	// Interested are those of the units that the matter is about: they are not told who asks,
	// unless Disclose is set and the citizen agreed (XZ-12.6).
	Interested []string
	Disclose   bool // all of them are to know who asks
	keepDue    bool // the clock went on while who leads was settled
}

// Dispatch gives an order to its units, or an order that they have to others (ZZ-16.3,
// ZQ-11.0): deadline, time to sign, copies and the text to the handlers in one transaction.
func (o *Office) Dispatch(ctx context.Context, number string, by By, g Giving) (Order, error) {
	g.Words, g.Leader = cut(g.Words, maxSummary), cut(g.Leader, maxName)
	return o.command(ctx, number, deed{By: by, name: "dispatch", do: func(u *unit, order *Order) error {
		if err := u.owned(order, by); err != nil {
			return err
		}
		if order.State != Dispatched && !order.withHotline() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: "ZQ-11.0", Text: "工单现为“" + StateWords[order.State] + "”,不能派发"})
		}
		if order.State == Dispatched {
			if err := u.endAssignments(order.Number, "redispatched"); err != nil {
				return err
			}
		}
		return u.give(order, by, g)
	}})
}

// give does the work of Dispatch.
func (u *unit) give(order *Order, by By, g Giving) error {
	if err := u.mayGive(*order, g); err != nil {
		return err
	}
	due := u.dueOf(*order, g)
	names := []string{}
	for _, id := range g.Assist {
		names = append(names, u.office.unitName(id))
	}
	text := "派发至" + u.office.unitName(g.Lead) + "(主办)"
	if len(names) > 0 {
		text += ",协办:" + strings.Join(names, "、")
	}
	if topics := u.office.topics(g.Lead, order.Summary); len(topics) > 0 {
		text += ",因诉求提到" + strings.Join(topics, "、") + "(" + topicRule + ")"
	}
	text += ",期限" + due.Words()
	if g.Words != "" {
		text += ";" + g.Words
	}
	if err := u.step(order, step{By: by, to: Dispatched, kind: OnDispatched, rule: due.Rule, text: text}); err != nil {
		return err
	}
	order.Unit, order.Due = g.Lead, due
	order.ContactedAt, order.SubmittedAt = time.Time{}, time.Time{}
	for i, id := range append([]string{g.Lead}, g.Assist...) {
		a := Assignment{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Unit: id, Lead: i == 0,
			Coordinated: i == 0 && g.Coordinated, Way: u.office.way(g, id), Words: g.Words, By: by.Actor,
			DispatchedAt: u.now, FirstAt: u.now, SignBy: u.signBy(g.Way), Due: due}
		if err := u.InsertAssignment(a); err != nil {
			return fmt.Errorf("give to %s: %w", id, err)
		}
		if !g.Disclose && slices.Contains(g.Interested, id) {
			if err := u.consents(*order, by.Actor, Consent{Unit: id}); err != nil {
				return err
			}
		}
		if err := u.textHandlers(*order, a.ID, id); err != nil {
			return err
		}
	}
	return u.copies(*order, by, g)
}

// mayGive says why an order cannot be given out this way.
func (u *unit) mayGive(order Order, g Giving) error {
	p := u.office.policy
	rule := "ZZ-11.2" // several units have one that leads
	err := needs(rule, blank{"lead", "主办单位", g.Lead == ""})
	if err == nil {
		err = needs("ZZ-10.1", blank{"type", "诉求类型", order.Type == Unset})
	}
	if err != nil {
		return err
	}
	seen := []string{}
	for _, id := range append([]string{g.Lead}, g.Assist...) {
		if _, known := u.office.unitOf(id); !known || slices.Contains(seen, id) {
			return refuse(ErrInvalid, Refusal{Field: "units", Rule: rule, Text: "没有“" + id + "”这个单位,或重复了"})
		}
		seen = append(seen, id)
	}
	switch {
	case p.PromiseRule != "" && len(p.Life.Promise) > 0 && !g.Promised.After(u.now):
		return refuse(ErrInvalid, Refusal{Field: "promised_at", Rule: p.Life.Promise, Text: "请填写承诺答复的时刻,须晚于现在"})
	case !g.Promised.IsZero() && !g.Promised.After(u.now):
		return refuse(ErrInvalid, Refusal{Field: "promised_at", Rule: ruleOf(p.PromiseRule, Dispatched), Text: "承诺时刻须晚于现在"})
	case len(g.Assist) > 0 && p.Life.CrossRule != "" && g.Leader == "":
		return refuse(ErrInvalid, Refusal{Field: "leader", Rule: p.Life.CrossRule, Text: "涉及多部门,请填写抄报的领导"})
	}
	if err := u.routed(order, g); err != nil {
		return err
	}
	if err := u.mayDisclose(order, g); err != nil {
		return err
	}
	return u.agreed(order, g)
}

// dueOf is the deadline of an order that is given out now.
func (u *unit) dueOf(order Order, g Giving) Deadline {
	p := u.office.policy
	if !g.Promised.IsZero() {
		rule := p.PromiseRule
		if rule == "" {
			rule = "KF-3.2.3"
		}
		return Deadline{At: g.Promised.UTC().Truncate(time.Microsecond), Rule: rule}
	}
	if (g.keepDue && order.Unit != "" || p.Life.Returns.KeepDue && order.Returns > 0) && !order.Due.At.IsZero() {
		return order.Due
	}
	from := u.now
	if p.Deadline.Start == FromRegistered {
		from = order.since()
	}
	return order.sooner(p.term(order, g.Way).Deadline(u.office.calendar(), from), p.Life.UpperRule)
}

// textHandlers tells a unit's people; of an order whose citizen they may not know they learn
// no more than that it is there.
func (u *unit) textHandlers(order Order, cause, id string) error {
	said, err := u.allReviews(order)
	if err != nil {
		return err
	}
	order.Confidential = order.Confidential || !MayKnow(order, id, said)
	unit, _ := u.office.unitOf(id)
	p, at := u.office.policy, time.Time{}
	if p.OnCall.Rule != "" && !order.Urgent && u.office.offHours(u.now) {
		at = p.Watch.Hours.Next(u.now) // at night nobody is woken for what can wait (XZ-14)
	}
	for _, h := range unit.Handlers {
		if h.Mobile == "" {
			continue
		}
		m := dutyText("unit:"+cause, order, p.Texts.Duty, h.Mobile)
		m.NotBefore = at
		if err := u.send(m); err != nil {
			return err
		}
	}
	return nil
}

// copies gives those a copy who only read: the enterprises' platform (XZ-2.2), and of an
// order of several units each that helps and the leader (SQ-5.1.2).
func (u *unit) copies(order Order, by By, g Giving) error {
	p := u.office.policy.Life
	type reader struct{ unit, why, rule, words string }
	var all []reader
	if order.Enterprise && p.Dual.To != "" {
		all = append(all, reader{p.Dual.To, CopyDual, p.Dual.Rule, "监督副本"})
	}
	if len(g.Assist) > 0 && p.CrossRule != "" {
		for _, id := range append([]string{g.Lead}, g.Assist...) {
			all = append(all, reader{id, CopyNotice, p.CrossRule, "抄送单"})
		}
		all = append(all, reader{g.Leader, CopyReport, p.CrossRule, "抄报单"})
	}
	for _, r := range all {
		a := Assignment{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Unit: r.unit, Copy: r.why, Way: g.Way,
			Words: r.words, By: by.Actor, DispatchedAt: u.now, FirstAt: u.now}
		if err := u.InsertAssignment(a); err != nil {
			return fmt.Errorf("copy to %s: %w", r.unit, err)
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnCopied, Rule: r.rule,
			Text: r.words + ":" + u.office.unitName(r.unit)}); err != nil {
			return err
		}
	}
	return nil
}

// Classify says what the deadlines and copies of an order go by: that a company asks
// (XZ-2.2), where it came from, and how many things are asked for (ZQ-14.2).
func (o *Office) Classify(ctx context.Context, number string, by By, f Facts) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "classify", do: func(u *unit, order *Order) error {
		const rule = "XZ-2.2"
		if err := by.may(rule, counterDesk...); err != nil {
			return err
		}
		switch {
		case !order.withHotline():
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "派发后不再更改"})
		case f.Points < 0 || f.Points > maxPoints:
			return refuse(ErrInvalid, Refusal{Field: "points", Rule: "ZQ-14.2", Text: fmt.Sprintf("诉求点为0至%d个", maxPoints)})
		}
		p := u.office.policy.Life
		if f.Category != "" && !slices.ContainsFunc(p.Categories, func(c Category) bool { return c.Code == f.Category }) {
			return refuse(ErrInvalid, Refusal{Field: "category", Rule: p.categoryRule(), Text: "没有“" + f.Category + "”这一类"})
		}
		order.Category = f.Category
		order.Supervised = order.Supervised || slices.Contains(u.office.policy.Life.SuperviseFrom, f.Source)
		order.Enterprise, order.Source, order.Points = f.Enterprise, cut(f.Source, maxName), f.Points
		text := fmt.Sprintf("诉求点%d个", order.Points)
		if f.Source != "" {
			text = "来源" + sourceWords(order.Source) + "," + text
		}
		if f.Enterprise {
			text = "涉企," + text
		}
		if f.Category != "" {
			text += ",类别" + p.categoryWords(f.Category)
		}
		if order.Supervised {
			text += ",督办"
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnNote, Rule: rule, Text: text})
	}})
}

// Facts are what an order is besides its type.
type Facts struct {
	Enterprise bool
	Category   string // a code of the policy's categories (XZ-9)
	Source     string
	Points     int
}

// maxPoints is how many things one order asks for at most.
const maxPoints = 50
