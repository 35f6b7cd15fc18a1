package sipphone

import (
	"encoding/binary"
	"errors"
)

// packet is one RTP packet (RFC 3550).
type packet struct {
	marker  bool
	payload uint8 // type
	seq     uint16
	stamp   uint32
	source  uint32
	body    []byte // shares the buffer it was parsed from
}

const rtpHeader = 12

// errNotRTP is a datagram that is not a packet we could hear. RTCP counts as
// one: it may arrive because our neighbour's RTP port is our port plus one.
var errNotRTP = errors.New("sipphone: not an RTP packet")

// parsePacket reads a datagram. Contributing sources, extensions and padding are
// stepped over.
func parsePacket(b []byte) (packet, error) {
	if len(b) < rtpHeader || b[0]>>6 != 2 {
		return packet{}, errNotRTP
	}
	p := packet{
		marker: b[1]&0x80 != 0, payload: b[1] & 0x7f,
		seq: binary.BigEndian.Uint16(b[2:]), stamp: binary.BigEndian.Uint32(b[4:]),
		source: binary.BigEndian.Uint32(b[8:]),
	}
	if p.payload >= 72 && p.payload <= 76 {
		return packet{}, errNotRTP
	}
	start := rtpHeader + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 {
		if len(b) < start+4 {
			return packet{}, errNotRTP
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(b[start+2:]))
	}
	end := len(b)
	if b[0]&0x20 != 0 {
		end -= int(b[end-1])
	}
	if start > end {
		return packet{}, errNotRTP
	}
	p.body = b[start:end]
	return p, nil
}

// append writes the packet behind b.
func (p packet) append(b []byte) []byte {
	second := p.payload
	if p.marker {
		second |= 0x80
	}
	b = append(b, 0x80, second)
	b = binary.BigEndian.AppendUint16(b, p.seq)
	b = binary.BigEndian.AppendUint32(b, p.stamp)
	b = binary.BigEndian.AppendUint32(b, p.source)
	return append(b, p.body...)
}
