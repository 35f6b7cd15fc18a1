package dispatch

import (
	"slices"

	"hotline/deploy/fault"
	"hotline/dispatch/calendar"
)

// DeadlinePolicy is how terms are counted where the law leaves a choice.
type DeadlinePolicy struct {
	DayEnd            calendar.DayEnd  `yaml:"day_end"`            // "24:00", the default, or business_close (Q1)
	NonworkingReceipt calendar.Receipt `yaml:"nonworking_receipt"` // first_working_day, the default, or next_working_day (Q2)
	// HolidayEnd is whether a term in calendar days that ends on a day off goes on to the next
	// working day: "stays", the default, or next_working_day (Civil Code article 203).
	HolidayEnd calendar.Holiday `yaml:"holiday_end"`
	// Start is when a unit's term begins: "dispatched", the default, or registered (Q19).
	Start string `yaml:"start"`
}

// When a unit's term begins.
const (
	FromDispatched = "dispatched"
	FromRegistered = "registered"
)

// counting is what the calendar has to know of the policy.
func (p *Policy) counting() calendar.Rules {
	return calendar.Rules{Hours: p.BusinessHours, DayEnd: p.Deadline.DayEnd, Receipt: p.Deadline.NonworkingReceipt,
		Holiday: p.Deadline.HolidayEnd}
}

// Calendar is a calendar that counts as the policy says.
func (p *Policy) Calendar(c *calendar.Calendar) *calendar.Calendar { return c.With(p.counting()) }

func (p *Policy) checkCounting(d *fault.Document) {
	if err := p.counting().Check(); err != nil {
		d.Fault("business_hours", "%v", err)
	}
	for _, w := range []struct {
		path, word string
		may        []string
	}{{"deadline.start", p.Deadline.Start, []string{FromDispatched, FromRegistered}},
		{"survey.start", p.Survey.Start, []string{FromDelivered, FromAccepted}},
		{"life.review.on_time", p.Life.Review.OnTime, []string{BySubmission, ByPassing}}} {
		if w.word != "" && !slices.Contains(w.may, w.word) {
			d.Unknown(w.path, w.word, "unknown word %q", w.may)
		}
	}
}
