package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Visit is somebody sent to where a matter is (SQ-4.5.2).
type Visit struct {
	Who   string
	Where string
	At    time.Time // when they are expected there
}

// visitRule is the clause of visits where the policy has none.
const visitRule = "SQ-4.5.2"

// SendVisit notes who was sent to the spot, where that is and when they are expected there
// (SQ-4.5.2). The officer on duty is told of one that nobody reports from in time. It fails
// with ErrInvalid where one of the three is missing or the moment has passed, with ErrIllegal
// once nobody has to handle the order, and with ErrRole for who does not handle it.
func (o *Office) SendVisit(ctx context.Context, number string, by By, v Visit) (Order, error) {
	v.Who, v.Where = cut(v.Who, maxName), cut(v.Where, maxName)
	return o.command(ctx, number, deed{By: by, name: "visit", do: func(u *unit, order *Order) error {
		w, err := u.visited(*order, by)
		if err != nil {
			return err
		}
		rule := cmp.Or(o.policy.Watch.ArriveRule, visitRule)
		if err := needs(rule, blank{"who", "派往现场的人员", v.Who == ""}, blank{"where", "现场地点", v.Where == ""},
			blank{"at", "预计到场的时刻,须晚于现在", !v.At.After(u.now)}); err != nil {
			return err
		}
		if !order.inHand() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "工单已不在办理"})
		}
		a := Act{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Kind: ActVisit, Unit: order.Unit, Step: 1, Rule: rule, Actor: by.Actor,
			Words: v.Who + ",地点" + v.Where, DueAt: u.now, At: u.now, AnswerBy: v.At.UTC().Truncate(time.Microsecond)}
		for _, before := range w.visits() {
			a.Step = max(a.Step, before.Step+1)
		}
		return u.enact(w, &a, item{})
	}})
}

// Arrived notes that who was sent to the spot is there (SQ-4.5.2): of several, whoever was
// expected first. It fails with ErrIllegal where nobody is on the way.
func (o *Office) Arrived(ctx context.Context, number string, by By, words string) (Order, error) {
	words = cmp.Or(cut(words, maxSummary), "已到场")
	return o.command(ctx, number, deed{By: by, name: "visit-arrived", do: func(u *unit, order *Order) error {
		w, err := u.visited(*order, by)
		if err != nil {
			return err
		}
		waits := slices.DeleteFunc(w.visits(), func(a Act) bool { return a.Answer != "" })
		if len(waits) == 0 {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: cmp.Or(o.policy.Watch.ArriveRule, visitRule), Text: "没有派往现场而未到的人员"})
		}
		a := slices.MinFunc(waits, func(a, b Act) int { return a.AnswerBy.Compare(b.AnswerBy) })
		a.Answer, a.AnsweredBy, a.AnsweredAt = words, by.Actor, u.now
		if err := u.SaveAct(a); err != nil {
			return fmt.Errorf("save visit: %w", err)
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnArrived, Rule: a.Rule,
			Text: u.now.In(Place).Format("1月2日15:04") + "到场(" + a.Words + ")" + inTime(u.now, a.AnswerBy) + ":" + words})
	}})
}

// visited is an order with what was done about it, for who may send people to it.
func (u *unit) visited(order Order, by By) (*Watched, error) {
	rule := cmp.Or(u.office.policy.Watch.ArriveRule, visitRule)
	if err := by.may(rule, append([]Role{ByAgent, ByDuty, ByLeader}, unitsDesk...)...); err != nil {
		return nil, err
	}
	acts, err := u.ActsOf(order.Number)
	return &Watched{Order: order, Acts: acts}, err
}

// visits lists those of this handling.
func (w *Watched) visits() (all []Act) {
	for _, a := range w.Acts {
		if a.Kind == ActVisit && a.Attempt == w.attempt() {
			all = append(all, a)
		}
	}
	return all
}

// lateVisits: nobody reported from the spot a while after they were expected there.
func lateVisits(o *Office, w *Watched) (all []item) {
	p := o.policy.Watch
	if p.Arrive.N == 0 {
		return nil
	}
	for _, a := range w.visits() {
		if a.Answer == "" {
			all = append(all, item{kind: ActVisitLate, unit: a.Unit, about: a.AnswerBy, step: a.Step, at: after(o.calendar().Add(a.AnswerBy, p.Arrive).At), rule: a.Rule})
		}
	}
	return all
}
