package dispatch

import (
	"context"
	"errors"
	"time"

	"hotline/sms"
)

// Errors every store returns, so that callers can tell them apart.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("changed by somebody else")          // version mismatch
	ErrIllegal  = errors.New("not allowed in this state")         // no such move
	ErrLocked   = errors.New("locked after too many wrong codes") // ZZ-18.3
	ErrInvalid  = errors.New("not acceptable")                    // what was asked makes no sense: unknown type, empty result
	ErrKept     = errors.New("kept on disk, to be written later") // SQL is away; what was asked will be done (D6)
	ErrWrong    = errors.New("wrong number or code")              // a query that does not say which of the two
	ErrEarly    = errors.New("too early")                         // a try before its time (ZQ-15.5)
	ErrSame     = errors.New("needs a second person")             // who asks does not decide (ZQ-15.6)
	ErrRole     = errors.New("not for this role")                 // somebody else makes this move (ZQ-4)
)

// Store is the record (D6). SQLite and PostgreSQL implement it, one suite of tests
// runs on both. Tx runs f in one transaction: everything f writes, texts for the
// outbox included, is committed together or not at all. f may be run again when
// the database asked for it (a deadlock, a serialization failure), so it must set
// what it returns afresh and do nothing outside the Tx.
type Store interface {
	Tx(ctx context.Context, f func(Tx) error) error
	Reader
}

// Tx is what can be done inside one transaction. Its parts keep the
// interface readable; every method fails with ErrNotFound or ErrConflict where
// that applies.
type Tx interface {
	OrderTx
	SurveyTx
	CallTx
	RuleTx
	AfterTx
	LifeTx
	YearTx
	RedTx
	ClockTx
}

// OrderTx writes orders.
type OrderTx interface {
	// NextSerial counts orders of one day, from 1, without gaps under concurrency.
	NextSerial(day string) (int, error)
	// InsertOrder writes a new order. A key already used returns the order it made and
	// ErrConflict; the transaction stays usable. An empty key is never taken for another.
	InsertOrder(o Order, key string) (Order, error)
	// Order reads an order by its number or its digits and holds it until the end of Tx.
	Order(number string) (Order, error)
	// SaveOrder writes o if its Version is still the stored one, and adds one to it.
	SaveOrder(o *Order) error
	// Append adds an event; Seq is given by the store.
	Append(e Event) error
	InsertCallback(c Callback) error
	SaveCallback(c Callback) error
	Callback(id string) (Callback, error)
	Voicemail(id string) (Voicemail, error)
	InsertVoicemail(v Voicemail) error
	SaveVoicemail(v Voicemail) error
}

// AfterTx writes what follows on ratings.
type AfterTx interface {
	// CallbackOf and SurveyOf read those of one attempt and hold them until the end of Tx.
	CallbackOf(order string, attempt int) (Callback, error)
	SurveyOf(order string, attempt int) (Survey, error)
	// CallbacksTo are the tasks of a phone that are not done, by id; it holds them until the
	// end of Tx.
	CallbacksTo(phone string) ([]Callback, error)
	InsertRedo(r Redo) error // unique per order and attempt: a second one is ErrConflict
	RedoOf(order string, attempt int) (Redo, error)
	// InsertReview returns the one of its kind that waits for the same attempt, and
	// ErrConflict, if there is one; the transaction stays usable.
	InsertReview(r Review) (Review, error)
	// Review reads a review and holds it until the end of Tx.
	Review(id string) (Review, error)
	SaveReview(r Review) error
}

// LifeTx writes the life of an order with its units.
type LifeTx interface {
	// Done notes that a command with a key did something, once: the first gets "", a later
	// one what the first had noted.
	Done(key, what string, at time.Time) (before string, err error)
	// InsertAssignment fails with ErrConflict where the order has an open lead unit and this
	// is one more.
	InsertAssignment(a Assignment) error
	SaveAssignment(a Assignment) error
	// AssignmentsOf lists all of an order, oldest first.
	AssignmentsOf(order string) ([]Assignment, error)
	SaveIdentity(i Identity) error // instead of the order's one before
	IdentityOf(order string) (Identity, error)
	InsertLink(l Link) error // the same again changes nothing
	InsertAttachment(a Attachment, content []byte) error
	AttachmentsOf(order string) ([]Attachment, error) // oldest first
	// WaitingReview reads the one of a kind that waits for a decision, and holds it.
	WaitingReview(order string, attempt int, kind ReviewKind) (Review, error)
	// ReviewsOf lists those of one handling, decided or not, oldest first.
	ReviewsOf(order string, attempt int) ([]Review, error)
	// LastEvent is the last of a kind in an order's timeline; the zero Event if there is none.
	LastEvent(order, kind string) (Event, error)
}

