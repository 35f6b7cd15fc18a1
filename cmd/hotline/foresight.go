package main

import (
	"fmt"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// What the status strip says of the days to come.
const (
	partCalendar = "工作日历"
	partRoster   = "值班表"
)

// How far ahead the hotline looks: the next year's closures are announced in November,
// and an empty shift must be known before it begins (ZZ-20.5).
const (
	calendarAhead = 45 * 24 * time.Hour
	rosterAhead   = 3 * 24 * time.Hour
)

// foresight tells of what is not wrong yet: a year without a calendar, whose deadlines
// are provisional (T9), and a time at which nobody is on duty (ZZ-20.5).
func (a *app) foresight() []console.Part {
	now := a.clock.Now().In(dispatch.Place)
	days := console.Part{Name: partCalendar, Up: true}
	for _, year := range []int{now.Year(), now.Add(calendarAhead).Year()} {
		if !a.office.Calendar().Covers(year) {
			days.Up, days.Detail = false, fmt.Sprintf("缺 %d 年放假安排,期限暂定", year)
			break
		}
	}
	duty := console.Part{Name: partRoster, Up: true}
	if gaps := a.house.roster.Gaps(now, now.Add(rosterAhead)); len(gaps) > 0 {
		duty.Up, duty.Detail = false, fmt.Sprintf("%d 处无人值班,最早 %s", len(gaps), gaps[0].From.In(dispatch.Place).Format("1月2日15:04"))
	}
	return []console.Part{days, duty}
}
