package dispatch_test

import (
	"strings"
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
		"KF-3.3.1 who fobs a citizen off does it again":                                                 perfunctoryAgain,
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

// perfunctoryAgain: urged by a number, to somebody, by a date; an answer that fobs the citizen
// off is done again, counted, and whether the order is on time does not change.
func perfunctoryAgain(h *hall) {
	o := h.handled(dispatch.Complaint, on(2020, 9, 25, 10))
	_, err := h.Urge(h.ctx(), o.Number, desk, "请尽快反馈")
	h.ok(err)
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Order: o.Number, Open: true})
	h.ok(err)
	h.same("urged", []any{len(acts), acts[0].Serial, acts[0].Unit, acts[0].Words, acts[0].AnswerBy.IsZero()}, []any{1, o.Number + "催1", "water", "请尽快反馈", false})
	perfunctory := dispatch.Refused{Code: dispatch.Perfunctory}
	for i := range 2 {
		_, err = h.Submit(h.ctx(), o.Number, water, h.full())
		h.ok(err)
		perfunctory.Opinion = ""
		_, err = h.ReviewRefuse(h.ctx(), o.Number, desk, perfunctory)
		h.denies(err, dispatch.Refusal{Field: "opinion", Rule: "KF-3.3.1"}, dispatch.ErrInvalid)
		perfunctory.Opinion = "未到现场,只说“已知悉”"
		got, err := h.ReviewRefuse(h.ctx(), o.Number, desk, perfunctory)
		h.ok(err)
		h.same("back at its unit, the deadline as it was", []any{got.State, got.Due.At}, []any{dispatch.Processing, o.Due.At})
		acts, err = h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActPerfunctory}, Open: true})
		h.ok(err)
		h.same("counted, to be answered in five working days", []any{len(acts), acts[0].Step, acts[0].Unit, acts[0].Rule, acts[0].AnswerBy},
			[]any{1, i + 1, "water", "KF-3.3.1", on(2020, 10, 10).UTC()})
	}
	_, err = h.ReviewRefuse(h.ctx(), o.Number, desk, dispatch.Refused{Code: "bad", Opinion: "x"})
	h.denies(err, dispatch.Refusal{Field: "code", Rule: "KF-3.4"}, dispatch.ErrInvalid)
	h.now = o.Due.At.Add(time.Hour)
	got, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	h.same("late all the same", got.Overdue(h.now), true)
	acts, err = h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActPerfunctory}, Open: true})
	h.ok(err)
	h.same("answered", len(acts), 0)
}

// slipAtOnce: what is urgent has its slip in the same transaction, on the leaders' list and as
// a paper; five minutes later, if nobody knows of it, leaders are called.
func slipAtOnce(h *hall) {
	h.staffed()
	o := h.open(func(in *dispatch.Intake) { in.Name, in.Summary = "王五", "燃气泄漏" })
	for range 2 {
		_, err := h.MarkUrgent(h.ctx(), o.Number, dispatch.Urgency{Actor: "agent:8001", Reason: "居民楼内"})
		h.ok(err)
		_, err = h.MarkMajor(h.ctx(), o.Number, dispatch.Urgency{Actor: "agent:8001", Reason: "居民楼内"})
		h.ok(err)
	}
	list := h.waiting()
	if len(list) != 1 || list[0].Kind != dispatch.ForSlip || list[0].Rule != "KF-3.1.6" || !list[0].AskedAt.Equal(h.now) {
		h.t.Fatalf("on the list: %+v", list)
	}
	files, err := h.store.Attachments(h.ctx(), o.Number)
	h.ok(err)
	if len(files) != 1 {
		h.t.Fatalf("papers: %+v", files)
	}
	paper, err := h.store.AttachmentBytes(h.ctx(), files[0].ID)
	h.ok(err)
	for _, want := range []string{"呈批件处理签", o.Number, "王五", sms.Mask(citizen), "燃气泄漏", "居民楼内", "领导批示:"} {
		if !strings.Contains(string(paper), want) {
			h.t.Errorf("%s is not on the slip:\n%s", want, paper)
		}
	}
	h.same("told at once", h.duty(o.Number), []string{leaderPhone})
	secret := h.open(func(in *dispatch.Intake) {
		in.Type, in.Name, in.Summary, in.Urgent = dispatch.Report, "王五", "王五举报排污", true
	})
	files, err = h.store.Attachments(h.ctx(), secret.Number)
	h.ok(err)
	paper, err = h.store.AttachmentBytes(h.ctx(), files[0].ID)
	h.ok(err)
	if strings.Contains(string(paper), "王五") || strings.Contains(string(paper), sms.Mask(citizen)) {
		h.t.Errorf("an informant is on the slip:\n%s", paper)
	}
	_, err = h.Decide(h.ctx(), o.Number, leader, dispatch.Decided{Kind: dispatch.ForSlip, Approve: true, Opinion: "立即疏散,燃气公司到场"})
	h.ok(err)
	h.same("on the order", h.said(o.Number, dispatch.OnReviewDecided, "KF-3.1.6"), "呈批件处理签的意见:立即疏散,燃气公司到场")
	h.exactly("2026-11-20 10:05:01", "escalate1") // the other one, which nobody looked at
}
