package calendar_test

import (
	"testing"
	"time"

	"hotline/dispatch/calendar"
)

// office is the business hours that are recommended where a regulation names none (Q23).
var office = calendar.Rules{Hours: []calendar.Part{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 17*60 + 30}}}

// at reads a moment in Asia/Shanghai.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// shown says a moment the way at reads it.
func shown(moment time.Time) string { return moment.In(shanghai).Format("2006-01-02 15:04") }

// TestInstants is what a regulation's spans come to, in business hours of 9 to 12 and 13:30
// to 17:30.
func TestInstants(t *testing.T) {
	c := load(t).With(office)
	for _, tt := range []struct{ rule, from, span, want string }{
		{"XZ-12.3.4 over the night", "2026-02-13 17:00", "1wh", "2026-02-14 09:30"}, // a Saturday that is worked
		{"XZ-12.3.4 over lunch", "2026-02-13 11:30", "1wh", "2026-02-13 14:00"},
		{"XZ-12.3.4 before hours", "2026-02-13 03:00", "1wh", "2026-02-13 10:00"},
		{"XZ-12.3.4 after hours", "2026-02-13 20:00", "1wh", "2026-02-14 10:00"},
		{"XZ-12.3.4 at lunch", "2026-02-13 12:15", "1wh", "2026-02-13 14:30"},
		{"XZ-12.3.4 up to the end of the morning", "2026-02-13 11:00", "1wh", "2026-02-13 12:00"},
		{"XZ-12.3.4 up to the end of the day", "2026-02-13 16:30", "1wh", "2026-02-13 17:30"},
		{"XZ-12.3.4 over the holidays", "2026-02-14 17:00", "1wh", "2026-02-24 09:30"},
		{"XZ-12.3.4 on a day off", "2026-02-16 10:00", "1wh", "2026-02-24 10:00"},
		{"T7 a whole working day", "2026-02-13 09:00", "7wh", "2026-02-13 17:30"},
		{"T7 eight working hours", "2026-02-13 09:00", "8wh", "2026-02-14 10:00"},
		{"T7 hours go by the clock", "2026-02-14 12:30", "24h", "2026-02-15 12:30"},
		{"T7 minutes too", "2026-02-14 23:45", "30m", "2026-02-15 00:15"},
		{"T6 days include days off", "2026-02-14 12:30", "7d", "2026-02-22 00:00"},
		{"T4 a working day ends at 24:00", "2026-02-13 08:00", "1wd", "2026-02-15 00:00"},
		{"T2 the hour of the start does not count", "2026-02-13 23:59", "1wd", "2026-02-15 00:00"},
		{"ZZ-17.1 no time at all", "2006-12-29 10:00", "0wd", "2006-12-30 00:00"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			span, err := calendar.ParseSpan(tt.span)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Add(at(t, tt.from), span); shown(got.At) != tt.want || got.Provisional {
				t.Errorf("%s from %s: %s (provisional %v), want %s", tt.span, tt.from, shown(got.At), got.Provisional, tt.want)
			}
		})
	}
}

// TestBefore is the last moment to ask for something before a deadline.
func TestBefore(t *testing.T) {
	c := load(t).With(office)
	for _, tt := range []struct{ rule, due, span, want string }{
		// due on 10-08, 10-18 and 10-25: until the end of 10-06, a day off, 10-16 and 10-23
		{"ZQ-12.2 consult", "2023-10-09 00:00", "2d", "2023-10-07 00:00"},
		{"ZQ-12.2 help", "2023-10-19 00:00", "2d", "2023-10-17 00:00"},
		{"ZQ-12.2 complaint", "2023-10-26 00:00", "2d", "2023-10-24 00:00"},
		{"ZQ-12.2 in working days (Q16)", "2023-10-09 00:00", "2wd", "2023-09-29 00:00"}, // 10-07 and 09-28 are worked
		{"ZQ-21.2 ten working days before 10-16", "2023-10-17 00:00", "10wd", "2023-09-27 00:00"},
		{"ZQ-21.2 three working days before 10-16", "2023-10-17 00:00", "3wd", "2023-10-12 00:00"},
		{"ZQ-21.2 ten working days before 10-09", "2023-10-10 00:00", "10wd", "2023-09-20 00:00"},
		{"ZQ-21.2 three working days before 10-09", "2023-10-10 00:00", "3wd", "2023-09-29 00:00"},
		{"T7 hours", "2023-10-09 00:00", "24h", "2023-10-08 00:00"},
		{"T7 minutes", "2023-10-09 00:00", "30m", "2023-10-08 23:30"},
		{"T7 working hours", "2023-10-09 10:00", "2wh", "2023-10-08 16:30"},
		{"T8 no time", "2023-10-09 00:00", "0wd", "2023-10-09 00:00"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			span, err := calendar.ParseSpan(tt.span)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Before(at(t, tt.due), span); shown(got.At) != tt.want {
				t.Errorf("%s before %s: %s, want %s", tt.span, tt.due, shown(got.At), tt.want)
			}
		})
	}
}

