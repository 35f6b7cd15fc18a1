package ivr_test

import (
	"testing"
	"time"

	"hotline/ivr"
)

// ZZ-20.1: open by the season's hours on every day of the year, holidays included.
func TestZZ_20_1_HoursEveryDayOfTheYear(t *testing.T) {
	_, zz := loadHotline(t, "zz")
	for _, tt := range []struct {
		at   string
		open bool
	}{
		{"2007-05-01 10:00", true}, // Labour Day
		{"2007-05-01 22:00", false},
		{"2026-11-21 10:00", true}, // Saturday
		{"2026-10-01 08:29", false},
		{"2026-10-01 08:30", true},
		{"2026-10-01 12:00", true},
		{"2026-10-01 17:59", true},
		{"2026-10-01 18:00", false},
		{"2026-09-30 18:00", true}, // summer
		{"2026-09-30 18:30", false},
		{"2026-05-31 18:15", false},
		{"2026-06-01 18:15", true},
		{"2024-02-29 09:00", true},
		{"2026-12-31 23:59", false},
		{"2027-01-01 09:00", true},
	} {
		if open, why := zz.Hours.Open(moment(t, tt.at)); open != tt.open {
			t.Errorf("%s: open %t (%s)", tt.at, open, why)
		}
		if open, _ := zz.Hours.Open(moment(t, tt.at).UTC()); open != tt.open {
			t.Errorf("%s in UTC: open %t", tt.at, open)
		}
	}
}

func TestSQ_1_1_AlwaysOpen(t *testing.T) {
	for _, id := range []string{"sq", "zq"} {
		_, p := loadHotline(t, id)
		for _, at := range []string{"2026-02-16 03:00", "2026-10-01 12:00"} {
			if open, _ := p.Hours.Open(moment(t, at)); !open {
				t.Errorf("%s closed at %s", id, at)
			}
		}
	}
}

func TestReasonOfAMessage(t *testing.T) {
	_, zz := loadHotline(t, "zz")
	if got := zz.VoicemailReason(moment(t, "2026-11-23 03:00")); got != "after_hours" {
		t.Error(got)
	}
	if got := zz.VoicemailReason(moment(t, "2026-11-23 10:00")); got != "no_agent" {
		t.Error(got)
	}
}

// D5: what could dial 110 from a test does not start.
func TestRefusesRealEmergencyNumbersOutsideProduction(t *testing.T) {
	_, zz := loadHotline(t, "zz")
	for _, tt := range []struct {
		name       string
		trunks     []ivr.Trunk
		production bool
		ok         bool
	}{
		{"simulated", []ivr.Trunk{{Name: "a", Simulated: true}}, false, true},
		{"real trunk", []ivr.Trunk{{Name: "a"}}, false, false},
		{"one of two real", []ivr.Trunk{{Name: "a", Simulated: true}, {Name: "b"}}, false, false},
		{"production", []ivr.Trunk{{Name: "a"}}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			routes, err := ivr.NewRoutes(tt.trunks, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ivr.PlanEmergency(zz, routes, tt.production); (err == nil) != tt.ok {
				t.Errorf("err %v", err)
			}
		})
	}
}

func BenchmarkHours(b *testing.B) {
	h := ivr.Hours{Seasons: []ivr.Season{{From: ivr.MonthDay{Month: 1, Day: 1}, To: ivr.MonthDay{Month: 12, Day: 31}, Open: []ivr.Window{{From: 0, To: 1440}}}}}
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for b.Loop() {
		h.Open(at)
	}
}
