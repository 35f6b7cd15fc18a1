package dispatch

import (
	"fmt"

	"hotline/deploy/fault"
	"hotline/dispatch/calendar"
)

// WatchPolicy is what the clock does that most regulations leave to the hotline. A span that
// is not given is an act that is not done.
type WatchPolicy struct {
	// Hours is when units' people are texted; what comes due at night waits for the morning.
	// Major matters do not wait.
	Hours Hours `yaml:"hours"`
	// Remind is how long before a deadline its unit is reminded.
	Remind []calendar.Span `yaml:"remind"`
	// Undecided is how long what a unit asked for may wait: then the duty officer is told, and
	// after as long again the leader on duty.
	Undecided calendar.Span `yaml:"undecided"`
	// Contact is within what time the unit speaks to the citizen (ZQ-13.1).
	Contact     calendar.Span `yaml:"contact"`
	ContactRule string        `yaml:"contact_rule"`
	// Dispatch is within what time an order of a type is given to a unit, once that is known
	// of it (SQ-3.2, SQ-3.3); the officer on duty is told of one that is not.
	Dispatch map[Type]Term `yaml:"dispatch"`
	// Verify is within what time the unit looks into what it was given (ZQ-9.1).
	Verify     calendar.Span `yaml:"verify"`
	VerifyRule string        `yaml:"verify_rule"`
	// Arrive is how long after somebody is expected on the spot the officer on duty is told
	// that nobody reported from there (SQ-4.5.2).
	Arrive     calendar.Span `yaml:"arrive"`
	ArriveRule string        `yaml:"arrive_rule"`
	// SignAgain is how long after a missed signature the unit is told again; not given: once.
	SignAgain calendar.Span `yaml:"sign_again"`
	SignRule  string        `yaml:"sign_rule"` // the clause that asks for the signature
}

// UrgePolicy is 催办.
type UrgePolicy struct {
	// Before is how long before the deadline the first one comes; not given: when it passed.
	Before calendar.Span `yaml:"before"`
	// Every is how long a unit has to react, and so how far two lie apart at least.
	Every calendar.Span `yaml:"every"`
	Max   int           `yaml:"max"` // by the clock; people may urge more often
	Rule  string        `yaml:"rule"`
	// Perfunctory is how long a unit has that has to handle an order again because its answer
	// fobbed the citizen off (KF-3.3.1); not given: nobody is told so.
	Perfunctory calendar.Span `yaml:"perfunctory"`
	// Ignored is what follows on the first, second ... that the unit did not react to.
	Ignored []IgnoredUrge `yaml:"ignored"`
}

// IgnoredUrge is what a regulation puts on a 催办 in vain (ZZ-23.3, ZZ-23.4).
type IgnoredUrge struct {
	Level string `yaml:"level"` // in words
	Rule  string `yaml:"rule"`
}

// SupervisePolicy is when 督办 begins by itself. An empty rule of a cause: it does not.
type SupervisePolicy struct {
	Sources    []string      `yaml:"sources"` // of orders that are supervised from the start
	SourceRule string        `yaml:"source_rule"`
	Urges      int           `yaml:"urges"` // urged in vain so often
	UrgesRule  string        `yaml:"urges_rule"`
	Overdue    string        `yaml:"overdue_rule"`
	Redos      int           `yaml:"redos"` // from this redo on
	RedoRule   string        `yaml:"redo_rule"`
	Returns    int           `yaml:"returns"` // returned so often: who leads is to be settled
	ReturnRule string        `yaml:"returns_rule"`
	Repeats    int           `yaml:"repeats"` // a person is asked about an order repeated so often
	RepeatRule string        `yaml:"repeats_rule"`
	Units      int           `yaml:"units"` // and about one of so many units
	UnitsRule  string        `yaml:"units_rule"`
	Answer     calendar.Span `yaml:"answer"` // how long a unit has to answer a 督办
}

