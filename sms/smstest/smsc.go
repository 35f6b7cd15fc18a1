// Package smstest is a carrier to test against, and the promises a store and a
// transport must keep.
//
// [SMSC] speaks SMPP 3.4 and [ISMG] CMPP 2.0 and 3.0 as a carrier does: they take texts,
// give them ids, send receipts, deliver what handsets answer, hold what they cannot
// deliver and come again. They keep their own record of every submit, so a test can count
// what was really on the wire, and they misbehave on request ([Knobs]). [TestStore] and
// [TestTransport] are suites for implementations of the interfaces of package sms;
// [NewStore] is the smallest store that passes. The development carrier runs the same two.
package smstest

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"

	"hotline/sms"
)

// SMSC is a simulated SMPP 3.4 message centre. Safe for concurrent use.
type SMSC struct{ *centre }

// NewSMSC makes a message centre that is not listening yet.
func NewSMSC(opt Options) *SMSC { return &SMSC{newCentre(opt, smpp34{})} }

// smpp34 is the protocol of an SMSC.
type smpp34 struct{}

func (smpp34) id(n uint64, _ time.Time) string { return fmt.Sprintf("%010d", n) }

func (smpp34) throttled() uint32 { return uint32(data.ESME_RTHROTTLED) }

func (smpp34) comesAgain(status uint32) bool {
	switch data.CommandStatusType(status) {
	case data.ESME_RSYSERR, data.ESME_RMSGQFUL, data.ESME_RTHROTTLED, data.ESME_RX_T_APPN:
		return true
	}
	return false
}

func (smpp34) leave() packet {
	return func(_ *session, seq uint32) []byte { return bare(header{id: data.UNBIND, seq: int32(seq)}) }
}

// poison is a command nobody knows, or a delivery that breaks off.
func (smpp34) poison(n int) packet {
	return func(_ *session, seq uint32) []byte {
		if n%2 == 0 {
			return bare(header{id: 0x0155, seq: int32(seq)})
		}
		frame := append(bare(header{id: data.DELIVER_SM, seq: int32(seq)}), 1, 2, 3, 4, 5)
		frame[3] = byte(len(frame))
		return frame
	}
}

func (smpp34) read(r io.Reader) (func(context.Context, *session) bool, error) {
	h, p, err := readPDU(r)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, l *session) bool { return handleSMPP(ctx, l, h, p) }, nil
}

// handleSMPP does what one PDU asks; false ends the session.
func handleSMPP(ctx context.Context, l *session, h header, p pdu.PDU) bool {
	if h.id < 0 { // a response: its number and status are all that matters
		l.answered(uint32(h.seq), uint32(h.status))
		return true
	}
	switch req := p.(type) {
	case *pdu.BindRequest:
		return bindSMPP(l, req)
	case *pdu.EnquireLink:
		_ = l.write(frameOf(req.GetResponse()))
	case *pdu.Unbind:
		l.tookLeave()
		_ = l.write(frameOf(req.GetResponse()))
		return true // who takes leave hangs up
	case *pdu.SubmitSM:
		resp := req.GetResponse().(*pdu.SubmitSMResp)
		if l.onlyReceives() {
			resp.CommandStatus = data.ESME_RINVBNDSTS
			_ = l.write(frameOf(resp))
			return true
		}
		l.submit(ctx, submitOf(req), func(id string, status uint32) []byte {
			resp.MessageID, resp.CommandStatus = id, data.CommandStatusType(status)
			return frameOf(resp)
		})
	default:
		_ = l.write(bare(header{id: data.GENERIC_NACK, status: data.ESME_RINVCMDID, seq: h.seq}))
	}
	return true
}

func bindSMPP(l *session, req *pdu.BindRequest) bool {
	resp := pdu.NewBindResp(*req)
	resp.SystemID = "smstest"
	if l.centre.shuts(req.BindingType) || !l.centre.known(req.SystemID, func(p string) bool { return req.Password == p }) {
		resp.CommandStatus = data.ESME_RBINDFAIL
		_ = l.write(frameOf(resp))
		return false
	}
	if l.write(frameOf(resp)) != nil {
		return false
	}
	l.centre.mu.Lock()
	l.mute = req.BindingType == pdu.Receiver
	l.centre.mu.Unlock()
	l.bound(req.SystemID, req.BindingType != pdu.Transmitter)
	return true
}

// shuts reports whether the knobs keep this half out.
func (c *centre) shuts(half pdu.BindingType) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return half == pdu.Transmitter && c.knobs.NoTransmitter || half == pdu.Receiver && c.knobs.NoReceiver
}

func (l *session) onlyReceives() bool {
	l.centre.mu.Lock()
	defer l.centre.mu.Unlock()
	return l.mute
}

// DisconnectReceivers drops, without a word, every connection that only receives.
func (c *SMSC) DisconnectReceivers() {
	for _, l := range c.links() {
		if l.onlyReceives() {
			_ = l.conn.Close()
		}
	}
}

