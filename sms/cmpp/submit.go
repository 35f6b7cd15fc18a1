package cmpp

import (
	"fmt"
	"strings"
	"time"

	"hotline/sms"
)

// Sizes of a text's fields in octets.
const (
	maxNumber = 21  // Src_Id, and a number of a handset in 2.0
	maxASCII  = 159 // of Msg_Content in ASCII
)

// Submits is sms.Protocol.
func (p protocol) Submits(out sms.Outgoing) ([]sms.Frame, error) {
	segments, err := split(out.Text, out.Ref)
	if err != nil {
		return nil, err
	}
	from := p.Numbers[0] + out.Ext
	if max(len(from), len(out.To)) > maxNumber {
		return nil, fmt.Errorf("numbers of %d and %d digits, at most %d", len(from), len(out.To), maxNumber)
	}
	frames := make([]sms.Frame, len(segments))
	for i, seg := range segments {
		s := p.submitOf(out, seg)
		s.From = from
		frames[i] = sms.Frame{Command: CmdSubmit, Body: Marshal(s, p.Version)}
	}
	return frames, nil
}

// split cuts a text as CMPP carries it. There is no GSM-7: coding 0 is ASCII, in which a
// short text may go; every other goes in UCS-2. GBK, which receivers cut in the middle of
// characters, we only read.
func split(text string, ref byte) ([]sms.Segment, error) {
	segments, err := sms.Split(text, ref)
	if err != nil || segments[0].Coding != sms.GSM7 {
		return segments, err
	}
	// One segment of septets: what ASCII says in one octet costs some handsets two.
	if len(segments) == 1 && len(text) <= maxASCII && strings.IndexFunc(text, notASCII) < 0 {
		return []sms.Segment{{Coding: sms.ASCII, Data: []byte(text)}}, nil
	}
	return sms.SplitUCS2(text, ref)
}

func notASCII(r rune) bool { return r >= 0x7F }

// Taken is sms.Protocol.
func (p protocol) Taken(answer sms.Frame) (string, *sms.SendError) {
	var resp Resp
	err := Unmarshal(&resp, p.Version, answer.Body)
	switch {
	case err != nil:
		return "", &sms.SendError{Fault: sms.Unknown, Err: err}
	case resp.Result != resultOK:
		return "", refusal(resp.Result)
	case resp.MsgID == 0:
		return "", nil
	}
	return resp.MsgID.String(), nil
}

// submitOf is one segment as a submit. Whoever gets a text of ours never pays for it.
func (p protocol) submitOf(out sms.Outgoing, seg sms.Segment) *Submit {
	s := &Submit{
		PkTotal: 1, PkNumber: 1, Service: p.Service, Source: p.User,
		FeeUser: 2, FeeType: "01", FeeCode: "000000",
		ValidUntil: p.validUntil(out.Validity), To: []string{out.To},
		Fmt: formatOf(seg.Coding), Content: seg.Data,
	}
	if p.Receipts {
		s.Report = 1
	}
	if c := seg.Concat; c.IsPart() {
		s.TPUdhi, s.PkTotal, s.PkNumber = 1, byte(c.Total), byte(c.Seq)
		s.Content = append(c.Header(), seg.Data...)
	}
	return s
}

// formatOf is a coding as Msg_Fmt numbers it: like SMPP, but that 0 is ASCII.
func formatOf(c sms.Coding) byte {
	if c == sms.ASCII {
		return 0
	}
	return byte(c)
}

// codingOf is a Msg_Fmt as a coding.
func codingOf(format byte) sms.Coding {
	if format == 0 {
		return sms.ASCII
	}
	return sms.Coding(format)
}

// validUntil is an absolute time (SMPP 3.3 §7.1.1) on the carrier's clock, with its offset
// in quarters of an hour; empty leaves it to the carrier.
func (p protocol) validUntil(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	at := p.Clock.Now().Add(d).In(p.Zone)
	_, offset := at.Zone()
	sign := '+'
	if offset < 0 {
		sign = '-'
	}
	return fmt.Sprintf("%s0%02d%c", at.Format("060102150405"), max(offset, -offset)/900, sign)
}
