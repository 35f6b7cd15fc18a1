package dispatch

import (
	"hotline/deploy/fault"
	"hotline/dispatch/calendar"
)

// DeadlinePolicy is how terms are counted where the law leaves a choice.
type DeadlinePolicy struct {
	DayEnd            calendar.DayEnd  `yaml:"day_end"`            // "24:00", the default, or business_close (Q1)
	NonworkingReceipt calendar.Receipt `yaml:"nonworking_receipt"` // first_working_day, the default, or next_working_day (Q2)
}

// counting is what the calendar has to know of the policy.
func (p *Policy) counting() calendar.Rules {
	return calendar.Rules{Hours: p.BusinessHours, DayEnd: p.Deadline.DayEnd, Receipt: p.Deadline.NonworkingReceipt}
}

// Calendar is a calendar that counts as the policy says.
func (p *Policy) Calendar(c *calendar.Calendar) *calendar.Calendar { return c.With(p.counting()) }

func (p *Policy) checkCounting(d *fault.Document) {
	if err := p.counting().Check(); err != nil {
		d.Fault("business_hours", "%v", err)
	}
}
