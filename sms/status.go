package sms

import "errors"

// ErrNotFound says that no message answers to what was asked for.
var ErrNotFound = errors.New("no such text")

// Final reports whether nothing can follow this status.
func (s Status) Final() bool {
	switch s {
	case Delivered, Undelivered, Failed, Expired:
		return true
	}
	return false
}

// Reaches reports whether a message may go from s to next. Queued reaches itself,
// because a retry keeps the status and only sets the next try; a final status
// reaches nothing, which is what makes late and repeated receipts harmless.
func (s Status) Reaches(next Status) bool {
	switch s {
	case Queued:
		return next == Queued || next == Sent || next.Final()
	case Sent:
		return next == Delivered || next == Undelivered
	}
	return false
}

// Takes reports whether a change moves a message. Beside what its status reaches, one that
// was sent goes back to the queue once when its carrier says that the number went to
// another, to be sent by another link (Change.Avoid).
func (m Message) Takes(c Change) bool {
	if c.Avoid != "" || m.Status == Sent && c.Status == Queued {
		return m.Status == Sent && c.Status == Queued && c.Avoid != "" && m.Avoid == ""
	}
	return m.Status.Reaches(c.Status)
}
