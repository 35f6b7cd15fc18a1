// Package calendar counts Chinese working days.
//
// A yearly file lists what differs from Monday to Friday: weekdays closed by the State
// Council's notice and weekend days worked to make up for them (T3). Counting follows
// the Civil Code, articles 201 and 203: the day something starts is not counted, the
// last day ends at 24:00 (T2, T4). What arrives on a day off has the first working day
// as its day 1 (T5).
//
// A year without a file is not guessed silently: its days count by weekends alone, and
// the result says that it is provisional and which years are missing (T9).
//
// The package imports nothing of this module and needs neither clock nor network.
package calendar

import (
	"slices"
	"time"
)

// shanghai is the zone all days are meant in (T1). A fixed offset is exact since 1992
// and needs no zone files.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Calendar knows the years that were loaded. It never changes and is safe for
// concurrent use. The zero Calendar knows no year.
type Calendar struct {
	years map[int]bool
	days  map[date]Day // the exceptions
}

// Day is one exception: a weekday off, or a weekend day worked.
type Day struct {
	Date    time.Time // 00:00 in Asia/Shanghai
	Working bool
	Name    string // 春节, 国庆节调休 ...
}

// Result is the end of a counted term.
type Result struct {
	At          time.Time // 24:00 of the last day, which is 00:00 of the day after
	Provisional bool      // a year on the way was missing; weekends alone were counted there
	Missing     []int     // those years, ascending
}

// LastDay is 00:00 of the day that the term ends with.
func (r Result) LastDay() time.Time { return r.At.In(shanghai).AddDate(0, 0, -1) }

// Years lists the loaded years, ascending.
func (c *Calendar) Years() []int {
	years := make([]int, 0, len(c.years))
	for y := range c.years {
		years = append(years, y)
	}
	slices.Sort(years)
	return years
}

// Covers says whether a year is loaded.
func (c *Calendar) Covers(year int) bool { return c.years[year] }

// Exception says how the day of t differs from Monday to Friday, if it does.
func (c *Calendar) Exception(t time.Time) (Day, bool) {
	d, ok := c.days[dateOf(t)]
	return d, ok
}

// WorkingDay says whether the day of t is a working day, and whether the calendar
// knows: an unknown year is answered by its weekends.
func (c *Calendar) WorkingDay(t time.Time) (working, known bool) {
	return c.working(dateOf(t)), c.Covers(dateOf(t).year)
}

// AddWorkingDays ends a term of n working days that starts at t: at 24:00 of the n-th
// working day after t's day. With n below 1 the term ends with t's own day.
func (c *Calendar) AddWorkingDays(t time.Time, n int) Result {
	d := dateOf(t)
	var missing []int
	for n > 0 {
		d = d.next()
		missing = c.note(missing, d)
		if c.working(d) {
			n--
		}
	}
	return Result{At: d.next().time(), Provisional: len(missing) > 0, Missing: missing}
}

// Between counts the working days after from's day up to and with to's day; it is
// negative when to's day lies before. It is the inverse of AddWorkingDays.
func (c *Calendar) Between(from, to time.Time) (n int, missing []int) {
	a, b, sign := dateOf(from), dateOf(to), 1
	if b.before(a) {
		a, b, sign = b, a, -1
	}
	for a.before(b) {
		a = a.next()
		missing = c.note(missing, a)
		if c.working(a) {
			n++
		}
	}
	return sign * n, missing
}

// note adds the year of d to the missing ones.
func (c *Calendar) note(missing []int, d date) []int {
	if c.Covers(d.year) || slices.Contains(missing, d.year) {
		return missing
	}
	return append(missing, d.year)
}

func (c *Calendar) working(d date) bool {
	if e, ok := c.days[d]; ok {
		return e.Working
	}
	return !d.weekend()
}

// date is one day, comparable and so a map's key.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.In(shanghai).Date()
	return date{y, m, d}
}

func (d date) time() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, shanghai) }

func (d date) next() date { return dateOf(d.time().AddDate(0, 0, 1)) }

func (d date) before(e date) bool { return d.time().Before(e.time()) }

func (d date) weekend() bool {
	w := d.time().Weekday()
	return w == time.Saturday || w == time.Sunday
}
