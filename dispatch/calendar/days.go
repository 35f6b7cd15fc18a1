package calendar

import "time"

// shanghai is the zone all days are meant in (T1). A fixed offset is exact since 1992
// and needs no zone files.
var shanghai = time.FixedZone("Asia/Shanghai", offset)

const (
	offset = 8 * 60 * 60  // seconds
	aDay   = 24 * 60 * 60 // seconds
)

// date is one day: how many have passed in Shanghai since 1970-01-01. Counting with
// numbers needs neither memory nor calendars of years.
type date int

// monday is 1970-01-05; the weeks are counted from it.
const monday date = 4

func dateOf(t time.Time) date { return date(floor(t.Unix()+offset, aDay)) }

// time is 00:00 of the day.
func (d date) time() time.Time { return time.Unix(int64(d)*aDay-offset, 0).In(shanghai) }

func (d date) year() int { return d.time().Year() }

func (d date) weekend() bool { return int(d-monday)-7*floor(int(d-monday), 7) >= 5 }

// weekdays counts Mondays to Fridays from 1970-01-05 to d, both included; before then it
// is negative.
func weekdays(d date) int {
	weeks := floor(int(d-monday), 7)
	return 5*weeks + min(int(d-monday)-7*weeks+1, 5)
}

// weekday is the inverse: the n-th Monday to Friday.
func weekday(n int) date {
	weeks := floor(n-1, 5)
	return monday + date(7*weeks+n-1-5*weeks)
}

// floor divides and rounds down, where / rounds to zero.
func floor[T int | int64](a, b T) T {
	if q := a / b; a%b >= 0 {
		return q
	}
	return a/b - 1
}

// table says which days are worked: those of the loaded years from the first to the last
// one by their files, all others by weekends.
type table struct {
	first, last date    // last is first-1 in an empty table
	upTo        []int32 // working days from first to first+i, both included
	work        []date  // the working days, ascending
	whole       bool    // every year in it is loaded
}

// newTable lays out whole years; days are the exceptions.
func newTable(from, to int, days map[date]Day) table {
	t := table{first: dateOf(time.Date(from, 1, 1, 0, 0, 0, 0, shanghai)), last: dateOf(time.Date(to+1, 1, 1, 0, 0, 0, 0, shanghai)) - 1}
	t.upTo = make([]int32, 0, t.last-t.first+1)
	for d := t.first; d <= t.last; d++ {
		working := !d.weekend()
		if e, ok := days[d]; ok {
			working = e.Working
		}
		if working {
			t.work = append(t.work, d)
		}
		t.upTo = append(t.upTo, int32(len(t.work)))
	}
	return t
}

// rank counts the working days from the table's beginning to d, d included; before the
// beginning it is the negative of those between.
func (t *table) rank(d date) int {
	switch {
	case len(t.upTo) == 0:
		return weekdays(d)
	case d < t.first:
		return weekdays(d) - weekdays(t.first-1)
	case d > t.last:
		return len(t.work) + weekdays(d) - weekdays(t.last)
	}
	return int(t.upTo[d-t.first])
}

// nth is the inverse of rank: the working day of a rank.
func (t *table) nth(rank int) date {
	switch {
	case len(t.upTo) == 0:
		return weekday(rank)
	case rank < 1:
		return weekday(rank + weekdays(t.first-1))
	case rank > len(t.work):
		return weekday(rank - len(t.work) + weekdays(t.last))
	}
	return t.work[rank-1]
}

func (t *table) working(d date) bool { return t.rank(d) > t.rank(d-1) }
