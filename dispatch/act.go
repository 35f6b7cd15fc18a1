package dispatch

import "time"

// ActKind is what the clock does about an order, or somebody in its stead.
type ActKind string

// The kinds of acts. Each is done once for an order's handling, unit, deadline and step.
const (
	ActSignLate    ActKind = "sign_late"         // a unit did not sign in time (XZ-12.3.4, ZZ-7.2)
	ActContactLate ActKind = "contact_late"      // nobody has spoken to the citizen (ZQ-13.1)
	ActSlow        ActKind = "dispatch_slow"     // nobody has given it to a unit (SQ-3.2, SQ-3.3)
	ActUnverified  ActKind = "verify_late"       // its unit has not looked into it (ZQ-9.1)
	ActVisit       ActKind = "visit"             // somebody was sent to the spot (SQ-4.5.2)
	ActVisitLate   ActKind = "visit_late"        // and nobody reported from there
	ActRemind      ActKind = "remind"            // the deadline is near
	ActUrge        ActKind = "urge"              // 催办 (ZZ-23.3, KF-3.3.1, XZ-25)
	ActIgnored     ActKind = "urge_ignored"      // what a 催办 asked for was not done in its time (ZZ-23.3, ZZ-23.4)
	ActPerfunctory ActKind = "perfunctory"       // an answer fobbed the citizen off and is to be done again (KF-3.3.1)
	ActOverdue     ActKind = "overdue"           // the deadline passed
	ActUndecided   ActKind = "undecided"         // what a unit asked for waits too long for its decision
	ActEscalate    ActKind = "escalate"          // an urgent matter that no leader confirmed becomes a major one (ZZ-20.3, KF-3.1.6)
	ActOnCall      ActKind = "on_call"           // a sudden matter at night: its unit's people are called (XZ-14)
	ActOnCallLate  ActKind = "on_call_late"      // and none of them confirmed: the leaders are
	ActOffer       ActKind = "supervise_offer"   // a person should think of 督办 (ZQ-17, XZ-26)
	ActUnanswered  ActKind = "unit_unanswered"   // a unit's phone was not answered in its hours: evidence for people to judge (ZZ-20.4)
	ActAbsences    ActKind = "log_ins_missed"    // the day's units of which nobody logged in (ZZ-7.2)
	ActAbsent      ActKind = "log_in_missed"     // one of them
	ActDigest      ActKind = "digest"            // the day's list for the leader on duty (SQ-5.1.1)
	ActWeekly      ActKind = "weekly_report"     // the week's hot topics for those above (KF-3.2.1)
	ActVolume      ActKind = "volume"            // what a month completed is to be sealed as its volume (KF-3.7.1)
	ActKeep        ActKind = "recordings_ended"  // the day's recordings whose time was over were let go of (KF-3.7.4)
	ActSpots       ActKind = "spot_checks"       // the day's 抽查 for the leader on duty (ZZ-11.1)
	ActSpot        ActKind = "spot_check"        // one order of it, to be signed
	SuperSource    ActKind = "supervise_source"  // 督办: a leader's or an authority's matter (KF-3.3.2, XZ-26)
	SuperUrges     ActKind = "supervise_urges"   // 督办: urged in vain (KF-3.3.2)
	SuperOverdue   ActKind = "supervise_overdue" // 督办: not done in time (ZQ-17)
	SuperRedo      ActKind = "supervise_redo"    // 督办: sent back again and again (XZ-12.5.2)
	SuperReturns   ActKind = "supervise_returns" // 督办: returned again and again; who leads is to be settled (XZ-27.2)
	SuperHand      ActKind = "supervise_hand"    // 督办: by somebody's word (ZQ-17, KF-3.3.3)
	SuperRank      ActKind = "supervise_rank"    // 督办 of a unit: last of a month (ZQ-17)
)

// Supervises says whether an act is a 督办, which is kept until somebody answers it.
func (k ActKind) Supervises() bool { return len(k) > 9 && k[:9] == "supervise" && k != ActOffer }

// Act is one thing that was done because its time had come. What is due is derived, what
// was done is a row; rows are unique by Order, Attempt, Kind, Unit, About and Step.
type Act struct {
	ID      string // ULID
	Order   string // empty: it is about a unit, or about the hotline
	Attempt int    // which handling of the order
	Kind    ActKind
	Unit    string
	About   time.Time // the deadline, the request or the day that it is about; zero where there is one of its kind
	Step    int       // 1, 2, 3 ...
	Serial  string    // of what is numbered: 催办 and 督办 (KF-3.3.1, KF-3.3.2)
	Rule    string
	Actor   string
	Mode    string // of a 督办: phone, onsite or coordinate (KF-3.3.2)
	Words   string
	DueAt   time.Time // when it was to be done
	At      time.Time // when it was
	// AnswerBy is until when somebody has to react; zero: nobody need.
	AnswerBy   time.Time
	Answer     string
	AnsweredBy string
	AnsweredAt time.Time
}

// Modes are the ways of a 督办 (KF-3.3.2).
var Modes = map[string]string{"phone": "电话督办", "onsite": "现场督办", "coordinate": "协调督办"}

// Watched is an order with everything that what is due for it follows from.
type Watched struct {
	Order
	LookAt      time.Time // when something is due next; zero: it changed since that was found out
	Assignments []Assignment
	Acts        []Act
	Reviews     []Review  // those that wait for a decision
	UrgentAt    time.Time // of an urgent one: when it was marked so
	Confirmed   bool      // and whether leaders know of it, or are called already
	UnitKnewAt  time.Time // when the unit's people on call last said that they know of it
	promised    bool      // its deadline is a promise to the citizen
	follows     bool      // its owner follows it to its end (ZZ-21)
}

// Look is when an order is to be looked at next.
type Look struct {
	Number string
	At     time.Time
}

// ClockTx is what the clock's work needs inside a transaction.
type ClockTx interface {
	// Watch holds orders that somebody has to handle and that are to be looked at by a
	// moment, those to be looked at first in front. Orders that another transaction holds
	// are left out. At the zero moment it gives those that changed; else those alone that
	// did not. With a number it gives that order alone.
	Watch(until time.Time, limit int, number string) ([]Watched, error)
	// LookAgain sets when orders are looked at next, the zero time: at once. Every other change of an order, of an
	// assignment or of a review lets its order be looked at at once.
	LookAgain(looks []Look) error
	// InsertAct writes an act; fresh is false, and nothing is written, if it was done before.
	InsertAct(a Act) (fresh bool, err error)
	// Act reads an act and holds it until the end of Tx.
	Act(id string) (Act, error)
	SaveAct(a Act) error
	// ActsOf lists an order's acts, oldest first; without an order those about units and
	// the hotline of one kind since a moment.
	ActsOf(order string) ([]Act, error)
	HotlineActs(kind ActKind, since time.Time) ([]Act, error)
	// Mark keeps a word under a name, and when.
	Mark(name, word string, at time.Time) error
	// WatchAll goes through the orders that somebody has to handle and that did not change
	// since they were looked at, from the one after last on, which is zero at the beginning.
	// It holds none of them.
	WatchAll(last Look, limit int) ([]Watched, error)
}

// ActFilter narrows a list of acts. Zero values do not narrow. They come newest first.
type ActFilter struct {
	Order string
	Unit  string
	Kinds []ActKind
	Open  bool // an answer is asked for and missing
	Since time.Time
	Limit int // 100 by default, 1000 at most
}
