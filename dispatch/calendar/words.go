package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// dayNames by time.Weekday.
var dayNames = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// DayWords is 2026-02-14 周六, in Asia/Shanghai.
func DayWords(t time.Time) string {
	t = t.In(shanghai)
	return t.Format(time.DateOnly) + " " + dayNames[t.Weekday()]
}

// UntilWords is the last moment of something: the end of a day is 24:00 of it.
func UntilWords(t time.Time) string {
	t = t.In(shanghai)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Add(-time.Second).Format(time.DateOnly) + " 24:00"
	}
	return t.Format("2006-01-02 15:04")
}

// maxDays is how many days are explained one by one; of more only those that the calendar
// changes.
const maxDays = 45

// Explain says in Chinese when a span ends, and of each day on the way what it is: counted,
// or skipped and why. The first line is the start, the last one the end.
func (c *Calendar) Explain(start time.Time, span Span) []string {
	r := c.Add(start, span)
	lines := []string{DayWords(start) + " " + start.In(shanghai).Format("15:04") + " 起算" + c.startWords(start, span)}
	first, last := midnight(start), midnight(r.At.Add(-time.Nanosecond))
	n := 0
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		what, counted := c.dayOfSpan(d, span, [2]time.Time{start, r.At})
		if counted {
			n++
			if span.Unit == Workdays {
				what = fmt.Sprintf("第%d个工作日%s", n, what)
			}
		}
		_, exception := c.Exception(d)
		if what != "" && (last.Sub(first) < maxDays*24*time.Hour || exception || d.Equal(last)) {
			lines = append(lines, "  "+DayWords(d)+" "+what)
		}
	}
	return append(lines, span.Words()+":"+UntilWords(r.At)+" 截止"+c.movedWords(start, span, last)+r.words())
}

// movedWords says that the last day was a day off, if a term moved for that.
func (c *Calendar) movedWords(start time.Time, span Span, last time.Time) string {
	day := midnight(start).AddDate(0, 0, span.N)
	if span.Unit != Days || !last.After(day) {
		return ""
	}
	return ",第" + strconv.Itoa(span.N) + "日 " + DayWords(day) + " 休息,顺延至次一工作日 (民法典第203条)"
}

// dayOfSpan says what a day is to a span, and whether it counts in working days.
func (c *Calendar) dayOfSpan(d time.Time, span Span, term [2]time.Time) (what string, counted bool) {
	why := ""
	if e, ok := c.Exception(d); ok {
		why = "," + e.Name
	}
	working, known := c.WorkingDay(d)
	if !known {
		why += ",缺当年日历,按周末推算 (T9)"
	}
	switch {
	case span.Unit == WorkHours && working:
		h, _ := c.WorkingHoursBetween(later(d, term[0]), earlier(d.AddDate(0, 0, 1), term[1]))
		return fmt.Sprintf("工作时间 %d 分钟%s", int(h.Minutes()), why), false
	case span.Unit != Workdays && span.Unit != WorkHours:
		return "", false
	case !working && why == "":
		return "休,周末", false
	case !working:
		return "休" + why, false
	}
	between, _ := c.Between(term[0], d)
	return why, between > 0
}

// startWords says how the start counts.
func (c *Calendar) startWords(start time.Time, span Span) string {
	working, _ := c.WorkingDay(start)
	switch {
	case span.Unit != Workdays && span.Unit != Days:
		return ""
	case span.Unit == Days || working:
		return ",当日不计 (T2)"
	case c.Rules().Receipt == NextWorkingDay:
		return ",非工作日收到:首个工作日视为收到日,再次日起算 (T5, Q2)"
	}
	return ",非工作日收到:首个工作日为第1日 (T5)"
}

// ExplainBefore says in Chinese the last moment that lies a span before a deadline.
func (c *Calendar) ExplainBefore(due time.Time, span Span) string {
	r := c.Before(due, span)
	last := r.At.Add(-time.Nanosecond)
	note := ""
	if working, _ := c.WorkingDay(last); !working && span.Unit == Days {
		note = ",当日休息,仍可提出 (T6)"
	}
	return fmt.Sprintf("%s 届满前 %s:最迟 %s(%s%s)%s", UntilWords(due), span.Words(), UntilWords(r.At), dayNames[last.In(shanghai).Weekday()], note, r.words())
}

// words says that a result is provisional, if it is.
func (r Result) words() string {
	if !r.Provisional {
		return ""
	}
	return fmt.Sprintf(",暂定:缺 %v 年日历,装载后重算 (T9)", r.Missing)
}

// midnight is the beginning of a day.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(shanghai).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, shanghai)
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
