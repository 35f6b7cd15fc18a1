package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"hotline/dispatch"
)

// The people of the tests.
var (
	clerk   = dispatch.By{Actor: "agent:8001", Role: dispatch.ByAgent}
	desk    = dispatch.By{Actor: "office:李", Role: dispatch.ByOffice}
	leader  = dispatch.By{Actor: "leader:陈", Role: dispatch.ByLeader}
	water   = dispatch.By{Actor: "unit:water:1", Role: dispatch.ByUnit, Unit: "water"}
	waterHd = dispatch.By{Actor: "head:water:9", Role: dispatch.ByHead, Unit: "water"}
	roads   = dispatch.By{Actor: "unit:roads:1", Role: dispatch.ByUnit, Unit: "roads"}
)

// withUnits gives a hall's office the units of the tests.
func (h *hall) withUnits() {
	h.t.Helper()
	h.config.Units = []dispatch.Unit{
		{ID: "water", Name: "水务局", Handlers: []dispatch.Handler{{ID: "1", Name: "赵", Mobile: "13900000011"}, {ID: "9", Name: "钱", Mobile: "13900000012", Head: true}}},
		{ID: "roads", Name: "住建局", Handlers: []dispatch.Handler{{ID: "1", Name: "孙", Mobile: "13900000021"}}},
		{ID: "gas", Name: "燃气办"}, {ID: "enterprise", Name: "企服平台"},
	}
	h.Office = dispatch.NewOffice(h.config)
}

// denies checks an error's field, clause and kind, and that nothing changed.
func (h *hall) denies(err error, want dispatch.Refusal, kind error) {
	h.t.Helper()
	var r *dispatch.Refusal
	if !errors.As(err, &r) || !errors.Is(err, kind) || r.Field != want.Field || r.Rule != want.Rule {
		h.t.Errorf("refused with %v; want field %q, clause %s, %v", err, want.Field, want.Rule, kind)
	}
}

// given is an order of a type, given to the water office at a moment.
func (h *hall) given(t dispatch.Type, at time.Time) dispatch.Order {
	h.t.Helper()
	h.withUnits()
	h.now = at
	o := h.open(func(in *dispatch.Intake) { in.Type = t })
	o, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water"})
	h.ok(err)
	return o
}

// handled is given, signed and started.
func (h *hall) handled(t dispatch.Type, at time.Time) dispatch.Order {
	h.t.Helper()
	o := h.given(t, at)
	_, err := h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	o, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone", Evidence: "rec1", Due: true})
	h.ok(err)
	h.same("state", o.State, dispatch.Processing)
	return o
}

// full is an answer that lacks nothing.
func (h *hall) full() dispatch.Submission {
	return dispatch.Submission{HandledAt: h.now, Process: "现场查看并维修", Result: "路灯已修好", Basis: "市政设施管理办法"}
}

func on(y int, m time.Month, d int, clock ...int) time.Time {
	c := append(clock, 0, 0, 0)
	return time.Date(y, m, d, c[0], c[1], c[2], 0, dispatch.Place)
}

func TestLifeZQ(t *testing.T) {
	onBoth(t, "zq", map[string]func(*hall){
		"ZQ-9.2 returned within two working days":                   returnWindow,
		"ZQ-9.2 refused, the deadline counts from first receipt":    returnRefused,
		"ZQ-9.2 allowed, the new unit's time begins anew":           returnAllowed,
		"ZQ-9.4 a lead that was settled may not return":             coordinatedStays,
		"ZQ-10 who asked for more time may not return":              extendedStays,
		"ZQ-12.2 two days before the end":                           extensionInTime,
		"ZQ-12.1 ZQ-12.3 reason, form, signature, the citizen told": extensionForm,
		"ZQ-12.4 twice, each of the type's own length":              extensionTwice,
		"ZQ-13.1 spoken to before it is done":                       contactFirst,
		"ZQ-13.2 nobody to reply to, nobody asked":                  noReply,
		"ZQ-14.1 refused keeps the deadline; on time by submission": reviewOnTime,
		"ZQ-14.2 every field, every point":                          submissionWhole,
		"ZQ-7.2 seven reasons not to accept":                        rejections,
		"ZQ-4 only the office gives orders out":                     onlyOffice,
		"ZQ-15.7 a redo goes back to its unit":                      redoToUnit,
	})
}

