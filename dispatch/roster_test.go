package dispatch

import (
	"errors"
	"strings"
	"testing"

	"hotline/deploy"
)

const smallRoster = `officers:
  wang: {name: 王建国, phone: "+86 139 0000 0001"}
  li: {name: 李卫东, phone: 13900000002}
  zhao: {name: 赵明, phone: "13900000003"}
weekly:
  - {days: [mon, tue, wed, thu, fri], hours: "18:00-08:00", duty: [wang], backup: [li], leader: [zhao]}
  - {days: [sat, sun], duty: [li], leader: [zhao]}
overrides:
  - {from: 2026-10-01, to: 2026-10-03, duty: [zhao], why: 国庆}
  - {from: 2026-12-31, hours: "22:00-02:00", duty: [li, wang]}
`

func TestZZ20_2_WhoIsOnDuty(t *testing.T) {
	r, err := ParseRoster("roster.yaml", []byte(smallRoster))
	if err != nil {
		t.Fatal(err)
	}
	names := func(list []Officer) string {
		var s []string
		for _, o := range list {
			s = append(s, o.Name)
		}
		return strings.Join(s, " ")
	}
	for _, tt := range []struct{ at, duty, backup, leader string }{
		{"2026-11-20 22:30:00", "王建国", "李卫东", "赵明"}, // Friday
		{"2026-11-20 12:00:00", "", "", ""},
		{"2026-11-20 18:00:00", "王建国", "李卫东", "赵明"},
		{"2026-11-20 17:59:59", "", "", ""},
		{"2026-11-21 07:59:00", "王建国", "李卫东", "赵明"}, // Friday's night, before Saturday's line
		{"2026-11-21 08:00:00", "李卫东", "", "赵明"},
		{"2026-11-23 03:00:00", "", "", ""},        // Sunday's night is nobody's
		{"2026-10-01 20:00:00", "赵明", "李卫东", "赵明"}, // only the duty is overridden
		{"2026-10-04 12:00:00", "李卫东", "", "赵明"},   // Sunday after it
		{"2026-12-31 22:00:00", "李卫东 王建国", "李卫东", "赵明"},
		{"2027-01-01 01:59:00", "李卫东 王建国", "李卫东", "赵明"}, // passes midnight
		{"2027-01-01 02:00:00", "王建国", "李卫东", "赵明"},
	} {
		s := r.At(at(t, tt.at))
		if names(s.Duty) != tt.duty || names(s.Backup) != tt.backup || names(s.Leader) != tt.leader {
			t.Errorf("%s: duty %q, backup %q, leader %q; want %q, %q, %q", tt.at, names(s.Duty), names(s.Backup), names(s.Leader), tt.duty, tt.backup, tt.leader)
		}
	}
	if p := r.At(at(t, "2026-11-20 22:30:00")).Duty[0].Phone; p != "13900000001" {
		t.Errorf("the phone is %q", p)
	}
}

func TestZZ20_5_GapsAreKnownBefore(t *testing.T) {
	r, err := ParseRoster("roster.yaml", []byte(smallRoster))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range r.Gaps(at(t, "2026-11-20 00:00:00"), at(t, "2026-11-22 00:00:00")) {
		got = append(got, g.List+" "+g.From.In(Place).Format("02-15:04")+" "+g.To.In(Place).Format("02-15:04"))
	}
	want := "backup 20-08:00 20-18:00, backup 21-08:00 22-00:00, duty 20-08:00 20-18:00, leader 20-08:00 20-18:00"
	for _, w := range strings.Split(want, ", ") {
		if !strings.Contains(strings.Join(got, ", "), w) {
			t.Errorf("no gap %s in %v", w, got)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d gaps: %v", len(got), got)
	}
}

func TestRosterProblemsComeAllAtOnce(t *testing.T) {
	_, err := ParseRoster("roster.yaml", []byte(`officers:
  wang: {name: 王, phone: "12"}
  li: {phone: "13900000002"}
weekly:
  - {days: [mom], duty: [wnag]}
  - {duty: [li]}
  - {days: [mon]}
overrides:
  - {from: 2026-10-07, to: 2026-10-01, duty: [li]}
  - {from: 10-01, duty: [li]}
  - {days: [mon], duty: [li]}
`))
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is %v", err)
	}
	for _, want := range []string{
		`"12" is no phone number`, `officer "li" has no name`,
		`roster.yaml:5:13: error: "mom" is no day of the week`, `hint: did you mean "mon"?`,
		`unknown officer "wnag"`, `hint: did you mean "wang"?`, "a weekly line has days", "the line names nobody",
		"it ends (2026-10-01) before it begins (2026-10-07)", `"10-01" is no date`, "an override has dates",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
	if _, err := LoadRoster(deploy.Files, "hotlines/nowhere/roster.yaml"); err == nil {
		t.Error("a roster that is not there was loaded")
	}
	if _, err := LoadPolicy(deploy.Files, "hotlines/nowhere/policy.yaml"); err == nil {
		t.Error("a policy that is not there was loaded")
	}
}
