package dispatch

import (
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

// What people do to texts, as Audit.Act keeps it.
const (
	ActOptOut = "opt_out"
	ActOptIn  = "opt_in"
	ActSend   = "text_sent"
	ActReplay = "text_replayed"
	ActRed    = "red_button"
)

// Audit is one thing somebody did that belongs to no order. Lines are appended, never
// changed.
type Audit struct {
	ID      string // ULID
	At      time.Time
	Actor   string // "citizen", "agent:admin" ...
	Act     string // one of the Act... constants
	Subject string // what it was done to: a text's id, a phone
	Text    string // why, for people
}

// audit appends a line.
func (u *unit) audit(a Audit) error {
	a.ID, a.At = u.id(), u.now
	if err := u.InsertAudit(a); err != nil {
		return fmt.Errorf("audit %s: %w", a.Act, err)
	}
	return nil
}
