package smpp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"

	"hotline/sms"
)

// maxAddr is how many digits a source_addr holds.
const maxAddr = 20

// Retries of a later segment, when the first is out already and giving up would leave
// half a text on the handset.
const (
	segmentTries = 5
	segmentPause = time.Second
)

// Send is sms.Transport. The segments of a long text go one after another; if the
// carrier took the first and not a later one, the outcome is unknown.
func (l *Link) Send(ctx context.Context, out sms.Outgoing) (sms.Taken, error) {
	s := l.bound()
	if s == nil {
		return sms.Taken{}, &sms.SendError{Fault: sms.Unreachable, Err: errors.New("link is down")}
	}
	segments, err := sms.Split(out.Text, out.Ref)
	from := l.cfg.Numbers[0] + out.Ext
	if err == nil && len(from) > maxAddr {
		err = fmt.Errorf("source number of %d digits, at most %d", len(from), maxAddr)
	}
	if err != nil {
		return sms.Taken{}, &sms.SendError{Fault: sms.Permanent, Err: err}
	}
	taken := sms.Taken{Segments: len(segments)}
	for i, seg := range segments {
		id, fault := l.sendSegment(ctx, s, l.submitOf(out, from, seg), i > 0)
		if fault != nil {
			if i > 0 {
				fault.Fault, fault.Taken = sms.Unknown, taken
			}
			return sms.Taken{}, fault
		}
		if id != "" { // a carrier that sends no receipts may give no ids either
			taken.CarrierIDs = append(taken.CarrierIDs, id)
		}
	}
	return taken, nil
}

// sendSegment submits one segment; a later one of a long text is tried several times.
func (l *Link) sendSegment(ctx context.Context, s *session, p *pdu.SubmitSM, later bool) (string, *sms.SendError) {
	for n := 1; ; n++ {
		id, fault := l.submit(ctx, s, p)
		again := fault != nil && (fault.Fault == sms.Throttled || fault.Fault == sms.Temporary)
		if !again || !later || n == segmentTries || ctx.Err() != nil {
			return id, fault
		}
		l.wait(ctx, segmentPause*time.Duration(n))
	}
}

// submit waits for room in the window, writes one submit_sm and waits for its answer.
func (l *Link) submit(ctx context.Context, s *session, p *pdu.SubmitSM) (id string, fault *sms.SendError) {
	select {
	case s.window <- struct{}{}:
		defer func() { <-s.window }()
	case <-s.gone:
		return "", &sms.SendError{Fault: sms.Unreachable, Err: s.reason()}
	case <-ctx.Done():
		return "", &sms.SendError{Fault: sms.Unreachable, Err: context.Cause(ctx)}
	}
	answer, err := s.request(ctx, p, l.cfg.Response)
	switch {
	case errors.Is(err, errUnwritten):
		return "", &sms.SendError{Fault: sms.Unreachable, Err: err}
	case err != nil:
		s.suspect()
		return "", &sms.SendError{Fault: sms.Unknown, Err: err}
	case answer.status != statusOK || answer.id == genericNack:
		return "", refusal(answer)
	}
	raw, _, _ := bytes.Cut(answer.body, []byte{0})
	return canonical(l.cfg.SubmitIDs, string(raw)), nil
}

// refusal is what a status other than success means.
func refusal(f frame) *sms.SendError {
	fault := sms.Permanent
	switch f.status {
	case statusThrottled:
		fault = sms.Throttled
	case statusQueueFull, statusSystem, statusNotNow, statusNotBound:
		fault = sms.Temporary
	}
	return &sms.SendError{
		Fault: fault, Code: fmt.Sprintf("0x%02X", f.status),
		Err: errors.New(data.CommandStatusType(int32(f.status)).String()),
	}
}

// submitOf is one segment as a submit_sm.
func (l *Link) submitOf(out sms.Outgoing, from string, seg sms.Segment) *pdu.SubmitSM {
	p := pdu.NewSubmitSM().(*pdu.SubmitSM)
	p.SourceAddr, p.DestAddr = l.address(from), l.address(out.To)
	if l.cfg.Receipts {
		p.RegisteredDelivery = data.SM_SMSC_RECEIPT_REQUESTED
	}
	p.ValidityPeriod = validity(out.Validity)
	body := seg.Data
	if seg.Concat.IsPart() {
		p.EsmClass = esmHeader
		body = append(seg.Concat.Header(), body...)
	}
	// The codec only needs to know the number of the coding; the octets are ours. A
	// segment has at most 160 octets, so it always fits.
	_ = p.Message.SetMessageDataWithEncoding(body, data.NewCustomEncoding(byte(seg.Coding), nil))
	return p
}

// address cannot fail for digits within maxAddr.
func (l *Link) address(digits string) pdu.Address {
	a := pdu.NewAddressWithTonNpi(l.cfg.TON, l.cfg.NPI)
	_ = a.SetAddress(digits)
	return a
}

// validity is a relative validity_period (§7.1.1.2); empty leaves it to the carrier. The
// form ends at 99 days.
func validity(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	d = max(min(d, 98*24*time.Hour).Truncate(time.Second), time.Second)
	days := int(d.Hours()) / 24
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", days, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60)
}
