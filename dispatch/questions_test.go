package dispatch_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/sms"
)

// under is a hall of a hotline whose policy.yaml says something else in one place: both are
// lines of the file. Nothing is changed by nothing.
func under(t *testing.T, hotline, old, changed string) *hall {
	t.Helper()
	h := newHall(t, hotline, filepath.Join(t.TempDir(), "h.db"))
	src, err := deploy.Files.ReadFile("hotlines/" + hotline + "/policy.yaml")
	h.ok(err)
	if strings.Count(string(src), old) != 1 && old != "" {
		t.Fatalf("%q is not once in the policy of %s", old, hotline)
	}
	if old != "" {
		h.policy, err = dispatch.ParsePolicy("policy.yaml", []byte(strings.Replace(string(src), old, changed, 1)))
		h.ok(err)
		h.config.Policy = h.policy
	}
	h.Office = dispatch.NewOffice(h.config)
	return h
}

// head begins each file: what is put before it is a section of its own.
const head = "hotline:\n"

// TestQuestions shows of each question that the regulations leave open what holds by default,
// and what holds where a hotline decides otherwise.
func TestQuestions(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"Q1 the last day ends at 24:00, or at closing":              whenDaysEnd,
		"Q2 what comes on a day off":                                receivedOnADayOff,
		"Q3 ZZ-10.7 who leads by type, or by topic":                 whoLeads,
		"Q8 ZQ-15.2 from the receipt, or from acceptance":           fromWhen,
		"Q9 ZQ-15.2 the very last second counts":                    veryLastSecond,
		"Q10 ZQ-15.2 the first valid reply, or the first":           firstValid,
		"Q11 ZQ-15.2 later replies change nothing":                  noSecondThoughts,
		"Q12 ZQ-15.4 archived unrated":                              archivedUnrated,
		"Q13 ZQ-15.7 the second rating is missing":                  secondMissing,
		"Q14 ZQ-15.7 one redo in all, or two":                       redosInAll,
		"Q16 ZQ-12.2 two calendar days, or two working days":        twoDaysBefore,
		"Q17 ZQ-12.2 the day it came, or not":                       sameDay,
		"Q18 ZQ-9.2 the next unit's time begins anew, or goes on":   afterReturn,
		"Q19 ZQ-11.0 from giving out, or from registration":         fromGivingOrNot,
		"Q20 ZQ-14.1 on time by submission, or by passing":          onTimeBy,
		"Q22 XZ-12.3.5 companies' questions":                        companiesQuestions,
		"Q23 XZ-12.3.4 which hours are worked":                      workedHours,
		"Q27 KF-3.1.5 reports without a name":                       namelessReports,
		"Q29 SQ-5.3 how many rounds":                                rounds,
		"Q31 no calendar for a year":                                noCalendar,
		"Q33 calendar days that end on a day off, and who moves on": lastDayOff,
	} {
		t.Run(name, test)
	}
}

// dueBy is when an order of a type is due that came at a moment.
func (h *hall) dueBy(kind dispatch.Type, from, want time.Time) {
	h.t.Helper()
	got := h.policy.Term(kind).Deadline(h.policy.Calendar(h.config.Calendar), from)
	h.same("due", got.At, want.UTC())
}

func whenDaysEnd(t *testing.T) {
	from := on(2026, 2, 13, 10)
	under(t, "xz", "", "").dueBy(dispatch.Consult, from, on(2026, 2, 26))
	under(t, "xz", head, "deadline: {day_end: business_close, rec: 下班即止}\n"+head).dueBy(dispatch.Consult, from, on(2026, 2, 25, 17, 30))
}

func receivedOnADayOff(t *testing.T) {
	from := on(2026, 10, 1, 10)
	under(t, "zq", "", "").dueBy(dispatch.Help, from, on(2026, 10, 21))
	under(t, "zq", head, "deadline: {nonworking_receipt: next_working_day, rec: 顺延}\n"+head).dueBy(dispatch.Help, from, on(2026, 10, 22))
}

