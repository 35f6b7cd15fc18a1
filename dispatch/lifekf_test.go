package dispatch_test

import (
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func TestLifeKF(t *testing.T) {
	onBoth(t, "kf", map[string]func(*hall){
		"KF-3.2.2 the secretary and the vice mayor agree first":                                         tierTwo,
		"KF-3.2.3 the mayor's order has leader, unit and date":                                          tierThree,
		"KF-2.3 KF-A4.3.1 a leader's order: ten days, supervised; in writing ten, by the platform five": byWay,
		"KF-2.4 several units have one that leads":                                                      severalUnits,
		"KF-3.4 KF-3.3.3 a report is passed or done again in time":                                      reportDoneAgain,
	})
}

func tierTwo(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.SetTier(h.ctx(), o.Number, desk, 4)
	h.denies(err, dispatch.Refusal{Field: "tier", Rule: "KF-3.2.3"}, dispatch.ErrInvalid)
	_, err = h.SetTier(h.ctx(), o.Number, desk, 2)
	h.ok(err)
	to := dispatch.Giving{Lead: "water"}
	_, err = h.Dispatch(h.ctx(), o.Number, desk, to)
	h.denies(err, dispatch.Refusal{Field: "secretary", Rule: "KF-3.2.2"}, dispatch.ErrIllegal)
	yes := dispatch.Approval{Level: dispatch.ForApproval2, Approve: true, Opinion: "请水务局速办"}
	_, err = h.Approve(h.ctx(), o.Number, leader, yes)
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "KF-3.2.2"}, dispatch.ErrIllegal) // not before the secretary
	yes.Level = dispatch.ForApproval1
	_, err = h.Approve(h.ctx(), o.Number, desk, yes)
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "KF-3.2.2"}, dispatch.ErrRole)
	_, err = h.Approve(h.ctx(), o.Number, leader, yes)
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, to)
	h.denies(err, dispatch.Refusal{Field: "vice_mayor", Rule: "KF-3.2.2"}, dispatch.ErrIllegal)
	vice := dispatch.By{Actor: "leader:副市长", Role: dispatch.ByLeader}
	yes.Level = dispatch.ForApproval2
	_, err = h.Approve(h.ctx(), o.Number, vice, yes)
	h.ok(err)
	h.now = h.now.AddDate(0, 0, 5) // what approval took is not the unit's (KF-3.2.2)
	got, err := h.Dispatch(h.ctx(), o.Number, desk, to)
	h.ok(err)
	h.same("from now", got.Due.From, h.now.UTC())
}

func tierThree(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.SetTier(h.ctx(), o.Number, desk, 3)
	h.ok(err)
	for i, level := range []dispatch.ReviewKind{dispatch.ForApproval1, dispatch.ForApproval3} {
		by := dispatch.By{Actor: []string{"leader:秘书长", "leader:市长"}[i], Role: dispatch.ByLeader}
		_, err = h.Approve(h.ctx(), o.Number, by, dispatch.Approval{Level: level, Approve: true})
		h.ok(err)
	}
	to := dispatch.Giving{Lead: "water"}
	_, err = h.Dispatch(h.ctx(), o.Number, desk, to)
	h.denies(err, dispatch.Refusal{Field: "leader", Rule: "KF-3.2.3"}, dispatch.ErrInvalid)
	to.Leader = "王副市长"
	_, err = h.Dispatch(h.ctx(), o.Number, desk, to)
	h.denies(err, dispatch.Refusal{Field: "promised_at", Rule: "KF-3.2.3"}, dispatch.ErrInvalid)
	to.Promised = h.now.AddDate(0, 0, 2)
	got, err := h.Dispatch(h.ctx(), o.Number, desk, to)
	h.ok(err)
	h.same("as the order says", got.Due.At, to.Promised.UTC())
}

func byWay(h *hall) {
	h.withUnits()
	for _, tt := range []struct {
		way, source string
		want        time.Time
	}{{"platform", "", on(2020, 10, 10)}, {"written", "", on(2020, 10, 16)}, {"platform", "leader", on(2020, 10, 16)}} {
		h.now = on(2020, 9, 25, 10)
		o := h.open(nil)
		_, err := h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Source: tt.source})
		h.ok(err)
		got, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Way: tt.way})
		h.ok(err)
		h.same(tt.way+tt.source, []any{got.Due.At, got.Due.Rule, got.Supervised}, []any{tt.want.UTC(), "KF-A4.3.1", tt.source == "leader"})
	}
}

func severalUnits(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Assist: []string{"water", "roads", "gas"}})
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "ZZ-11.2"}, dispatch.ErrInvalid)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Assist: []string{"roads", "gas"}})
	h.ok(err)
	h.same("all know", len(h.sent(o.Number, sms.KindDuty)), 3)
}

func reportDoneAgain(h *hall) {
	o := h.handled(dispatch.Complaint, on(2020, 9, 25, 10))
	_, err := h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{Reason: "跨部门"})
	h.ok(err)
	until := o.Due.At.AddDate(0, 0, 5)
	_, err = h.AllowExtension(h.ctx(), o.Number, desk, dispatch.Extended{Until: until})
	h.ok(err)
	_, err = h.Supervise(h.ctx(), o.Number, desk, dispatch.Supervision{On: true, Reason: "延期期内随时督办", Rule: "KF-3.3.3"})
	h.ok(err)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewRefuse(h.ctx(), o.Number, desk, dispatch.Refused{Opinion: "敷衍"})
	h.ok(err)
	h.same("late if it passes", h.order(o.Number).Overdue(until.Add(time.Second)), true)
}
