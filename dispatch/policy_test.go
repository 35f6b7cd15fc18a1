package dispatch

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch/calendar"
	"hotline/sms"
)

var hotlines = []string{"zz", "sq", "kf", "zq", "xz"}

func loadPolicy(t testing.TB, id string) *Policy {
	t.Helper()
	p, err := LoadPolicy(deploy.Files, "hotlines/"+id+"/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func loadCalendar(t testing.TB) *calendar.Calendar {
	t.Helper()
	c, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads a time of Asia/Shanghai.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04:05", s, Place)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEveryHotlineHasAPolicyAndARoster(t *testing.T) {
	for _, id := range hotlines {
		p := loadPolicy(t, id)
		if p.Hotline.ID != id {
			t.Errorf("%s/policy.yaml is of %q", id, p.Hotline.ID)
		}
		r, err := LoadRoster(deploy.Files, "hotlines/"+id+"/roster.yaml")
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if gaps := r.Gaps(at(t, "2026-09-28 00:00:00"), at(t, "2026-10-12 00:00:00")); len(gaps) > 0 {
			t.Errorf("%s: nobody is on duty: %+v", id, gaps)
		}
	}
}

// TestDeadlines checks each hotline's terms against the days of the regulations.
func TestDeadlines(t *testing.T) {
	c := loadCalendar(t)
	for _, tt := range []struct {
		hotline    string
		typ        Type
		from, last string
		rule       string
	}{
		{"zq", Consult, "2023-09-28", "2023-10-08", "ZQ-11.1"},
		{"zq", Consult, "2026-02-12", "2026-02-14", "ZQ-11.1"},
		{"zq", Consult, "2023-12-29", "2024-01-03", "ZQ-11.1"},
		{"zq", Help, "2023-09-28", "2023-10-18", "ZQ-11.2"},
		{"zq", Suggestion, "2026-02-12", "2026-03-04", "ZQ-11.2"},
		{"zq", Help, "2026-10-01", "2026-10-20", "ZQ-11.2"},
		{"zq", Complaint, "2023-09-28", "2023-10-25", "ZQ-11.3"},
		{"zq", Report, "2026-10-01", "2026-10-27", "ZQ-11.3"},
		{"xz", Consult, "2026-02-13", "2026-02-25", "XZ-12.3.2"},
		{"xz", Consult, "2026-09-30", "2026-10-10", "XZ-12.3.2"},
		{"xz", Complaint, "2026-02-13", "2026-02-27", "XZ-12.3.3"},
		{"xz", Help, "2020-10-16", "2020-10-23", "XZ-12.3.3"},
		{"zz", Consult, "2006-12-29", "2006-12-31", "ZZ-17.1"},
		{"zz", Unset, "2006-12-31", "2007-01-05", "ZZ-17.1"},
		{"zz", SuddenDifficulty, "2006-12-29", "2006-12-30", "ZZ-17.2"},
		{"kf", Complaint, "2020-09-25", "2020-10-09", "KF-A4.3.1"},
	} {
		t.Run(tt.rule+" "+string(tt.typ)+" of "+tt.from, func(t *testing.T) {
			got := loadPolicy(t, tt.hotline).Term(tt.typ).Deadline(c, at(t, tt.from+" 10:00:00"))
			want := at(t, tt.last+" 00:00:00").AddDate(0, 0, 1)
			if !got.At.Equal(want) || got.Rule != tt.rule || got.Provisional {
				t.Errorf("%+v, want the end of %s by %s", got, tt.last, tt.rule)
			}
		})
	}
}

func TestTermsByDayAndHour(t *testing.T) {
	c := loadCalendar(t)
	from := at(t, "2026-11-21 10:00:00")
	if got := (Term{Hours: 24}).Deadline(c, from); !got.At.Equal(at(t, "2026-11-22 10:00:00")) {
		t.Errorf("24 hours end at %v", got.At)
	}
	if got := (Term{Minutes: 30}).Deadline(c, from); !got.At.Equal(at(t, "2026-11-21 10:30:00")) {
		t.Errorf("30 minutes end at %v", got.At)
	}
	office := c.With(calendar.Rules{Hours: []calendar.Part{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 17*60 + 30}}})
	if got := (Term{WorkHours: 2}).Deadline(office, at(t, "2026-11-20 17:00:00")); !got.At.Equal(at(t, "2026-11-23 10:30:00")) {
		t.Errorf("2 working hours from Friday, 17:00, end at %v", got.At)
	}
	if got := (Term{Days: 2}).Deadline(c, from); got.Words() != "11月23日" {
		t.Errorf("2 days end with %s", got.Words())
	}
	got := (Term{Workdays: 30}).Deadline(c, at(t, "2026-12-01 10:00:00"))
	if !got.Provisional {
		t.Error("a deadline in 2027, which has no calendar, is not marked provisional (T9)")
	}
}

func TestHoursNext(t *testing.T) {
	for _, tt := range []struct{ hours, at, want string }{
		{"08:00-22:00", "2026-11-21 10:00:00", "2026-11-21 10:00:00"},
		{"08:00-22:00", "2026-11-21 22:00:00", "2026-11-22 08:00:00"},
		{"08:00-22:00", "2026-11-21 03:00:00", "2026-11-21 08:00:00"},
		{"22:00-06:00", "2026-11-21 23:30:00", "2026-11-21 23:30:00"},
		{"22:00-06:00", "2026-11-21 05:59:59", "2026-11-21 05:59:59"},
		{"22:00-06:00", "2026-11-21 12:00:00", "2026-11-21 22:00:00"},
	} {
		var h Hours
		if err := h.UnmarshalText([]byte(tt.hours)); err != nil {
			t.Fatal(err)
		}
		if got := h.Next(at(t, tt.at)); !got.Equal(at(t, tt.want)) {
			t.Errorf("%s: next after %s is %v, want %s", tt.hours, tt.at, got.In(Place), tt.want)
		}
	}
	for _, bad := range []string{"", "8-22", "08:00", "08:00-08:00", "25:00-26:00", "08:60-09:00", "aa:bb-cc:dd", "08:00-24:01"} {
		if err := new(Hours).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was taken for hours", bad)
		}
	}
}