// submitOf reads a submit_sm.
func submitOf(req *pdu.SubmitSM) Submit {
	body, _ := req.Message.GetMessageData()
	coding := sms.GSM7
	if enc := req.Message.Encoding(); enc != nil { // the codec forgets codings it does not know, which we never send
		coding = sms.Coding(enc.DataCoding())
	}
	sub := Submit{
		From: req.SourceAddr.Address(), To: req.DestAddr.Address(), Coding: coding,
		Text: sms.Decode(coding, body), Octets: len(body), Receipt: req.RegisteredDelivery&3 != 0,
	}
	if header, err := req.Message.UDH().MarshalBinary(); err == nil && len(header) > 0 {
		sub.Concat, _, _ = sms.SplitHeader(header)
		sub.Octets += len(header)
	}
	return sub
}

func (smpp34) deliver(d segment) packet {
	return func(_ *session, seq uint32) []byte { return numbered(deliverSM(d), seq) }
}

// numbered is a PDU's bytes under a number.
func numbered(p pdu.PDU, seq uint32) []byte {
	p.SetSequenceNumber(int32(seq))
	return frameOf(p)
}

// deliverSM is a handset's segment.
func deliverSM(s segment) *pdu.DeliverSM {
	d := pdu.NewDeliverSM().(*pdu.DeliverSM)
	_ = d.SourceAddr.SetAddress(s.from)
	_ = d.DestAddr.SetAddress(s.to)
	body := s.Data
	if s.Concat.IsPart() {
		d.EsmClass = data.SM_UDH_GSM
		body = append(s.Concat.Header(), body...)
	}
	_ = d.Message.SetMessageDataWithEncoding(body, data.NewCustomEncoding(byte(s.Coding), nil))
	return d
}

// stateCodes are the message_state values of SMPP 3.4 §5.2.28.
var stateCodes = map[string]byte{
	"ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4,
	"UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8,
}

// receipt is a deliver_sm with esm_class 4.
func (smpp34) receipt(r receipt) packet {
	id := r.sub.ID
	if n, err := strconv.ParseUint(id, 10, 64); err == nil && r.knobs.HexReceipts {
		id = fmt.Sprintf("%08X", n)
	}
	return func(_ *session, seq uint32) []byte {
		d := deliverSM(segment{Segment: sms.Segment{Data: []byte(receiptText(r, id))}, from: r.sub.To, to: r.sub.From})
		d.EsmClass = data.SM_SMSC_DLV_RCPT_TYPE
		if !r.knobs.PlainReceipts {
			d.RegisterOptionalParam(pdu.Field{Tag: pdu.TagReceiptedMessageID, Data: append([]byte(id), 0)})
			if code, ok := stateCodes[r.state]; ok {
				d.RegisterOptionalParam(pdu.Field{Tag: pdu.TagMessageStateOption, Data: []byte{code}})
			}
		}
		return numbered(d, seq)
	}
}

// minute is how carriers write the time in a receipt.
func minute(at time.Time) string {
	return at.In(time.FixedZone("CST", 8*60*60)).Format("0601021504")
}

func receiptText(r receipt, id string) string {
	dlvrd := "000"
	if r.state == "DELIVRD" {
		dlvrd = "001"
	}
	return strings.Join([]string{
		"id:" + id, "sub:001", "dlvrd:" + dlvrd, "submit date:" + minute(r.sub.At), "done date:" + minute(r.done),
		"stat:" + r.state, "err:000", "text:",
	}, " ")
}

// maxFrame is the longest PDU a simulator reads.
const maxFrame = 64 << 10

// header is the start of every PDU.
type header struct {
	id     data.CommandIDType
	status data.CommandStatusType
	seq    int32
}

// readPDU reads one PDU. A PDU that cannot be parsed comes back nil with its header,
// so that it can be refused by its number; err means the stream itself is broken.
func readPDU(r io.Reader) (h header, p pdu.PDU, err error) {
	frame := make([]byte, 16)
	if _, err = io.ReadFull(r, frame); err != nil {
		return h, nil, err
	}
	size := binary.BigEndian.Uint32(frame)
	h.id = data.CommandIDType(binary.BigEndian.Uint32(frame[4:]))
	h.status = data.CommandStatusType(binary.BigEndian.Uint32(frame[8:]))
	h.seq = int32(binary.BigEndian.Uint32(frame[12:]))
	if size < 16 || size > maxFrame {
		return h, nil, fmt.Errorf("pdu length %d out of range", size)
	}
	frame = append(frame, make([]byte, size-16)...)
	if _, err = io.ReadFull(r, frame[16:]); err != nil {
		return h, nil, err
	}
	if p, err = pdu.CreatePDUFromCmdID(h.id); err != nil {
		return h, nil, nil
	}
	if err = p.Unmarshal(pdu.NewBuffer(frame)); err != nil {
		return h, nil, nil
	}
	return h, p, nil
}

// frameOf is a PDU's bytes.
func frameOf(p pdu.PDU) []byte {
	b := pdu.NewBuffer(nil)
	p.Marshal(b)
	return b.Bytes()
}

// bare is a PDU without a body.
func bare(h header) []byte {
	out := make([]byte, 16)
	binary.BigEndian.PutUint32(out, 16)
	binary.BigEndian.PutUint32(out[4:], uint32(h.id))
	binary.BigEndian.PutUint32(out[8:], uint32(h.status))
	binary.BigEndian.PutUint32(out[12:], uint32(h.seq))
	return out
}
