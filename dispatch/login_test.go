package dispatch_test

import (
	"fmt"
	"slices"
	"strings"

	"hotline/dispatch"
	"hotline/sms"
)

// absences lists the days' units of which nobody logged in, as day and unit.
func (h *hall) absences() (all []string) {
	h.t.Helper()
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActAbsent}})
	h.ok(err)
	for _, a := range slices.Backward(acts) {
		all = append(all, a.About.In(dispatch.Place).Format("01-02 ")+a.Unit+" "+a.Rule)
	}
	slices.Sort(all)
	return all
}

// logsIn notes a log-in, as the console does.
func (h *hall) logsIn(when, actor string) {
	h.t.Helper()
	h.now = h.at(when)
	h.ok(h.Audit(h.ctx(), dispatch.Audit{Actor: actor, Act: dispatch.ActLogIn, Subject: "x"}))
}

// notLoggedIn: from Friday, 20 November 2026, on, two units with people and one without.
func notLoggedIn(h *hall) {
	h.staffed()
	h.config.Units = append(h.config.Units, dispatch.Unit{ID: "water", Name: "水务局", Handlers: []dispatch.Handler{{ID: "1", Name: "赵"}}}, dispatch.Unit{ID: "gas", Name: "燃气办"})
	h.Office = dispatch.NewOffice(h.config)
	h.atRoad(nil)
	h.logsIn("2026-11-20 00:00:00", "unit:water/赵") // the day's first moment counts
	h.logsIn("2026-11-20 09:00:00", "agent:8001")   // is of no unit
	h.clock("2026-11-20 23:58:59")
	h.same("the day is not over", h.absences(), []string(nil))
	h.clock("2026-11-20 23:59:00")
	h.clock("2026-11-20 23:59:30")
	h.same("Friday", h.absences(), []string{"11-20 road ZZ-7.2"})

	h.logsIn("2026-11-21 10:00:00", "unit:road/张三")
	h.clock("2026-11-22 08:00:00")
	h.same("a Saturday: who has nothing to handle is not asked", len(h.absences()), 1)
	h.clock("2026-11-24 08:00:00") // nobody swept for two days
	h.same("Sunday and Monday", h.absences(), []string{"11-20 road ZZ-7.2", "11-22 road ZZ-7.2", "11-23 road ZZ-7.2", "11-23 water ZZ-7.2"})

	var told []string
	texts, err := h.store.Messages(h.ctx(), dispatch.Filter{Phone: leaderPhone, Kind: sms.KindNotice})
	h.ok(err)
	for _, m := range texts {
		if strings.Contains(m.Text, "无人登录") {
			told = append(told, fmt.Sprint(m.Text, m.NotBefore.In(dispatch.Place).Format(" 01-02 15:04")))
		}
	}
	slices.Sort(told)
	h.same("the leader on duty reads it in the morning", told[0], "11月20日无人登录查收的单位:路政。 11-21 08:00")
	h.same("one a day", len(told), 3)
}
