package dispatch

import (
	"fmt"
	"slices"
	"time"

	"hotline/dispatch/calendar"
)

// sortParts puts units' parts into the order they were given out in, each lead first.
func sortParts(all []Assignment) {
	slices.SortStableFunc(all, func(a, b Assignment) int {
		switch c := a.DispatchedAt.Compare(b.DispatchedAt); {
		case c != 0:
			return c
		case a.Lead != b.Lead && a.Lead:
			return -1
		case a.Lead != b.Lead:
			return 1
		}
		return 0
	})
}

// deadlines says of each promise when it ends and how that was counted.
func (x *explaining) deadlines() []Reason {
	var all []Reason
	if len(x.parts) == 0 || x.order.withHotline() {
		all = append(all, x.counted("答复期限", x.order.Due))
	}
	for _, a := range x.parts {
		if a.Copy != "" {
			continue
		}
		name := fmt.Sprintf("第%d次办理,%s的", a.Attempt, x.o.unitName(a.Unit))
		if !a.SignBy.IsZero() {
			all = append(all, x.signing(name, a))
		}
		due := x.counted(name+"办理期限", a.Due)
		if a.Extensions > 0 {
			due.Text += fmt.Sprintf(",含%d次延期", a.Extensions)
		}
		if !a.SubmittedAt.IsZero() {
			due.Text += ";" + a.SubmittedAt.In(Place).Format("1月2日15:04") + "提交结果" + inTime(a.SubmittedAt, a.Due.At)
		}
		all = append(all, due)
	}
	if !x.survey.Deadline.IsZero() {
		all = append(all, Reason{At: x.survey.Deadline, Rule: "ZQ-15.2",
			Text: "评价截止:自短信送达的" + x.survey.OpenedAt.In(Place).Format("1月2日15:04:05") + "起按钟点计,末秒有效"})
	}
	return all
}

// counted says how a deadline was found.
func (x *explaining) counted(name string, d Deadline) Reason {
	switch {
	case d.At.IsZero():
		return Reason{Text: name + ":没有规定,尽快", Rule: d.Rule}
	case d.From.IsZero() || d.Span == (calendar.Span{}):
		return Reason{At: d.At, Text: name + ":由人逐案确定的时刻,不按日历推算", Rule: d.Rule}
	}
	text := name + ":" + d.Span.Words()
	if d.Provisional {
		text += ",暂定"
	}
	return Reason{At: d.At, Text: text, Rule: d.Rule, Steps: x.steps(d.From, d.Span, d.At)}
}

// steps is how a calendar counts a span; where it counts otherwise now than when the
// deadline was set, that is said.
func (x *explaining) steps(from time.Time, span calendar.Span, at time.Time) []string {
	steps := x.days.Explain(from, span)
	if !x.days.Add(from, span).At.Equal(at) {
		steps = append(steps, "当时所定为"+calendar.UntilWords(at)+",不因日历后来的更改而变 (T10)")
	}
	return steps
}

// signing says by when a unit signs, and whether it did.
func (x *explaining) signing(name string, a Assignment) Reason {
	p := x.o.policy.Life.Sign
	r := Reason{At: a.SignBy, Text: fmt.Sprintf("%s签收时限:工作时间%d分钟", name, p.WorkMinutes), Rule: p.Rule}
	if p.WorkMinutes > 0 && p.WorkMinutes%60 == 0 {
		r.Steps = x.steps(a.DispatchedAt, calendar.Span{N: p.WorkMinutes / 60, Unit: calendar.WorkHours}, a.SignBy)
	}
	if !a.SignedAt.IsZero() {
		r.Text += ";" + a.SignedAt.In(Place).Format("1月2日15:04") + "签收" + inTime(a.SignedAt, a.SignBy)
	}
	return r
}

// inTime says whether something was done by its deadline.
func inTime(at, by time.Time) string {
	if !by.IsZero() && at.After(by) {
		return ",超期"
	}
	return ",按时"
}
