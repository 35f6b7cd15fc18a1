// Package calendar counts Chinese working days and hours.
//
// A yearly file lists what differs from Monday to Friday: weekdays closed by the State
// Council's notice and weekend days worked to make up for them (T3). Counting follows
// the Civil Code, articles 201 and 203: the day something starts is not counted, the
// last day ends at 24:00 (T2, T4). What arrives on a day off has the first working day
// as its day 1 (T5). Hours by the clock are absolute, working hours run in business
// hours only (T7). [Rules] hold the choices.
//
// A year without a file is not guessed silently: its days count by weekends alone, and
// the result says that it is provisional and which years are missing (T9).
//
// The package imports nothing of this module and needs neither clock nor network.
// Counting is arithmetic on one table: no term, however long, costs more than another,
// and only a provisional one needs memory.
package calendar

import (
	"maps"
	"slices"
	"time"
)

// Calendar knows the years that were loaded and the rules it counts under. It never
// changes and is safe for concurrent use. The zero Calendar knows no year.
type Calendar struct {
	table
	years map[int]Year
	days  map[date]Day // the exceptions
	rules Rules
	hours []Part // a copy of the rules'
}

// Day is one exception: a weekday off, or a weekend day worked.
type Day struct {
	Date    time.Time // 00:00 in Asia/Shanghai
	Working bool
	Name    string // 春节, 国庆节调休 ...
}

// Result is the end of a counted term.
type Result struct {
	At          time.Time // 24:00 of the last day is 00:00 of the day after
	Provisional bool      // a year on the way was missing; weekends alone were counted there
	Missing     []int     // those years, ascending
}

// LastDay is 00:00 of the day that the term ends with.
func (r Result) LastDay() time.Time { return dateOf(r.At.Add(-1)).time() }

// New is a calendar of years, under the recommended rules. Of two alike the later counts.
func New(years ...Year) *Calendar {
	c := &Calendar{years: map[int]Year{}, days: map[date]Day{}}
	for _, y := range years {
		c.years[y.Year] = y
	}
	if len(c.years) == 0 {
		return c
	}
	for _, y := range c.years {
		for _, d := range y.Days {
			c.days[dateOf(d.Date)] = d
		}
	}
	all := c.Years()
	c.table = newTable(all[0], all[len(all)-1], c.days)
	c.whole = all[len(all)-1]-all[0]+1 == len(all)
	return c
}

// Years lists the loaded years, ascending.
func (c *Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// Year is a loaded year.
func (c *Calendar) Year(year int) (Year, bool) {
	y, ok := c.years[year]
	return y, ok
}

// Covers says whether a year is loaded.
func (c *Calendar) Covers(year int) bool {
	_, ok := c.years[year]
	return ok
}

// Exception says how the day of t differs from Monday to Friday, if it does.
func (c *Calendar) Exception(t time.Time) (Day, bool) {
	d, ok := c.days[dateOf(t)]
	return d, ok
}

// WorkingDay says whether the day of t is a working day, and whether the calendar
// knows: an unknown year is answered by its weekends.
func (c *Calendar) WorkingDay(t time.Time) (working, known bool) {
	d := dateOf(t)
	return c.working(d), c.Covers(d.year())
}

// AddWorkingDays ends a term of n working days that starts at t: with the n-th working day
// after t's day. With n below 1 the term ends with t's own day.
func (c *Calendar) AddWorkingDays(t time.Time, n int) Result {
	d := dateOf(t)
	if n < 1 {
		return Result{At: c.end(d)}
	}
	start := c.start(d)
	end := c.nth(c.rank(start) + n)
	return c.ending(d+1, end, end)
}

// AddDays ends a term of n calendar days that starts at t: with the n-th day after t's (T6),
// or, under the rule that it moves, with the first working day from there on.
func (c *Calendar) AddDays(t time.Time, n int) Result {
	last := dateOf(t) + date(max(n, 0))
	if c.rules.Holiday != Moves || n < 1 {
		return Result{At: c.end(last)}
	}
	end := c.nth(c.rank(last-1) + 1)
	return c.ending(last, end, end)
}

// Between counts the working days after from's day up to and with to's day; it is
// negative when to's day lies before. It is the inverse of AddWorkingDays.
func (c *Calendar) Between(from, to time.Time) (n int, missing []int) {
	a, b, sign := dateOf(from), dateOf(to), 1
	if b < a {
		a, b, sign = b, a, -1
	}
	return sign * max(c.rank(b)-c.rank(c.start(a)), 0), c.missing(a+1, b)
}

// start is the day that a term which begins on d is counted from (Q2).
func (c *Calendar) start(d date) date {
	if c.rules.Receipt == NextWorkingDay && !c.working(d) {
		return c.nth(c.rank(d) + 1)
	}
	return d
}

// ending is the result of a term that ends with last and went through from to to.
func (c *Calendar) ending(from, to, last date) Result {
	missing := c.missing(from, to)
	return Result{At: c.end(last), Provisional: len(missing) > 0, Missing: missing}
}

// end is when a day ends (Q1).
func (c *Calendar) end(d date) time.Time {
	if c.rules.DayEnd == BusinessClose && len(c.hours) > 0 && c.working(d) {
		return d.time().Add(time.Duration(c.hours[len(c.hours)-1].To) * time.Minute)
	}
	return (d + 1).time()
}

// missing lists the years from one day to another that are not loaded.
func (c *Calendar) missing(from, to date) (years []int) {
	if from > to || c.whole && from >= c.first && to <= c.last {
		return nil
	}
	for y, last := from.year(), to.year(); y <= last; y++ {
		if !c.Covers(y) {
			years = append(years, y)
		}
	}
	return years
}
