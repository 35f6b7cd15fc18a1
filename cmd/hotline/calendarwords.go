package main

import (
	"fmt"
	"io"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
)

// printer prints lines until one fails.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// weekdays by time.Weekday.
var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// dayWords is 2026-02-14 周六.
func dayWords(t time.Time) string {
	t = t.In(dispatch.Place)
	return t.Format(time.DateOnly) + " " + weekdays[t.Weekday()]
}

// untilWords is the last moment of something: the end of a day is 24:00 of it.
func untilWords(t time.Time) string {
	t = t.In(dispatch.Place)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Add(-time.Second).Format(time.DateOnly) + " 24:00"
	}
	return t.Format("2006-01-02 15:04")
}

// maxDays is how many days are explained one by one; of more only those that the calendar
// changes.
const maxDays = 45

// explainSpan says when a span ends, and of each day on the way what it is.
func explainSpan(out io.Writer, c *calendar.Calendar, start time.Time, span calendar.Span) error {
	w, r := &printer{out: out}, c.Add(start, span)
	w.line("%s %s 起算%s", dayWords(start), start.In(dispatch.Place).Format("15:04"), startWords(c, start, span))
	first := midnight(start)
	last := midnight(r.At.Add(-time.Nanosecond))
	n := 0
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		what, counted := dayOfSpan(c, d, span, [2]time.Time{start, r.At})
		if counted {
			n++
			if span.Unit == calendar.Workdays {
				what = fmt.Sprintf("第%d个工作日%s", n, what)
			}
		}
		_, exception := c.Exception(d)
		if what != "" && (last.Sub(first) < maxDays*24*time.Hour || exception || d.Equal(last)) {
			w.line("  %s %s", dayWords(d), what)
		}
	}
	w.line("%s:%s 截止%s", span.Words(), untilWords(r.At), provisionalWords(r))
	return w.err
}

// dayOfSpan says what a day is to a span, and whether it counts in working days.
func dayOfSpan(c *calendar.Calendar, d time.Time, span calendar.Span, term [2]time.Time) (what string, counted bool) {
	why := ""
	if e, ok := c.Exception(d); ok {
		why = "," + e.Name
	}
	working, known := c.WorkingDay(d)
	if !known {
		why += ",缺当年日历,按周末推算 (T9)"
	}
	switch {
	case span.Unit == calendar.WorkHours && working:
		from, to := later(d, term[0]), earlier(d.AddDate(0, 0, 1), term[1])
		h, _ := c.WorkingHoursBetween(from, to)
		return fmt.Sprintf("工作时间 %d 分钟%s", int(h.Minutes()), why), false
	case span.Unit != calendar.Workdays && span.Unit != calendar.WorkHours:
		return "", false
	case !working:
		return "休" + why, false
	}
	between, _ := c.Between(term[0], d)
	return why, between > 0
}

// startWords says how the start counts.
func startWords(c *calendar.Calendar, start time.Time, span calendar.Span) string {
	working, _ := c.WorkingDay(start)
	switch {
	case span.Unit != calendar.Workdays && span.Unit != calendar.Days:
		return ""
	case span.Unit == calendar.Days || working:
		return ",当日不计 (T2)"
	case c.Rules().Receipt == calendar.NextWorkingDay:
		return ",非工作日收到:首个工作日视为收到日,再次日起算 (T5, Q2)"
	}
	return ",非工作日收到:首个工作日为第1日 (T5)"
}

// explainBefore says the last moment that lies a span before a deadline. A day is meant with
// its end.
func explainBefore(out io.Writer, c *calendar.Calendar, due time.Time, span calendar.Span) error {
	if due.Equal(midnight(due)) {
		due = due.AddDate(0, 0, 1)
	}
	w, r := &printer{out: out}, c.Before(due, span)
	last := r.At.Add(-time.Nanosecond)
	note := ""
	if working, _ := c.WorkingDay(last); !working && span.Unit == calendar.Days {
		note = ",当日休息,仍可提出 (T6)"
	}
	w.line("%s 届满前 %s:最迟 %s(%s%s)%s", untilWords(due), span.Words(), untilWords(r.At), weekdays[last.In(dispatch.Place).Weekday()], note, provisionalWords(r))
	return w.err
}

func provisionalWords(r calendar.Result) string {
	if !r.Provisional {
		return ""
	}
	return fmt.Sprintf(",暂定:缺 %v 年日历,装载后重算 (T9)", r.Missing)
}

// midnight is the beginning of a day.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(dispatch.Place).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, dispatch.Place)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