func returnWindow(h *hall) {
	o := h.given(dispatch.Help, on(2023, 9, 28, 10))
	ask := dispatch.ReturnAsked{Reason: "不是我局职责", Basis: "三定方案"}
	h.now = on(2023, 10, 9)
	_, err := h.AskReturn(h.ctx(), o.Number, water, ask)
	h.denies(err, dispatch.Refusal{Field: "at", Rule: "ZQ-9.2"}, dispatch.ErrIllegal)
	h.same("nothing changed", h.order(o.Number), o)
	h.now = on(2023, 10, 8, 23, 59)
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是"})
	h.denies(err, dispatch.Refusal{Field: "basis", Rule: "ZQ-10"}, dispatch.ErrInvalid)
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Basis: "三定"})
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "ZQ-9.2"}, dispatch.ErrInvalid)
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "已诉讼", Basis: "ZQ-7.2", NotAccept: true})
	h.denies(err, dispatch.Refusal{Field: "evidence", Rule: "ZQ-9.3"}, dispatch.ErrInvalid)
	_, err = h.AskReturn(h.ctx(), o.Number, roads, ask)
	if !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("a unit that has no part in it: %v", err)
	}
	got, err := h.AskReturn(h.ctx(), o.Number, water, ask)
	h.ok(err)
	h.same("state", got.State, dispatch.ReturnRequested)
}

func returnRefused(h *hall) {
	o := h.given(dispatch.Consult, on(2023, 9, 28, 10))
	h.now = on(2023, 10, 8, 9)
	_, err := h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
	h.ok(err)
	_, err = h.RefuseReturn(h.ctx(), o.Number, desk, dispatch.Refused{Code: "whatever", Opinion: "是"})
	h.denies(err, dispatch.Refusal{Field: "code", Rule: "ZQ-10"}, dispatch.ErrInvalid)
	_, err = h.RefuseReturn(h.ctx(), o.Number, desk, dispatch.Refused{Code: "own_duty"})
	h.denies(err, dispatch.Refusal{Field: "opinion", Rule: "ZQ-9.2"}, dispatch.ErrInvalid)
	_, err = h.RefuseReturn(h.ctx(), o.Number, water, dispatch.Refused{Code: "own_duty", Opinion: "是"})
	h.denies(err, dispatch.Refusal{Rule: "ZQ-9.2"}, dispatch.ErrSame)
	got, err := h.RefuseReturn(h.ctx(), o.Number, desk, dispatch.Refused{Code: "own_duty", Opinion: "属你局职责"})
	h.ok(err)
	h.same("back, with the first deadline", []any{got.State, got.Due.At}, []any{dispatch.Dispatched, on(2023, 10, 9).UTC()})
}

func returnAllowed(h *hall) {
	o := h.given(dispatch.Consult, on(2023, 9, 28, 10))
	h.now = on(2023, 10, 8, 9)
	_, err := h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
	h.ok(err)
	_, err = h.AllowReturn(h.ctx(), o.Number, desk, dispatch.Returned{To: dispatch.Giving{Lead: "water"}})
	h.denies(err, dispatch.Refusal{Field: "lead", Rule: "ZQ-9.2"}, dispatch.ErrInvalid)
	got, err := h.AllowReturn(h.ctx(), o.Number, desk, dispatch.Returned{To: dispatch.Giving{Lead: "roads"}})
	h.ok(err)
	h.same("with another, from now", []any{got.State, got.Unit, got.Due.At, got.Returns},
		[]any{dispatch.Dispatched, "roads", on(2023, 10, 11).UTC(), 1})
	if _, err := h.Sign(h.ctx(), o.Number, water); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("the unit that returned it: %v", err)
	}
	_, err = h.Sign(h.ctx(), o.Number, roads)
	h.ok(err)
}

func coordinatedStays(h *hall) {
	h.withUnits()
	o := h.open(nil)
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Assist: []string{"roads"}, Coordinated: true})
	h.ok(err)
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
	h.denies(err, dispatch.Refusal{Field: "coordinated", Rule: "ZQ-9.4"}, dispatch.ErrIllegal)
	_, err = h.Sign(h.ctx(), o.Number, roads)
	h.ok(err)
	h.same("an assisting unit's signature moves nothing", h.order(o.Number).State, dispatch.Dispatched)
	_, err = h.Start(h.ctx(), o.Number, roads, "")
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "ZQ-9.1"}, dispatch.ErrIllegal)
}

