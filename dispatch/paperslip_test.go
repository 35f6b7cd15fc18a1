package dispatch_test

import (
	"time"

	"hotline/dispatch"
)

// onSlips: on Friday, 20 November 2026, an order goes on paper to a unit outside, with another
// inside; the slip is delivered on Monday.
func onSlips(h *hall) {
	h.withUnits()
	h.config.Units = append(h.config.Units, dispatch.Unit{ID: "power", Name: "供电公司", Form: dispatch.FormPaper})
	h.Office = dispatch.NewOffice(h.config)
	o := h.open(func(in *dispatch.Intake) { in.Name = "张三" })
	_, err := h.Slip(h.ctx(), o.Number, clerk, "power")
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "ZQ-11.0"}, dispatch.ErrIllegal)
	o, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "power", Assist: []string{"water"}})
	h.ok(err)
	h.same("given out", []any{o.State, o.Due.At.Equal(h.at("2026-11-25 00:00:00"))}, []any{dispatch.Dispatched, true})
	_, err = h.Slip(h.ctx(), o.Number, clerk, "water")
	h.denies(err, dispatch.Refusal{Field: "unit", Rule: "ZZ-13.2"}, dispatch.ErrInvalid)
	s, err := h.Slip(h.ctx(), o.Number, clerk, "")
	h.ok(err)
	h.same("the slip", []any{s.Unit.Name, s.Order.Phone, s.Assignment.Way, s.Hotline}, []any{"供电公司", citizen, dispatch.WayPaper, "郑州高新区投资服务热线"})
	log, err := h.store.Audits(h.ctx(), o.Number)
	h.ok(err)
	h.same("is audited", []any{len(log), log[0].Act, log[0].Rule}, []any{1, dispatch.ActExport, "ZZ-13.2"})

	h.now = h.at("2026-11-23 09:00:00")
	o, err = h.Sign(h.ctx(), o.Number, desk)
	h.ok(err)
	h.same("its time begins with the delivery", []any{o.State, o.Due.At.In(dispatch.Place).Format(time.DateTime)}, []any{dispatch.Signed, "2026-11-26 00:00:00"})
	h.same("which the office wrote down", h.words(o.Number, dispatch.OnSigned), []string{"受理单送达供电公司,热线代录,期限11月25日"})
	parts, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
	h.ok(err)
	for _, a := range parts {
		inside := a.Unit == "water"
		h.same(a.Unit+" inside has its order here", []bool{a.Way == "", a.SignedAt.IsZero(), a.FirstAt.Equal(h.at("2026-11-20 10:00:00"))}, []bool{inside, inside, inside})
	}

	secret := h.open(func(in *dispatch.Intake) { in.Confidential = true })
	_, err = h.Dispatch(h.ctx(), secret.Number, desk, dispatch.Giving{Lead: "power"})
	h.ok(err)
	_, err = h.Slip(h.ctx(), secret.Number, desk, "")
	h.denies(err, dispatch.Refusal{Field: "number", Rule: "KF-3.1.5"}, dispatch.ErrIllegal)
	_, err = h.Slip(h.ctx(), o.Number, water, "")
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZZ-13.2"}, dispatch.ErrRole)
}