// TestSwitches are the readings that a profile may choose instead.
func TestSwitches(t *testing.T) {
	plain := load(t)
	closing, next := office, office
	closing.DayEnd = calendar.BusinessClose
	next.Receipt = calendar.NextWorkingDay
	moves := office
	moves.Holiday = calendar.Moves
	for _, tt := range []struct {
		name       string
		rules      calendar.Rules
		from, span string
		want       string
	}{
		{"Q1 T4 24:00", office, "2026-02-13 10:00", "2wd", "2026-02-25 00:00"},
		{"Q1 T4 business_close", closing, "2026-02-13 10:00", "2wd", "2026-02-24 17:30"},
		{"Q1 T4 business_close of calendar days", closing, "2026-02-12 10:00", "2d", "2026-02-14 17:30"},
		{"Q1 T4 a day off has no close", closing, "2026-02-13 10:00", "2d", "2026-02-16 00:00"},
		{"Q2 T5 first_working_day", office, "2026-10-01 10:00", "2wd", "2026-10-10 00:00"},
		{"Q2 T5 next_working_day", next, "2026-10-01 10:00", "2wd", "2026-10-11 00:00"}, // 10-08 is the receipt, 9 and 10 count
		{"T6 a last day off stays", office, "2026-09-29 10:00", "2d", "2026-10-02 00:00"},
		{"T6 a last day off moves", moves, "2026-09-29 10:00", "2d", "2026-10-09 00:00"}, // 10-01 to 10-07 are off
		{"T6 a last day that is worked does not", moves, "2026-02-12 10:00", "2d", "2026-02-15 00:00"},
		{"T6 no working days are moved", moves, "2026-09-29 10:00", "2wd", "2026-10-09 00:00"},
		{"Q2 T5 next_working_day on a working day", next, "2026-09-30 10:00", "2wd", "2026-10-10 00:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.rules.Check(); err != nil {
				t.Fatal(err)
			}
			span, _ := calendar.ParseSpan(tt.span)
			if got := plain.With(tt.rules).Add(at(t, tt.from), span); shown(got.At) != tt.want {
				t.Errorf("%s from %s: %s, want %s", tt.span, tt.from, shown(got.At), tt.want)
			}
		})
	}
	if got := plain.Add(at(t, "2026-02-13 17:00"), calendar.Span{N: 1, Unit: calendar.WorkHours}); shown(got.At) != "2026-02-13 18:00" {
		t.Errorf("without business hours a working hour after 17:00 ends at %s", shown(got.At))
	}
}

func TestT9_WorkingHoursThroughAMissingYear(t *testing.T) {
	c := load(t).With(office)
	got := c.AddWorkingHours(at(t, "2026-12-31 17:00"), time.Hour)
	if shown(got.At) != "2027-01-01 09:30" || !got.Provisional || len(got.Missing) != 1 || got.Missing[0] != 2027 {
		t.Errorf("%s, %+v, want a provisional 2027-01-01 09:30", shown(got.At), got)
	}
	if d, missing := c.WorkingHoursBetween(at(t, "2026-12-31 17:00"), got.At); d != time.Hour || len(missing) != 1 {
		t.Errorf("back it is %v, missing %v", d, missing)
	}
}

func TestRulesSayWhatIsWrong(t *testing.T) {
	for _, r := range []calendar.Rules{
		{DayEnd: "23:00"},
		{DayEnd: calendar.BusinessClose},
		{Receipt: "tomorrow"},
		{Hours: []calendar.Part{{From: 60, To: 60}}},
		{Hours: []calendar.Part{{From: 60, To: 120}, {From: 90, To: 150}}},
		{Hours: []calendar.Part{{From: 60, To: 1441}}},
	} {
		if r.Check() == nil {
			t.Errorf("%+v is accepted", r)
		}
	}
	for _, s := range []string{"", "9-12", "09:00-9:30", "12:00-09:00", "09:00-24:01", "09:60-10:00", "09:00-12:00 "} {
		var p calendar.Part
		if p.UnmarshalText([]byte(s)) == nil {
			t.Errorf("%q is read as %v", s, p)
		}
	}
	for _, s := range []string{"", "2", "wd", "-1wd", "2 wd", "2w", "100001d", "99999999999999999999d"} {
		if span, err := calendar.ParseSpan(s); err == nil {
			t.Errorf("%q is read as %v", s, span)
		}
	}
	if span, err := calendar.ParseSpan("15wd"); err != nil || span.String() != "15wd" || span.Words() != "15个工作日" {
		t.Errorf("15wd is %v, %v", span, err)
	}
}

// TestOpen is by the parts of a working day, the last second of each included and its end not.
func TestOpen(t *testing.T) {
	c := load(t).With(office)
	for moment, want := range map[string]bool{
		"2026-02-13 08:59": false, "2026-02-13 09:00": true, "2026-02-13 11:59": true, "2026-02-13 12:00": false, "2026-02-13 13:30": true, "2026-02-13 17:30": false,
		"2026-02-14 10:00": true, "2026-02-15 10:00": false, // a Saturday that is worked, and a Sunday
	} {
		if got := c.Open(at(t, moment)); got != want {
			t.Errorf("%s: %t", moment, got)
		}
	}
}