func extendedStays(h *hall) {
	o := h.handled(dispatch.Help, on(2023, 9, 28, 10))
	_, err := h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{Code: "complex", Form: "f1", Signed: true})
	h.ok(err)
	_, err = h.RefuseExtension(h.ctx(), o.Number, desk, dispatch.Refused{Opinion: "可以按期"})
	h.ok(err)
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
	h.denies(err, dispatch.Refusal{Field: "extension", Rule: "ZQ-10"}, dispatch.ErrIllegal)
}

func extensionInTime(h *hall) {
	o := h.handled(dispatch.Help, on(2023, 9, 28, 10)) // due 10-18
	ask := dispatch.ExtensionAsked{Code: "complex", Form: "f1", Signed: true}
	h.now = on(2023, 10, 17)
	_, err := h.AskExtension(h.ctx(), o.Number, water, ask)
	h.denies(err, dispatch.Refusal{Field: "at", Rule: "ZQ-12.2"}, dispatch.ErrIllegal)
	h.now = on(2023, 10, 16, 23, 59)
	_, err = h.AskExtension(h.ctx(), o.Number, water, ask)
	h.ok(err)
	// What came too late for that may ask on its own day (Q17).
	o = h.handled(dispatch.Consult, on(2023, 10, 10, 10)) // due 10-12, two days before are over with the 10th
	h.now = on(2023, 10, 10, 23, 59)
	_, err = h.AskExtension(h.ctx(), o.Number, water, ask)
	h.ok(err)
}

func extensionForm(h *hall) {
	o := h.handled(dispatch.Help, on(2023, 9, 28, 10))
	for _, tt := range []struct {
		ask   dispatch.ExtensionAsked
		field string
		rule  string
	}{
		{dispatch.ExtensionAsked{Form: "f", Signed: true}, "code", "ZQ-12.1"},
		{dispatch.ExtensionAsked{Code: "other", Form: "f", Signed: true}, "reason", "ZQ-12.1"},
		{dispatch.ExtensionAsked{Code: "policy", Signed: true}, "form", "ZQ-12.3"},
		{dispatch.ExtensionAsked{Code: "policy", Form: "f"}, "signed", "ZQ-12.3"},
	} {
		_, err := h.AskExtension(h.ctx(), o.Number, water, tt.ask)
		h.denies(err, dispatch.Refusal{Field: tt.field, Rule: tt.rule}, dispatch.ErrInvalid)
	}
	h.extended(o.Number, on(2023, 11, 2))
	_, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.denies(err, dispatch.Refusal{Field: "told", Rule: "ZQ-12.3"}, dispatch.ErrInvalid)
	_, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: "phone", Evidence: "rec2", Extended: true})
	h.ok(err)
	got, err := h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.same("completed", []any{got.State, got.Result}, []any{dispatch.Completed, "路灯已修好"})
}

// extended asks for more time and gets it, until a day begins.
func (h *hall) extended(number string, until time.Time) {
	h.t.Helper()
	_, err := h.AskExtension(h.ctx(), number, water, dispatch.ExtensionAsked{Code: "complex", Form: "f1", Signed: true})
	h.ok(err)
	got, err := h.AllowExtension(h.ctx(), number, desk, dispatch.Extended{})
	h.ok(err)
	h.same("extended", []any{got.State, got.Due.At}, []any{dispatch.Processing, until.UTC()})
}

func extensionTwice(h *hall) {
	for _, tt := range []struct {
		t      dispatch.Type
		first  time.Time
		second time.Time
	}{
		{dispatch.Consult, on(2023, 10, 11), on(2023, 10, 13)},
		{dispatch.Help, on(2023, 11, 2), on(2023, 11, 16)},
		{dispatch.Complaint, on(2023, 11, 16), on(2023, 12, 7)},
	} {
		o := h.handled(tt.t, on(2023, 9, 28, 10))
		h.extended(o.Number, tt.first)
		h.extended(o.Number, tt.second)
		_, err := h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{Code: "complex", Form: "f1", Signed: true})
		h.denies(err, dispatch.Refusal{Field: "extensions", Rule: "ZQ-12.4"}, dispatch.ErrIllegal)
	}
}
