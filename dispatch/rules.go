package dispatch

import (
	"time"

	"hotline/dispatch/calendar"
)

// LifePolicy is what a regulation says about the life of an order between registration and
// completion. The zero value asks for nothing.
type LifePolicy struct {
	Sign      SignPolicy      `yaml:"sign"`
	Returns   ReturnPolicy    `yaml:"returns"`
	Extension ExtensionPolicy `yaml:"extension"`
	Review    SubmitPolicy    `yaml:"review"`
	// Tiers are who has to agree before an order of a tier is given out, in their order; the
	// first list is of tier 1 (KF-3.2). Empty: there are no tiers.
	Tiers [][]ReviewKind `yaml:"tiers"`
	// Ways are deadlines that go before those by type: by where the order came from or how
	// it is given ("written"), or that and its type ("enterprise:consult"). "dual" is for
	// companies' orders, however they are given (Q22).
	Ways map[string]Term `yaml:"ways"`
	// SuperviseFrom lists sources whose orders are supervised from the beginning (KF-2.3).
	SuperviseFrom []string `yaml:"supervise_from"`
	// Reject lists why a request may be refused (ZQ-7.2, XZ-10). Empty: in the agent's words.
	Reject []RejectReason `yaml:"reject"`
	// ReferRule is the clause by which who is refused is told where to go instead (SQ-4.6).
	ReferRule string `yaml:"refer_rule"`
	// OwnerRule is the clause by which the first to take a request answers for it (SQ-4.3).
	OwnerRule string `yaml:"first_owner"`
	// FollowRule is the clause by which the first to take a request follows it to its end: they
	// are reminded with its unit when its citizen has no answer in time (ZZ-21).
	FollowRule string `yaml:"first_follows"`
	// Promise is the clause by which an order is given out with a promised moment (SQ-4.4).
	Promise string `yaml:"promise_required"`
	// CrossRule is the clause by which an order of several units goes to all of them and to
	// a leader in copy (SQ-5.1.2).
	CrossRule string     `yaml:"cross_unit"`
	Dual      DualPolicy `yaml:"dual_delivery"`
	// FileRule is the clause by which a unit that answered itself files that before the
	// order is closed (SQ-5.4).
	FileRule string `yaml:"filing"`
	// UnderstoodRule is the clause by which an order closes when its citizen understood (SQ-5.3).
	UnderstoodRule string `yaml:"close_understood"`
	// MaxRounds is after how many answers that were not understood a leader may close it (Q29).
	MaxRounds int `yaml:"max_rounds"`
	// ContactRule is the clause by which the citizen is spoken to first (ZQ-13.1, XZ-12.3.1).
	ContactRule string `yaml:"first_contact"`
	// WrittenRule is the clause by which a citizen may ask for a written opinion (XZ-12.6).
	WrittenRule string `yaml:"written_opinion"`
	// OpinionIn is within what time it is given; not given: in time for the order.
	OpinionIn calendar.Span `yaml:"opinion_within"`
	// ConsentRule is the clause by which a unit is told who a citizen is with their consent
	// (XZ-12.6). Empty: of a confidential order never (KF-3.1.5).
	ConsentRule string `yaml:"consent"`
	// RealName is the clause by which a report without a name is refused. Empty: it is accepted
	// and marked (KF-3.1.5, Q27).
	RealName string `yaml:"real_name"`
	// UpperRule is the clause by which orders of a higher office keep its number and deadline;
	// the earlier of the two deadlines counts (ZZ-3.3).
	UpperRule string `yaml:"upper_rule"`
	// PushRule is the clause by which enterprises are told of policies by their tags (XZ-6.1).
	// Empty: nobody is.
	PushRule string `yaml:"push"`
	// Categories are what requests are about beside their type (XZ-9). Empty: it is not asked.
	Categories []Category `yaml:"categories"`
	// Form is what an agent writes down of a request (KF-3.1).
	Form FormPolicy `yaml:"form"`
	// Asks is what the hotline's people may put to others, and how (KF-3.1.3, SQ-3.4 ...).
	Asks map[ReviewKind]AskPolicy `yaml:"asks"`
	// Reply is how answers get to the public.
	Reply ReplyPolicy `yaml:"reply"`
	// PutThrough is what follows when a unit's phone is rung for a citizen in vain.
	PutThrough PutThroughPolicy `yaml:"put_through"`
	// CoordinateAfter is after how many allowed returns who leads is settled from above (XZ-27.2).
	CoordinateAfter int `yaml:"coordinate_if_returned"`
}

// SignPolicy is how soon a unit takes what it was given. The zero value asks for nothing.
type SignPolicy struct {
	WorkMinutes int    `yaml:"work_min"` // in business hours (XZ-12.3.4)
	Way         string `yaml:"only_way"` // of orders given this way; empty: of all
	Rule        string `yaml:"rule"`
}

