package smstest

import (
	"slices"
	"strings"
	"time"

	"hotline/sms"
)

// Submit is one segment as it was submitted on the wire.
type Submit struct {
	ID      string // given by us
	From    string // the hotline's number, with extension: answer to this
	To      string
	Text    string // of this segment
	Coding  sms.Coding
	Concat  sms.Concat
	Octets  int // user data, with its header
	Receipt bool
	Ref     string // the hotline's own id, where the protocol carries it
	At      time.Time
}

// Text is a whole text as a handset shows it.
type Text struct {
	ID   string   // of its first segment
	IDs  []string // of all segments
	From string   // the hotline's number, with extension: answer to this
	To   string   // the handset
	Text string
	At   time.Time
}

// partKey tells the long texts to one handset apart.
type partKey struct {
	from, to string
	ref      uint16
}

// record keeps a submit and gives it its id.
func (c *centre) record(sub Submit) Submit {
	c.mu.Lock()
	defer c.mu.Unlock()
	sub.ID, sub.At = c.nextID(), c.opt.Clock.Now()
	c.submits = append(c.submits, sub)
	c.wake()
	return sub
}

// tell joins segments and announces a text that is whole.
func (c *centre) tell(sub Submit) {
	c.mu.Lock()
	parts := []Submit{sub}
	if sub.Concat.IsPart() {
		key := partKey{sub.From, sub.To, sub.Concat.Ref}
		parts = append(c.partial[key], sub)
		c.partial[key] = parts
		if len(parts) < sub.Concat.Total {
			c.mu.Unlock()
			return
		}
		delete(c.partial, key)
		slices.SortFunc(parts, func(a, b Submit) int { return a.Concat.Seq - b.Concat.Seq })
	}
	text := join(parts)
	c.texts = append(c.texts, text)
	listeners := slices.Clone(c.onSubmit)
	c.wake()
	c.mu.Unlock()
	for _, f := range listeners {
		f(text)
	}
}

func join(parts []Submit) Text {
	first := parts[0]
	out := Text{ID: first.ID, From: first.From, To: first.To, At: first.At}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
		out.IDs = append(out.IDs, p.ID)
	}
	out.Text = b.String()
	return out
}
