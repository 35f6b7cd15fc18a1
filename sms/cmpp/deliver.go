package cmpp

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"hotline/sms"
)

// Arrival is sms.Protocol.
func (p protocol) Arrival(f sms.Frame) (sms.Arrival, error) {
	var d Deliver
	if err := Unmarshal(&d, p.Version, f.Body); err != nil {
		return sms.Arrival{}, err
	}
	if d.IsReport == 1 {
		return sms.Arrival{Receipt: p.receiptOf(d)}, nil
	}
	sum := sha256.Sum256(f.Body[8:]) // without the id
	part := p.partOf(d)
	part.Hash = hex.EncodeToString(sum[:16])
	return sms.Arrival{Part: part}, nil
}

// receiptOf reads a status report; it is nil if it does not say which text it speaks of.
func (p protocol) receiptOf(d Deliver) *sms.Receipt {
	r, ok := ReadReport(d.Content)
	if !ok {
		return nil
	}
	phone := d.From
	if phone == "" {
		phone = r.To
	}
	state := strings.ToUpper(r.Stat)
	return &sms.Receipt{
		CarrierID: r.MsgID.String(), Phone: phone,
		Status: sms.StatusOf(state), Raw: state, DoneAt: sms.ReceiptTime(r.DoneAt, p.Zone),
	}
}

// partOf is a handset's text. The gateway's id tells when it came in there.
func (p protocol) partOf(d Deliver) *sms.Part {
	part := &sms.Part{From: d.From, To: d.To, SentAt: d.MsgID.Time(p.Clock.Now(), p.Zone).UTC()}
	if d.MsgID != 0 {
		part.ID = d.MsgID.String()
	}
	content := d.Content
	if d.TPUdhi != 0 {
		part.Concat, content, _ = sms.SplitHeader(content)
	}
	part.Text = sms.Decode(codingOf(d.Fmt), content)
	return part
}
