package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Rules are what a profile decides where the law leaves a choice. The zero Rules take the
// recommended readings; without Hours a working day is worked around the clock.
type Rules struct {
	// Hours are the business hours of a working day, ascending (Q23).
	Hours []Part `yaml:"business_hours"`
	// DayEnd is when the last day of a term ends (Q1, Civil Code article 203).
	DayEnd DayEnd `yaml:"day_end"`
	// Receipt is how what arrives on a day off counts (Q2).
	Receipt Receipt `yaml:"nonworking_receipt"`
	// Holiday is what becomes of a term in calendar days whose last one is a day off (Civil
	// Code article 203).
	Holiday Holiday `yaml:"holiday_end"`
}

// DayEnd is when a day ends.
type DayEnd string

// The ends of a day.
const (
	Midnight      DayEnd = "24:00"          // the default: what is open day and night takes things until then
	BusinessClose DayEnd = "business_close" // when business hours end; on a day off at 24:00
)

// Receipt is what becomes of a start on a day off.
type Receipt string

// The readings of a start on a day off.
const (
	FirstWorkingDay Receipt = "first_working_day" // the default: the next working day is day 1 (T5)
	NextWorkingDay  Receipt = "next_working_day"  // received on the next working day, and day 1 comes after it
)

// Holiday is what becomes of a last day that is a day off.
type Holiday string

// The readings of a last day off.
const (
	Stays Holiday = "stays"            // the default: the term ends with it all the same
	Moves Holiday = "next_working_day" // the next working day is the last one
)

// Check says what is wrong with the rules; nil is nothing.
func (r Rules) Check() error {
	switch r.DayEnd {
	case "", Midnight:
	case BusinessClose:
		if len(r.Hours) == 0 {
			return fmt.Errorf("day_end is %s without business_hours (Q1)", r.DayEnd)
		}
	default:
		return fmt.Errorf("day_end %q is neither %q nor %q (Q1)", r.DayEnd, Midnight, BusinessClose)
	}
	switch r.Receipt {
	case "", FirstWorkingDay, NextWorkingDay:
	default:
		return fmt.Errorf("nonworking_receipt %q is neither %q nor %q (Q2)", r.Receipt, FirstWorkingDay, NextWorkingDay)
	}
	switch r.Holiday {
	case "", Stays, Moves:
	default:
		return fmt.Errorf("holiday_end %q is neither %q nor %q", r.Holiday, Stays, Moves)
	}
	end := 0
	for _, p := range r.Hours {
		if p.From < end || p.To <= p.From || p.To > aDay/60 {
			return fmt.Errorf("business_hours %s do not ascend within one day (Q23)", p)
		}
		end = p.To
	}
	return nil
}

// Part is a part of a day, in minutes after midnight.
type Part struct{ From, To int }

// UnmarshalText reads "09:00-12:00".
func (p *Part) UnmarshalText(b []byte) error {
	var h, m [2]int
	n, err := fmt.Sscanf(string(b), "%d:%d-%d:%d", &h[0], &m[0], &h[1], &m[1])
	*p = Part{From: h[0]*60 + m[0], To: h[1]*60 + m[1]}
	if err != nil || n != 4 || string(b) != p.String() || p.From >= p.To || p.To > aDay/60 {
		return fmt.Errorf("%q is no part of a day like 09:00-12:00", b)
	}
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (p Part) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// String is 09:00-12:00.
func (p Part) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", p.From/60, p.From%60, p.To/60, p.To%60)
}

func (p Part) length() time.Duration { return time.Duration(p.To-p.From) * time.Minute }

// With is the same calendar under rules, which have to be sound (see Check). The days are
// shared, not copied.
func (c *Calendar) With(r Rules) *Calendar {
	under := *c
	under.rules, under.hours = r, slices.Clone(r.Hours)
	return &under
}

// Rules are those the calendar counts under.
func (c *Calendar) Rules() Rules { return c.rules }

// wholeDay is the business hours of who has none.
var wholeDay = []Part{{To: aDay / 60}}

func (c *Calendar) parts() []Part {
	if len(c.hours) == 0 {
		return wholeDay
	}
	return c.hours
}

// perDay is how long a working day is.
func (c *Calendar) perDay() (sum time.Duration) {
	for _, p := range c.parts() {
		sum += p.length()
	}
	return sum
}

// worked is how much of the business hours of t's day has passed at t.
func (c *Calendar) worked(t time.Time) (sum time.Duration) {
	d := dateOf(t)
	if !c.working(d) {
		return 0
	}
	clock := t.Sub(d.time())
	for _, p := range c.parts() {
		sum += min(max(clock-time.Duration(p.From)*time.Minute, 0), p.length())
	}
	return sum
}

// Open says whether a moment lies in the business hours of a working day (ZZ-20.4).
func (c *Calendar) Open(t time.Time) bool {
	d := dateOf(t)
	clock := t.Sub(d.time())
	return c.working(d) && slices.ContainsFunc(c.parts(), func(p Part) bool {
		return clock >= time.Duration(p.From)*time.Minute && clock < time.Duration(p.To)*time.Minute
	})
}

// AddWorkingHours ends a term that runs in business hours of working days only, at the
// first moment at which so much of them has passed (XZ-12.3.4). What is not above zero
// ends at t.
func (c *Calendar) AddWorkingHours(t time.Time, d time.Duration) Result {
	if d <= 0 {
		return Result{At: t}
	}
	return c.workHours(t, d)
}

// workHours goes d forward or back.
func (c *Calendar) workHours(t time.Time, d time.Duration) Result {
	from, day := dateOf(t), c.perDay()
	d += c.worked(t)
	days := floor(int64(d-1), int64(day))
	end := c.nth(c.rank(from-1) + 1 + int(days))
	d -= time.Duration(days) * day
	r := Result{At: end.time(), Missing: c.missing(min(from, end), max(from, end))}
	for _, p := range c.parts() {
		if d <= p.length() {
			r.At = r.At.Add(time.Duration(p.From)*time.Minute + d)
			break
		}
		d -= p.length()
	}
	r.Provisional = len(r.Missing) > 0
	return r
}

// WorkingHoursBetween is how much of the business hours lies from from to to; it is negative
// when to is the earlier one. It is the inverse of AddWorkingHours.
func (c *Calendar) WorkingHoursBetween(from, to time.Time) (d time.Duration, missing []int) {
	a, b := dateOf(from), dateOf(to)
	d = time.Duration(c.rank(b-1)-c.rank(a-1))*c.perDay() + c.worked(to) - c.worked(from)
	return d, c.missing(min(a, b), max(a, b))
}
