package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Submission is a unit's answer to an order.
type Submission struct {
	HandledAt time.Time `json:"handled_at"`
	Process   string    `json:"process"`
	Result    string    `json:"result"` // what the citizen is told
	Basis     string    `json:"basis"`
	Points    []string  `json:"points,omitempty"`   // the answer to each thing that was asked for
	Outcome   string    `json:"outcome,omitempty"`  // resolved, explained_constraint, declined_policy ... (ZZ-15.2)
	Measures  string    `json:"measures,omitempty"` // of what takes long: what is done until then (ZQ-14.2)
	Long      bool      `json:"long,omitempty"`
}

// minExplanation is how many runes an explanation has at least (ZZ-15.2, rec).
const minExplanation = 20

// Submit is the lead unit's answer (ZQ-14): with the fields the policy asks for, each thing
// asked for answered, after the citizen was spoken to (ZQ-13.1). Where the unit's head
// looks first it waits for that (ZZ-18.1). Whether it was in time goes by this moment, if it
// passes, or by when it passes (Q20).
func (o *Office) Submit(ctx context.Context, number string, by By, s Submission) (Order, error) {
	s.trim()
	return o.command(ctx, number, deed{By: by, name: "submit", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life
		if err := u.whole(*order, s); err != nil {
			return err
		}
		if err := u.office.quotable("result", s.Result); err != nil {
			return err
		}
		a, err := u.openLead(order.Number)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		text := "提交办理结果"
		if order.Confidential {
			text += "(内容保密)"
		} else {
			text += ":" + s.Result
		}
		if err := u.step(order, step{By: by, to: Submitted, kind: OnSubmitted, rule: p.Review.Rule, text: text}); err != nil {
			return err
		}
		words, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("write down the answer: %w", err)
		}
		if a.Answer = string(words); p.Review.OnTime != ByPassing && order.SubmittedAt.IsZero() {
			a.SubmittedAt, order.SubmittedAt = u.now, u.now
		}
		if err := u.SaveAssignment(a); err != nil {
			return err
		}
		if err := u.handledAgain(*order, by); err != nil {
			return err
		}
		if p.Review.HeadRule == "" || by.Role != ByUnit {
			return nil
		}
		return u.insertAsked(Review{Order: order.Number, Attempt: order.attempt(), Kind: ForHead, Rule: p.Review.HeadRule, Unit: a.Unit,
			Reason: cut(s.Result, maxSummary), AskedBy: by.Actor})
	}})
}

// trim cuts what is too long.
func (s *Submission) trim() {
	s.Process, s.Result, s.Basis, s.Measures = cut(s.Process, maxResult), cut(s.Result, maxResult), cut(s.Basis, maxSummary), cut(s.Measures, maxSummary)
	s.Outcome, s.HandledAt = cut(s.Outcome, maxName), s.HandledAt.UTC().Truncate(time.Microsecond)
	points := make([]string, 0, len(s.Points))
	for _, p := range s.Points {
		points = append(points, cut(p, maxSummary))
	}
	s.Points = points
}

// whole says what an answer lacks.
func (u *unit) whole(order Order, s Submission) error {
	p := u.office.policy.Life
	r := p.Review
	asked := func(field string) bool { return slices.Contains(r.Require, field) }
	rule := ruleOf(r.FieldsRule, Submitted)
	if err := needs(rule, blank{"result", "办理结果", s.Result == ""},
		blank{"handled_at", "办理时间", asked("handled_at") && s.HandledAt.IsZero()},
		blank{"process", "办理过程", asked("process") && s.Process == ""},
		blank{"basis", "办理依据", asked("basis") && s.Basis == ""},
		blank{"findings", "核查结论", asked("findings") && order.Type == Complaint && s.Process == ""},
		blank{"measures", "后续措施", s.Long && s.Measures == ""}); err != nil {
		return err
	}
	if s.HandledAt.After(u.now) {
		return refuse(ErrInvalid, Refusal{Field: "handled_at", Rule: rule, Text: "办理时间不能晚于现在"})
	}
	if slices.Contains(r.Explain, s.Outcome) {
		if err := needs("ZZ-15.2", blank{"basis", "依据", s.Basis == ""},
			blank{"result", "不少于20字的解释", utf8.RuneCountInString(s.Result) < minExplanation}); err != nil {
			return err
		}
	}
	missing := 0
	if r.PerPoint && order.Points > 1 {
		missing = order.Points
		for _, p := range s.Points {
			if p != "" {
				missing--
			}
		}
	}
	if missing != 0 {
		return refuse(ErrInvalid, Refusal{Field: "points", Rule: rule, Text: fmt.Sprintf("%d个诉求点须逐点答复,missing_points=%d", order.Points, missing)})
	}
	if p.ContactRule != "" && order.NoReply == "" {
		return needs(p.ContactRule, blank{"first_contact", "首次联系诉求人的记录", order.ContactedAt.IsZero()})
	}
	return nil
}
