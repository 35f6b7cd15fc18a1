package dispatch

import (
	"time"

	"hotline/dispatch/calendar"
)

// Deadline is the promise's last moment and how it was found. From and Span let it be
// counted again when the calendar changes (T9, T10); where they are zero, somebody named
// the moment itself and it stands.
type Deadline struct {
	At          time.Time
	Provisional bool          // a calendar year was missing (T9)
	Rule        string        // the clause it follows, such as "ZZ-17.1"
	From        time.Time     // what it is counted from
	Span        calendar.Span // and how far
}

// spans are a term's lengths, one for each unit that it may be in.
func (t Term) spans() []calendar.Span {
	return []calendar.Span{{N: t.Workdays, Unit: calendar.Workdays}, {N: t.Days, Unit: calendar.Days}, {N: t.Hours, Unit: calendar.Hours},
		{N: t.Minutes, Unit: calendar.Minutes}, {N: t.WorkHours, Unit: calendar.WorkHours}}
}

// Span is the term as the calendar counts it; one without a length is no working day.
func (t Term) Span() calendar.Span {
	all := t.spans()
	for _, s := range all {
		if s.N > 0 {
			return s
		}
	}
	return all[0]
}

// Deadline is the last moment of a term that starts at from.
func (t Term) Deadline(c *calendar.Calendar, from time.Time) Deadline {
	return Deadline{Rule: t.Rule, From: from.UTC(), Span: t.Span()}.again(c)
}

// again counts the deadline once more, from where and as far as it was counted before.
func (d Deadline) again(c *calendar.Calendar) Deadline {
	if d.From.IsZero() || d.Span == (calendar.Span{}) {
		return d
	}
	r := c.Add(d.From, d.Span)
	d.At, d.Provisional = r.At.UTC(), r.Provisional
	return d
}

// Extended puts a term behind a deadline (ZQ-12.4): from its last day on, not from when that
// is decided. Terms of one unit add up, so that a calendar that changes later moves both.
func (d Deadline) Extended(c *calendar.Calendar, t Term) Deadline {
	span := t.Span()
	next := Deadline{Rule: t.Rule, From: d.From, Span: calendar.Span{N: d.Span.N + span.N, Unit: span.Unit}}
	if d.From.IsZero() || d.Span.Unit != span.Unit {
		next.From, next.Span = d.At, span
		if span.Unit == calendar.Workdays || span.Unit == calendar.Days {
			next.From = d.At.Add(-time.Microsecond) // 24:00 of the last day is still that day
		}
	}
	return next.again(c)
}