// YearTx writes the calendar's yearly files.
type YearTx interface {
	// CalendarYears lists the editions of a year, the first one first.
	CalendarYears(year int) ([]CalendarYear, error)
	// InsertCalendarYear fails with ErrConflict where somebody else has just brought an
	// edition of that number, or the same file.
	InsertCalendarYear(y CalendarYear) error
}

// SurveyTx writes surveys and texts.
type SurveyTx interface {
	InsertSurvey(s Survey) error // unique per order and attempt: a second one is ErrConflict
	// Survey reads a survey and holds it until the end of Tx.
	Survey(id string) (Survey, error)
	// SurveysOf lists the surveys of a phone made since, settled or not, newest first.
	SurveysOf(phone string, since time.Time) ([]Survey, error)
	SaveSurvey(s *Survey) error // by Version
	// NextSlot gives the next two-digit slot of a phone (facts: unique per phone among recent ones).
	NextSlot(phone string) (string, error)
	Enqueue(m sms.Message) error // a Key already there is not an error and writes nothing
	TextTx
}

// TextTx is what dispatch notes about texts.
type TextTx interface {
	// Text reads an outgoing text.
	Text(id string) (sms.Message, error)
	TextByKey(key string) (sms.Message, error)
	// TakeInbound notes what a text was taken for, once: the first caller gets "", a later
	// one what the first had noted. A text that is not in the inbox yet is put there.
	TakeInbound(in sms.Inbound, as string) (before string, err error)
	// Waiting says whether texts from phone, sent up to until, are stored but not handled yet.
	Waiting(phone string, until time.Time) (bool, error)
	// InsertOptOut notes that a phone wants no more surveys and results; fresh is false if it
	// wanted none before. DeleteOptOut ends that, and says whether there was anything to end.
	InsertOptOut(o OptOut) (fresh bool, err error)
	DeleteOptOut(phone string) (was bool, err error)
	OptedOut(phone string) (bool, error)
	OptOut(id string) (OptOut, error)
	InsertAudit(a Audit) error // it is sealed as the transaction ends, after those of others
	// Withdraw ends the surveys' and results' texts to a phone that no gateway has begun to
	// send, as failed, and returns them. Nobody else is told of that.
	Withdraw(phone string, at time.Time) ([]sms.Message, error)
}

// CallTx writes call records.
type CallTx interface {
	SaveCall(c Call) error // insert or replace by ID
	// WrongCode counts a wrong query code and returns how many there are since ClearCodes.
	// Counts not added to for a day may be forgotten.
	WrongCode(number string, now time.Time) (count int, err error)
	CodeFails(number string) (count int, last time.Time, err error)
	ClearCodes(number string) error
}

// RuleTx writes the rules about callers.
type RuleTx interface {
	InsertCallerRule(r CallerRule) error
	// CallerRule reads a rule and holds it until the end of Tx.
	CallerRule(id string) (CallerRule, error)
	SaveCallerRule(r CallerRule) error
}

// RedTx presses the red button.
type RedTx interface {
	// Red is the last press, the zero RedButton if there was none.
	Red() (RedButton, error)
	// InsertRed keeps a press; a Seq that is taken is ErrConflict.
	InsertRed(r RedButton) error
}

