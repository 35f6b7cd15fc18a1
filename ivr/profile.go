package ivr

import "time"

// Profile is one hotline, as data: its number, hours, menu timing, whom it transfers
// to and what a message may be. It is read once at start-up and never changes.
// Numbers are logical: which trunk carries them, and whether that trunk is simulated,
// is the deployment's business (see Routes).
type Profile struct {
	File   string
	ID     string // zz, sq, kf, zq, xz
	Name   string
	Number string    // the number citizens dial
	Lines  []OwnLine // other numbers that lead here
	// Unnumbered says that the number is a stand-in: citizens must not reach the hotline yet (SQ-0).
	Unnumbered bool
	Language   string // "zh" or "en"
	Hours      Hours
	Menu       MenuTiming
	Emergency  EmergencyMenu
	Transfers  Transfers
	Desks      []DeskPlan
	Agents     AgentRules
	Duty       DutyRules
	Voicemail  VoicemailRules
	Query      QueryRules
	Farewell   Farewell
	LongCall   LongCall

	doc *document
}

// OwnLine is a number beside the hotline's own, with a greeting and a beginning of its own
// (XZ-15): who dialled it has chosen already. Calls keep the number that was dialled.
type OwnLine struct {
	Number  string
	Welcome string // a prompt
	Start   string // a node of the flow
}

// Line is the line of a number that was dialled; the zero OwnLine for the hotline's own.
func (p *Profile) Line(dialed string) OwnLine {
	for _, l := range p.Lines {
		if l.Number == dialed {
			return l
		}
	}
	return OwnLine{}
}

// MenuTiming says how patient a menu is. Callers who are slow, silent or mistaken are
// put through to a person, never asked again and again (ZZ-10.1).
type MenuTiming struct {
	FirstKey time.Duration // from the prompt's end to the first key
	Between  time.Duration // between two keys of a longer input
	NoKey    int           // so many silent rounds, and a person takes over
	WrongKey int           // so many wrong keys, and a person takes over
}

// EmergencyMenu is what lies behind the emergency key (ZZ-10.3, ZQ-7.2, XZ-10).
type EmergencyMenu struct {
	Key      byte // '9'
	Services []Service
	FirstKey time.Duration // silence of this length twice dials the first service
	Ring     time.Duration // how long one trunk may ring
}

// Service is one emergency service.
type Service struct {
	Key    byte
	Name   string // police, medical, fire, traffic, water-rescue
	Number string // 110
}

// Transfers names numbers that the flow and the agents may transfer to (ZZ-10.4,
// ZZ-10.5).
type Transfers struct {
	Ring    time.Duration
	Parties int // in one conversation, the caller and the agent among them (SQ-4.5.1)
	Targets []Target
}

// Target is one number to transfer to.
type Target struct {
	Name     string // as the flow calls it: labor
	Title    string // for people: 人力资源和社会保障热线
	Number   string
	External bool // another hotline, outside our jurisdiction
	at       place
}

// Find gives the target of a name.
func (t Transfers) Find(name string) (Target, bool) {
	for _, target := range t.Targets {
		if target.Name == name {
			return target, true
		}
	}
	return Target{}, false
}

// names lists the targets' names.
func (t Transfers) names() []string {
	names := make([]string, len(t.Targets))
	for i, target := range t.Targets {
		names[i] = target.Name
	}
	return names
}

// DeskPlan is an agent's phone the hotline starts with.
type DeskPlan struct {
	Name     string // extension, 8001
	Endpoint string // dial string; PJSIP/<name> when empty
	Queues   []string
	SignedIn bool // at start-up, until agents sign in themselves
}

// AgentRules says how desks are rung.
type AgentRules struct {
	Ring time.Duration // one desk
	Wait time.Duration // for a desk to become free while all are talking; 0 does not wait
}

// DutyRules says how officers on duty are rung (ZZ-20.2).
type DutyRules struct {
	Ring    time.Duration // one officer
	Accept  time.Duration // for pressing 1, from the answer
	Officer bool          // false: no duty phones, straight to the message
}

// VoicemailRules bounds a message.
type VoicemailRules struct {
	Max       time.Duration
	Min       time.Duration // speech of this length or less is no message
	Silence   time.Duration // ends it
	UrgentKey byte          // '#': ends the message and marks it urgent (ZZ-20.3)
}

// QueryRules bounds the order query (ZZ-18.3).
type QueryRules struct {
	Tries int // wrong ones; then a person takes over
	PIN   int // digits of the code
}

// Farewell says what the caller hears once the other side has hung up.
type Farewell struct{ OrderNumber bool }

// LongCall says when an agent is told that a conversation has lasted long (KF-3.1.4).
type LongCall struct{ Hint time.Duration } // from the answer; 0: never

// VoicemailReason says why there is a message at all: the line was closed, or it was
// open and nobody answered, which is a failure (SQ-1.1).
func (p *Profile) VoicemailReason(t time.Time) string {
	if open, _ := p.Hours.Open(t); open {
		return "no_agent"
	}
	return "after_hours"
}
