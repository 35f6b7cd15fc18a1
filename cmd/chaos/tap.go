package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// submit is one segment of a text as it went over the wire to the carrier, and what the
// wire knows of its answer.
type submit struct {
	From, To, Text string
	At             time.Time
	Answered       time.Time // zero: no answer passed back
	Ended          time.Time // when its connection ended; zero: it is up
	Refused        bool
}

// known says whether the hotline must have taken note of the carrier's answer: it passed
// back, and the connection went on for a while after.
func (s *submit) known(grace time.Duration) bool {
	return !s.Answered.IsZero() && (s.Ended.IsZero() || s.Ended.Sub(s.Answered) > grace)
}

// tap reads SMPP on the wire to the carrier. Whatever dies on either side, it has seen
// what was said. Safe for concurrent use.
type tap struct {
	mu      sync.Mutex
	buf     map[string]*bytes.Buffer // bytes not yet a whole PDU, by connection and direction
	open    map[string]*submit       // by connection and sequence number
	submits []*submit
}

func newTap() *tap { return &tap{buf: map[string]*bytes.Buffer{}, open: map[string]*submit{}} }

// pass is a wire's onWay.
func (t *tap) pass(conn int, up bool, b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b == nil {
		t.end(conn)
		return
	}
	key := fmt.Sprint(conn, up)
	if t.buf[key] == nil {
		t.buf[key] = &bytes.Buffer{}
	}
	buf := t.buf[key]
	buf.Write(b)
	for buf.Len() >= 16 {
		size := int(binary.BigEndian.Uint32(buf.Bytes()))
		if size < 16 || size > buf.Len() {
			return
		}
		t.read(conn, up, buf.Next(size))
	}
}

// end notes that a connection is over.
func (t *tap) end(conn int) {
	for k, s := range t.open {
		var c int
		var seq uint32
		if n, _ := fmt.Sscan(k, &c, &seq); n == 2 && c == conn {
			s.Ended = time.Now()
			delete(t.open, k)
		}
	}
	delete(t.buf, fmt.Sprint(conn, true))
	delete(t.buf, fmt.Sprint(conn, false))
}

func (t *tap) read(conn int, up bool, frame []byte) {
	seq := binary.BigEndian.Uint32(frame[12:])
	key := fmt.Sprint(conn, " ", seq)
	p, err := pdu.Parse(bytes.NewReader(frame))
	if err != nil {
		return // neither a submit nor its answer
	}
	switch p := p.(type) {
	case *pdu.SubmitSM:
		if !up {
			return
		}
		text, err := p.Message.GetMessage()
		if err != nil {
			text = fmt.Sprintf("%x", frame[16:])
		}
		s := &submit{From: p.SourceAddr.Address(), To: p.DestAddr.Address(), Text: text, At: time.Now()}
		t.submits = append(t.submits, s)
		t.open[key] = s
	case *pdu.SubmitSMResp:
		if s := t.open[key]; s != nil && !up {
			s.Answered, s.Refused = time.Now(), p.CommandStatus != data.ESME_ROK
		}
	}
}

// repeats lists texts that went over the wire more than once: those whose answer was
// known before the repetition, and those that could not be known to have arrived.
func (t *tap) repeats(grace time.Duration) (doubled, uncertain []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := map[string]*submit{}
	for _, s := range t.submits {
		key := s.To + "\x00" + s.Text
		if b := before[key]; b != nil {
			what := fmt.Sprintf("to %s, %v after: %s", s.To, s.At.Sub(b.At).Round(time.Millisecond), s.Text)
			if b.known(grace) && !b.Refused {
				doubled = append(doubled, what)
			} else {
				uncertain = append(uncertain, what)
			}
		}
		before[key] = s
	}
	return doubled, uncertain
}

// to lists what a number was sent.
func (t *tap) to(number string) (all []submit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.submits {
		if s.To == number {
			all = append(all, *s)
		}
	}
	return all
}
