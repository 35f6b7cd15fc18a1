package dispatch_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// What is put to somebody who decides waits on a list, and what they say stands on the order.
func TestAsks(t *testing.T) {
	for name, c := range map[string]struct {
		hotline string
		test    func(*hall)
	}{
		"KF-3.1.3 what is difficult goes to the leader on duty":             {"kf", toLeader},
		"KF-3.1.6 what is urgent has its slip at once":                      {"kf", slipAtOnce},
		"KF-3.5.2 a leader hears of the end of his order":                   {"kf", toldLeader},
		"SQ-3.4 SQ-2.1 what is major is settled by the joint meeting":       {"sq", jointMeeting},
		"XZ-11.2 who cannot tell asks, and is answered within half an hour": {"xz", scopeAsked},
		"XZ-27.1 who asks again has the earlier order checked first":        {"xz", rechecked},
		"ZQ-9.4 who leads is settled on one rung after another":             {"zq", disputeClimbs},
		"what the policy does not name":                                     {"zz", notAsked},
	} {
		t.Run(name, func(t *testing.T) { c.test(newHall(t, c.hotline, filepath.Join(t.TempDir(), "h.db"))) })
	}
}

// waiting are the questions that nobody answered.
func (h *hall) waiting() []dispatch.Review {
	h.t.Helper()
	all, err := h.store.Reviews(h.ctx(), dispatch.Filter{Open: true})
	h.ok(err)
	return all
}

// said is the last line of a kind in an order's timeline.
func (h *hall) said(number, kind, rule string) string {
	h.t.Helper()
	for all := h.events(number); len(all) > 0; all = all[:len(all)-1] {
		if e := all[len(all)-1]; e.Kind == kind && e.Rule == rule {
			return e.Text
		}
	}
	h.t.Fatalf("no %s by %s on %s", kind, rule, number)
	return ""
}

func toLeader(h *hall) {
	h.staffed()
	o := h.open(nil)
	_, err := h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForLeader})
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "KF-3.1.3"}, dispatch.ErrInvalid)
	_, err = h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForLeader, Reason: "涉及三个单位,历史遗留"})
	h.ok(err)
	h.same("on the list", len(h.waiting()), 1)
	texts := h.sent(o.Number, sms.KindDuty)
	if len(texts) != 1 || texts[0].To != leaderPhone {
		h.t.Errorf("texted %+v", texts)
	}
	_, err = h.Decide(h.ctx(), o.Number, clerk, dispatch.Decided{Kind: dispatch.ForLeader, Opinion: "转住建"})
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "KF-3.1.3"}, dispatch.ErrRole)
	_, err = h.Decide(h.ctx(), o.Number, leader, dispatch.Decided{Kind: dispatch.ForLeader, Approve: true, Opinion: "由路政牵头", Lead: "road"})
	h.ok(err)
	h.same("on the order", h.said(o.Number, dispatch.OnReviewDecided, "KF-3.1.3"), "呈值班领导的意见:由路政牵头;牵头:路政")
	h.same("answered", len(h.waiting()), 0)
	// What is clear is answered at once, the rest goes to its unit.
	_, err = h.AnswerOnTheSpot(h.ctx(), h.open(nil).Number, clerk, dispatch.Spot{Result: "周一上班"})
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), h.open(nil).Number, desk, dispatch.Giving{Lead: "road"})
	h.ok(err)
}

func toldLeader(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Classify(h.ctx(), o.Number, desk, dispatch.Facts{Source: "vice_mayor"})
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Start(h.ctx(), o.Number, water, "已核实")
	h.ok(err)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.denies(err, dispatch.Refusal{Field: "report_back", Rule: "KF-3.5.2"}, dispatch.ErrIllegal)
	_, err = h.Ask(h.ctx(), o.Number, desk, dispatch.Putting{Kind: dispatch.ForReport, Reason: "已修复,拟报结"})
	h.ok(err)
	got, err := h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.same("both done", []any{got.State, len(h.sent(o.Number, sms.KindResult))}, []any{dispatch.Archived, 1})
}

func jointMeeting(h *hall) {
	h.withUnits()
	o := h.promisedTo(dispatch.Help)
	_, err := h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForMeeting, Level: "minor", Reason: "多头管理"})
	h.denies(err, dispatch.Refusal{Field: "level", Rule: "SQ-2.1"}, dispatch.ErrInvalid)
	_, err = h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForMeeting, Level: "major", Reason: "多头管理"})
	h.ok(err)
	list := h.waiting()
	if len(list) != 1 || list[0].Code != "major" || list[0].Suggestion != "水务局" {
		h.t.Fatalf("on the agenda: %+v", list)
	}
	_, err = h.Decide(h.ctx(), o.Number, leader, dispatch.Decided{Kind: dispatch.ForMeeting, Opinion: "纪要一号", Lead: "nobody"})
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "SQ-2.1"}, dispatch.ErrInvalid)
	_, err = h.Decide(h.ctx(), o.Number, leader, dispatch.Decided{Kind: dispatch.ForMeeting, Approve: true,
		Opinion: "纪要一号:水务局牵头改管", Lead: "water", Until: on(2026, 12, 31, 17)})
	h.ok(err)
	minutes := h.said(o.Number, dispatch.OnReviewDecided, "SQ-2.1")
	for _, want := range []string{"纪要一号", "牵头:水务局", "时限"} {
		if !strings.Contains(minutes, want) {
			h.t.Errorf("%s is not in %q", want, minutes)
		}
	}
}

