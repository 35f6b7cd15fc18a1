package dispatch_test

import (
	"errors"
	"testing"

	"hotline/dispatch"
	"hotline/sms"
)

func TestLifeZZ(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZZ-16.2 answered at once":                           atOnce,
		"ZZ-10.2 ZZ-10.4 put through, or taken back":         putThrough,
		"ZZ-9.2 directly or in public":                       replyModes,
		"ZZ-25 what is unfit is for its citizen alone":       onlyTheirs,
		"ZZ-10.5 a unit nobody answers at has the order":     unreached,
		"ZZ-20.4 a phone not answered in business hours":     notAnswered,
		"ZZ-16.4 told whom to call":                          toldWhom,
		"ZZ-15.1 a return has a reason":                      returnReason,
		"ZZ-15.2 what is not done is explained":              explained,
		"ZZ-17.4 more time: office, hotline and caller told": threeTold,
		"ZZ-18.1 the unit's head looks first":                headFirst,
		"ZZ-11.2 ZZ-10.8 several units; who has no part":     partsOnly,
		"the office signs for a unit that has paper":         paper,
		"ZZ-13.2 a slip for a unit outside":                  onSlips,
		"a repeated request is merged and still counted":     merged,
		"withdrawn, archived, no more":                       endedStays,
	})
}

func atOnce(h *hall) {
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) { in.Type = "" })
	_, err := h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{})
	h.denies(err, dispatch.Refusal{Field: "result", Rule: "ZZ-16.2"}, dispatch.ErrInvalid)
	_, err = h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "周一上班"})
	h.denies(err, dispatch.Refusal{Field: "type", Rule: "ZZ-16.2"}, dispatch.ErrInvalid)
	_, err = h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Consult)
	h.ok(err)
	_, err = h.AnswerOnTheSpot(h.ctx(), o.Number, water, dispatch.Spot{Result: "周一上班"})
	if !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("a unit answers what it has no part in: %v", err)
	}
	got, err := h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "周一上班", Source: "知识库12"})
	h.ok(err)
	h.same("done", []any{got.State, got.Result, h.told(o.Number, dispatch.OnAnswered)}, []any{dispatch.Completed, "周一上班", 1})
}

func putThrough(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Transfer(h.ctx(), o.Number, clerk, dispatch.Handover{})
	h.denies(err, dispatch.Refusal{Field: "to", Rule: "ZZ-10.4"}, dispatch.ErrInvalid)
	got, err := h.Transfer(h.ctx(), o.Number, clerk, dispatch.Handover{To: "12345"})
	h.ok(err)
	h.same("put through", got.State, dispatch.Transferred)
	got, err = h.Reopen(h.ctx(), o.Number, clerk, "对方无人接听")
	h.ok(err)
	h.same("taken back", []any{got.State, got.CompletedAt.IsZero()}, []any{dispatch.Registered, true})
}

func toldWhom(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Told: "不属高新区"})
	h.denies(err, dispatch.Refusal{Field: "refer_to", Rule: "ZZ-16.4"}, dispatch.ErrInvalid)
	_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Told: "不属高新区", ReferTo: "市人社局", Phone: "12333"})
	h.ok(err)
	h.same("one text", len(h.sent(o.Number, sms.KindNotice)), 1)
}

func returnReason(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{})
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "ZZ-15.1"}, dispatch.ErrInvalid)
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "应由住建局办"})
	h.ok(err)
	got, err := h.AllowReturn(h.ctx(), o.Number, desk, dispatch.Returned{})
	h.ok(err)
	h.same("with the office again", []any{got.State, got.Unit}, []any{dispatch.Registered, ""})
}

