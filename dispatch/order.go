// Package dispatch is work orders (工单): a promise to a caller, and its deadline.
//
// Every call, voicemail and text that asks for something becomes an [Order] with a
// number, a requester, a deadline by policy and calendar, and a timeline of events
// that is only ever added to. When it is completed a survey text is written to the
// outbox in the same transaction; the citizen's rating, or its absence, archives
// the order or opens a callback task.
//
// Times are stored in UTC and shown in Asia/Shanghai. Overdue, open and expired
// are derived from times, never stored.
package dispatch

import "time"

// Type is what kind of request an order is (ZZ-2).
type Type string

// The types of requests. A profile may allow only some of them.
const (
	Unset            Type = "unset" // a caller put through without choosing; an agent must set it before completion (ZZ-10.1)
	Consult          Type = "consult"
	Help             Type = "help"
	SuddenDifficulty Type = "sudden_difficulty" // 突发性一般困难, its own deadline (ZZ-17.2)
	Opinion          Type = "opinion"
	Suggestion       Type = "suggestion"
	Criticism        Type = "criticism"
	Complaint        Type = "complaint"
	Demand           Type = "demand" // 要求 (KF-2.1)
	Report           Type = "report" // 举报: the informant stays hidden (KF-3.1.5)
	Petition         Type = "petition"
	InvestorCase     Type = "investor_case"
	EmergencyCase    Type = "emergency" // registered after the fact (ZZ-10.3)
)

// Channel is how a request came in (ZZ-3.1).
type Channel string

// The channels.
const (
	ByPhone     Channel = "phone"
	ByVoicemail Channel = "voicemail"
	BySMS       Channel = "sms"
	ByEmail     Channel = "email"
	ByWeb       Channel = "web"
	ByFax       Channel = "fax"
	ByMailbox   Channel = "mailbox" // a leader's mailbox (KF-2.1)
	ByCounter   Channel = "counter" // a counter for enterprises (XZ-12.1)
)

// ChannelWords are the channels as people say them.
var ChannelWords = map[Channel]string{
	ByPhone: "电话", ByVoicemail: "留言", BySMS: "短信", ByEmail: "邮件", ByWeb: "网站", ByFax: "传真", ByMailbox: "信箱", ByCounter: "专窗",
}

// State is where an order stands. What may follow on what, who may do it and by which
// clause is one table: Moves.
type State string

// The states and who moves an order into them.
const (
	Registered         State = "registered"          // intake: the system or an agent
	Transferred        State = "transferred"         // put through to somebody else's hotline or unit (ZZ-10.4)
	OutOfScope         State = "out_of_scope"        // not accepted; the citizen was told why and where to go (ZQ-7.2)
	Dispatched         State = "dispatched"          // the office gave it to its units
	Signed             State = "signed"              // the lead unit took it (XZ-12.3.4)
	Processing         State = "processing"          // the unit is at it, or has to do better
	ReturnRequested    State = "return_requested"    // the unit says that it is not its business (ZQ-9.2)
	ExtensionRequested State = "extension_requested" // the unit asks for more time (ZQ-12)
	Submitted          State = "submitted"           // the unit's answer waits for its review (ZQ-14.1)
	Completed          State = "completed"           // the result is in and counts
	Surveyed           State = "surveyed"            // the survey text reached the handset (or the gateway, without receipt)
	CallBack           State = "callback"            // rated 4 or 5: a person calls back and records the reason (ZQ-15.5)
	Redone             State = "redo"                // sent back to be handled once more (ZQ-15.7, ZQ-16.0)
	Archived           State = "archived"            // the end; later texts are kept but change nothing
)

// Outcome is what the survey came to (ZQ-15.2).
type Outcome string

// The outcomes of a survey.
const (
	Pending     Outcome = ""
	Rated       Outcome = "rated"
	Invalid     Outcome = "invalid"       // only invalid attempts in the window
	Unrated     Outcome = "unrated"       // nothing, or too late
	Undelivered Outcome = "not_delivered" // the text never reached the citizen
	Skipped     Outcome = "skipped"       // nobody was asked: no mobile number, opted out, or the policy asks nobody
)

