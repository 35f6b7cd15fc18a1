package calendar_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"hotline/deploy"
	"hotline/dispatch/calendar"
)

// calendars are those that what must hold is tried on: all years, years with gaps between
// them, none; and the switches.
func calendars(t testing.TB) map[string]*calendar.Calendar {
	all := load(t)
	var some []calendar.Year
	for _, y := range []int{2007, 2008, 2015, 2020, 2026} {
		year, _ := all.Year(y)
		some = append(some, year)
	}
	next, closing := office, office
	next.Receipt, closing.DayEnd = calendar.NextWorkingDay, calendar.BusinessClose
	return map[string]*calendar.Calendar{
		"all years": all.With(office), "years missing": calendar.New(some...).With(office), "no year": (&calendar.Calendar{}).With(office),
		"no hours": all, "next_working_day": all.With(next), "business_close": all.With(closing),
	}
}

// TestT9_CountingDaysHolds tries what must be true of any start and length, in years that are
// known, that are not, and before and after all of them.
func TestT9_CountingDaysHolds(t *testing.T) {
	for name, c := range calendars(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			base := day(t, "1999-12-01")
			for range 20000 {
				from := base.Add(time.Duration(r.IntN(32*365*24*60)) * time.Minute)
				n, m := r.IntN(60), r.IntN(60)
				a, b := c.AddWorkingDays(from, n), c.AddWorkingDays(from, n+m)
				if b.At.Before(a.At) || m > 0 && !b.At.After(a.At) {
					t.Fatalf("%v: %d days end %v, %d days end %v", from, n, a.At, n+m, b.At)
				}
				if two := c.AddWorkingDays(a.LastDay(), m); n > 0 && !two.At.Equal(b.At) {
					t.Fatalf("%v: %d then %d days end %v, %d days %v", from, n, m, two.At, n+m, b.At)
				}
				if back, missing := c.Between(from, a.LastDay()); back != n || n > 0 && c.Rules().Receipt == "" && !slices.Equal(missing, a.Missing) {
					t.Fatalf("%v: %d days on there are %d working days between, missing %v and %v", from, n, back, missing, a.Missing)
				}
				if back, _ := c.Between(a.LastDay(), from); back != -n {
					t.Fatalf("%v: backwards %d, want %d", from, back, -n)
				}
				if working, _ := c.WorkingDay(a.LastDay()); n > 0 && !working {
					t.Fatalf("%v: %d days end on %v, a day off", from, n, a.LastDay())
				}
				if later := c.AddWorkingDays(from.Add(time.Hour), n); later.At.Before(a.At) {
					t.Fatalf("%v: who starts later ends earlier", from)
				}
				if a.Provisional != (len(a.Missing) > 0) || !slices.IsSorted(a.Missing) {
					t.Fatalf("provisional %v, missing %v", a.Provisional, a.Missing)
				}
				if back := c.Before(b.At, calendar.Span{N: m, Unit: calendar.Workdays}); n > 0 && !back.At.Equal(a.At) {
					t.Fatalf("%v: %d working days before %v is %v, want %v", from, m, b.At, back.At, a.At)
				}
			}
		})
	}
}

func TestT7_CountingHoursHolds(t *testing.T) {
	for name, c := range calendars(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			base := day(t, "1999-12-01")
			for range 20000 {
				from := base.Add(time.Duration(r.Int64N(int64(32 * 365 * 24 * time.Hour))))
				n, m := time.Duration(r.Int64N(int64(100*time.Hour))), time.Duration(r.Int64N(int64(100*time.Hour)))
				a, b := c.AddWorkingHours(from, n), c.AddWorkingHours(from, n+m)
				if a.At.Before(from) || b.At.Before(a.At) || m > 0 && !b.At.After(a.At) {
					t.Fatalf("%v: %v ends %v, %v ends %v", from, n, a.At, n+m, b.At)
				}
				if two := c.AddWorkingHours(a.At, m); !two.At.Equal(b.At) {
					t.Fatalf("%v: %v then %v ends %v, together %v", from, n, m, two.At, b.At)
				}
				if back, _ := c.WorkingHoursBetween(from, a.At); back != n {
					t.Fatalf("%v: %v on there are %v between", from, n, back)
				}
				if back, _ := c.WorkingHoursBetween(a.At, from); back != -n {
					t.Fatalf("%v: backwards %v, want %v", from, back, -n)
				}
				if working, _ := c.WorkingDay(a.At.Add(-1)); n > 0 && !working {
					t.Fatalf("%v: %v ends at %v, on a day off", from, n, a.At)
				}
				if later := c.AddWorkingHours(from.Add(time.Minute), n); later.At.Before(a.At) {
					t.Fatalf("%v: who starts later ends earlier", from)
				}
			}
		})
	}
}

// TestT2_DaysAreCountedOneByOne compares the arithmetic with a walk from day to day.
func TestT2_DaysAreCountedOneByOne(t *testing.T) {
	for name, c := range calendars(t) {
		if c.Rules().Receipt != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			from := at(t, "2005-11-20 10:00")
			walk, n := from, 0
			for walk.Year() < 2029 {
				walk = walk.AddDate(0, 0, 1)
				if working, _ := c.WorkingDay(walk); !working {
					continue
				}
				if n++; c.AddWorkingDays(from, n).LastDay().Format(time.DateOnly) != walk.Format(time.DateOnly) {
					t.Fatalf("the %dth working day is %v, walked to %v", n, c.AddWorkingDays(from, n).LastDay(), walk)
				}
			}
		})
	}
}

func TestCountingTakesNoMemory(t *testing.T) {
	c, from := load(t).With(office), at(t, "2026-02-12 10:00")
	for name, f := range map[string]func(){
		"working days":  func() { c.AddWorkingDays(from, 15) },
		"working hours": func() { c.AddWorkingHours(from, 30*time.Hour) },
		"between":       func() { c.Between(from, from.AddDate(0, 3, 0)) },
	} {
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkAddWorkingDays(b *testing.B) {
	c, from := load(b).With(office), at(b, "2026-02-12 10:00")
	b.ReportAllocs()
	for b.Loop() {
		c.AddWorkingDays(from, 15)
	}
}

func BenchmarkAddWorkingHours(b *testing.B) {
	c, from := load(b).With(office), at(b, "2026-02-12 10:00")
	b.ReportAllocs()
	for b.Loop() {
		c.AddWorkingHours(from, 30*time.Hour)
	}
}

func BenchmarkBetween(b *testing.B) {
	c, from := load(b).With(office), at(b, "2006-02-12 10:00")
	to := from.AddDate(20, 0, 0)
	b.ReportAllocs()
	for b.Loop() {
		c.Between(from, to)
	}
}

// FuzzLoad reads any file; what is read counts without a panic and is itself again when
// read again.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"2026", "2020", "2008"} {
		b, err := deploy.Files.ReadFile("calendar/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("year: 2026\nclosed: [{date: 2026-01-01, name: x}]"))
	f.Add([]byte("closed:\n- &a *a"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := calendar.Load(fstest.MapFS{"2026.yaml": {Data: src}})
		if (c == nil) == (err == nil) {
			t.Errorf("calendar %v with error %v", c, err)
		}
		if err != nil {
			return
		}
		y, _ := c.Year(2026)
		again, err := calendar.ParseYear("2026.yaml", []byte(y.Source))
		if err != nil || again.Digest() != y.Digest() {
			t.Errorf("read again: %v", err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai)
		if n, _ := c.Between(from, c.AddWorkingDays(from, 100).LastDay()); n != 100 {
			t.Errorf("100 working days on there are %d", n)
		}
	})
}