func explained(h *hall) {
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	s := dispatch.Submission{Process: "研究", Result: "不行", Outcome: "declined_policy"}
	_, err := h.Submit(h.ctx(), o.Number, water, s)
	h.denies(err, dispatch.Refusal{Field: "basis", Rule: "ZZ-15.2"}, dispatch.ErrInvalid)
	s.Basis = "某办法第三条"
	_, err = h.Submit(h.ctx(), o.Number, water, s)
	h.denies(err, dispatch.Refusal{Field: "result", Rule: "ZZ-15.2"}, dispatch.ErrInvalid)
	s.Result = "按照某办法第三条的规定,您的要求不符合条件,原因是面积不足"
	_, err = h.Submit(h.ctx(), o.Number, water, s)
	h.ok(err)
}

func threeTold(h *hall) {
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	ask := dispatch.ExtensionAsked{Reason: "待料", Told: []string{"office", "hotline"}}
	_, err := h.AskExtension(h.ctx(), o.Number, water, ask)
	h.denies(err, dispatch.Refusal{Field: "told", Rule: "ZZ-17.4"}, dispatch.ErrInvalid)
	ask.Told = append(ask.Told, "caller")
	got, err := h.AskExtension(h.ctx(), o.Number, water, ask)
	h.ok(err)
	h.same("waits", got.State, dispatch.ExtensionRequested)
	got, err = h.RefuseExtension(h.ctx(), o.Number, desk, dispatch.Refused{Opinion: "不可"})
	h.ok(err)
	h.same("as it was", []any{got.State, got.Due.At}, []any{dispatch.Processing, o.Due.At})
}

func headFirst(h *hall) {
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.denies(err, dispatch.Refusal{Field: "head", Rule: "ZZ-18.1"}, dispatch.ErrIllegal)
	got, err := h.ReviewRefuse(h.ctx(), o.Number, waterHd, dispatch.Refused{Opinion: "文字不通"})
	h.ok(err)
	h.same("back, the deadline stays", []any{got.State, got.Due.At}, []any{dispatch.Processing, o.Due.At})
	_, err = h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, waterHd, dispatch.Pass{})
	h.ok(err)
	got, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.same("done", got.State, dispatch.Completed)
}

func partsOnly(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Assist: []string{"water", "roads"}})
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "ZZ-11.2"}, dispatch.ErrInvalid)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Assist: []string{"roads"}})
	h.ok(err)
	gas := dispatch.By{Actor: "unit:gas:1", Role: dispatch.ByUnit, Unit: "gas"}
	if _, err = h.Sign(h.ctx(), o.Number, gas); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("for who has no part it is not there: %v", err)
	}
}

func paper(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	got, err := h.Sign(h.ctx(), o.Number, desk)
	h.ok(err)
	h.same("signed", got.State, dispatch.Signed)
}

func merged(h *hall) {
	h.withUnits()
	first, again := h.open(nil), h.open(nil)
	_, err := h.Merge(h.ctx(), again.Number, clerk, again.Number)
	h.denies(err, dispatch.Refusal{Field: "parent", Rule: "ZQ-17"}, dispatch.ErrInvalid)
	got, err := h.Merge(h.ctx(), again.Number, clerk, first.Number)
	h.ok(err)
	h.same("the child", []any{got.State, got.Parent}, []any{dispatch.Archived, first.Number})
	h.same("the parent", []any{h.order(first.Number).Repeats, h.told(first.Number, dispatch.OnRepeated)}, []any{1, 1})
	third := h.open(nil)
	_, err = h.Merge(h.ctx(), third.Number, clerk, again.Number)
	h.denies(err, dispatch.Refusal{Field: "parent", Rule: "ZQ-17"}, dispatch.ErrInvalid)
	_, err = h.Merge(h.ctx(), first.Number, clerk, third.Number)
	h.denies(err, dispatch.Refusal{Field: "parent", Rule: "ZQ-17"}, dispatch.ErrIllegal)
}

func endedStays(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	_, err := h.Withdraw(h.ctx(), o.Number, clerk, "撤回")
	h.ok(err)
	_, err = h.Withdraw(h.ctx(), o.Number, clerk, "撤回")
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "ZQ-13.2"}, dispatch.ErrIllegal)
	if _, err := h.Sign(h.ctx(), o.Number, water); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("signed after it was withdrawn: %v", err)
	}
}