// Order is one work order as it stands now; its history is in its events.
type Order struct {
	Number       string // ZZ20261121-00042-7: profile, day, serial, check digit
	Digits       string // the same without letters, for the phone: 261121000427
	PIN          string // 4 digits, never starting with 9; spoken and texted to the requester only
	Type         Type
	Channel      Channel
	State        State
	Phone        string // requester's number, normalised; masked wherever it is shown
	Name         string
	Summary      string
	Result       string // the handler's answer, read to the citizen on query
	Urgent       bool
	Confidential bool // reports: query answers only with the confidentiality sentence
	CallID       string
	Language     string // in which the requester is texted: English, or "" for Chinese
	Due          Deadline
	Outcome      Outcome
	Rating       int       // 1 very satisfied ... 5 very dissatisfied; 0 none
	Redos        int       // how often it was sent back to be handled again (ZQ-15.7)
	RedoneAt     time.Time // when it was last sent back: its deadline counts from then
	Exception    string    // rule of the case that kept it from being sent back: "ZQ-16.2"
	Handling               // its life between registration and completion
	CreatedAt    time.Time
	CompletedAt  time.Time
	ArchivedAt   time.Time
	Version      int // optimistic concurrency, from 1
}

// Anonymous says whether a report's informant gave no name. Reports ask for one, and are
// accepted without (KF-3.1.5, Q27).
func (o Order) Anonymous() bool { return o.Type == Report && o.Name == "" }

// Event is one line of an order's timeline. Events are appended, never changed.
type Event struct {
	Number string // the order's
	Seq    int    // 1, 2, 3 ...
	At     time.Time
	Actor  string // "system", "citizen", "agent:8001", "duty:王", ...
	Kind   string // one of the On... constants
	Rule   string // clause id it follows, when it follows one
	Text   string // Chinese, for people
}

// Survey is one question sent about one completed order (ZQ-15).
type Survey struct {
	ID        string // ULID
	Order     string // order number
	Attempt   int    // 1, or 2 after a redo
	Phone     string
	Slot      string // two digits: the extension its text was sent from, unique among the phone's recent surveys
	MessageID string // of the text that asks now; empty when it is asked by phone alone
	Resent    bool   // it was sent a second time, since the first did not arrive
	Outcome   Outcome
	Rating    int       // the one that counts
	Original  int       // as the citizen gave it, where it was corrected since (ZQ-15.6); else 0
	Invalid   int       // invalid attempts so far
	OpenedAt  time.Time // delivery (receipt time), or acceptance without a receipt; zero until then
	Deadline  time.Time // OpenedAt + 24 h, inclusive
	SettledAt time.Time
	Version   int
	CreatedAt time.Time
}

// Call is the record of one call (话单). A row is written when the call comes in and
// finished once, by its ending.
type Call struct {
	ID         string // ULID
	Channel    string // Asterisk's channel id
	From       string
	To         string
	Class      Type   // what the caller chose; Unset if nothing
	Outcome    string // answered, voicemail, missed, emergency, abandoned, query, transferred, fallback ...
	Detail     string // "120", "desk 8001", "duty 王五" ...
	Order      string
	Emergency  bool
	Missed     bool // counts as a call nobody served (漏接)
	StartedAt  time.Time
	AnsweredAt time.Time // by a person
	EndedAt    time.Time
	Hangup     string
	Steps      []Step
	// Fence is the token of the controller whose call it is, 0 for one without. What one
	// with a lower token writes later, because it was paused, does not count.
	Fence uint64
}

// Step is one thing that happened in a call, for its timeline.
type Step struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // say, key, menu, dial, ring, answered, bridge, record, emergency, ...
	Text string    `json:"text"`
}

// Voicemail is a message a caller left.
type Voicemail struct {
	ID       string
	CallID   string
	Order    string
	Phone    string
	File     string // path below the recordings folder
	Duration time.Duration
	Urgent   bool
	Reason   string // after_hours, no_agent, fallback ...
	At       time.Time
	HeardAt  time.Time
	HeardBy  string
}

// Callback is a task: a person calls a dissatisfied citizen and records why (ZQ-15.5). Where
// no text can ask, or none arrived, the call asks for the rating first (ZQ-15.2), and the
// hotline itself may make it. There is one for each attempt at an order.
type Callback struct {
	ID           string
	Order        string
	Attempt      int // the survey's: 1, or 2 after a redo
	Phone        string
	Rating       int  // 0: it is still to be asked for
	Voice        bool // the hotline itself calls and asks
	OpenedAt     time.Time
	Attempts     int       // calls that nobody answered, and the one that ended it
	Days         int       // on how many days these were
	TriedAt      time.Time // the last of them
	NextAt       time.Time // before then nobody calls again
	DueAt        time.Time // by then somebody should have
	ClaimedBy    string    // who is at it
	ClaimedUntil time.Time // and how long the others leave it to them
	Reason       string
	DoneAt       time.Time
	DoneBy       string
}