// Reader is what pages, the API and the sweeps read.
type Reader interface {
	Orders(ctx context.Context, f Filter) ([]Order, error)
	// Unconfirmed lists orders registered in a span of time that leaders are called for, an
	// urgent message or an emergency that reached nobody, whose alarm has not ended and
	// that nobody completed, oldest first.
	Unconfirmed(ctx context.Context, from, to time.Time) ([]Order, error)
	// UnconfirmedMajor lists orders marked major in a span of time whose alarm has not ended
	// since, oldest first, whatever their state.
	UnconfirmedMajor(ctx context.Context, from, to time.Time) ([]Order, error)
	OrderBy(ctx context.Context, number string) (Order, error) // by number or by digits
	// Acts lists what the clock did. Marked is a mark's word and when it was made last, both
	// zero where it never was. NextLook is when the first order is to be looked at that
	// something is due for.
	Acts(ctx context.Context, f ActFilter) ([]Act, error)
	Marked(ctx context.Context, name string) (word string, at time.Time, err error)
	NextLook(ctx context.Context) (time.Time, error)
	// Tally counts what a span of time brought, and what there is at its end.
	Tally(ctx context.Context, from, to time.Time) (Tally, error)
	// Work lists orders that somebody has to handle, the nearest deadline first.
	Work(ctx context.Context, f WorkFilter) ([]Order, error)
	Assignments(ctx context.Context, f AssignmentFilter) ([]Assignment, error)
	Links(ctx context.Context, order string) ([]Link, error) // of an order, from and to it
	// Attachments lists an order's files, oldest first; their bytes are read one by one.
	Attachments(ctx context.Context, order string) ([]Attachment, error)
	AttachmentBytes(ctx context.Context, id string) ([]byte, error)
	Events(ctx context.Context, number string) ([]Event, error)
	Calls(ctx context.Context, f Filter) ([]Call, error)
	CallBy(ctx context.Context, id string) (Call, error)
	Voicemails(ctx context.Context, f Filter) ([]Voicemail, error)
	VoicemailBy(ctx context.Context, id string) (Voicemail, error)
	// OldRecordings lists voicemails before a moment whose recordings are there, oldest first,
	// those after a given one.
	OldRecordings(ctx context.Context, before time.Time, after Voicemail, limit int) ([]Voicemail, error)
	Surveys(ctx context.Context, f Filter) ([]Survey, error)
	// OpenSurveys lists surveys that are opened and not settled by deadline and id, those
	// after a given one's, for rebuilding Redis. AreOpen says which of some surveys are so.
	OpenSurveys(ctx context.Context, after Survey, limit int) ([]Survey, error)
	AreOpen(ctx context.Context, ids []string) ([]string, error)
	// DueSurveys lists surveys not settled whose deadline lies before a moment, oldest first.
	DueSurveys(ctx context.Context, before time.Time, limit int) ([]Survey, error)
	// SilentSurveys lists surveys not opened and not settled whose text the carrier took
	// before a moment without sending a receipt since, oldest first.
	SilentSurveys(ctx context.Context, sentBefore time.Time, limit int) ([]Survey, error)
	SurveyBy(ctx context.Context, id string) (Survey, error)
	Callbacks(ctx context.Context, f Filter) ([]Callback, error)
	// DueVoice lists calls that the hotline itself has to make to phones that nobody calls, the
	// longest due first.
	DueVoice(ctx context.Context, now time.Time, limit int) ([]Callback, error)
	CallbackBy(ctx context.Context, id string) (Callback, error)
	// Reviews lists what was asked to be decided; Open ones wait.
	Reviews(ctx context.Context, f Filter) ([]Review, error)
	// Ratings counts the ratings of orders completed in a span of time.
	Ratings(ctx context.Context, from, to time.Time) ([]RatingCount, error)
	Messages(ctx context.Context, f Filter) ([]sms.Message, error)
	Inbounds(ctx context.Context, f Filter) ([]sms.Inbound, error)
	MessageBy(ctx context.Context, id string) (sms.Message, error)
	InboundBy(ctx context.Context, id string) (sms.Inbound, error)
	// OrderOfKey is the number of the order that an intake's key made.
	OrderOfKey(ctx context.Context, key string) (string, error)
	OptOuts(ctx context.Context, f Filter) ([]OptOut, error)
	// Audits lists what was done to a text or a phone, oldest first.
	Audits(ctx context.Context, subject string) ([]Audit, error)
	AuditReader
	// TextsWaiting counts the texts that wait to be sent and those that wait to be handled.
	TextsWaiting(ctx context.Context) (out, in int, err error)
	// CalendarYears lists the last edition of each year, ascending; CalendarEditions counts
	// all editions, of which there are only ever more.
	CalendarYears(ctx context.Context) ([]CalendarYear, error)
	CalendarEditions(ctx context.Context) (int, error)
	// CallerRules lists rules by when they were made; Open ones are in force at f.Until.
	CallerRules(ctx context.Context, f Filter) ([]CallerRule, error)
	RedReader
}

// Filter narrows a list. Zero values do not narrow. Lists come newest first.
type Filter struct {
	Order  string
	Unit   string // of orders: one that has them, or had them to the end
	Phone  string
	State  State    // of texts: their status
	Public bool     // of orders: their answers are for everybody
	Kind   sms.Kind // of texts
	Since  time.Time
	Until  time.Time
	Done   bool // of orders: Since and Until are when they were completed
	Open   bool // calls not ended, voicemails unheard, callbacks not done, surveys unsettled
	Search string
	Actor  string // of the audit
	Act    string // of the audit
	Limit  int    // 100 by default, 1000 at most
	Offset int
}

// WorkFilter narrows a work list. Zero values do not narrow.
type WorkFilter struct {
	Unit       string // the lead unit's
	Hotline    bool   // those that no unit has
	State      State
	Supervised bool
	Enterprise bool // companies' (KF-2.2)
	DueBefore  time.Time
	After      Order // what a page before ended with; its number and deadline count
	Limit      int   // 100 by default, 1000 at most
}
