package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ReturnAsked is a unit saying that an order is not its business.
type ReturnAsked struct {
	Reason     string
	Basis      string // the rule that says whose business it is (ZQ-9.2)
	Suggestion string // whose, and how to handle it (XZ-12.4.2)
	Evidence   string
	NotAccept  bool // it is nobody's: with evidence (ZQ-9.3)
}

// AskReturn asks the office to take an order back (ZQ-9.2, XZ-12.4.2). The clock goes on.
// It is refused at once after its window, with fields missing, of an order whose lead was
// settled from above (ZQ-9.4), and once more time was asked for (ZQ-10).
func (o *Office) AskReturn(ctx context.Context, number string, by By, r ReturnAsked) (Order, error) {
	r.Reason, r.Basis, r.Suggestion, r.Evidence = cut(r.Reason, maxSummary), cut(r.Basis, maxSummary), cut(r.Suggestion, maxSummary), cut(r.Evidence, maxName)
	return o.command(ctx, number, deed{By: by, name: "ask-return", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life.Returns
		a, err := u.openLead(order.Number)
		if errors.Is(err, ErrNotFound) {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: ruleOf(p.Rule, ReturnRequested), Text: "工单不在承办单位手中"})
		}
		if err != nil {
			return err
		}
		if err := u.mayReturn(*order, a, r); err != nil {
			return err
		}
		if err := u.step(order, step{By: by, to: ReturnRequested, kind: OnReturnAsked, rule: p.Rule,
			text: "申请退单:" + r.Reason + ";依据:" + r.Basis + ";建议:" + r.Suggestion}); err != nil {
			return err
		}
		code := ""
		if r.NotAccept {
			code = "not_accept"
		}
		return u.insertAsked(Review{Order: order.Number, Attempt: order.attempt(), Kind: ForReturn, Rule: p.Rule, Reason: r.Reason, Basis: r.Basis,
			Suggestion: r.Suggestion, Evidence: r.Evidence, Unit: a.Unit, Code: code, AskedBy: by.Actor, Due: order.Due.At})
	}})
}

// insertAsked writes what waits for a decision; one of its kind waits at most.
func (u *unit) insertAsked(r Review) error {
	r.ID, r.AskedAt = u.id(), u.now
	if _, err := u.InsertReview(r); err != nil {
		if errors.Is(err, ErrConflict) {
			return refuse(ErrConflict, Refusal{Rule: r.Rule, Text: "已有一项同类申请待审核"})
		}
		return fmt.Errorf("insert review: %w", err)
	}
	u.tell(NoticeReview, r.ID)
	return nil
}

// mayReturn says why a unit may not ask to return an order.
func (u *unit) mayReturn(order Order, a Assignment, r ReturnAsked) error {
	p := u.office.policy.Life.Returns
	window := of(p.Window, order.Type)
	if !window.set() {
		return refuse(ErrIllegal, Refusal{Rule: ruleOf(p.Rule, ReturnRequested), Text: "本热线不得退单"})
	}
	if a.Coordinated {
		return refuse(ErrIllegal, Refusal{Field: "coordinated", Rule: "ZQ-9.4", Text: "经协调确定的牵头单位不得退单"})
	}
	last := window.Deadline(u.office.calendar(), a.FirstAt)
	if !u.now.Before(last.At) {
		return refuse(ErrIllegal, Refusal{Field: "at", Rule: p.Rule, Text: "已超过申请退单的期限" + last.Words()})
	}
	if p.AfterExtension != "" {
		all, err := u.ReviewsOf(order.Number, order.attempt())
		if err != nil {
			return fmt.Errorf("reviews: %w", err)
		}
		if slices.ContainsFunc(all, func(x Review) bool { return x.Kind == ForExtension && x.Unit == a.Unit }) {
			return refuse(ErrIllegal, Refusal{Field: "extension", Rule: p.AfterExtension, Text: "已申请延期的不得退单"})
		}
	}
	rule := p.Rule
	if slices.Contains(p.Refusals, "no_reason") && r.Basis == "" {
		rule = "ZQ-10"
	}
	if err := needs(rule, blank{"reason", "退单理由", r.Reason == "" && slices.Contains(p.Require, "reason")},
		blank{"basis", "退单依据", r.Basis == "" && slices.Contains(p.Require, "basis")},
		blank{"suggestion", "办理建议", r.Suggestion == "" && slices.Contains(p.Require, "suggestion")}); err != nil {
		return err
	}
	return needs(p.NotAccept, blank{"evidence", "佐证材料", r.NotAccept && p.NotAccept != "" && r.Evidence == ""})
}

// Returned is what becomes of an order that a unit may return.
type Returned struct {
	To      Giving // to whom it goes now; without a lead it is with the office again
	Opinion string
}

