package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// Unit is what a span is counted in.
type Unit string

// The units, as spans are written.
const (
	Workdays  Unit = "wd" // working days (T3): the day of the start is not counted
	Days      Unit = "d"  // calendar days (T6)
	Hours     Unit = "h"  // by the clock (T7)
	Minutes   Unit = "m"  // by the clock
	WorkHours Unit = "wh" // business hours of working days (T7, XZ-12.3.4)
)

// words are the units as people say them.
var words = map[Unit]string{Workdays: "个工作日", Days: "日", Hours: "小时", Minutes: "分钟", WorkHours: "个工作小时"}

// maxSpan is the longest span that is read: more is a mistake.
const maxSpan = 100_000

// Span is a length of time as a regulation says it: 2 working days, 24 hours. The zero
// Span is no time at all.
type Span struct {
	N    int
	Unit Unit
}

// ParseSpan reads "2wd", "10d", "24h", "30m" and "1wh".
func ParseSpan(s string) (Span, error) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	span := Span{Unit: Unit(s[n:])}
	var err error
	if span.N, err = strconv.Atoi(s[:n]); err != nil || words[span.Unit] == "" || span.N > maxSpan {
		return Span{}, fmt.Errorf("%q is no span like 2wd, 10d, 24h, 30m or 1wh", s)
	}
	return span, nil
}

// UnmarshalText is ParseSpan, for files.
func (s *Span) UnmarshalText(b []byte) error {
	span, err := ParseSpan(string(b))
	if err == nil {
		*s = span
	}
	return err
}

// String is what ParseSpan reads; of the zero Span it is empty.
func (s Span) String() string {
	if s == (Span{}) {
		return ""
	}
	return strconv.Itoa(s.N) + string(s.Unit)
}

// Words says it in Chinese: 2个工作日.
func (s Span) Words() string { return strconv.Itoa(s.N) + words[s.Unit] }

// Add ends a span that starts at t. A unit it does not know ends at t.
func (c *Calendar) Add(t time.Time, s Span) Result {
	switch s.Unit {
	case Workdays:
		return c.AddWorkingDays(t, s.N)
	case Days:
		return c.AddDays(t, s.N)
	case WorkHours:
		return c.AddWorkingHours(t, time.Duration(s.N)*time.Hour)
	case Hours:
		return Result{At: t.Add(time.Duration(s.N) * time.Hour)}
	case Minutes:
		return Result{At: t.Add(time.Duration(s.N) * time.Minute)}
	}
	return Result{At: t}
}

// Before is the last moment that lies a span before a deadline: two days before the end of
// the 18th is the end of the 16th, whether that is a working day or not (ZQ-12.2); counted
// in working days it is the end of one (Q16).
func (c *Calendar) Before(due time.Time, s Span) Result {
	switch s.Unit {
	case Workdays:
		last := dateOf(due.Add(-1))
		end := last
		if s.N > 0 {
			end = c.nth(c.rank(last-1) - s.N + 1)
		}
		return c.ending(end, last, end)
	case Days:
		return Result{At: due.In(shanghai).AddDate(0, 0, -s.N)}
	case WorkHours:
		return c.workHours(due, -time.Duration(s.N)*time.Hour)
	case Hours:
		return Result{At: due.Add(-time.Duration(s.N) * time.Hour)}
	case Minutes:
		return Result{At: due.Add(-time.Duration(s.N) * time.Minute)}
	}
	return Result{At: due}
}