func lastDayOff(t *testing.T) {
	const line = "default: {workdays: 2, rule: ZQ-11.1, rec: 未分类前从严}"
	from := on(2026, 9, 29, 10) // two days on is the first day of a holiday that lasts until 10-07
	days := strings.Replace(line, "workdays", "days", 1)
	under(t, "zq", line, days).dueBy(dispatch.Unset, from, on(2026, 10, 2))
	const deadlines = "deadlines:\n  " + line
	h := under(t, "zq", deadlines, "deadline: {holiday_end: next_working_day, rec: 民法典第203条}\ndeadlines:\n  "+days)
	h.dueBy(dispatch.Unset, from, on(2026, 10, 9))
	why := strings.Join(h.policy.Calendar(h.config.Calendar).Explain(from, h.policy.Term(dispatch.Unset).Span()), "\n")
	if !strings.Contains(why, "第2日 2026-10-01 周四 休息,顺延至次一工作日 (民法典第203条)") {
		t.Errorf("not explained:\n%s", why)
	}
	if _, err := dispatch.ParsePolicy("policy.yaml", []byte("deadline: {holiday_end: never, rec: 试}\n")); err == nil || !strings.Contains(err.Error(), `holiday_end "never"`) {
		t.Errorf("a word that is none: %v", err)
	}
}

func whoLeads(t *testing.T) {
	const line = "  complaint: {lead: audit, answers: ZZ-10.11, rule: ZZ-10.7}"
	for _, tt := range []struct{ old, changed, first, rule string }{
		{"", "", "audit", "ZZ-10.7"},
		{line, "", "build", "ZZ-8"},
	} {
		h := under(t, "zz", tt.old, tt.changed)
		units, err := dispatch.LoadUnits(deploy.Files, "hotlines/zz/units.yaml")
		h.ok(err)
		h.config.Units = append(units, dispatch.Unit{ID: "build", Name: "建设局", Topics: []string{"工地"}})
		h.Office = dispatch.NewOffice(h.config)
		hints, err := h.Suggest(h.ctx(), dispatch.Asked{Summary: "投诉工地夜间施工"})
		h.ok(err)
		h.same("first", []string{hints.Units[0].ID, hints.Units[0].Rule}, []string{tt.first, tt.rule})
		h.same("the department is named", hints.Units[len(hints.Units)-1].ID, "build")
		o := h.open(func(in *dispatch.Intake) { in.Type, in.Summary = dispatch.Petition, "工地" })
		hints, err = h.SuggestFor(h.ctx(), o.Number)
		h.ok(err)
		h.same("ZZ-10.9 by the type that was set", []string{hints.Units[0].ID, hints.Units[0].Rule}, []string{"petitions", "ZZ-10.9"})
	}
}

func fromWhen(t *testing.T) {
	for _, tt := range []struct {
		old, changed string
		from         time.Duration
	}{{"", "", time.Hour}, {"  window_h: {is: 24, rule: ZQ-15.2}", "  start: accepted\n  window_h: 24", 0}} {
		h := under(t, "zq", tt.old, tt.changed)
		o := h.open(nil)
		h.complete(o.Number)
		sent := h.now
		h.move(h.question(o.Number), sms.Sent)
		h.now = h.now.Add(time.Hour)
		h.move(h.question(o.Number), sms.Delivered)
		h.same("ends", h.survey(o.Number).Deadline, sent.Add(tt.from+24*time.Hour).UTC())
	}
}

func veryLastSecond(t *testing.T) {
	for after, want := range map[time.Duration]string{0: dispatch.AsSurvey, time.Second: dispatch.AsLate} {
		h := under(t, "zq", "", "")
		_, s := h.surveyed()
		h.now = s.Deadline.Add(after)
		h.same("taken as", h.text("1", s.Slot), want)
	}
}