// ReturnPolicy is how a unit says that an order is not its business.
type ReturnPolicy struct {
	Window  map[Type]Term `yaml:"window"` // by type; "default" is for the others. Empty: never
	Require []string      `yaml:"require"`
	// Refusals are the codes of why one is not allowed; empty: in words (ZQ-10).
	Refusals []string `yaml:"refusals"`
	// AfterExtension is the clause by which who asked for more time may not return (ZQ-10).
	AfterExtension string `yaml:"after_extension"`
	// KeepDue lets the clock go on through a return that is allowed; else the next unit's time
	// begins anew (Q18).
	KeepDue bool `yaml:"keep_due"`
	// NotAccept is the clause by which a unit that says an order is nobody's shows why (ZQ-9.3).
	NotAccept string `yaml:"not_accept"`
	Rule      string `yaml:"rule"`
}

// ExtensionPolicy is how a unit gets more time.
type ExtensionPolicy struct {
	Allowed bool `yaml:"allowed"`
	// Before is how long before the deadline it is asked for at the latest (ZQ-12.2), in
	// calendar days or working days (Q16).
	Before calendar.Span `yaml:"before"`
	// SameDay: an order that came too late for that may ask on the day it came (Q17).
	SameDay bool     `yaml:"same_day"`
	Max     int      `yaml:"max"`     // 0: as often as allowed
	Same    bool     `yaml:"same"`    // of the type's own length; else the reviewer says until when
	Reasons []string `yaml:"reasons"` // codes; empty: in words
	Form    bool     `yaml:"form"`    // with the form, signed by the unit's leader (ZQ-12.3)
	Told    []string `yaml:"told"`    // who was told when it is asked for (ZZ-17.4)
	// The clauses of each, as far as they differ from Rule.
	TellRule   string `yaml:"tell_rule"` // the citizen is told before the order is completed
	BeforeRule string `yaml:"before_rule"`
	MaxRule    string `yaml:"max_rule"`
	FormRule   string `yaml:"form_rule"`
	Rule       string `yaml:"rule"`
}

// SubmitPolicy is what a unit's answer has, and who looks at it.
type SubmitPolicy struct {
	Require  []string `yaml:"require"`
	PerPoint bool     `yaml:"per_point"` // each thing asked for is answered (ZQ-14.2)
	Checks   []string `yaml:"checks"`    // what the reviewer confirms (XZ-12.4.1)
	// Explain lists outcomes that need an explanation and a basis (ZZ-15.2).
	Explain  []string `yaml:"explain"`
	HeadRule string   `yaml:"unit_head"` // the clause by which the unit's head looks first (ZZ-18.1)
	// OnTime is by which moment an order is on time: "submitted", the default, when the answer
	// that passes came, or passed, when it passed (Q20).
	OnTime string `yaml:"on_time"`
	// FieldsRule is the clause of what an answer has, and of what is looked at.
	FieldsRule string `yaml:"fields_rule"`
	Rule       string `yaml:"rule"`
}

// By which moment an order is on time.
const (
	BySubmission = "submitted"
	ByPassing    = "passed"
)

// RejectReason is why a request is not accepted.
type RejectReason struct {
	Code  string `yaml:"code"`
	Words string `yaml:"words"`
	Rule  string `yaml:"rule"`
	Ref   bool   `yaml:"needs_ref"` // it names the order that it repeats
	Asked bool   `yaml:"asked"`     // the citizen was asked for more first
	// Emergency: it is put through at once, not refused.
	Emergency bool `yaml:"emergency"`
}

// DualPolicy is who gets a copy of companies' orders (XZ-2.2).
type DualPolicy struct {
	To   string `yaml:"copy_to"`
	Rule string `yaml:"rule"`
}

// term is how long an order given out this way may take.
func (p *Policy) term(order Order, way string) Term {
	keys := []string{order.Source, way}
	if order.Enterprise {
		keys = append(keys, "dual")
	}
	for _, key := range keys {
		for _, key := range []string{key + ":" + string(order.Type), key} {
			if t, ok := p.Life.Ways[key]; ok && key != "" {
				return t
			}
		}
	}
	return p.Term(order.Type)
}

// approvals are who has to agree to an order of a tier; none to one without.
func (p LifePolicy) approvals(tier int) []ReviewKind {
	if tier < 1 || tier > len(p.Tiers) {
		return nil
	}
	return p.Tiers[tier-1]
}

// of is a window by type.
func of(terms map[Type]Term, t Type) Term {
	if term, ok := terms[t]; ok {
		return term
	}
	return terms[defaultTerm]
}

// set says whether a term has any length.
func (t Term) set() bool { return t.Span().N > 0 }

// signBy is when the lead unit has to have signed.
func (u *unit) signBy(way string) time.Time {
	return u.office.policy.Life.Sign.by(u.office.calendar(), way, u.now)
}

// by is when what was given out at a moment has to be signed (XZ-12.3.4); zero: it has not.
func (s SignPolicy) by(c *calendar.Calendar, way string, given time.Time) time.Time {
	if s.WorkMinutes == 0 || s.Way != "" && s.Way != way {
		return time.Time{}
	}
	return c.AddWorkingHours(given, time.Duration(s.WorkMinutes)*time.Minute).At.UTC()
}
