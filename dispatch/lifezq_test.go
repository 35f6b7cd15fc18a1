package dispatch_test

import (
	"errors"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func contactFirst(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	h.same("its people know", len(h.sent(o.Number, sms.KindDuty)), 2)
	_, err := h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone"})
	h.denies(err, dispatch.Refusal{Field: "evidence", Rule: "ZQ-13.1"}, dispatch.ErrInvalid)
	_, err = h.Start(h.ctx(), o.Number, water, "已核实")
	h.ok(err)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.denies(err, dispatch.Refusal{Field: "first_contact", Rule: "ZQ-13.1"}, dispatch.ErrInvalid)
	got, err := h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone", Evidence: "rec1"})
	h.ok(err)
	h.same("first contact", got.ContactedAt, h.now.UTC())
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
}

func noReply(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.ContactNone(h.ctx(), o.Number, water, "busy")
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "ZQ-13.2"}, dispatch.ErrInvalid)
	_, err = h.ContactNone(h.ctx(), o.Number, water, "declined")
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Start(h.ctx(), o.Number, water, "")
	h.ok(err)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full()) // nobody has to be spoken to
	h.ok(err)
	got, err := h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.same("not asked", []any{got.State, got.Outcome, len(h.sent(o.Number, sms.KindSurvey))}, []any{dispatch.Archived, dispatch.Skipped, 0})

	o = h.given(dispatch.Help, on(2026, 11, 20, 10))
	_, err = h.Withdraw(h.ctx(), o.Number, clerk, "")
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "ZQ-13.2"}, dispatch.ErrInvalid)
	_, err = h.Withdraw(h.ctx(), o.Number, water, "不办了")
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZQ-13.2"}, dispatch.ErrRole)
	got, err = h.Withdraw(h.ctx(), o.Number, clerk, "来电撤回")
	h.ok(err)
	h.same("withdrawn", []any{got.State, got.Withdrawn, got.NoReply}, []any{dispatch.Archived, true, "withdrawn"})
}

func reviewOnTime(h *hall) {
	for _, again := range []bool{false, true} {
		o := h.handled(dispatch.Help, on(2023, 9, 28, 10)) // due 10-18 24:00
		h.now = on(2023, 10, 18, 20)
		_, err := h.Submit(h.ctx(), o.Number, water, h.full())
		h.ok(err)
		h.now = on(2023, 10, 20, 10)
		if again {
			_, err = h.ReviewRefuse(h.ctx(), o.Number, desk, dispatch.Refused{})
			h.denies(err, dispatch.Refusal{Field: "opinion", Rule: "ZQ-14.1"}, dispatch.ErrInvalid)
			got, err := h.ReviewRefuse(h.ctx(), o.Number, desk, dispatch.Refused{Opinion: "没有答复"})
			h.ok(err)
			h.same("back, the deadline stays", []any{got.State, got.Due.At, got.Overdue(h.now)}, []any{dispatch.Processing, o.Due.At, true})
			h.now = on(2023, 10, 21, 10)
			_, err = h.Submit(h.ctx(), o.Number, water, h.full())
			h.ok(err)
		}
		_, err = h.ReviewPass(h.ctx(), o.Number, water, dispatch.Pass{})
		h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZQ-14.1"}, dispatch.ErrRole)
		got, err := h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
		h.ok(err)
		h.same("late by the submission that passed", got.Overdue(h.now), again)
	}
}

func submissionWhole(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Points: 3})
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone", Evidence: "rec1"})
	h.ok(err)
	before := h.order(o.Number)
	for field, change := range map[string]func(*dispatch.Submission){
		"handled_at": func(s *dispatch.Submission) { s.HandledAt = time.Time{} },
		"process":    func(s *dispatch.Submission) { s.Process = "" },
		"result":     func(s *dispatch.Submission) { s.Result = " " },
		"basis":      func(s *dispatch.Submission) { s.Basis = "" },
		"measures":   func(s *dispatch.Submission) { s.Long = true },
		"points":     func(s *dispatch.Submission) { s.Points = []string{"一", "", "三"} },
	} {
		s := h.full()
		s.Points = []string{"一", "二", "三"}
		change(&s)
		_, err := h.Submit(h.ctx(), o.Number, water, s)
		h.denies(err, dispatch.Refusal{Field: field, Rule: "ZQ-14.2"}, dispatch.ErrInvalid)
	}
	h.same("nothing changed", h.order(o.Number), before)
	s := h.full()
	s.Points = []string{"一", "二", "三"}
	_, err = h.Submit(h.ctx(), o.Number, water, s)
	h.ok(err)
}

