package main

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
)

// TestForesight_T9 asks on days whose near future the calendar knows, or does not.
func TestForesight_T9(t *testing.T) {
	days, err := fs.Sub(deploy.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{clock: newClock()}
	years, err := calendar.Load(days)
	if err != nil {
		t.Fatal(err)
	}
	a.office = dispatch.NewOffice(dispatch.Config{Policy: &dispatch.Policy{}, Calendar: years, Now: a.clock.Now})
	if a.house.roster, err = dispatch.LoadRoster(deploy.Files, "hotlines/zz/roster.yaml"); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"2026-06-01": "", "2026-12-20": "2027", "2031-05-05": "2031"} {
		now, err := time.ParseInLocation(time.DateOnly, day, dispatch.Place)
		if err != nil {
			t.Fatal(err)
		}
		a.clock.Set(now)
		for _, p := range a.foresight() {
			switch {
			case p.Name == partRoster && !p.Up:
				t.Errorf("%s: the roster of zz has a gap: %s", day, p.Detail)
			case p.Name == partCalendar && (p.Up != (want == "") || !strings.Contains(p.Detail, want)):
				t.Errorf("%s: calendar up %t, %q; want it to name %q", day, p.Up, p.Detail, want)
			}
		}
	}
}
