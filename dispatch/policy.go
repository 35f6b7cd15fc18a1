package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/deploy/fault"
	"hotline/dispatch/calendar"
	"hotline/sms"
)

// Policy is what one hotline's regulation says about orders, as data (D8): one file,
// deploy/hotlines/<id>/policy.yaml. It does not change while the program runs.
type Policy struct {
	Hotline   Hotline       `yaml:"hotline"`
	Types     []Type        `yaml:"types"`     // what it accepts (ZZ-2); emergency is always accepted
	Deadlines map[Type]Term `yaml:"deadlines"` // by type; "default" is for the others and for unset
	Survey    SurveyPolicy  `yaml:"survey"`
	Result    ResultPolicy  `yaml:"result"`
	Query     QueryPolicy   `yaml:"query"`
	Redo      RedoPolicy    `yaml:"redo"`
	Life      LifePolicy    `yaml:"life"`
	Watch     WatchPolicy   `yaml:"watch"`
	Urge      UrgePolicy    `yaml:"urge"`
	// Routing is whose business a type is, before the words of a request are looked at (Q3).
	Routing    map[Type]Route   `yaml:"routing"`
	Supervise  SupervisePolicy  `yaml:"supervise"`
	Escalation EscalationPolicy `yaml:"escalation"`
	OnCall     OnCallPolicy     `yaml:"on_call"`
	Digest     DigestPolicy     `yaml:"daily_digest"`
	SpotCheck  SpotPolicy       `yaml:"spot_check"`
	Weekly     WeeklyPolicy     `yaml:"weekly_report"`
	Archive    ArchivePolicy    `yaml:"archive"`
	LogIn      LogInPolicy      `yaml:"log_in"`
	// PromiseRule is the clause by which a deadline may be promised; empty: it may not.
	PromiseRule string `yaml:"promise_rule"`
	// BusinessHours are those of a working day, ascending: working hours run in them (XZ-12.3.4, Q23).
	BusinessHours []calendar.Part `yaml:"business_hours"`
	Deadline      DeadlinePolicy  `yaml:"deadline"`
	// Units is what the regulation asks of units.yaml.
	Units []UnitDemand `yaml:"units"`
	Texts Texts        `yaml:"texts"`
	// TextsEn are those for citizens who write English, all of them or none.
	TextsEn Texts `yaml:"texts_en"`
	// Clauses are those of the regulation that rules.yaml does not list, in our words: so that a
	// hotline beside the five is configuration only.
	Clauses map[string]string `yaml:"clauses"`
	// Values are all that the file says, each with the clause or the reason for it.
	Values []fault.Value `yaml:"-"`
	cites  []cite
	// Warnings are what the file says that is no fault, but should be looked at.
	Warnings Problems `yaml:"-"`
}

// Hotline is who the policy is of.
type Hotline struct {
	ID        string `yaml:"id"`        // zz
	Name      string `yaml:"name"`      // 郑州高新区投资服务热线
	Prefix    string `yaml:"prefix"`    // of order numbers: ZZ
	Signature string `yaml:"signature"` // of texts, without brackets: 高新区热线
}

// Term is a length of time from intake to deadline; exactly one unit is set.
type Term struct {
	Workdays  int    `yaml:"workdays"`
	Days      int    `yaml:"days"`       // calendar days (T6)
	Hours     int    `yaml:"hours"`      // by the clock (T7)
	Minutes   int    `yaml:"minutes"`    // by the clock
	WorkHours int    `yaml:"work_hours"` // business hours of working days (T7)
	Rule      string `yaml:"rule"`       // clause id: ZZ-17.1
	Rec       string `yaml:"rec"`        // why so long, where the clause does not say it
}

// defaultTerm is the key of Deadlines for types without a line of their own.
const defaultTerm Type = "default"

