package smpp

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"hotline/sms"
)

// Bits of esm_class.
const (
	esmHeader   = 0x40 // the text starts with a user data header
	esmTypeMask = 0x3C
	esmReceipt  = 0x04
	esmAck      = 0x08
	esmIntermed = 0x20
	maxAddress  = 65 // longest address any version of the protocol allows
)

// errDeliver says that a deliver_sm does not follow the standard.
var errDeliver = errors.New("malformed deliver_sm")

// deliver is a deliver_sm taken apart.
type deliver struct {
	from, to string
	esm      byte
	coding   sms.Coding
	concat   sms.Concat
	body     []byte // without header
	params   map[uint16][]byte
	hash     string
}

// fields reads a PDU's mandatory fields one by one; the first that is missing makes
// all later ones empty and ok false.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) octet() byte {
	b := f.octets(1)
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

func (f *fields) octets(n int) []byte {
	if f.bad || n > len(f.rest) {
		f.bad = true
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) text(limit int) string {
	i := bytes.IndexByte(f.rest, 0)
	if f.bad || i < 0 || i > limit {
		f.bad = true
		return ""
	}
	s := string(f.rest[:i])
	f.rest = f.rest[i+1:]
	return s
}

// parseDeliver takes a deliver_sm's body apart. A header that makes no sense stays in
// the text; only a PDU whose fields do not add up is an error.
func parseDeliver(body []byte) (deliver, error) {
	f := &fields{rest: body}
	var d deliver
	f.text(6)   // service_type
	f.octets(2) // source ton, npi
	d.from = f.text(maxAddress)
	f.octets(2) // destination ton, npi
	d.to = f.text(maxAddress)
	d.esm = f.octet()
	f.octets(2) // protocol_id, priority_flag
	f.text(17)  // schedule_delivery_time
	f.text(17)  // validity_period
	f.octets(2) // registered_delivery, replace_if_present_flag
	d.coding = sms.Coding(f.octet())
	f.octet() // sm_default_msg_id
	d.body = f.octets(int(f.octet()))
	if f.bad {
		return deliver{}, errDeliver
	}
	d.params = readParams(f.rest)
	if len(d.body) == 0 {
		d.body = d.params[tagPayload]
	}
	d.sum()
	if d.esm&esmHeader != 0 {
		if c, rest, ok := sms.SplitHeader(d.body); ok {
			d.concat, d.body = c, rest
		}
	}
	if c := sar(d.params); c.IsPart() && !d.concat.IsPart() {
		d.concat = c
	}
	return d, nil
}

// sum fingerprints a text: SMPP gives no id to it, so this is how a repetition shows.
func (d *deliver) sum() {
	h := sha256.New()
	for _, s := range []string{sms.PhoneOf(d.from), d.to, string([]byte{d.esm, byte(d.coding)})} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	h.Write(d.body)
	for _, tag := range []uint16{tagSarRef, tagSarTotal, tagSarSeq} {
		h.Write([]byte{0})
		h.Write(d.params[tag])
	}
	d.hash = hex.EncodeToString(h.Sum(nil)[:16])
}

// readParams reads optional parameters up to the first that does not fit.
func readParams(b []byte) map[uint16][]byte {
	params := map[uint16][]byte{}
	for len(b) >= 4 {
		tag, size := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if size > len(b)-4 {
			break
		}
		params[tag] = b[4 : 4+size]
		b = b[4+size:]
	}
	return params
}

// sar is the other way to number parts, in parameters instead of a header.
func sar(params map[uint16][]byte) sms.Concat {
	ref, total, seq := params[tagSarRef], params[tagSarTotal], params[tagSarSeq]
	if len(ref) != 2 || len(total) != 1 || len(seq) != 1 {
		return sms.Concat{}
	}
	return sms.Concat{Ref: binary.BigEndian.Uint16(ref), Total: int(total[0]), Seq: int(seq[0])}
}

// isReceipt reports whether a deliver_sm is the carrier's word on a text of ours.
func (d deliver) isReceipt() bool {
	switch d.esm & esmTypeMask {
	case esmReceipt, esmAck, esmIntermed:
		return true
	}
	return len(d.params[tagReceiptedID]) > 0
}

// Arrival is sms.Protocol.
func (p protocol) Arrival(f sms.Frame) (sms.Arrival, error) {
	d, err := parseDeliver(f.Body)
	if err != nil {
		return sms.Arrival{}, err
	}
	if d.isReceipt() {
		return sms.Arrival{Receipt: p.receiptOf(d)}, nil
	}
	return sms.Arrival{Part: &sms.Part{
		From: d.from, To: d.to, Text: sms.Decode(d.coding, d.body), Hash: d.hash, Concat: d.concat,
	}}, nil
}
