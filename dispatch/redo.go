package dispatch

import (
	"errors"
	"fmt"
	"time"
)

// Redo is one order sent back to its unit: which handling it begins, and how the one
// before it had ended. An order has one for each attempt, whoever asks and however often.
type Redo struct {
	ID      string
	Order   string
	Attempt int    // 2: the first redo
	Rule    string // ZQ-16.0 by itself, ZQ-15.7 on the citizen's demand
	Actor   string
	Reason  string
	At      time.Time
	// How it stood before.
	Result      string
	CompletedAt time.Time
	DueAt       time.Time
	Outcome     Outcome
	Rating      int
	Exception   string // a demand goes before it
}

// rule is the clause by which an order is sent back by itself.
func (p RedoPolicy) rule() string {
	if p.When == UnitFault {
		return "XZ-12.5.2"
	}
	return "ZQ-16.0"
}

// allowed says why an order cannot be sent back.
func (p RedoPolicy) allowed(order Order) error {
	switch {
	case p.Max == 0:
		return refuse(ErrIllegal, Refusal{Rule: "ZQ-15.7", Text: "本热线不重办"})
	case order.Redos >= p.Max:
		return refuse(ErrIllegal, Refusal{Rule: "ZQ-15.7", Text: fmt.Sprintf("重办以%d次为限", p.Max)})
	case order.State != CallBack && order.State != Archived:
		return refuse(ErrIllegal, Refusal{Rule: "ZQ-15.7", Text: "办结并评价或归档后才能重办"})
	}
	return nil
}

// back is why an order is sent back.
type back struct{ rule, actor, reason string }

// termAgain is the term of an order that is to be handled once more: that of where it came
// from and of how its unit was given it, as the first time.
func (u *unit) termAgain(order Order) (Term, error) {
	all, err := u.AssignmentsOf(order.Number)
	if err != nil {
		return Term{}, fmt.Errorf("assignments of %s: %w", order.Number, err)
	}
	way := ""
	for _, a := range all {
		if a.Lead && a.Attempt == order.attempt() {
			way = a.Way // of several leads the last one's
		}
	}
	return u.office.policy.term(order, way), nil
}

// sendBack has an order handled once more (ZQ-15.7, ZQ-16.0): its term begins again, of
// the same length, and the survey that follows its second completion counts. The caller
// saves the order.
func (u *unit) sendBack(order *Order, b back) error {
	if err := u.office.policy.Redo.allowed(*order); err != nil {
		return err
	}
	if err := u.endSurvey(order, b.actor); err != nil {
		return err
	}
	r := Redo{ID: u.id(), Order: order.Number, Attempt: order.attempt() + 1, Rule: b.rule, Actor: b.actor, Reason: b.reason, At: u.now,
		Result: order.Result, CompletedAt: order.CompletedAt, DueAt: order.Due.At, Outcome: order.Outcome, Rating: order.Rating,
		Exception: order.Exception}
	if err := u.InsertRedo(r); err != nil {
		return fmt.Errorf("insert redo: %w", err)
	}
	if err := u.endCallback(*order, b.actor, b.reason); err != nil {
		return err
	}
	if err := order.move(Redone); err != nil {
		return err
	}
	term, err := u.termAgain(*order)
	if err != nil {
		return err
	}
	order.Redos, order.RedoneAt = order.Redos+1, u.now
	order.Due = term.Deadline(u.office.calendar(), u.now)
	order.Result, order.CompletedAt, order.ArchivedAt = "", time.Time{}, time.Time{}
	order.Outcome, order.Rating, order.Exception = Pending, 0, ""
	order.ContactedAt, order.SubmittedAt = time.Time{}, time.Time{}
	text := "发回重办:" + b.reason + ",期限" + order.Due.Words()
	if r.Exception != "" {
		text += "(虽属除外情形" + r.Exception + ")"
	}
	if err := u.event(Event{Number: order.Number, Actor: b.actor, Kind: OnRedo, Rule: b.rule, Text: text}); err != nil {
		return err
	}
	return u.backToUnits(order, b)
}

// endSurvey ends a question of this attempt that nobody has answered: what is answered from
// now on is late (ZQ-15.7: the second rating counts).
func (u *unit) endSurvey(order *Order, actor string) error {
	s, err := u.SurveyOf(order.Number, order.attempt())
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || s.Outcome != Pending {
		return err
	}
	ended, err := u.end(&s, ending{outcome: Unrated, note: "发回重办,不再评价", actor: actor})
	order.Outcome, order.Rating = ended.Outcome, ended.Rating
	return err
}

// endCallback ends the task of an attempt that something else has answered.
func (u *unit) endCallback(order Order, actor, reason string) error {
	task, err := u.CallbackOf(order.Number, order.attempt())
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || !task.DoneAt.IsZero() {
		return err
	}
	task.Reason, task.DoneAt, task.DoneBy = cut(reason, maxSummary), u.now, actor
	return u.saveCallback(task)
}

// fallBack lets the first rating count where nobody rated the second handling and the
// policy says so (Q13); else that order is unrated.
func (u *unit) fallBack(order *Order) error {
	if order.Redos == 0 || order.Outcome == Rated || !u.office.policy.Redo.FallbackFirst {
		return nil
	}
	before, err := u.RedoOf(order.Number, order.attempt())
	if err != nil {
		return fmt.Errorf("its redo: %w", err)
	}
	order.Outcome, order.Rating = before.Outcome, before.Rating
	return nil
}