const badPolicy = `hotline:
  id: zz
  name: 热线
  prefx: ZZ
  signature: 【热线】
types: [consult, halp, consult]
deadlines:
  consult: {workdays: 2, days: 1, rule: ZZ-17.1}
  help: {workdays: 2}
survey:
  enabled: true
  window_h: 24
  auto_archive: [1, 2, 3]
  callback_on: [3, 4]
  send_hours: 8-22
result:
  text: maybe
texts:
  survey: "{nummer}已办结"
  receipt: "收到{number}"
  duty: "新工单{number}"
  voicemail: "新留言{number}"
  urgent: "紧急{number}"
`

func TestPolicyProblemsComeAllAtOnceWithLineAndCaret(t *testing.T) {
	_, err := ParsePolicy("policy.yaml", []byte(badPolicy))
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is %v", err)
	}
	text := err.Error()
	for _, want := range []string{
		`policy.yaml:4:3: error: unknown field "prefx"`, `hint: did you mean "prefix"?`,
		"    4 |   prefx: ZZ\n      |   ^",
		"policy.yaml:5:14: error: a signature has 2 to 12 characters",
		`unknown type "halp"`, `hint: did you mean "help"?`,
		`type "consult" is listed twice`,
		`deadlines need a line "default"`,
		"a term is in exactly one of workdays, days, hours, minutes and work_hours",
		`a deadline for "help", which is not among the types`,
		"a deadline names the rule it follows",
		"rating 3 (基本满意) must be in exactly one",
		"rating 5 (非常不满意) must be in exactly one",
		`"8-22" is not a part of the day`,
		`"maybe" is neither true nor false`,
		`unknown slot {nummer}`, `hint: did you mean "number"?`,
		"the slot {number} is missing",
		`the option "1非常满意" is missing`,
		`the text "confirm" is missing`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// No hotline's question is longer than one segment; here are counter-examples. On a day of
// a hundred thousand orders a number has a digit more.
func TestAQuestionOfTwoSegmentsIsWarnedOf(t *testing.T) {
	for _, id := range hotlines {
		p, err := ParsePolicy("policy.yaml", []byte(readDeploy(t, "hotlines/"+id+"/policy.yaml")))
		if err != nil || len(p.Warnings) > 0 {
			t.Errorf("%s: %v, %v", id, err, p.Warnings)
		}
	}
	src := readDeploy(t, "hotlines/zz/policy.yaml")
	for _, c := range []struct{ old, new, want string }{
		{"请24小时内回复数字评价", "请您在百忙之中于24小时内回复数字评价我们的服务", "in 2 segments, one segment holds 70"},
		{"已办结，请24", "已经办结，请您在24", "it is 71 characters in 2 segments"},
	} {
		p, err := ParsePolicy("policy.yaml", []byte(strings.Replace(src, c.old, c.new, 1)))
		if err != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].String(), c.want) {
			t.Errorf("%s: %v, %v", c.new, err, p)
		}
	}
}

// Questions go out from 08:30 to 20:30 also where a policy says nothing; officers' texts
// and receipts at any hour.
func TestSendHoursZQ_15_1(t *testing.T) {
	src := regexp.MustCompile(`(?m)^  send_hours:.*\n`).ReplaceAllString(readDeploy(t, "hotlines/zz/policy.yaml"), "")
	p, err := ParsePolicy("policy.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	early := time.Date(2026, 11, 21, 8, 29, 59, 0, Place)
	for kind, want := range map[sms.Kind]string{
		sms.KindSurvey: "08:30:00", sms.KindBulk: "08:30:00", sms.KindDuty: "08:29:59", sms.KindReceipt: "08:29:59", sms.KindResult: "08:29:59",
	} {
		if got := p.SendTime(kind, early).In(Place).Format(time.TimeOnly); got != want {
			t.Errorf("%s goes at %s, want %s", kind, got, want)
		}
	}
	late := time.Date(2026, 11, 21, 20, 30, 0, 0, Place)
	if got := p.SendTime(sms.KindSurvey, late); !got.Equal(early.Add(24*time.Hour + time.Second)) {
		t.Errorf("a question of half past eight in the evening goes at %s", got)
	}
}

func readDeploy(t testing.TB, name string) string {
	t.Helper()
	b, err := deploy.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(badPolicy))
	for _, id := range hotlines {
		f.Add([]byte(readDeploy(f, "hotlines/"+id+"/policy.yaml")))
		f.Add([]byte(readDeploy(f, "hotlines/"+id+"/roster.yaml")))
	}
	f.Add([]byte("? [a]: b"))
	f.Add([]byte("a: &x {b: *x}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if p, err := ParsePolicy("f", src); (p == nil) == (err == nil) {
			t.Errorf("policy %v with error %v", p, err)
		}
		if r, err := ParseRoster("f", src); (r == nil) == (err == nil) {
			t.Errorf("roster %v with error %v", r, err)
		}
	})
}
