package dispatch

import "time"

// Handling is what an order carries of its life with its units. All of it is comparable, so
// that a change that changes nothing is seen as one.
type Handling struct {
	Unit        string    // id of the lead unit; empty: it is with the hotline
	Source      string    // where it came from when not from a citizen: a key of the policy's deadlines by source
	Category    string    // what it is about: a code of the policy's categories (XZ-9)
	Upper       string    // its number with the higher office that it came from (ZZ-3.3, SQ-2.3)
	UpperDue    time.Time // when that office wants it done; zero: it did not say
	Owner       string    // the first to take it, who answers for it (SQ-4.3)
	Enterprise  bool      // a company's request: delivered twice (XZ-2.2)
	Tier        int       // level of approval, 1 to 3; 0: none (KF-3.2)
	Points      int       // how many things are asked for; each is answered (ZQ-14.2). 0 is one
	Parent      string    // number of the order that it was merged into
	Repeats     int       // how many requests were merged into it
	ReplyMode   string    // how it is answered: one of the Reply... constants; empty: directly (ZZ-9.2)
	NoReply     string    // why its citizen gets no reply: anonymous, declined, withdrawn (ZQ-13.2)
	Withdrawn   bool      // by its citizen
	Supervised  bool      // 督办
	Returns     int       // how often units returned it with leave
	Rounds      int       // how often its citizen did not understand the answer (SQ-5.3)
	ContactedAt time.Time // when its unit, or the hotline, first spoke to the citizen in this handling (ZQ-13.1)
	SubmittedAt time.Time // when the answer that counts was submitted: on time or not goes by it (ZQ-14.1, Q20)
}

// Assignment is one unit's part in one handling of an order. An order in its units' hands
// has exactly one open lead; assisting units and those that only get to read it have rows of
// their own. A row is never deleted: it ends.
type Assignment struct {
	ID      string // ULID
	Order   string
	Attempt int // which handling: 1, and one more for each redo
	Unit    string
	Lead    bool
	// Copy is why a unit only reads the order and has nothing to do: one of the Copy...
	// constants. Empty: it handles it.
	Copy string
	// Coordinated says that somebody above the units settled who leads: it may not be returned (ZQ-9.4).
	Coordinated  bool
	Way          string // how it was given: platform, written ... (KF-A4.3.1)
	Words        string // the office's words to the unit
	By           string // who gave it
	DispatchedAt time.Time
	// FirstAt is when the order first came to this unit in this handling: a refused return
	// does not move it, and the deadline counts from it (ZQ-9.2).
	FirstAt     time.Time
	SignBy      time.Time // zero: nobody asks for a signature
	SignedAt    time.Time
	SignedBy    string
	Due         Deadline
	Extensions  int // allowed ones
	SubmittedAt time.Time
	Answer      string // what the unit submitted last
	EndedAt     time.Time
	Ended       string // why: completed, returned, withdrawn, redispatched
}

// Why a unit has a copy.
const (
	CopyDual   = "dual"   // the enterprises' platform watches (XZ-2.2)
	CopyNotice = "notice" // 抄送: a unit beside the lead reads it (SQ-5.1.2)
	CopyReport = "report" // 抄报: a leader reads it (SQ-5.1.2)
)

// Link ties two orders together. The kind says what Order is to Other.
type Link struct {
	Order string
	Kind  string // one of the Link... constants
	Other string
	Actor string
	At    time.Time
}

// What one order can be to another.
const (
	LinkChild  = "child"  // Order was merged into Other (a repeated request)
	LinkRepeat = "repeat" // Order repeats Other, and was not accepted for that (ZQ-7.2)
)

// AssignmentFilter narrows a list of assignments. Zero values do not narrow. They come by
// deadline, the nearest first.
type AssignmentFilter struct {
	Order     string
	Attempt   int
	Unit      string
	Open      bool      // not ended
	Unsigned  bool      // a signature is asked for and missing
	SignBy    time.Time // the signature was due before it
	DueBefore time.Time // not submitted, and due before it
	After     Assignment
	Limit     int // 100 by default, 1000 at most
}
