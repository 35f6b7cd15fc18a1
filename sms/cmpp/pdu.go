package cmpp

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
)

// body is a PDU's body, of either version.
type body interface{ fields(l *layout) }

// Marshal is a body's octets. Octet strings that are too long are cut.
func Marshal(b body, v Version) []byte {
	l := &layout{Version: v, writing: true}
	b.fields(l)
	return l.rest
}

// Unmarshal reads a body. It never panics and keeps no reference to data; an error says
// that the fields do not add up, and those before the fault are there.
func Unmarshal(b body, v Version, data []byte) error {
	l := &layout{Version: v, rest: data}
	b.fields(l)
	return l.err
}

// Connect is a client's greeting (CMPP_CONNECT).
type Connect struct {
	Source  string   // SP_Id
	Auth    [16]byte // see AuthSource
	Version Version
	Stamp   uint32 // MMDDHHMMSS on the client's clock
}

func (c *Connect) fields(l *layout) {
	l.text(&c.Source, 6)
	l.digest(&c.Auth)
	l.u8((*byte)(&c.Version))
	l.u32(&c.Stamp)
}

func (l *layout) digest(v *[16]byte) {
	if b := l.octets(16); l.writing {
		copy(b, v[:])
	} else {
		copy(v[:], b)
	}
}

// AuthSource is AuthenticatorSource: MD5 of the six octets of Source_Addr, nine zero ones,
// the secret and the stamp in ten digits.
func AuthSource(source, secret string, stamp uint32) [16]byte {
	var field [15]byte
	copy(field[:6], source)
	return md5.Sum(fmt.Appendf(field[:], "%s%010d", secret, stamp))
}

// ConnectResp is the answer to a greeting.
type ConnectResp struct {
	Status  uint32   // 0: welcome
	Auth    [16]byte // see AuthISMG
	Version Version  // the highest the gateway speaks
}

func (c *ConnectResp) fields(l *layout) {
	l.result(&c.Status, 17)
	l.digest(&c.Auth)
	l.u8((*byte)(&c.Version))
}

// AuthISMG is AuthenticatorISMG: MD5 of the status as wide as the version has it, the
// client's authenticator and the secret.
func AuthISMG(v Version, status uint32, source [16]byte, secret string) [16]byte {
	b := binary.BigEndian.AppendUint32(nil, status)
	if v == V20 {
		b = b[3:]
	}
	return md5.Sum(append(append(b, source[:]...), secret...))
}

// Submit is a text to handsets (CMPP_SUBMIT).
type Submit struct {
	MsgID              MsgID // zero: the gateway gives it
	PkTotal, PkNumber  byte
	Report             byte // 1: a status report is asked for
	Level              byte
	Service            string // Service_Id, at most 10 octets
	FeeUser            byte   // who pays: 0 the receiver, 1 the sender, 2 the SP, 3 FeePhone
	FeePhone           string
	FeePhoneType       byte // 3.0
	TPPid, TPUdhi, Fmt byte
	Source             string // Msg_src: SP_Id
	FeeType, FeeCode   string // 01: free
	ValidUntil, SendAt string // 17 octets, as SMPP 3.3 writes times
	From               string // Src_Id: the service code, with extension
	To                 []string
	ToType             byte // 3.0: 1 is a pseudonym, not a number
	Content            []byte
}

func (s *Submit) fields(l *layout) {
	l.id(&s.MsgID)
	for _, v := range []*byte{&s.PkTotal, &s.PkNumber, &s.Report, &s.Level} {
		l.u8(v)
	}
	l.text(&s.Service, 10)
	l.u8(&s.FeeUser)
	l.phone(&s.FeePhone)
	l.since30(&s.FeePhoneType)
	for _, v := range []*byte{&s.TPPid, &s.TPUdhi, &s.Fmt} {
		l.u8(v)
	}
	l.text(&s.Source, 6)
	l.text(&s.FeeType, 2)
	l.text(&s.FeeCode, 6)
	l.text(&s.ValidUntil, 17)
	l.text(&s.SendAt, 17)
	l.text(&s.From, 21)
	count := byte(len(s.To))
	if l.u8(&count); !l.writing {
		s.To = make([]string, count)
	}
	for i := range s.To[:count] {
		l.phone(&s.To[i])
	}
	l.since30(&s.ToType)
	l.content(&s.Content, false)
	l.tail()
}

// Resp is the answer to a Submit or a Deliver.
type Resp struct {
	MsgID  MsgID
	Result uint32 // 0: taken
}

func (r *Resp) fields(l *layout) {
	l.id(&r.MsgID)
	l.result(&r.Result, 0)
}

// Deliver is a handset's text, or a status report (CMPP_DELIVER).
type Deliver struct {
	MsgID              MsgID
	To                 string // Dest_Id: the service code, with extension
	Service            string
	TPPid, TPUdhi, Fmt byte
	From               string // the handset
	FromType           byte   // 3.0: 1 is a pseudonym, not a number
	IsReport           byte   // Registered_Delivery: 1 if Content is a Report
	Content            []byte
}

func (d *Deliver) fields(l *layout) {
	l.id(&d.MsgID)
	l.text(&d.To, 21)
	l.text(&d.Service, 10)
	for _, v := range []*byte{&d.TPPid, &d.TPUdhi, &d.Fmt} {
		l.u8(v)
	}
	l.phone(&d.From)
	l.since30(&d.FromType)
	l.u8(&d.IsReport)
	l.content(&d.Content, d.IsReport == 1)
	l.tail()
}

// Report is what a status report says of a Submit.
type Report struct {
	MsgID               MsgID  // of the submit
	Stat                string // DELIVRD, UNDELIV ...
	SubmittedAt, DoneAt string // YYMMDDhhmm
	To                  string // the handset
	Sequence            uint32
}

// Where a report may end: its head says which text and what became of it.
const (
	reportHead   = 15 // Msg_Id, Stat
	reportTimes  = 35 // and the two times
	report20Size = 60
	report30Size = 71
)

func (r *Report) fields(l *layout) {
	l.id(&r.MsgID)
	l.text(&r.Stat, 7)
	l.text(&r.SubmittedAt, 10)
	l.text(&r.DoneAt, 10)
	l.phone(&r.To)
	l.u32(&r.Sequence)
}

// ReadReport reads a report. Its length tells how wide the number in it is, whatever the
// version: the document of 3.0 prints 21 octets, the field has 32. Gateways send others,
// of which only the head is believed; ok is false if that is not there.
func ReadReport(content []byte) (r Report, ok bool) {
	v := V20
	switch n := len(content); {
	case n >= report30Size:
		v = V30
	case n == report20Size:
	default:
		content = content[:min(n, reportTimes)]
	}
	ok = len(content) >= reportHead
	padded := append(content[:len(content):len(content)], make([]byte, report30Size)...)
	_ = Unmarshal(&r, v, padded) // what is not there is zero
	return r, ok && r.MsgID != 0
}
