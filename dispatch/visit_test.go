package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

func TestVisits(t *testing.T) {
	onBoth(t, "sq", map[string]func(*hall){"SQ-4.5.2 somebody is sent to the spot": sentToTheSpot})
}

// sentToTheSpot: expected at 11:00 and not there at 11:30; of two, one arrives.
func sentToTheSpot(h *hall) {
	h.staffed()
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
	given := h.give(o.Number, nil)
	visit := func(v dispatch.Visit) error {
		_, err := h.SendVisit(h.ctx(), o.Number, road, v)
		return err
	}
	expected := h.at("2026-11-20 11:00:00")
	for field, v := range map[string]dispatch.Visit{"who": {Where: "一路1号", At: expected}, "where": {Who: "张三", At: expected}, "at": {Who: "张三", Where: "一路1号", At: h.now}} {
		h.denies(visit(v), dispatch.Refusal{Field: field, Rule: "SQ-4.5.2"}, dispatch.ErrInvalid)
	}
	_, err := h.Arrived(h.ctx(), o.Number, road, "")
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "SQ-4.5.2"}, dispatch.ErrIllegal)
	_, err = h.SendVisit(h.ctx(), o.Number, dispatch.By{Actor: "citizen", Role: dispatch.ByCitizen}, dispatch.Visit{Who: "张三", Where: "一路1号", At: expected})
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "SQ-4.5.2"}, dispatch.ErrRole)
	h.same("nothing changed", h.order(o.Number), given)

	h.ok(visit(dispatch.Visit{Who: "张三", Where: "一路1号", At: expected}))
	h.ok(visit(dispatch.Visit{Who: "李四", Where: "二路2号", At: expected.Add(2 * time.Hour)}))
	h.same("who, where and when", h.words(o.Number, dispatch.OnVisit)[0], "派往现场:张三,地点一路1号,预计11月20日11:00到场")
	h.exactly("2026-11-20 11:30:01", "visit_late1")
	h.same("who is told", []any{h.duty(o.Number), h.rules(o.Number, dispatch.OnVisitLate)}, []any{[]string{headPhone, onDuty}, []string{"SQ-4.5.2"}})
	h.now = h.at("2026-11-20 12:10:00")
	for range 2 {
		_, err = h.Arrived(h.ctx(), o.Number, road, "")
		h.ok(err)
		h.now = h.at("2026-11-20 12:50:00")
	}
	words := h.words(o.Number, dispatch.OnArrived)
	h.same("late, and in time", []bool{strings.HasPrefix(words[0], "11月20日12:10到场(张三,地点一路1号),超期"), strings.HasPrefix(words[1], "11月20日12:50到场(李四,地点二路2号),按时")},
		[]bool{true, true})
	h.same("no alarm for who is there", h.clock("2026-11-20 16:00:00"), []string{})
}