// SurveyPolicy is the satisfaction survey (ZQ-15).
type SurveyPolicy struct {
	Enabled     bool `yaml:"enabled"`
	WindowHours int  `yaml:"window_h"` // from Start, its last second included
	// Start is "delivered", the default, or accepted: by the carrier (Q8).
	Start string `yaml:"start"`
	// OneReply lets the first reply decide: a wrong one ends the survey as invalid (Q10).
	OneReply    bool  `yaml:"one_reply"`
	AutoArchive []int `yaml:"auto_archive"` // ratings that end the order (ZQ-15.4)
	CallbackOn  []int `yaml:"callback_on"`  // ratings that a person calls back about (ZQ-15.5)
	// CallbackTries is after how many calls without an answer the reason is "unreachable".
	CallbackTries int `yaml:"callback_tries"`
	// CallbackDays is on how many different days these calls are at least.
	CallbackDays int `yaml:"callback_days"`
	// CallbackGap is how many hours lie between two of them at least.
	CallbackGap int `yaml:"callback_gap_h"`
	// CallbackHours is when citizens may be called.
	CallbackHours Hours `yaml:"callback_hours"`
	// CallbackDue is within how many hours from when it may be made a call is due.
	CallbackDue int `yaml:"callback_due_h"`
	// SendHours is when the question may go out; default 08:30-20:30, so that its 24 hours
	// begin and end while people are awake.
	SendHours Hours `yaml:"send_hours"`
	// ValidHours is how long the carrier may try; a later delivery would be a question about old news.
	ValidHours int `yaml:"valid_h"`
	// SilentHours is how long a receipt may be missing until acceptance counts as delivery (Q8).
	SilentHours int `yaml:"silent_h"`
	// Resend is how often a question that did not arrive is sent again: 0 or 1 (ZQ-15.2).
	Resend int `yaml:"resend"`
	// Undelivered is how the citizen is asked when it still did not arrive: ByVoice or
	// ByPerson; empty: not at all.
	Undelivered Way `yaml:"undelivered"`
	// NoText is how those are asked whose number gets no texts: landlines.
	NoText Way `yaml:"no_text"`
	// OptedOut is how those are asked who want no texts: ByPerson, or empty: not at all.
	OptedOut Way `yaml:"opted_out"`
	// VoiceThen is what follows when the hotline's own calls had no answer: ByPerson, or
	// empty: the survey ends without a rating.
	VoiceThen Way `yaml:"voice_then"`
	// NotFor lists types that are never asked.
	NotFor []Type `yaml:"not_for"`
}

// When a survey's window begins.
const (
	FromDelivered = "delivered"
	FromAccepted  = "accepted"
)

// Way is how a citizen is asked whom no text can ask.
type Way string

// The ways.
const (
	ByNobody Way = ""
	ByVoice  Way = "voice"    // the hotline calls and plays the question
	ByPerson Way = "callback" // an agent calls and asks
)

// RedoPolicy is when an order is handled once more. The zero value is never.
type RedoPolicy struct {
	Max  int    `yaml:"max"`  // times in all, by itself and on demand together (Q14)
	When string `yaml:"when"` // Dissatisfied or UnitFault
	// FallbackFirst lets the first rating count where the second time nobody rated (Q13).
	FallbackFirst bool `yaml:"fallback_first"`
	// Exceptions are the rules of the cases that are not sent back: ZQ-16.1 to ZQ-16.7.
	Exceptions []string `yaml:"exceptions"`
}

// When a dissatisfied rating sends an order back.
const (
	Dissatisfied = "dissatisfied" // always but for the exceptions (ZQ-16.0)
	UnitFault    = "unit_fault"   // if its unit handled it wrongly (XZ-12.5.2)
)

// ResultPolicy is how the answer gets to the citizen.
type ResultPolicy struct {
	Text      bool  `yaml:"text"`       // a text when the order is completed (ZZ-18.4)
	SendHours Hours `yaml:"send_hours"` // default any hour
	MaxRunes  int   `yaml:"max_runes"`  // of the result in the text, 0: 300; the rest is heard by phone
}

// QueryPolicy is the query by number and code (ZZ-18.3).
type QueryPolicy struct {
	Tries       int `yaml:"tries"`
	LockMinutes int `yaml:"lock_min"`
}

