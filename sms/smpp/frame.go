package smpp

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/linxGnu/gosmpp/pdu"
)

// Sizes of PDUs in octets.
const (
	headerSize = 16
	maxFrame   = 64 << 10 // more is refused unread
	maxSkip    = 4 << 20  // more is no length at all: the stream has lost its beat
)

// Command ids we deal in.
const (
	genericNack     uint32 = 0x80000000
	bindTransceiver uint32 = 0x00000009
	submitSM        uint32 = 0x00000004
	deliverSM       uint32 = 0x00000005
	unbind          uint32 = 0x00000006
	outbind         uint32 = 0x0000000B
	enquireLink     uint32 = 0x00000015
	alert           uint32 = 0x00000102
	responseBit     uint32 = 0x80000000
)

// Command statuses we read or give.
const (
	statusOK         uint32 = 0x00
	statusBadLength  uint32 = 0x02 // ESME_RINVCMDLEN
	statusBadCommand uint32 = 0x03 // ESME_RINVCMDID
	statusNotBound   uint32 = 0x04 // ESME_RINVBNDSTS
	statusSystem     uint32 = 0x08 // ESME_RSYSERR
	statusQueueFull  uint32 = 0x14 // ESME_RMSGQFUL
	statusThrottled  uint32 = 0x58 // ESME_RTHROTTLED
	statusNotNow     uint32 = 0x64 // ESME_RX_T_APPN: come again
	statusNever      uint32 = 0x65 // ESME_RX_P_APPN: do not come again
)

// frame is one PDU as it came.
type frame struct {
	id, status, seq uint32
	body            []byte
}

// badLength is a PDU whose length cannot be right. If lost is false its octets were
// skipped and the stream goes on.
type badLength struct {
	frame
	length uint32
	lost   bool
}

// Error names the length.
func (e *badLength) Error() string { return fmt.Sprintf("pdu of %d octets", e.length) }

// readFrame reads one PDU. Its error is a *badLength or one of the stream.
func readFrame(r io.Reader) (frame, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, fmt.Errorf("read pdu: %w", err)
	}
	length := binary.BigEndian.Uint32(head[0:])
	f := frame{
		id:     binary.BigEndian.Uint32(head[4:]),
		status: binary.BigEndian.Uint32(head[8:]),
		seq:    binary.BigEndian.Uint32(head[12:]),
	}
	switch {
	case length < headerSize || length > maxSkip:
		return f, &badLength{f, length, true}
	case length > maxFrame:
		if _, err := io.CopyN(io.Discard, r, int64(length)-headerSize); err != nil {
			return f, fmt.Errorf("skip pdu: %w", err)
		}
		return f, &badLength{f, length, false}
	}
	f.body = make([]byte, length-headerSize)
	if _, err := io.ReadFull(r, f.body); err != nil {
		return f, fmt.Errorf("read pdu body: %w", err)
	}
	return f, nil
}

// answer is a PDU without a body that answers f.
func (f frame) answer(status uint32) []byte {
	id := f.id | responseBit
	if f.id == deliverSM {
		// deliver_sm_resp has a message_id, which is unused and empty.
		return append(header(headerSize+1, id, status, f.seq), 0)
	}
	return header(headerSize, id, status, f.seq)
}

// nack refuses f by its number.
func (f frame) nack(status uint32) []byte {
	return header(headerSize, genericNack, status, f.seq)
}

func header(length int, id, status, seq uint32) []byte {
	out := make([]byte, headerSize, length)
	binary.BigEndian.PutUint32(out[0:], uint32(length))
	binary.BigEndian.PutUint32(out[4:], id)
	binary.BigEndian.PutUint32(out[8:], status)
	binary.BigEndian.PutUint32(out[12:], seq)
	return out
}

// bytesOf is a PDU of the codec, numbered by us.
func bytesOf(p pdu.PDU, seq uint32) []byte {
	p.SetSequenceNumber(int32(seq))
	b := pdu.NewBuffer(nil)
	p.Marshal(b)
	return b.Bytes()
}
