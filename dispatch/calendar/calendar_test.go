package calendar_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/deploy"
	"hotline/dispatch/calendar"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func load(t testing.TB) *calendar.Calendar {
	t.Helper()
	c, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// day reads a date, at 10:00 in Asia/Shanghai.
func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.ParseInLocation(time.DateOnly, s, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return d.Add(10 * time.Hour)
}

// terms is the whole table of checked terms: received, then the last day of so many
// working days, and the rules whose tests they are.
var terms = []struct {
	rules    string
	received string
	last     map[int]string
}{
	{"ZZ-17.1 ZZ-17.2 T3", "2006-12-29", map[int]string{1: "2006-12-30", 2: "2006-12-31"}},
	{"ZZ-17.1", "2006-12-31", map[int]string{1: "2007-01-04", 2: "2007-01-05"}},
	{"KF T3", "2020-09-25", map[int]string{5: "2020-10-09", 10: "2020-10-15"}},
	{"KF T2", "2020-09-27", map[int]string{5: "2020-10-10", 10: "2020-10-16"}},
	{"T5", "2020-10-08", map[int]string{5: "2020-10-14", 10: "2020-10-21"}},
	{"XZ-12.3.2 XZ-12.3.3 XZ-12.3.5", "2020-10-16", map[int]string{1: "2020-10-19", 2: "2020-10-20", 3: "2020-10-21", 5: "2020-10-23"}},
	{"ZQ-11.1 ZQ-11.2 ZQ-11.3 ZQ-9.2 ZQ-21.4", "2023-09-28", map[int]string{2: "2023-10-08", 10: "2023-10-18", 15: "2023-10-25"}},
	{"ZQ-11.1 T9", "2023-12-29", map[int]string{2: "2024-01-03", 10: "2024-01-15", 15: "2024-01-22"}},
	{"ZQ-11.1 ZQ-11.2 ZQ-11.3", "2026-02-12", map[int]string{2: "2026-02-14", 10: "2026-03-04", 15: "2026-03-11"}},
	{"XZ-12.3.2 XZ-12.3.3 XZ-12.3.5 XZ-12.4.2", "2026-02-13", map[int]string{1: "2026-02-14", 2: "2026-02-24", 3: "2026-02-25", 5: "2026-02-27"}},
	{"XZ-12.3.2 XZ-12.3.3", "2026-09-30", map[int]string{1: "2026-10-08", 2: "2026-10-09", 3: "2026-10-10", 5: "2026-10-13"}},
	{"T5 ZQ-11.2 ZQ-11.3", "2026-10-01", map[int]string{2: "2026-10-09", 10: "2026-10-20", 15: "2026-10-27"}},
}

func TestTermsOfTheTable(t *testing.T) {
	c := load(t)
	for _, tt := range terms {
		t.Run(tt.rules+" "+tt.received, func(t *testing.T) {
			for n, want := range tt.last {
				got := c.AddWorkingDays(day(t, tt.received), n)
				if last := got.LastDay().Format(time.DateOnly); last != want || got.Provisional {
					t.Errorf("%d working days after %s end with %s (provisional %v), want %s", n, tt.received, last, got.Provisional, want)
				}
				if want := day(t, want).Add(14 * time.Hour); !got.At.Equal(want) {
					t.Errorf("%d working days after %s end at %v, not at 24:00 (T4)", n, tt.received, got.At)
				}
			}
		})
	}
}

// TestZQ_12_4_ExtensionsChain is the chain of ZQ-12.4: each extension starts where the term ended.
func TestZQ_12_4_ExtensionsChain(t *testing.T) {
	c := load(t)
	for n, want := range map[int][]string{
		2:  {"2023-10-08", "2023-10-10", "2023-10-12"},
		10: {"2023-10-18", "2023-11-01", "2023-11-15"},
		15: {"2023-10-25", "2023-11-15", "2023-12-06"},
	} {
		at := day(t, "2023-09-28")
		for _, w := range want {
			at = c.AddWorkingDays(at, n).LastDay()
			if got := at.Format(time.DateOnly); got != w {
				t.Errorf("term of %d: %s, want %s", n, got, w)
			}
		}
	}
}

func TestT3_WorkingDaysOfAYear(t *testing.T) {
	c := load(t)
	// Counting weekdays alone finds 261 in 2026: 13 too many (T3).
	for year, want := range map[int]int{2026: 248} {
		n, missing := c.Between(day(t, "2026-01-01").AddDate(0, 0, -1), day(t, "2026-12-31"))
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
		if len(missing) > 0 {
			t.Errorf("missing %v", missing)
		}
	}
	for s, want := range map[string]bool{
		"2006-12-30": true, "2007-01-03": false, "2020-01-31": false, "2020-02-01": false, "2020-02-03": true,
		"2026-02-14": true, "2026-02-16": false, "2026-02-28": true, "2026-01-04": true, "2026-05-09": true,
		"2026-06-19": false, "2026-09-20": true, "2026-09-25": false, "2026-10-10": true, "2026-11-21": false,
	} {
		if got, known := c.WorkingDay(day(t, s)); got != want || !known {
			t.Errorf("%s: working %v (known %v), want %v", s, got, known, want)
		}
	}
}

func TestT9_AMissingYearIsProvisionalAndNamed(t *testing.T) {
	c := load(t)
	got := c.AddWorkingDays(day(t, "2026-12-30"), 3)
	if !got.Provisional || !cmp.Equal(got.Missing, []int{2027}) {
		t.Errorf("result %+v, want provisional for 2027", got)
	}
	if got.LastDay().Format(time.DateOnly) != "2027-01-04" { // Thu, Fri, Mon by weekends
		t.Errorf("last day %v", got.LastDay())
	}
	if _, known := c.WorkingDay(day(t, "2027-01-04")); known {
		t.Error("2027 is said to be known")
	}
	if got := c.AddWorkingDays(day(t, "2026-12-30"), 300); !cmp.Equal(got.Missing, []int{2027, 2028}) {
		t.Errorf("missing %v, want 2027 and 2028", got.Missing)
	}
	if got := c.Years(); len(got) != 21 || got[0] != 2006 || got[20] != 2026 {
		t.Errorf("years %v, want 2006 to 2026", got)
	}
	if (&calendar.Calendar{}).AddWorkingDays(day(t, "2026-11-20"), 1).Provisional == false {
		t.Error("a calendar without years does not say so")
	}
}

func TestT1_ShanghaiDecidesTheDay(t *testing.T) {
	c := load(t)
	// 2026-02-13 17:00 UTC is the 14th in Shanghai, a Saturday that is worked.
	got := c.AddWorkingDays(time.Date(2026, 2, 13, 17, 0, 0, 0, time.UTC), 1)
	if last := got.LastDay().Format(time.DateOnly); last != "2026-02-24" {
		t.Errorf("last day %s, want 2026-02-24", last)
	}
	if d, ok := c.Exception(day(t, "2026-02-14")); !ok || d.Name != "春节调休" || !d.Working {
		t.Errorf("2026-02-14 is %+v", d)
	}
}

func TestFaultsAreNamedByFileAndLine(t *testing.T) {
	bad := `year: 2025
notices: []
closed:
  - {date: 2025-01-01, name: 元旦}
  - {date: 2025-01-04, name: 周六}
  - {date: 2025-01-01, name: 元旦}
  - {date: 2024-05-01, name: 去年}
  - {date: 2025-13-01, name: 十三月}
worked:
  - {date: 2025-01-26}
  - {date: 2025-01-27, name: 周一}
  - {date: 2025-02-08, name: 春节调休}
  - {date: 2025-02-02, name: 倒序}
`
	_, err := calendar.Load(fstest.MapFS{"2025.yaml": {Data: []byte(bad)}, "2026.yaml": {Data: []byte("year: 2025\nnotices: [{title: x}]\nextra: 1\n")}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"2025.yaml: no notice is named",
		"2025.yaml:5: 2025-01-04 is a weekend day and closed anyway",
		"2025.yaml:6: 2025-01-01 is listed twice",
		"2025.yaml:7: 2024-05-01 is not in 2025",
		`2025.yaml:8: "2025-13-01" is no date`,
		"2025.yaml:10: 2025-01-26 has no name",
		"2025.yaml:11: 2025-01-27 is a weekday and worked anyway",
		"2025.yaml:13: 2025-02-02 stands after 2025-02-08",
		"2026.yaml: [3:1] unknown field",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s\nin: %v", want, err)
		}
	}
	if _, err := calendar.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder is a calendar")
	}
	if _, err := calendar.Load(fstest.MapFS{"2026.yaml": {Data: []byte("year: 2025\nnotices: [{title: x, note: y}]\n")}}); err == nil || !strings.Contains(err.Error(), "the file says 2026") {
		t.Errorf("error is %v", err)
	}
}
