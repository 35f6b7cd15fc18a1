package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func TestLifeSQ(t *testing.T) {
	onBoth(t, "sq", map[string]func(*hall){
		"SQ-4.4 SQ-3.1 given out with a promised moment":     promised,
		"SQ-4.3 somebody answers for it":                     firstOwner,
		"SQ-4.6 told where to go":                            toldWhere,
		"SQ-5.1.2 several units, copies to all":              copied,
		"SQ-5.3 SQ-5.4 SQ-3.3 filed, understood, then done":  understood,
		"SQ-5.3 after three rounds a leader decides (Q29)":   leaderDecides,
		"SQ-4.3 nobody returns what he was the first to get": noReturns,
	})
}

// promisedTo is an order given to the water office with a promise, signed and in hand.
func (h *hall) promisedTo(t dispatch.Type) dispatch.Order {
	h.t.Helper()
	h.withUnits()
	h.now = on(2026, 11, 20, 10)
	o := h.open(func(in *dispatch.Intake) { in.Type = t })
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Promised: on(2026, 11, 23, 17)})
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	o, err = h.Start(h.ctx(), o.Number, water, "核实")
	h.ok(err)
	return o
}

func promised(h *hall) {
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
	for _, at := range []time.Time{{}, h.now} {
		_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Promised: at})
		h.denies(err, dispatch.Refusal{Field: "promised_at", Rule: "SQ-4.4"}, dispatch.ErrInvalid)
	}
	o = h.promisedTo(dispatch.Help)
	at := on(2026, 11, 23, 17)
	h.same("due", []any{o.Due.At, o.Overdue(at), o.Overdue(at.Add(time.Second))}, []any{at.UTC(), false, true})
}

func firstOwner(h *hall) {
	h.withUnits()
	o := h.open(nil)
	h.same("who took the call", o.Owner, "agent:8001")
	o = h.open(func(in *dispatch.Intake) { in.Actor = "" })
	_, err := h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "请到大厅办理"})
	h.denies(err, dispatch.Refusal{Field: "owner", Rule: "SQ-4.3"}, dispatch.ErrInvalid)
	_, err = h.Own(h.ctx(), o.Number, clerk, "agent:8002")
	h.ok(err)
	got, err := h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "请到大厅办理"})
	h.ok(err)
	h.same("answered", got.State, dispatch.Archived) // nobody is asked here
}

func toldWhere(h *hall) {
	h.withUnits()
	o := h.open(nil)
	r := dispatch.Rejection{Told: "不属本区职责"}
	_, err := h.Reject(h.ctx(), o.Number, clerk, r)
	h.denies(err, dispatch.Refusal{Field: "refer_to", Rule: "SQ-4.6"}, dispatch.ErrInvalid)
	r.ReferTo = "市税务局"
	_, err = h.Reject(h.ctx(), o.Number, clerk, r)
	h.denies(err, dispatch.Refusal{Field: "phone", Rule: "SQ-4.6"}, dispatch.ErrInvalid)
	r.Phone = "12366"
	_, err = h.Reject(h.ctx(), o.Number, clerk, r)
	h.ok(err)
	texts := h.sent(o.Number, sms.KindNotice)
	if len(texts) != 1 || !strings.Contains(texts[0].Text, "市税务局,电话12366") {
		h.t.Errorf("told by %+v", texts)
	}
	o = h.open(nil)
	_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Told: "不属本区职责", ReferTo: "未找到"})
	h.ok(err)
}

func copied(h *hall) {
	h.withUnits()
	o := h.open(nil)
	g := dispatch.Giving{Lead: "water", Assist: []string{"roads"}, Promised: h.now.AddDate(0, 0, 3)}
	_, err := h.Dispatch(h.ctx(), o.Number, desk, g)
	h.denies(err, dispatch.Refusal{Field: "leader", Rule: "SQ-5.1.2"}, dispatch.ErrInvalid)
	g.Leader = "区长"
	_, err = h.Dispatch(h.ctx(), o.Number, desk, g)
	h.ok(err)
	all, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
	h.ok(err)
	copies := map[string]int{}
	for _, a := range all {
		copies[a.Copy]++
	}
	h.same("two notices and a report", copies, map[string]int{"": 2, dispatch.CopyNotice: 2, dispatch.CopyReport: 1})
}

func understood(h *hall) {
	o := h.promisedTo(dispatch.Complaint)
	s := h.full()
	s.Process = ""
	_, err := h.Submit(h.ctx(), o.Number, water, s)
	h.denies(err, dispatch.Refusal{Field: "findings", Rule: "SQ-3.3"}, dispatch.ErrInvalid)
	submitted, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.denies(err, dispatch.Refusal{Field: "filed", Rule: "SQ-5.4"}, dispatch.ErrInvalid)
	_, err = h.File(h.ctx(), o.Number, water, "已存档")
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.denies(err, dispatch.Refusal{Field: "understood", Rule: "SQ-5.3"}, dispatch.ErrIllegal)
	got, err := h.Understood(h.ctx(), o.Number, clerk, false)
	h.ok(err)
	h.same("answered again; on time by the first answer", []any{got.State, got.SubmittedAt, got.Rounds},
		[]any{dispatch.Processing, submitted.SubmittedAt, 1})
	h.now = h.now.AddDate(0, 0, 7)
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.Understood(h.ctx(), o.Number, clerk, true)
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{}) // the second answer is not on file
	h.denies(err, dispatch.Refusal{Field: "filed", Rule: "SQ-5.4"}, dispatch.ErrInvalid)
	_, err = h.File(h.ctx(), o.Number, water, "已存档")
	h.ok(err)
	got, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.same("done, and in time", []any{got.State, got.Overdue(h.now)}, []any{dispatch.Archived, false})
}

func leaderDecides(h *hall) {
	o := h.promisedTo(dispatch.Help)
	for range 3 {
		_, err := h.Submit(h.ctx(), o.Number, water, h.full())
		h.ok(err)
		_, err = h.File(h.ctx(), o.Number, water, "")
		h.ok(err)
		_, err = h.ReviewPass(h.ctx(), o.Number, leader, dispatch.Pass{Opinion: "已尽力"})
		h.denies(err, dispatch.Refusal{Field: "understood", Rule: "SQ-5.3"}, dispatch.ErrIllegal)
		_, err = h.Understood(h.ctx(), o.Number, clerk, false)
		h.ok(err)
	}
	_, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.File(h.ctx(), o.Number, water, "")
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{Opinion: "已尽力"})
	h.denies(err, dispatch.Refusal{Field: "understood", Rule: "SQ-5.3"}, dispatch.ErrIllegal)
	_, err = h.ReviewPass(h.ctx(), o.Number, leader, dispatch.Pass{Opinion: "已尽力"})
	h.ok(err)
}

func noReturns(h *hall) {
	o := h.promisedTo(dispatch.Help)
	_, err := h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是"})
	h.denies(err, dispatch.Refusal{Rule: "ZQ-9.2"}, dispatch.ErrIllegal)
}
