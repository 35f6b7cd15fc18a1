package smstest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linxGnu/gosmpp/pdu"

	"hotline/sms"
)

// Submit is one submit_sm as it was on the wire.
type Submit struct {
	ID      string // given by us
	From    string // the hotline's number, with extension: answer to this
	To      string
	Text    string // of this segment
	Coding  sms.Coding
	Concat  sms.Concat
	Octets  int // user data, with its header
	Receipt bool
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
func (s *SMSC) record(req *pdu.SubmitSM) Submit {
	body, _ := req.Message.GetMessageData()
	coding := codingOf(req)
	sub := Submit{
		From: req.SourceAddr.Address(), To: req.DestAddr.Address(), Coding: coding,
		Text: sms.Decode(coding, body), Octets: len(body),
		Receipt: req.RegisteredDelivery&3 != 0, At: s.opt.Clock.Now(),
	}
	if header, err := req.Message.UDH().MarshalBinary(); err == nil && len(header) > 0 {
		sub.Concat, _, _ = sms.SplitHeader(header)
		sub.Octets += len(header)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	sub.ID = fmt.Sprintf("%010d", s.lastID)
	s.submits = append(s.submits, sub)
	s.wake()
	return sub
}

// tell joins segments and announces a text that is whole.
func (s *SMSC) tell(sub Submit) {
	s.mu.Lock()
	parts := []Submit{sub}
	if sub.Concat.IsPart() {
		key := partKey{sub.From, sub.To, sub.Concat.Ref}
		parts = append(s.partial[key], sub)
		s.partial[key] = parts
		if len(parts) < sub.Concat.Total {
			s.mu.Unlock()
			return
		}
		delete(s.partial, key)
		slices.SortFunc(parts, func(a, b Submit) int { return a.Concat.Seq - b.Concat.Seq })
	}
	text := join(parts)
	s.texts = append(s.texts, text)
	listeners := slices.Clone(s.onSubmit)
	s.wake()
	s.mu.Unlock()
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
