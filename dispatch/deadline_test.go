package dispatch

import (
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch/calendar"
)

// TestDeadline_ZQ_12_4_Extended is the chain of extensions, each from where the term ended,
// and what becomes of it when the calendar changes.
func TestDeadline_ZQ_12_4_Extended(t *testing.T) {
	days := loadCalendar(t)
	received := time.Date(2023, 9, 28, 15, 0, 0, 0, Place)
	for n, want := range map[int][]string{
		2:  {"10月8日", "10月10日", "10月12日"},
		10: {"10月18日", "11月1日", "11月15日"},
		15: {"10月25日", "11月15日", "12月6日"},
	} {
		term := Term{Workdays: n, Rule: "ZQ-11"}
		due := term.Deadline(days, received)
		for i, w := range want {
			if got := due.Words(); got != w || due.Span.N != n*(i+1) || !due.From.Equal(received) {
				t.Errorf("%d working days, extended %d times: %s, want %s (%v from %v)", n, i, got, w, due.Span, due.From)
			}
			due = due.Extended(days, term)
		}
	}
	// Another unit is counted from the last day, or from the moment.
	due := Term{Workdays: 2}.Deadline(days, received)
	if got := due.Extended(days, Term{Days: 2}).At; !got.Equal(time.Date(2023, 10, 11, 0, 0, 0, 0, Place)) {
		t.Errorf("two days after the end of 10-08 end at %v", got)
	}
	if got := due.Extended(days, Term{Hours: 2}).At; !got.Equal(due.At.Add(2 * time.Hour)) {
		t.Errorf("two hours after the end of 10-08 end at %v", got)
	}
}

// TestPolicy_Q1_Q2_Q23 reads the switches of counting from a policy.
func TestPolicy_Q1_Q2_Q23(t *testing.T) {
	src, err := deploy.Files.ReadFile("hotlines/xz/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	days := loadCalendar(t)
	holiday := time.Date(2026, 10, 1, 10, 0, 0, 0, Place)
	for more, want := range map[string]time.Time{
		"":                                       time.Date(2026, 10, 14, 0, 0, 0, 0, Place), // 8, 9, 10, 12 and 13 October
		"deadline: {day_end: '24:00', rec: why}": time.Date(2026, 10, 14, 0, 0, 0, 0, Place),
		"deadline: {day_end: business_close, rec: why}":              time.Date(2026, 10, 13, 17, 30, 0, 0, Place),
		"deadline: {nonworking_receipt: next_working_day, rec: why}": time.Date(2026, 10, 15, 0, 0, 0, 0, Place),
	} {
		p, err := ParsePolicy("policy.yaml", append([]byte(more+"\n"), src...))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Term(Help).Deadline(p.Calendar(days), holiday); !got.At.Equal(want) {
			t.Errorf("%s: five working days from 2026-10-01 end at %v, want %v", more, got.At.In(Place), want)
		}
	}
	for _, more := range []string{"deadline: {day_end: noon, rec: why}", "deadline: {nonworking_receipt: tomorrow, rec: why}"} {
		if _, err := ParsePolicy("policy.yaml", append([]byte(more+"\n"), src...)); err == nil {
			t.Errorf("%s is accepted", more)
		}
	}
	p, err := LoadPolicy(deploy.Files, "hotlines/xz/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sign := p.Calendar(days).Add(time.Date(2026, 2, 13, 17, 0, 0, 0, Place), calendar.Span{N: 1, Unit: calendar.WorkHours})
	if want := time.Date(2026, 2, 14, 9, 30, 0, 0, Place); !sign.At.Equal(want) {
		t.Errorf("XZ-12.3.4: one working hour from Friday 17:00 ends at %v, want %v", sign.At, want)
	}
}
