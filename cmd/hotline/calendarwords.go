package main

import (
	"fmt"
	"io"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
)

// printer prints lines until one fails.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// explainSpan says when a span ends, day by day.
func explainSpan(out io.Writer, c *calendar.Calendar, start time.Time, span calendar.Span) error {
	w := &printer{out: out}
	for _, line := range c.Explain(start, span) {
		w.line("%s", line)
	}
	return w.err
}

// explainBefore says the last moment that lies a span before a deadline. A day is meant with
// its end.
func explainBefore(out io.Writer, c *calendar.Calendar, due time.Time, span calendar.Span) error {
	if y, m, d := due.In(dispatch.Place).Date(); due.Equal(time.Date(y, m, d, 0, 0, 0, 0, dispatch.Place)) {
		due = due.AddDate(0, 0, 1)
	}
	w := &printer{out: out}
	w.line("%s", c.ExplainBefore(due, span))
	return w.err
}
