package calendar_test

import (
	"testing"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
)

// lunarErrs are the days on which lunar-go v1.4.4 is wrong, and the notice that says so.
var lunarErrs = map[string]string{
	"2013-04-07": "国办发明电〔2012〕33号 三:4月7日(星期日)上班",
	"2013-10-12": "国办发明电〔2012〕33号 七:10月12日(星期六)上班",
}

// TestT3_EveryDayAgreesWithAnIndependentSource goes through every day that lunar-go knows;
// its table begins before ours and ends with 2025-10-11.
func TestT3_EveryDayAgreesWithAnIndependentSource(t *testing.T) {
	c := load(t)
	end := day(t, "2025-10-11")
	days := 0
	for d := day(t, "2006-01-01"); !d.After(end); d = d.AddDate(0, 0, 1) {
		days++
		date := d.Format(time.DateOnly)
		theirs := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
		if h := HolidayUtil.GetHoliday(date); h != nil {
			theirs = h.IsWork()
		}
		ours, known := c.WorkingDay(d)
		if !known {
			t.Fatalf("%s is not known", date)
		}
		if reason := lunarErrs[date]; (ours != theirs) != (reason != "") {
			t.Errorf("%s: we say working %v, lunar-go %v (exception: %q)", date, ours, theirs, reason)
		}
	}
	if days != 7224 {
		t.Errorf("%d days were compared, want 7224", days)
	}
}

// TestT10_LaterNoticesOfAYear are the days that a second notice changed, or that another
// table is known to have wrong.
func TestT10_LaterNoticesOfAYear(t *testing.T) {
	c := load(t)
	for date, working := range map[string]bool{
		"2015-09-03": false, "2015-09-04": false, "2015-09-06": true, // 抗战胜利70周年
		"2019-04-28": true, "2019-05-01": false, "2019-05-02": false, "2019-05-03": false, "2019-05-05": true, // 劳动节调整
		"2020-01-31": false, "2020-02-01": false, "2020-02-03": true, // 春节延长
		"2013-04-07": true, "2013-10-12": true,
		"2012-05-02": true, "2012-10-08": true,
		"2025-10-11": true, "2025-10-13": true, "2025-12-31": true,
	} {
		if got, known := c.WorkingDay(day(t, date)); got != working || !known {
			t.Errorf("%s: working %v (known %v), want %v", date, got, known, working)
		}
	}
}

// TestT3_WorkingDaysOfEveryYear are sums that a slip in any file changes.
func TestT3_WorkingDaysOfEveryYear(t *testing.T) {
	c := load(t)
	for year, want := range map[int]int{2006: 251, 2007: 249, 2008: 251, 2009: 250, 2010: 250, 2011: 250, 2012: 249, 2013: 250, 2014: 250, 2015: 249, 2016: 250,
		2017: 249, 2018: 250, 2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248} {
		last := time.Date(year, 12, 31, 10, 0, 0, 0, shanghai)
		if n, missing := c.Between(last.AddDate(-1, 0, 0), last); n != want || missing != nil {
			t.Errorf("%d has %d working days, want %d (missing %v)", year, n, want, missing)
		}
	}
}

// TestT9_EveryYearNamesItsNotices holds the files to their sources: a number and a date, or a
// word that they are not known.
func TestT9_EveryYearNamesItsNotices(t *testing.T) {
	c := load(t)
	without := 0
	for _, year := range c.Years() {
		y, _ := c.Year(year)
		for _, n := range y.Notices {
			if n.Number == "" || n.Date == "" {
				without++
				t.Logf("%d: %s", year, n)
			}
		}
	}
	if without != 3 { // those of 2008, named twice, and of 2009
		t.Errorf("%d notices lack number or date, want 3", without)
	}
}