func firstValid(t *testing.T) {
	for _, tt := range []struct {
		old, changed, second string
		outcome              dispatch.Outcome
	}{
		{"", "", dispatch.AsSurvey, dispatch.Rated},
		{"  window_h: {is: 24, rule: ZQ-15.2}", "  one_reply: true\n  window_h: 24", dispatch.AsLate, dispatch.Invalid},
	} {
		h := under(t, "zq", tt.old, tt.changed)
		o, s := h.surveyed()
		h.same("a wrong one", h.text("6", s.Slot), dispatch.AsInvalid)
		h.same("a right one", h.text("1", s.Slot), tt.second)
		got := h.order(o.Number)
		h.same("outcome", []any{got.State, got.Outcome}, []any{dispatch.Archived, tt.outcome})
	}
}

func noSecondThoughts(t *testing.T) {
	h := under(t, "zq", "", "")
	o, s := h.surveyed()
	h.same("rated", h.text("2", s.Slot), dispatch.AsSurvey)
	h.same("and again", h.text("5", s.Slot), dispatch.AsLate)
	h.same("stays, and is kept", []any{h.order(o.Number).Rating, h.told(o.Number, dispatch.OnLateReply)}, []any{2, 1})
}

func archivedUnrated(t *testing.T) {
	for words, want := range map[string]dispatch.Outcome{"": dispatch.Unrated, "6": dispatch.Invalid} {
		h := under(t, "zq", "", "")
		o, s := h.surveyed()
		if words != "" {
			h.text(words, s.Slot)
		}
		h.now = s.Deadline.Add(time.Second)
		h.sweep()
		got := h.order(o.Number)
		h.same("archived", []any{got.State, got.Outcome}, []any{dispatch.Archived, want})
	}
}

func secondMissing(t *testing.T) {
	const line = "fallback_first: {is: false,"
	for changed, want := range map[string]dispatch.Outcome{line: dispatch.Unrated, "fallback_first: {is: true,": dispatch.Rated} {
		h := under(t, "zq", line, changed)
		o := h.rated(dispatch.Help, "5")
		h.ok(h.called(o.Number, nil))
		h.answerAgain(o.Number, "")
		h.now = h.now.Add(day + time.Second)
		h.sweep()
		h.same(changed, h.order(o.Number).Outcome, want)
	}
}

func redosInAll(t *testing.T) {
	const line = "max: {is: 1, rule: ZQ-15.7}"
	for changed, want := range map[string]dispatch.State{line: dispatch.Archived, "max: {is: 2, rec: 各一次}": dispatch.Redone} {
		h := under(t, "zq", line, changed)
		o := h.rated(dispatch.Help, "5")
		h.ok(h.called(o.Number, nil))
		h.answerAgain(o.Number, "5")
		h.ok(h.called(o.Number, nil))
		h.same(changed, h.order(o.Number).State, want)
	}
}

var more = dispatch.ExtensionAsked{Code: "complex", Form: "f1", Signed: true}

func twoDaysBefore(t *testing.T) {
	const line = "before: {is: 2d, rule: ZQ-12.2}"
	for changed, may := range map[string]bool{line: true, "before: {is: 2wd, rule: ZQ-12.2}": false} {
		h := under(t, "zq", line, changed)
		o := h.handled(dispatch.Consult, on(2023, 9, 28, 10)) // due with 10-08, a Sunday that is worked like the 7th
		h.now = on(2023, 10, 6, 23)
		_, err := h.AskExtension(h.ctx(), o.Number, water, more)
		h.same(changed, err == nil, may)
		if err != nil {
			h.denies(err, dispatch.Refusal{Field: "at", Rule: "ZQ-12.2"}, dispatch.ErrIllegal)
		}
	}
}

func sameDay(t *testing.T) {
	const short = "    before: {is: 2d, rule: ZQ-12.2}  # 原文是“2天”,自然日(Q16);工作日写 2wd\n    same_day: {is: "
	for answer, may := range map[string]bool{"true": true, "false": false} {
		h := under(t, "zq", short+"true", "    before: {is: 3d, rec: 试}\n    same_day: {is: "+answer)
		o := h.handled(dispatch.Consult, on(2023, 10, 10, 10)) // due with 10-12: three days before are over already
		_, err := h.AskExtension(h.ctx(), o.Number, water, more)
		h.same(answer, err == nil, may)
	}
}