// EscalationPolicy is what becomes of an urgent matter that no leader confirms (ZZ-20.3,
// KF-3.1.6).
type EscalationPolicy struct {
	// After is how long that may last; then the leaders are called. Not given: they are not.
	After calendar.Span `yaml:"after"`
	Rule  string        `yaml:"rule"`
}

// DigestPolicy is the day's list for the leader on duty (SQ-5.1.1).
type DigestPolicy struct {
	At   Clock  `yaml:"at"` // the time of day; not given: there is none
	Rule string `yaml:"rule"`
}

// Clock is a time of day in minutes after midnight; the zero value is none.
type Clock int

// UnmarshalText reads "17:00".
func (c *Clock) UnmarshalText(b []byte) error {
	n, err := clockMinutes(string(b))
	*c = Clock(n)
	return err
}

// checkClock checks what the clock does by itself: whatever it does follows a clause, but for
// calling leaders, which a hotline may choose where its regulation is silent.
func (p *Policy) checkClock(d *fault.Document) {
	for _, n := range []struct {
		path      string
		value, to int
		needs     string // the rule beside it
		rule      string
	}{{"urge.max", p.Urge.Max, 9, "rule", p.Urge.Rule}, {"supervise.urges", p.Supervise.Urges, 9, "urges_rule", p.Supervise.UrgesRule},
		{"supervise.redos", p.Supervise.Redos, 99, "redo_rule", p.Supervise.RedoRule}, {"supervise.returns", p.Supervise.Returns, 99, "returns_rule", p.Supervise.ReturnRule},
		{"supervise.repeats", p.Supervise.Repeats, 999, "repeats_rule", p.Supervise.RepeatRule}, {"supervise.units", p.Supervise.Units, 99, "units_rule", p.Supervise.UnitsRule},
		{"supervise.sources", len(p.Supervise.Sources), 99, "source_rule", p.Supervise.SourceRule}, {"watch.contact", p.Watch.Contact.N, 1000, "contact_rule", p.Watch.ContactRule},
		{"watch.verify", p.Watch.Verify.N, 1000, "verify_rule", p.Watch.VerifyRule}, {"watch.arrive", p.Watch.Arrive.N, 1000, "arrive_rule", p.Watch.ArriveRule},
		{"escalation.after", p.Escalation.After.N, 1000, "", "rec"}, {"daily_digest.at", int(p.Digest.At), 24 * 60, "rule", p.Digest.Rule},
		{"weekly_report.at", int(p.Weekly.At), 24 * 60, "rule", p.Weekly.Rule}, {"archive.at", int(p.Archive.At), 24 * 60, "rule", p.Archive.Rule},
		{"archive.recording_days", p.Archive.RecordingDays, 36500, "", keepRule},
		{"spot_check.at", int(p.SpotCheck.At), 24 * 60, "rule", p.SpotCheck.Rule}, {"spot_check.orders", p.SpotCheck.Orders, 100, "rule", p.SpotCheck.Rule},
		{"log_in.at", int(p.LogIn.At), 24 * 60, "rule", p.LogIn.Rule},
		{"spot_check.percent", p.SpotCheck.Percent, 100, "rule", p.SpotCheck.Rule}} {
		if n.value < 0 || n.value > n.to {
			d.Fault(n.path, "%d is not from 0 to %d", n.value, n.to)
		}
		if n.value > 0 && n.rule == "" {
			d.Fault(n.path, "it needs %s, the clause that it follows", n.needs)
		}
	}
	if p.Urge.Max > 0 && p.Urge.Every.N == 0 {
		d.Fault("urge", "it needs every: how long a unit has to react")
	}
	if p.Supervise.Urges > p.Urge.Max {
		d.Fault("supervise.urges", "the clock urges %d times only", p.Urge.Max)
	}
	for i, what := range p.Urge.Ignored {
		if what.Rule == "" || what.Level == "" {
			d.Fault(fmt.Sprintf("urge.ignored[%d]", i), "it needs level and rule")
		}
	}
}
