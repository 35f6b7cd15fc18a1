package cmpp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"hotline/sms"
)

// take hands a deliver on and says how to answer it: with success only after the sink has
// stored it. When it did not, the result is that of flow control, the one after which a
// gateway comes again.
func (l *Link) take(ctx context.Context, in incoming) (id MsgID, result uint32) {
	var d Deliver
	err := Unmarshal(&d, l.cfg.Version, in.Body)
	if err != nil {
		l.count(func(s *Stats) { s.Malformed++ })
		l.cfg.Log.WarnContext(ctx, "deliver refused", "err", err, "octets", len(in.Body))
		return d.MsgID, resultOf(err)
	}
	if d.IsReport == 1 {
		r, ok := l.receiptOf(d)
		if !ok {
			l.count(func(s *Stats) { s.Malformed++ })
			return d.MsgID, resultOK // it speaks of nothing; coming again would not help
		}
		err = l.sink.Receipt(ctx, r)
	} else {
		err = l.sink.Arrived(ctx, l.partOf(d, in))
	}
	if err != nil {
		l.cfg.Log.ErrorContext(ctx, "carrier must come again", "err", err)
		return d.MsgID, resultFlow
	}
	return d.MsgID, resultOK
}

// resultOf is the result that names what is wrong with a body.
func resultOf(err error) uint32 {
	if errors.Is(err, errLength) {
		return resultLength
	}
	return resultStructure
}

// receiptOf reads a status report; ok is false if it does not say which text it speaks of.
func (l *Link) receiptOf(d Deliver) (sms.Receipt, bool) {
	r, ok := ReadReport(d.Content)
	phone := d.From
	if phone == "" {
		phone = r.To
	}
	state := strings.ToUpper(r.Stat)
	return sms.Receipt{
		Link: l.cfg.Name, CarrierID: r.MsgID.String(), Phone: sms.PhoneOf(phone),
		Status: sms.StatusOf(state), Raw: state, DoneAt: sms.ReceiptTime(r.DoneAt, l.cfg.Zone),
	}, ok
}

// partOf is a handset's text. The gateway's id tells when it came in there.
func (l *Link) partOf(d Deliver, in incoming) sms.Part {
	p := sms.Part{Link: l.cfg.Name, From: sms.PhoneOf(d.From), SentAt: d.MsgID.Time(in.at, l.cfg.Zone).UTC(), At: in.at}
	if d.MsgID != 0 {
		p.ID = d.MsgID.String()
	}
	sum := sha256.Sum256(in.Body[8:]) // without the id
	p.Hash = hex.EncodeToString(sum[:16])
	p.To, p.Ext = sms.Extension(l.cfg.Numbers, d.To)
	content := d.Content
	if d.TPUdhi != 0 {
		p.Concat, content, _ = sms.SplitHeader(content)
	}
	p.Text = strings.TrimRight(sms.Decode(codingOf(d.Fmt), content), "\x00")
	return p
}
