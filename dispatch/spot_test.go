package dispatch_test

import (
	"errors"
	"strings"

	"hotline/dispatch"
	"hotline/sms"
)

// spotChecked: forty orders on Friday, thirteen on Saturday, a pause over Sunday.
func spotChecked(h *hall) {
	h.staffed()
	day := map[string]bool{}
	for range 40 {
		day[h.complete(h.open(nil).Number).Number] = true
	}
	open := func() []dispatch.Act {
		acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActSpot}, Open: true, Limit: 100})
		h.ok(err)
		return acts
	}
	h.clock("2026-11-20 17:29:59")
	h.same("not before the end of the day", len(open()), 0)
	h.clock("2026-11-20 17:30:00")
	drawn := open()
	h.swept()
	h.same("five of forty, once", []int{len(drawn), len(open())}, []int{5, 5})
	for _, a := range drawn {
		h.same("of that day, with its clause", []any{day[a.Order], h.rules(a.Order, dispatch.OnSpot)}, []any{true, []string{"ZZ-11.1"}})
		delete(day, a.Order)
	}
	_, err := h.AnswerAct(h.ctx(), drawn[0].ID, road, "属实")
	h.same("no unit's", errors.Is(err, dispatch.ErrNotFound), true)
	_, err = h.AnswerAct(h.ctx(), drawn[0].ID, dispatch.By{Actor: "agent:8001", Role: dispatch.ByAgent}, "属实")
	h.refused(err, dispatch.ErrRole, "role", "ZZ-11.1")
	for _, a := range drawn[:2] {
		_, err := h.AnswerAct(h.ctx(), a.ID, leader, "答复属实")
		h.ok(err)
	}
	h.same("signed", h.words(drawn[0].Order, dispatch.OnActAnswered), []string{"抽查签注:答复属实"})
	h.now = h.at("2026-11-21 10:00:00")
	h.policy.SpotCheck.Percent = 50
	for range 13 {
		h.complete(h.open(nil).Number)
	}
	h.clock("2026-11-22 20:00:00")
	h.same("seven of thirteen, and what is left of Friday", len(open()), 3+7)
	texts, err := h.store.Messages(h.ctx(), dispatch.Filter{Kind: sms.KindNotice, Phone: leaderPhone})
	h.ok(err)
	var said []string
	for _, m := range texts {
		if strings.Contains(m.Text, "抽查") {
			said = append(said, m.Text)
		}
	}
	h.same("told", sorted(said), []string{"11月20日抽查5件,请签注;此前未签注0件。", "11月21日抽查7件,请签注;此前未签注3件。", "11月22日抽查0件,请签注;此前未签注10件。"})
}
