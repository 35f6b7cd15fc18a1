package smstest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"

	"hotline/sms"
)

// delivery is one deliver_sm on its way to the hotline.
type delivery struct {
	build func() *pdu.DeliverSM // a fresh PDU for each try
	tries int
	done  chan error // buffered; what became of it
}

// maxTries is how often a carrier offers one delivery.
const maxTries = 3

// Deliver sends a handset's text to the hotline's number (with extension), in as many
// segments as it needs, and returns when the hotline has acknowledged all of it. With
// nobody bound it waits, as a carrier does; it stays queued when ctx ends first. It
// returns [ErrRefused] when the hotline does not want it.
func (s *SMSC) Deliver(ctx context.Context, from, to, text string) error {
	s.mu.Lock()
	s.lastRef++
	ref := s.lastRef
	s.mu.Unlock()
	segments, err := sms.Split(text, ref)
	if err != nil {
		return fmt.Errorf("smsc: %w", err)
	}
	return s.DeliverSegments(ctx, from, to, segments)
}

// DeliverSegments is Deliver for data encoded by the caller, whatever it is.
func (s *SMSC) DeliverSegments(ctx context.Context, from, to string, segments []sms.Segment) error {
	var waits []*delivery
	for _, seg := range segments {
		waits = append(waits, s.enqueue(func() *pdu.DeliverSM { return deliverSM(from, to, seg) }))
	}
	for _, d := range waits {
		select {
		case err := <-d.done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("smsc: delivering: %w", context.Cause(ctx))
		}
	}
	return nil
}

// SendReceipt queues a receipt for a submit by its id; state is DELIVRD if empty.
func (s *SMSC) SendReceipt(id, state string) error {
	s.mu.Lock()
	k := s.knobs
	var sub *Submit
	for i := range s.submits {
		if s.submits[i].ID == id {
			sub = &s.submits[i]
		}
	}
	s.mu.Unlock()
	if sub == nil {
		return fmt.Errorf("smsc: no submit with id %s", id)
	}
	if state == "" {
		state = "DELIVRD"
	}
	if k.HexReceipts {
		n, err := strconv.ParseUint(id, 10, 64)
		if err != nil {
			return fmt.Errorf("smsc: %w", err)
		}
		id = fmt.Sprintf("%08X", n)
	}
	r := receipt{id: id, state: state, sub: *sub, done: s.opt.Clock.Now(), plain: k.PlainReceipts}
	s.enqueue(r.pdu)
	return nil
}

func (s *SMSC) enqueue(build func() *pdu.DeliverSM) *delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &delivery{build: build, done: make(chan error, 1)}
	s.queue = append(s.queue, d)
	if s.knobs.Twice {
		s.queue = append(s.queue, &delivery{build: build, done: make(chan error, 1)})
	}
	s.wake()
	return d
}

// pump delivers the queue in order, one at a time.
func (s *SMSC) pump(ctx context.Context) {
	for {
		ready := func() bool { return len(s.queue) > 0 && s.receiver() != nil && !s.knobs.Silent }
		if s.wait(ctx, ready) != nil {
			return
		}
		s.mu.Lock()
		if !ready() {
			s.mu.Unlock()
			continue
		}
		d, link := s.queue[0], s.receiver()
		pause := s.knobs.RetryAfter
		s.mu.Unlock()
		if pause == 0 {
			pause = time.Minute
		}
		if over, err := s.offer(ctx, offering{d, link, pause}); over {
			s.mu.Lock()
			s.queue = s.queue[1:]
			s.mu.Unlock()
			d.done <- err
		}
	}
}

// offering is one try of one delivery on one link.
type offering struct {
	*delivery
	link  *session
	pause time.Duration
}

// offer tries once and reports whether the delivery is over. A try that ended because
// the link went away does not count.
func (s *SMSC) offer(ctx context.Context, o offering) (over bool, err error) {
	answer, err := o.link.request(o.build())
	if err != nil {
		return false, nil
	}
	late := make(chan struct{})
	stop := s.opt.Clock.AfterFunc(o.pause, func() { close(late) })
	defer stop()
	select {
	case <-ctx.Done():
		return true, fmt.Errorf("smsc: %w", context.Cause(ctx))
	case <-o.link.gone:
		return false, nil
	case status := <-answer:
		if status == uint32(data.ESME_ROK) {
			return true, nil
		}
		if o.tries++; !forNow(status) || o.tries >= maxTries {
			return true, fmt.Errorf("%w: status 0x%02X", ErrRefused, status)
		}
		select {
		case <-late:
		case <-o.link.gone:
		case <-ctx.Done():
		}
		return false, nil
	case <-late:
		if o.tries++; o.tries >= maxTries {
			return true, fmt.Errorf("%w: never answered", ErrRefused)
		}
		return false, nil
	}
}

// forNow reports a refusal after which a carrier comes again.
func forNow(status uint32) bool {
	switch data.CommandStatusType(status) {
	case data.ESME_RSYSERR, data.ESME_RMSGQFUL, data.ESME_RTHROTTLED, data.ESME_RX_T_APPN:
		return true
	}
	return false
}

// deliverSM is a handset's segment.
func deliverSM(from, to string, seg sms.Segment) *pdu.DeliverSM {
	d := pdu.NewDeliverSM().(*pdu.DeliverSM)
	_ = d.SourceAddr.SetAddress(from)
	_ = d.DestAddr.SetAddress(to)
	body := seg.Data
	if seg.Concat.IsPart() {
		d.EsmClass = data.SM_UDH_GSM
		body = append(seg.Concat.Header(), body...)
	}
	_ = d.Message.SetMessageDataWithEncoding(body, data.NewCustomEncoding(byte(seg.Coding), nil))
	return d
}

// receipt is what becomes a deliver_sm with esm_class 4.
type receipt struct {
	id, state string
	sub       Submit
	done      time.Time
	plain     bool
}

// stateCodes are the message_state values of SMPP 3.4 §5.2.28.
var stateCodes = map[string]byte{
	"ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4,
	"UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8,
}

func (r receipt) pdu() *pdu.DeliverSM {
	d := deliverSM(r.sub.To, r.sub.From, sms.Segment{Data: []byte(r.text())})
	d.EsmClass = data.SM_SMSC_DLV_RCPT_TYPE
	if !r.plain {
		d.RegisterOptionalParam(pdu.Field{Tag: pdu.TagReceiptedMessageID, Data: append([]byte(r.id), 0)})
		if code, ok := stateCodes[r.state]; ok {
			d.RegisterOptionalParam(pdu.Field{Tag: pdu.TagMessageStateOption, Data: []byte{code}})
		}
	}
	return d
}

func (r receipt) text() string {
	const minute = "0601021504"
	zone := time.FixedZone("CST", 8*60*60)
	dlvrd := "000"
	if r.state == "DELIVRD" {
		dlvrd = "001"
	}
	return strings.Join([]string{
		"id:" + r.id, "sub:001", "dlvrd:" + dlvrd,
		"submit date:" + r.sub.At.In(zone).Format(minute),
		"done date:" + r.done.In(zone).Format(minute),
		"stat:" + r.state, "err:000", "text:",
	}, " ")
}
