package smstest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"

	"hotline/sms"
)

// session is one client's connection.
type session struct {
	smsc     *SMSC
	conn     net.Conn
	writing  sync.Mutex
	receives bool // bound as receiver or transceiver; under smsc.mu

	mu      sync.Mutex
	seq     int32
	waiting map[int32]chan uint32 // our requests, until answered with a command_status
	gone    chan struct{}         // closed when the connection is
}

// serve reads until the connection ends.
func (l *session) serve(ctx context.Context) {
	defer l.leave()
	r := bufio.NewReader(l.conn)
	for {
		h, p, err := readPDU(r)
		if err != nil {
			return
		}
		if l.smsc.silent() {
			continue
		}
		if !l.handle(ctx, h, p) {
			return
		}
	}
}

func (l *session) leave() {
	_ = l.conn.Close()
	close(l.gone)
	l.smsc.mu.Lock()
	defer l.smsc.mu.Unlock()
	delete(l.smsc.sessions, l)
	l.smsc.wake()
}

// handle does what one PDU asks; false ends the session.
func (l *session) handle(ctx context.Context, h header, p pdu.PDU) bool {
	if h.id < 0 { // a response: its number and status are all that matters
		l.answered(h)
		return true
	}
	switch req := p.(type) {
	case *pdu.BindRequest:
		return l.bind(req)
	case *pdu.EnquireLink:
		_ = l.write(frameOf(req.GetResponse()))
	case *pdu.Unbind:
		l.smsc.mu.Lock()
		l.smsc.unbinds++
		l.smsc.mu.Unlock()
		_ = l.write(frameOf(req.GetResponse()))
		return true // who takes leave hangs up
	case *pdu.SubmitSM:
		l.submit(ctx, req)
	default:
		_ = l.write(bare(header{id: data.GENERIC_NACK, status: data.ESME_RINVCMDID, seq: h.seq}))
	}
	return true
}

func (l *session) answered(h header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ch, ok := l.waiting[h.seq]; ok {
		delete(l.waiting, h.seq)
		ch <- uint32(h.status)
	}
}

func (l *session) bind(req *pdu.BindRequest) bool {
	s := l.smsc
	resp := pdu.NewBindResp(*req)
	resp.SystemID = "smstest"
	if s.opt.SystemID != "" && (req.SystemID != s.opt.SystemID || req.Password != s.opt.Password) {
		resp.CommandStatus = data.ESME_RBINDFAIL
		_ = l.write(frameOf(resp))
		return false
	}
	if l.write(frameOf(resp)) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.binds++
	l.receives = req.BindingType != pdu.Transmitter
	s.opt.Log.Info("bound", "system", req.SystemID)
	s.wake()
	return true
}

// submit takes or refuses one text as the knobs say.
func (l *session) submit(ctx context.Context, req *pdu.SubmitSM) {
	s := l.smsc
	k, status := s.verdict()
	resp := req.GetResponse().(*pdu.SubmitSMResp)
	if status != data.ESME_ROK {
		resp.CommandStatus = status
		_ = l.write(frameOf(resp))
		return
	}
	sub := s.record(req)
	resp.MessageID = sub.ID
	answer := func() { _ = l.write(frameOf(resp)) }
	if k.DropAnswers > 0 {
		answer = func() {}
	}
	if k.ReceiptFirst {
		answer = func() { s.after(ctx, max(k.Latency, 50*time.Millisecond), func() { _ = l.write(frameOf(resp)) }) }
	} else if k.Latency > 0 {
		answer = func() { s.after(ctx, k.Latency, func() { _ = l.write(frameOf(resp)) }) }
	}
	answer()
	if sub.Receipt && !k.ManualReceipt {
		s.after(ctx, k.ReceiptAfter, func() { _ = s.SendReceipt(sub.ID, k.ReceiptState) })
	}
	s.tell(sub)
}

// write sends a frame whole. A client that does not read for ten seconds is cut off,
// since a simulator must not hang a test.
func (l *session) write(frame []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.conn.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return fmt.Errorf("smsc: %w", err)
	}
	if _, err := l.conn.Write(frame); err != nil {
		_ = l.conn.Close()
		return fmt.Errorf("smsc: %w", err)
	}
	return nil
}

// request sends a deliver_sm and registers for its answer first.
func (l *session) request(p pdu.PDU) (answer <-chan uint32, err error) {
	ch := make(chan uint32, 1)
	l.mu.Lock()
	l.seq++
	p.SetSequenceNumber(l.seq)
	l.waiting[l.seq] = ch
	l.mu.Unlock()
	return ch, l.write(frameOf(p))
}

func (s *SMSC) silent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.knobs.Silent
}

// verdict is the knobs as they are for this submit, and the status to answer; the
// counting knobs are counted down.
func (s *SMSC) verdict() (Knobs, data.CommandStatusType) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.knobs
	switch {
	case k.Throttle > 0:
		s.knobs.Throttle--
		return k, data.ESME_RTHROTTLED
	case k.Refuse != 0:
		return k, data.CommandStatusType(k.Refuse)
	case k.DropAnswers > 0:
		s.knobs.DropAnswers--
	}
	return k, data.ESME_ROK
}

// after runs f later, unless the SMSC is closed first.
func (s *SMSC) after(ctx context.Context, d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	s.opt.Clock.AfterFunc(d, func() {
		if ctx.Err() == nil {
			f()
		}
	})
}

// codingOf is the data coding of a submit; the codec forgets codings it does not know,
// which we never send.
func codingOf(req *pdu.SubmitSM) sms.Coding {
	if enc := req.Message.Encoding(); enc != nil {
		return sms.Coding(enc.DataCoding())
	}
	return sms.GSM7
}
