package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Rules that several parts keep together, each as its regulation's own test line has it.
func TestRules(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){"ZZ-13.4 everybody is asked, and the answers are counted": asksEverybody})
	onBoth(t, "kf", map[string]func(*hall){"KF-3.5.1 who asked hears the result at once": hearsResult})
	onBoth(t, "xz", map[string]func(*hall){"XZ-16 a bad rating is followed up before the order is closed": followsUp})
}

func asksEverybody(h *hall) {
	from := h.now
	for _, answer := range []string{"2", "满意", "5", "好的吧", ""} {
		o := h.open(nil)
		h.complete(o.Number)
		h.deliver(o.Number)
		if answer != "" {
			h.text(answer, h.survey(o.Number).Slot)
		}
	}
	h.now = h.now.Add(25 * time.Hour)
	h.sweep()
	s, err := h.Satisfaction(h.ctx(), from, h.now)
	h.ok(err)
	h.same("of three who answered, two are satisfied", []int{s.Satisfied, s.Rated}, []int{2, 3})
	list, err := h.store.Surveys(h.ctx(), dispatch.Filter{})
	h.ok(err)
	h.same("asked", len(list), 5)
}

func hearsResult(h *hall) {
	o := h.open(nil)
	h.complete(o.Number)
	texts := h.sent(o.Number, sms.KindResult)
	if len(texts) != 1 || texts[0].To != citizen || texts[0].NotBefore.After(h.now.Add(time.Minute)) || !strings.Contains(texts[0].Text, o.Number) {
		h.t.Errorf("texts %+v", texts)
	}
	landline := h.open(func(in *dispatch.Intake) { in.Phone = "037122223333" })
	h.complete(landline.Number)
	h.same("a landline gets none, and it is written down why",
		[]any{len(h.sent(landline.Number, sms.KindResult)), h.told(landline.Number, dispatch.OnTextSkipped) > 0}, []any{0, true})
}

func followsUp(h *hall) {
	o := h.rated(dispatch.Complaint, "5")
	h.same("a task, and the order stays open", []any{o.State, len(h.callbacks(o.Number))}, []any{dispatch.CallBack, 1})
	h.now = h.now.Add(40 * day)
	h.sweep()
	h.same("however long", h.order(o.Number).State, dispatch.CallBack)
	h.ok(h.called(o.Number, func(c *dispatch.Called) { c.UnitFault = true }))
	h.same("put right", h.order(o.Number).State, dispatch.Redone)
	h.same("told", h.answerAgain(o.Number, "1").State, dispatch.Archived)
}
