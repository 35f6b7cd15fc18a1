package dispatch

import (
	"slices"
	"time"
)

// Officer is a person who can be rung.
type Officer struct {
	Name  string `yaml:"name"`
	Phone string `yaml:"phone"`
}

// Shift is who is on duty at a moment, each in the order to be rung (ZZ-20.2).
type Shift struct {
	Duty   []Officer // the duty phone
	Backup []Officer // rung when nobody takes the duty phone
	Leader []Officer // rung for what is urgent (ZZ-16.5)
}

// Roster is who is on duty when (ZZ-20.5): a weekly pattern, and dated overrides that
// go before it. It does not change while the program runs.
type Roster struct {
	officers  map[string]Officer
	weekly    []shiftRule
	overrides []shiftRule
}

// shiftRule is one line of the roster.
type shiftRule struct {
	days     []time.Weekday // weekly: the days it starts on
	from, to string         // overrides: first and last day, YYYY-MM-DD
	hours    Hours          // part of the day; zero is the whole day; may pass midnight
	shift    Shift
}

// At is the shift at a moment: of the overrides and then of the weekly pattern the
// first line that covers it. Each of the three lists is found on its own, so that an
// override which names only the duty officer leaves the leader as usual.
func (r *Roster) At(t time.Time) Shift {
	var s Shift
	for _, rules := range [][]shiftRule{r.overrides, r.weekly} {
		for _, rule := range rules {
			if !rule.covers(t) {
				continue
			}
			s.Duty = firstOf(s.Duty, rule.shift.Duty)
			s.Backup = firstOf(s.Backup, rule.shift.Backup)
			s.Leader = firstOf(s.Leader, rule.shift.Leader)
		}
	}
	return s
}

// Name is whose phone a number is, normalised; "" is nobody's in the roster.
func (r *Roster) Name(phone string) string {
	for _, o := range r.officers {
		if o.Phone == phone {
			return o.Name
		}
	}
	return ""
}

// Phone is the phone of one of the roster by name or by id; "" of nobody in it.
func (r *Roster) Phone(who string) string {
	if o, ok := r.officers[who]; ok {
		return o.Phone
	}
	for _, o := range r.officers {
		if o.Name == who {
			return o.Phone
		}
	}
	return ""
}

func firstOf(have, next []Officer) []Officer {
	if len(have) > 0 {
		return have
	}
	return slices.Clone(next)
}

// covers says whether a line is in force at t. The hours after midnight of a line that
// passes it belong to the day it started on.
func (rule shiftRule) covers(t time.Time) bool {
	if rule.hours != (Hours{}) && !rule.hours.covers(t) {
		return false
	}
	day := t.In(Place)
	if h := rule.hours; h.From >= h.To && h.To > 0 && day.Hour()*60+day.Minute() < h.To {
		day = day.AddDate(0, 0, -1)
	}
	if rule.from != "" {
		d := day.Format(time.DateOnly)
		return d >= rule.from && d <= rule.to
	}
	return slices.Contains(rule.days, day.Weekday())
}

// Gap is a time without anybody in one of the roster's lists.
type Gap struct {
	From, To time.Time
	List     string // duty, backup or leader
}

// Gaps lists the times in [from, to) that nobody is on duty for, as backup or as
// leader, to the half hour (ZZ-20.5): a gap is to be known before it comes.
func (r *Roster) Gaps(from, to time.Time) []Gap {
	const step = 30 * time.Minute
	var gaps []Gap
	open := map[string]int{} // list -> index into gaps, plus 1
	for t := from; t.Before(to); t = t.Add(step) {
		s := r.At(t)
		for _, l := range []struct {
			name string
			who  []Officer
		}{{"duty", s.Duty}, {"backup", s.Backup}, {"leader", s.Leader}} {
			switch i := open[l.name]; {
			case len(l.who) > 0:
				open[l.name] = 0
			case i == 0:
				gaps = append(gaps, Gap{From: t, To: t.Add(step), List: l.name})
				open[l.name] = len(gaps)
			default:
				gaps[i-1].To = t.Add(step)
			}
		}
	}
	return gaps
}
