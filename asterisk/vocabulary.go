// Package asterisk is a telephone switch in telephone words.
//
// A [Switch] holds the connection to Asterisk's REST interface (ARI). Each
// citizen who dials becomes a [Call]: one goroutine, one ordered mailbox, one
// context that ends when the call ends and whose cause says who hung up and
// why. On a Call one can play sounds, gather keys, record, dial another leg and
// connect the two. Nothing here knows menus, orders or texts.
package asterisk

import (
	"fmt"
	"time"
)

// PlayEnd says how a playback came to its end.
type PlayEnd string

// The ways a playback ends. Asterisk sometimes never says that a playback
// finished, which is why PlayTimedOut exists: our own timer, set from the
// expected length, is the last to speak.
const (
	PlayDone     PlayEnd = "done"      // Asterisk said so: heard to the end
	PlayFailed   PlayEnd = "failed"    // Asterisk said so: a sound is missing or unreadable
	PlayTimedOut PlayEnd = "timed-out" // no event came; our timer ended it
	PlayStopped  PlayEnd = "stopped"   // a key (barge-in) or the caller's context stopped it
	PlayHangup   PlayEnd = "hangup"    // the call ended first
)

// PlayOptions is one playback: sounds heard one after the other without a gap.
type PlayOptions struct {
	Sounds   []string      // paths without extension, absolute; Asterisk picks the file of the call's codec
	Language string        // "zh" or "en"; empty keeps the call's
	Expect   time.Duration // expected length; the timer is Expect + margin. Zero: 60 s per sound
	NoBarge  bool          // keys do not stop it (they are still kept for the next Gather)
}

// Playback is what became of one playback.
type Playback struct {
	End     PlayEnd
	Elapsed time.Duration // on the switch's clock
}

// GatherEnd says why a Gather ended.
type GatherEnd string

// The ways a Gather ends.
const (
	GatherDone     GatherEnd = "done"      // Max digits, or the finish key
	GatherNoKey    GatherEnd = "no-key"    // FirstDigit passed without any key
	GatherWrongKey GatherEnd = "wrong-key" // a key that is not in Valid; reported at once
	GatherPartial  GatherEnd = "partial"   // BetweenDigits or Overall passed with fewer than Min digits
)

// GatherOptions asks for keys, after or during a prompt.
type GatherOptions struct {
	Prompt        PlayOptions   // may have no sounds
	Max           int           // digits wanted at most; 1 is a menu
	Min           int           // fewer is GatherPartial; default 1
	Finish        string        // keys that end the input and are not part of it, such as "#"
	Valid         string        // keys accepted; empty accepts all of 0-9*#
	FirstDigit    time.Duration // from the prompt's end to the first key
	BetweenDigits time.Duration // between two keys
	Overall       time.Duration // whole input after the first key; zero means no such limit
	Flush         bool          // forget keys pressed before; otherwise type-ahead counts
}

// Gathered is what the caller pressed.
type Gathered struct {
	Digits string // without the finish key; for GatherWrongKey the wrong key
	Finish string // the finish key pressed, if any
	End    GatherEnd
}

// RecordEnd says what ended a recording. A hang-up is a success: what was said
// until then is kept.
type RecordEnd string

// The ways a recording ends.
const (
	RecordKey     RecordEnd = "key"
	RecordSilence RecordEnd = "silence"
	RecordMax     RecordEnd = "max"
	RecordHangup  RecordEnd = "hangup"
	RecordStopped RecordEnd = "stopped" // the context was cancelled, for instance by the emergency key
	RecordFailed  RecordEnd = "failed"  // Asterisk could not write: disk full, bad directory
)

// RecordOptions asks for a recording of the caller.
type RecordOptions struct {
	Name     string        // unique, chosen by us; may contain '/' for folders; no extension
	Format   string        // "wav" by default
	Max      time.Duration // 180 s for voicemail
	Silence  time.Duration // this much silence ends it; 0 never
	StopKeys string        // keys that end it, such as "#"
	// Beep is a tone before it starts. Asterisk sounds it: who has heard it is recorded,
	// whatever becomes of us meanwhile. It counts towards Max.
	Beep bool
}

// Recording is what was recorded.
type Recording struct {
	Name     string
	End      RecordEnd
	Key      string        // the key that ended it, if End is RecordKey
	Duration time.Duration // whole length of the file
	Speech   time.Duration // Duration less the silence Asterisk measured at its end
}

// DialOutcome is what became of a leg that was rung.
type DialOutcome string

// The outcomes of a dial, told apart by SIP status and hang-up cause.
const (
	Answered    DialOutcome = "answered"     // and accepted, where a confirmation was asked for
	Busy        DialOutcome = "busy"         // 486, 600
	NoAnswer    DialOutcome = "no-answer"    // rang for the whole time
	Declined    DialOutcome = "declined"     // 603, and after ringing 480 and 403: a person's "no"
	Unreachable DialOutcome = "unreachable"  // no such line, trunk down, 404, 5xx, 403, 408 and 480 without ringing
	NotAccepted DialOutcome = "not-accepted" // answered, but nobody pressed the accept key: a machine
	Abandoned   DialOutcome = "abandoned"    // our caller left or the context ended first
)

// Confirm asks the person who answered to press a key, so that a mobile's own
// voicemail cannot take the call (ZZ-20.2).
type Confirm struct {
	Prompt  PlayOptions
	Key     byte          // usually '1'
	Timeout time.Duration // for the key, from the answer; the prompt repeats until then
}

// DialOptions rings one leg for a call.
type DialOptions struct {
	Endpoint   string // "PJSIP/110@carrier"
	CallerID   string // number shown to the far end, in From and P-Asserted-Identity
	CallerName string
	Headers    map[string]string // further SIP headers of the INVITE
	Ring       time.Duration     // how long it may ring, on the injected clock
	Meanwhile  []string          // sounds looped to our caller while it rings; empty: silence
	Confirm    *Confirm
}

// Dialed is the result of ringing a leg. Leg is set only when Outcome is Answered.
type Dialed struct {
	Outcome DialOutcome
	Cause   int // Q.850 hang-up cause when there is one
	Status  int // SIP status when there is one
	Leg     *Call
	Rang    time.Duration
}

// LeftFirst says which side of a conversation ended it.
type LeftFirst string

// Who left first.
const (
	CallerLeft LeftFirst = "caller"
	FarLeft    LeftFirst = "far"
	CutOff     LeftFirst = "cut-off"    // our context ended it
	TakenOver  LeftFirst = "taken-over" // nobody: another controller goes on with the call
)

// Hangup is the cause of a call's context once the call has ended.
type Hangup struct {
	By    LeftFirst // CallerLeft: the channel's own party hung up; CutOff: we did
	Cause int       // Q.850, 16 is normal clearing
	Text  string
}

// Error tells the cause in words, so that a Hangup can be a context's cause.
func (h *Hangup) Error() string { return fmt.Sprintf("hung up by %s: %s (%d)", h.By, h.Text, h.Cause) }

// KeyPressed is the cause of a context made by Call.Guard once its key was pressed.
type KeyPressed struct{ Key byte }

// Error names the key.
func (k *KeyPressed) Error() string { return "key " + string(k.Key) + " pressed" }

// Clock is the time a Switch lives by; tests and the demo move it.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine once d has passed; stop prevents it
	// and reports whether it did.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}