// AllowReturn takes an order back from its unit and gives it to another, whose time begins
// now (Q18; or goes on, as the policy says), or leaves it with the office. After as many returns as the policy says who
// leads is settled from above (XZ-27.2).
func (o *Office) AllowReturn(ctx context.Context, number string, by By, r Returned) (Order, error) {
	r.Opinion = cut(r.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "allow-return", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life
		if err := u.decideAsked(*order, ForReturn, Decision{Actor: by.Actor, Approve: true, Opinion: r.Opinion}); err != nil {
			return err
		}
		if r.To.Lead != "" && r.To.Lead == order.Unit {
			return refuse(ErrInvalid, Refusal{Field: "lead", Rule: ruleOf(p.Returns.Rule, ReturnRequested), Text: "退单的单位不能再作主办;不同意请驳回"})
		}
		if err := u.endAssignments(order.Number, "returned"); err != nil {
			return err
		}
		order.Returns++
		from := order.Unit
		if p.CoordinateAfter > 0 && order.Returns >= p.CoordinateAfter {
			r.To.Coordinated = true
		}
		text := "同意" + u.office.unitName(from) + "退单"
		if r.To.Lead == "" {
			if err := u.step(order, step{By: by, to: Registered, kind: OnReturned, rule: p.Returns.Rule, text: text}); err != nil {
				return err
			}
			order.Unit, order.ContactedAt, order.SubmittedAt = "", time.Time{}, time.Time{}
			return nil
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnReturned, Rule: ruleOf(p.Returns.Rule, ReturnRequested), Text: text}); err != nil {
			return err
		}
		if r.To.Coordinated && !order.Supervised && p.CoordinateAfter > 0 {
			order.Supervised = true
			if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnSupervised, Rule: "XZ-27.2",
				Text: fmt.Sprintf("已退单%d次,协调督办,牵头单位不得再退", order.Returns)}); err != nil {
				return err
			}
		}
		return u.give(order, by, r.To)
	}})
}

// Refused is why something that was asked for is not allowed.
type Refused struct {
	Code    string // one of the policy's codes, where it has some
	Opinion string
}

// RefuseReturn sends an order back to the unit that wanted to return it: its deadline is
// the one it had, counted from when it first came (ZQ-9.2, ZQ-10).
func (o *Office) RefuseReturn(ctx context.Context, number string, by By, r Refused) (Order, error) {
	r.Opinion = cut(r.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "refuse-return", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life.Returns
		if len(p.Refusals) > 0 && !slices.Contains(p.Refusals, r.Code) {
			return refuse(ErrInvalid, Refusal{Field: "code", Rule: "ZQ-10", Text: "不批准退回的原因须是规定的一种"})
		}
		if err := u.decideAsked(*order, ForReturn, Decision{Actor: by.Actor, Opinion: r.Opinion, code: r.Code}); err != nil {
			return err
		}
		to, err := u.stood(*order)
		if err != nil {
			return err
		}
		return u.step(order, step{By: by, to: to, kind: OnReturnRefused, rule: p.Rule,
			text: "不同意退单:" + r.Code + r.Opinion + ",发回继续办理,期限仍为" + order.Due.Words()})
	}})
}

// stood is the state that an order had before its unit asked for something.
func (u *unit) stood(order Order) (State, error) {
	a, err := u.openLead(order.Number)
	if err != nil {
		return "", err
	}
	if a.SignedAt.IsZero() {
		return Dispatched, nil
	}
	e, err := u.LastEvent(order.Number, OnStarted)
	if err == nil && e.At.Before(a.SignedAt) {
		return Signed, nil
	}
	return Processing, err
}

// decideAsked decides what waits of a kind.
func (u *unit) decideAsked(order Order, kind ReviewKind, d Decision) error {
	r, err := u.WaitingReview(order.Number, order.attempt(), kind)
	if errors.Is(err, ErrNotFound) {
		return refuse(ErrIllegal, Refusal{Field: "state", Rule: askedRules[kind], Text: "没有待审核的申请"})
	}
	if err != nil {
		return err
	}
	if r.Rule == "" {
		r.Rule = askedRules[kind]
	}
	if err := d.allowed(r); err != nil {
		return err
	}
	r.Approved, r.Opinion, r.DecidedBy, r.DecidedAt = d.Approve, d.Opinion, d.Actor, u.now
	if d.code != "" {
		r.Code = d.code
	}
	if !d.due.IsZero() {
		r.Due = d.due
	}
	u.tell(NoticeReview, r.ID)
	if err := u.SaveReview(r); err != nil {
		return fmt.Errorf("save review: %w", err)
	}
	return nil
}

// askedRules are the clauses of what units ask for, where the policy names none.
var askedRules = map[ReviewKind]string{ForReturn: "ZQ-9.2", ForExtension: "ZQ-12.3", ForHead: "ZZ-18.1", ForOpinion: "XZ-12.6",
	ForLeader: "KF-3.1.3", ForScope: "XZ-11.2", ForMeeting: "SQ-3.4", ForRecheck: "XZ-27.1", ForDispute: "ZQ-9.4", ForReport: "KF-3.5.2",
	ForApproval1: "KF-3.2.2", ForApproval2: "KF-3.2.2", ForApproval3: "KF-3.2.3"}