// Texts are the templates of what is sent. Slots are names in braces; which ones a
// template may and must use is checked when the policy is loaded.
type Texts struct {
	Survey    string `yaml:"survey"`
	Confirm   string `yaml:"confirm"`    // which of several open questions an answer was taken for (ZQ-15.3)
	Result    string `yaml:"result"`     // ordinary orders
	ResultTo  string `yaml:"result_own"` // confidential ones: says nothing of the matter
	Receipt   string `yaml:"receipt"`    // to a text that became an order (ZZ-3.1)
	Duty      string `yaml:"duty"`       // to officers: a new order
	Voicemail string `yaml:"voicemail"`  // to officers: a new voicemail (ZZ-20.2)
	Urgent    string `yaml:"urgent"`     // to officers: marked urgent (ZZ-20.3)

	Notice string `yaml:"notice"` // to units and officers: what came due; empty: a plain one

	// Answers to what somebody wrote; each goes at once, to the phone it came from.
	Query       string `yaml:"query"`        // how an order stands, to its number and code (ZZ-18.3)
	QueryOwn    string `yaml:"query_own"`    // the same of a confidential one: says nothing of it
	QueryWrong  string `yaml:"query_wrong"`  // number and code do not fit, or there is no such number
	QueryLocked string `yaml:"query_locked"` // too many wrong ones
	Confirmed   string `yaml:"confirmed"`    // to an officer who confirmed an alert
	OptOut      string `yaml:"opt_out"`      // to who refused texts; empty: nothing
	OptIn       string `yaml:"opt_in"`       // to who wants them again; empty: nothing
}

// Accepts says whether the hotline takes requests of a type.
func (p *Policy) Accepts(t Type) bool {
	return t == Unset || t == EmergencyCase || slices.Contains(p.Types, t)
}

// Term is how long an order of a type may take.
func (p *Policy) Term(t Type) Term {
	if term, ok := p.Deadlines[t]; ok {
		return term
	}
	return p.Deadlines[defaultTerm]
}

// SendTime says when a text of a kind may go out: at itself in its hours, else when they
// begin next. Questions, results and what goes to many have hours; what answers a citizen
// at once, and officers' texts, go at any time.
func (p *Policy) SendTime(kind sms.Kind, at time.Time) time.Time {
	switch kind {
	case sms.KindSurvey, sms.KindBulk:
		return cmp.Or(p.Survey.SendHours, surveyHours).Next(at)
	case sms.KindResult:
		return p.Result.SendHours.Next(at)
	}
	return at
}

// surveyHours are those of questions where the policy says none.
var surveyHours = Hours{From: 8*60 + 30, To: 20*60 + 30}

// Hours is a part of the day, in minutes after midnight in Asia/Shanghai; it may pass
// midnight. The zero value is the whole day.
type Hours struct{ From, To int }

// UnmarshalText reads "08:30-20:30".
func (h *Hours) UnmarshalText(b []byte) error {
	from, to, ok := strings.Cut(string(b), "-")
	var err error
	if ok {
		h.From, err = clockMinutes(from)
	}
	if ok && err == nil {
		h.To, err = clockMinutes(to)
	}
	if !ok || err != nil || h.From == h.To {
		return fmt.Errorf("%q is not a part of the day like 08:30-20:30", b)
	}
	return nil
}

// clockMinutes reads 00:00 to 24:00.
func clockMinutes(s string) (int, error) {
	var h, m int
	if n, err := fmt.Sscanf(s, "%d:%d", &h, &m); n != 2 || err != nil || len(s) != 5 {
		return 0, fmt.Errorf("%q is not a time of day like 08:30", s)
	}
	if h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, fmt.Errorf("%q is not a time of day", s)
	}
	return h*60 + m, nil
}

// Next is t itself when it lies in the hours, else when they begin next.
func (h Hours) Next(t time.Time) time.Time {
	if h == (Hours{}) || h.covers(t) {
		return t
	}
	local := t.In(Place)
	y, m, d := local.Date()
	start := time.Date(y, m, d, 0, h.From, 0, 0, Place)
	if start.Before(t) {
		start = time.Date(y, m, d+1, 0, h.From, 0, 0, Place)
	}
	return start.UTC()
}

func (h Hours) covers(t time.Time) bool {
	local := t.In(Place)
	at := local.Hour()*60 + local.Minute()
	if h.From < h.To {
		return at >= h.From && at < h.To
	}
	return at >= h.From || at < h.To
}