func scopeAsked(h *hall) {
	h.staffed()
	o := h.open(nil)
	_, err := h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForScope, Reason: "驻徐高校的宿舍,是否受理"})
	h.ok(err)
	asked := h.now
	h.same("in time", h.clock(asked.Add(30*time.Minute).Format(time.DateTime)), []string{})
	h.same("late", h.clock(asked.Add(30*time.Minute+time.Second).Format(time.DateTime)), []string{"undecided1"})
	if text := h.said(o.Number, dispatch.OnUndecided, "XZ-11.2"); !strings.Contains(text, "请示是否受理") {
		h.t.Errorf("told: %q", text)
	}
	_, err = h.Decide(h.ctx(), o.Number, dispatch.By{Actor: "duty:王", Role: dispatch.ByDuty}, dispatch.Decided{Kind: dispatch.ForScope, Opinion: "不受理,请其联系学校"})
	h.ok(err)
	_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: "other", Told: "请联系学校后勤", ReferTo: "学校后勤处"})
	h.ok(err)
}

func rechecked(h *hall) {
	h.withUnits()
	first := h.open(nil)
	h.complete(first.Number)
	other := h.open(func(in *dispatch.Intake) { in.Summary = "咨询社保转移手续" })
	h.same("another matter", len(h.waiting()), 0)
	h.now = h.now.AddDate(0, 0, 10)
	again := h.open(func(in *dispatch.Intake) { in.Summary = "路灯还是不亮" })
	list := h.waiting()
	if len(list) != 1 || list[0].Order != again.Number || list[0].Rule != "XZ-27.1" || !strings.Contains(list[0].Reason, first.Number) {
		h.t.Fatalf("asked: %+v", list)
	}
	_, err := h.Complete(h.ctx(), again.Number, dispatch.Completion{Actor: clerk.Actor, Result: "已修"})
	h.denies(err, dispatch.Refusal{Field: "recheck", Rule: "XZ-27.1"}, dispatch.ErrIllegal)
	_, err = h.Decide(h.ctx(), again.Number, desk, dispatch.Decided{Kind: dispatch.ForRecheck, Opinion: "前单未修彻底"})
	h.ok(err)
	h.complete(again.Number)
	h.complete(other.Number)
	h.now = h.now.AddDate(0, 0, 30)
	h.open(func(in *dispatch.Intake) { in.Summary = "路灯还是不亮" })
	h.same("after its days", len(h.waiting()), 0)
}

func notAsked(h *hall) {
	o := h.open(nil)
	_, err := h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForMeeting, Reason: "x"})
	h.denies(err, dispatch.Refusal{Field: "kind", Rule: "SQ-3.4"}, dispatch.ErrInvalid)
	_, err = h.Decide(h.ctx(), o.Number, leader, dispatch.Decided{Kind: dispatch.ForMeeting, Opinion: "x"})
	h.denies(err, dispatch.Refusal{Field: "kind", Rule: "SQ-3.4"}, dispatch.ErrInvalid)
}

// disputeClimbs: what the office cannot settle waits with the department above it, and then
// with the committee, which has to say; who was settled on may not return it.
func disputeClimbs(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	h.config.Units = append(h.config.Units, dispatch.Unit{ID: "party", Name: "党群工作部", Handlers: []dispatch.Handler{{ID: "1", Name: "周", Mobile: "13900000031"}}})
	h.Office = dispatch.NewOffice(h.config)
	rung := func() string {
		all := h.waiting()
		if len(all) != 1 || all[0].Kind != dispatch.ForDispute {
			h.t.Fatalf("waiting: %+v", all)
		}
		return all[0].Code
	}
	_, err := h.Ask(h.ctx(), o.Number, clerk, dispatch.Putting{Kind: dispatch.ForDispute, Reason: "管线权属有争议"})
	h.ok(err)
	h.same("first rung", rung(), "协管办")
	no := dispatch.Decided{Kind: dispatch.ForDispute, Opinion: "两家都不认"}
	_, err = h.Decide(h.ctx(), o.Number, clerk, no)
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZQ-9.4"}, dispatch.ErrRole)
	_, err = h.Decide(h.ctx(), o.Number, desk, no)
	h.ok(err)
	h.same("the department's to do", []any{rung(), h.duty(o.Number)[len(h.duty(o.Number))-1]}, []any{"党群工作部", "13900000031"})
	_, err = h.Decide(h.ctx(), o.Number, leader, dispatch.Decided{Kind: dispatch.ForDispute, Opinion: "定", Approve: true})
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "ZQ-9.4"}, dispatch.ErrInvalid)
	_, err = h.Decide(h.ctx(), o.Number, leader, no)
	h.ok(err)
	h.same("the committee's", rung(), "管委会")
	_, err = h.Decide(h.ctx(), o.Number, desk, no)
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "ZQ-9.4"}, dispatch.ErrInvalid)
	h.same("nothing changed", rung(), "管委会")
	h.now = on(2026, 11, 23, 10)
	got, err := h.Decide(h.ctx(), o.Number, desk, dispatch.Decided{Kind: dispatch.ForDispute, Opinion: "住建局牵头", Approve: true, Lead: "roads"})
	h.ok(err)
	h.same("settled, the clock went on", []any{got.State, got.Unit, got.Due.At, len(h.waiting())}, []any{dispatch.Dispatched, "roads", o.Due.At, 0})
	_, err = h.AskReturn(h.ctx(), o.Number, roads, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
	h.denies(err, dispatch.Refusal{Field: "coordinated", Rule: "ZQ-9.4"}, dispatch.ErrIllegal)
	_, err = h.Sign(h.ctx(), o.Number, water) // who had it helps
	h.ok(err)
}
