package dispatch

import (
	"context"
	"fmt"
	"time"
)

// OptOut is a phone that wants no surveys and results by text.
type OptOut struct {
	ID     string // ULID; what it is called by, since its number is in no address
	Phone  string
	At     time.Time
	TextID string // the text that said so
}

// What is audited, as Audit.Act keeps it.
const (
	ActOptOut     = "opt_out"
	ActOptIn      = "opt_in"
	ActSend       = "text_sent"
	ActReplay     = "text_replayed"
	ActLogIn      = "log_in"
	ActWrong      = "log_in_refused" // a wrong account or password
	ActRefused    = "refused"        // somebody asked for what they may not have or do
	ActPhone      = "phone_seen"     // a number was shown unmasked (ZQ-24)
	ActIdentity   = "identity_seen"  // and the number of a citizen's paper
	ActListen     = "recording_heard"
	ActAttachment = "attachment_taken" // of an informant's order
	ActDecide     = "decided"          // what one asked for and another decided
	ActRed        = "red_button"
	ActHandOver   = "handed_over"         // what one officer on duty leaves to the next
	ActImport     = "imported"            // a table was brought in
	ActExport     = "exported"            // orders were taken out (ZQ-24)
	ActDiscard    = "recording_discarded" // its time was over (KF-3.7.4)
	ActPush       = "pushed"              // enterprises were told of a policy (XZ-6.1)
)

// Audit is one entry of the audit: who did, saw or was refused what, and by which rule.
// Entries are appended, never changed; each seals the one before it (see [VerifyAudit]).
// What happens to every call, order and text is not audited: orders have their timelines,
// and the chain is written by one transaction at a time.
type Audit struct {
	ID      string // ULID
	At      time.Time
	Actor   string // "citizen", "agent:admin" ...
	Act     string // one of the Act... constants
	Subject string // what it was done to: a text's id, a phone, an order's number, a route
	Text    string // why, for people
	Rule    string // the clause, where one says so

	Seq  int64  // place in the chain, from 1; given by the store
	Hash string // SHA-256 over the hash before and this entry, in hex; given by the store
}

// audit appends an entry.
func (u *unit) audit(a Audit) error {
	a.ID, a.At = u.id(), u.now
	if err := u.InsertAudit(a); err != nil {
		return fmt.Errorf("audit %s: %w", a.Act, err)
	}
	return nil
}

// Audit appends an entry about something that no other method of the office does, such as
// a log-in, a refusal or a look at a number. ID, time, place and hash are given to it.
func (o *Office) Audit(ctx context.Context, a Audit) error {
	a.Subject, a.Text = cut(a.Subject, maxName), cut(a.Text, maxSummary)
	return o.do(ctx, func(u *unit) error { return u.audit(a) })
}