func rejections(h *hall) {
	h.withUnits()
	first, other := h.open(nil), h.open(func(in *dispatch.Intake) { in.Phone = "13812345679" })
	h.same("seven reasons", len(h.policy.Life.Reject), 7)
	for _, reason := range h.policy.Life.Reject {
		o := h.open(nil)
		r := dispatch.Rejection{Code: reason.Code, Told: "依本办法第七条,不予受理"}
		got, err := h.Reject(h.ctx(), o.Number, clerk, r)
		switch reason.Code {
		case "emergency": // put through at once instead
			h.denies(err, dispatch.Refusal{Field: "code", Rule: "ZQ-7.2"}, dispatch.ErrInvalid)
			got, err = h.Transfer(h.ctx(), o.Number, clerk, dispatch.Handover{To: "119"})
			h.ok(err)
			h.same("put through", got.State, dispatch.Transferred)
			continue
		case "repeat":
			h.denies(err, dispatch.Refusal{Field: "ref", Rule: "ZQ-7.2"}, dispatch.ErrInvalid)
			r.Ref = other.Number
			_, err = h.Reject(h.ctx(), o.Number, clerk, r)
			h.denies(err, dispatch.Refusal{Field: "ref", Rule: "ZQ-7.2"}, dispatch.ErrInvalid)
			r.Ref = first.Number
			got, err = h.Reject(h.ctx(), o.Number, clerk, r)
		}
		h.ok(err)
		h.same(reason.Code, []any{got.State, got.Overdue(h.now.AddDate(1, 0, 0))}, []any{dispatch.OutOfScope, false})
	}
	h.same("the repeat is counted", h.order(first.Number).Repeats, 1)
	o := h.open(nil)
	_, err := h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: "because", Told: "x"})
	h.denies(err, dispatch.Refusal{Field: "code", Rule: "ZQ-7.2"}, dispatch.ErrInvalid)
	_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: "secret"})
	h.denies(err, dispatch.Refusal{Field: "told", Rule: "ZQ-7.2"}, dispatch.ErrInvalid)
	_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: "secret", Told: "涉密"})
	h.ok(err)
	got, err := h.Reopen(h.ctx(), o.Number, desk, "有新情况")
	h.ok(err)
	h.same("taken up again", got.State, dispatch.Registered)
}

func onlyOffice(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.Dispatch(h.ctx(), o.Number, water, dispatch.Giving{Lead: "roads"})
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZQ-4"}, dispatch.ErrRole)
	h.same("nothing changed", h.order(o.Number), o)
	for _, f := range []func() error{
		func() error {
			_, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: "agent:8001", Result: "好"})
			return err
		},
		func() error {
			_, err := h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "好"})
			return err
		},
	} {
		if err := f(); !errors.Is(err, dispatch.ErrIllegal) {
			h.t.Errorf("completed past its unit: %v", err)
		}
	}
	got, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "roads"})
	h.ok(err)
	h.same("given to another", []any{got.State, got.Unit}, []any{dispatch.Dispatched, "roads"})
	for _, bad := range []dispatch.Giving{{Lead: "nobody"}, {Lead: "water", Assist: []string{"water"}}} {
		_, err = h.Dispatch(h.ctx(), o.Number, desk, bad)
		h.denies(err, dispatch.Refusal{Field: "units", Rule: "ZZ-11.2"}, dispatch.ErrInvalid)
	}
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Assist: []string{"water", "roads"}})
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "ZZ-11.2"}, dispatch.ErrInvalid)
	by := desk
	by.Version = got.Version - 1
	_, err = h.Dispatch(h.ctx(), o.Number, by, dispatch.Giving{Lead: "water"})
	h.denies(err, dispatch.Refusal{Field: "version", Rule: "D6"}, dispatch.ErrConflict)
	by = desk
	by.Key = "k1"
	one, err := h.Supervise(h.ctx(), o.Number, by, dispatch.Supervision{On: true, Reason: "超期"})
	h.ok(err)
	two, err := h.Supervise(h.ctx(), o.Number, by, dispatch.Supervision{On: true, Reason: "超期"})
	h.ok(err)
	h.same("the same key is one command", two, one)
	_, err = h.Dispatch(h.ctx(), o.Number, by, dispatch.Giving{Lead: "water"})
	h.denies(err, dispatch.Refusal{Field: "key", Rule: "D6"}, dispatch.ErrConflict)
}

func redoToUnit(h *hall) {
	o := h.handled(dispatch.Complaint, on(2026, 11, 20, 10))
	_, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.deliver(o.Number)
	h.text("4", h.survey(o.Number).Slot)
	h.now = on(2026, 11, 23, 11)
	h.ok(h.called(o.Number, nil))
	got := h.order(o.Number)
	h.same("with its unit again", []any{got.State, got.Unit, got.Redos, got.ContactedAt.IsZero(), got.Due.At},
		[]any{dispatch.Dispatched, "water", 1, true, on(2026, 12, 15).UTC()})
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
}
