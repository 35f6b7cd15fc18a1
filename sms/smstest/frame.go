package smstest

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// maxFrame is the longest PDU the simulator reads.
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
