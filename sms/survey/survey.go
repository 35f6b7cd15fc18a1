// Package survey is the 24-hour window of the satisfaction survey (ZQ-15), kept
// in Redis.
//
// A [Window] opens when the question reached the handset. For 24 hours, the last
// second included, the first valid answer counts; several or wrong options are
// invalid attempts that leave the window open; what comes later is kept but
// changes nothing (ZQ-15.2). When the window ends without an answer it becomes a
// [Settlement].
//
// Redis is the clock here, SQL is the record: every [Verdict] and every
// [Settlement] is a proposal that SQL applies conditionally, so that lost, repeated
// or stale answers of Redis harm nobody. Whoever finds Redis away or cold
// ([ErrCold]) asks SQL instead.
//
// [Windows.Run] does the rest, on any number of controllers: a window that is over is
// ended and written into a stream of settlements in one step; whoever reads the stream
// hands it to SQL, and what a dead reader had in hand another one takes over. A Redis
// that was emptied or replaced lacks its epoch: nothing is settled until it is filled
// again from SQL, and nothing is ever sent. A slow walk compares SQL's windows with
// Redis's all the time, repairs what differs and says how much that was ([Windows.Drift]).
//
// All keys of a phone share one of 256 hash tags, so that a Redis Cluster will do.
//
// [Parse] reads what citizens type. It needs no Redis.
package survey

import (
	"errors"
	"time"
)

// Errors of Windows. Any other error is Redis being away; callers treat it as ErrCold.
var (
	// ErrCold says that Redis does not (yet) know the open windows; ask SQL.
	ErrCold = errors.New("the survey windows in Redis are cold")
	// ErrBadWindow says that a window lacks what it needs; retrying does not help.
	ErrBadWindow = errors.New("not a usable survey window")
)

// Window is one open question to one phone.
type Window struct {
	ID       string    // the survey's id
	Phone    string    // digits, normalised; Redis sees only its HMAC
	Slot     string    // two digits: the extension the question was sent from; "" when the link has none
	Order    string    // the order's number, ZZ20261121-00042-7, so that a reply can name it (ZQ-15.3)
	OpenedAt time.Time // delivery, or acceptance without a receipt
	Deadline time.Time // OpenedAt + 24 h; that second still counts
}

// Reply is one inbound text that may be an answer.
type Reply struct {
	TextID string // the inbound text's id; the same id gets the same verdict again
	Phone  string // digits, normalised the same way as Window.Phone
	Slot   string // the extension it was sent to; "" when there is none
	Text   string
	At     time.Time // when the citizen sent it (event time), not when it arrived here
}

// VerdictKind is what a reply was found to be.
type VerdictKind string

// The kinds of verdicts.
const (
	Rated   VerdictKind = "rated"   // the first valid answer in time: Rating is set
	Invalid VerdictKind = "invalid" // several or wrong options; the window stays open
	Late    VerdictKind = "late"    // after the deadline or after the window was settled; changes nothing
	None    VerdictKind = "none"    // not an answer, or Redis knows no window of this phone (SQL may)
	OptOut  VerdictKind = "opt-out" // the citizen wants no more texts; no window was touched
)

// Verdict is what became of a reply.
type Verdict struct {
	Kind      VerdictKind
	Window    Window // zero for None and OptOut
	Rating    int    // 1 very satisfied ... 5 very dissatisfied; 0 unless Rated
	Heuristic bool   // the window was guessed (the latest opened), or slot and named order disagreed (ZQ-15.3)
	Reason    string // short, English, for logs and events
}

// The outcomes of a settlement, as dispatch records them.
const (
	OutcomeRated   = "rated"
	OutcomeInvalid = "invalid" // the window ended with invalid attempts only
	OutcomeUnrated = "unrated" // the window ended with nothing
)

// Settlement proposes how a survey ended. SQL decides: it applies it to a survey
// that is not settled yet, and otherwise ignores it.
type Settlement struct {
	SurveyID string
	Outcome  string // OutcomeInvalid or OutcomeUnrated; from people and their texts OutcomeRated too
	Rating   int    // with OutcomeRated only
	At       time.Time
	Text     string // the citizen's own words, when there are any
}

// InTime says whether a reply of time at counts for a window that ends at deadline:
// to the second, the deadline's own second included (ZQ-15.2, Q9). SQL's fallback
// must use it too, so that both judge alike.
func InTime(at, deadline time.Time) bool { return at.Unix() <= deadline.Unix() }

// Over says whether a window that ends at deadline is over at now.
func Over(now, deadline time.Time) bool { return !InTime(now, deadline) }
