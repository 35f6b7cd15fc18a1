package sms

import (
	"encoding/binary"
	"fmt"
	"io"
)

// AnswerBit is what the command of an answer has beside that of its request, in SMPP,
// CMPP, SMGP and SGIP alike.
const AnswerBit uint32 = 0x80000000

// longestSkip is the most octets of a PDU that are read past; a larger length is none:
// the stream has lost its beat.
const longestSkip = 4 << 20

// Framing is how a protocol cuts a stream into PDUs. All four begin one with its whole
// length and its command and end the header with its number, each of four octets; what
// stands between is the protocol's own.
type Framing struct {
	Header  int // octets: 16 in SMPP, 12 in CMPP and SMGP, 20 in SGIP
	Longest int // octets of a PDU; a longer one is refused unread
}

// Frame is one PDU.
type Frame struct {
	Command uint32
	// Status stands between command and number: a status in SMPP, nothing in CMPP and SMGP,
	// and in SGIP the number's node and time.
	Status uint64
	Seq    uint32
	Body   []byte
}

// IsAnswer reports whether the frame answers a request.
func (f Frame) IsAnswer() bool { return f.Command&AnswerBit != 0 }

// Answer is the answer to f.
func (f Frame) Answer(status uint64, body []byte) Frame {
	return Frame{f.Command | AnswerBit, status, f.Seq, body}
}

// BadLength is a PDU whose length cannot be right. If Lost is false its octets were
// skipped and the stream goes on.
type BadLength struct {
	Frame
	Length uint32
	Lost   bool
}

// Error names the length.
func (e *BadLength) Error() string { return fmt.Sprintf("pdu of %d octets", e.Length) }

// Read takes one PDU off a stream and reads no octet behind it. Its error is a
// *[BadLength] or one of the stream.
func (w Framing) Read(r io.Reader) (Frame, error) {
	head := make([]byte, w.Header)
	if _, err := io.ReadFull(r, head); err != nil {
		return Frame{}, fmt.Errorf("read pdu: %w", err)
	}
	length := binary.BigEndian.Uint32(head)
	f := Frame{Command: binary.BigEndian.Uint32(head[4:]), Seq: binary.BigEndian.Uint32(head[w.Header-4:])}
	for _, b := range head[8 : w.Header-4] {
		f.Status = f.Status<<8 | uint64(b)
	}
	switch {
	case length < uint32(w.Header) || length > longestSkip:
		return f, &BadLength{f, length, true}
	case length > uint32(w.Longest):
		if _, err := io.CopyN(io.Discard, r, int64(length)-int64(w.Header)); err != nil {
			return f, fmt.Errorf("skip pdu: %w", err)
		}
		return f, &BadLength{f, length, false}
	}
	f.Body = make([]byte, int(length)-w.Header)
	if _, err := io.ReadFull(r, f.Body); err != nil {
		return f, fmt.Errorf("read pdu body: %w", err)
	}
	return f, nil
}

// Bytes is a PDU as it is on the wire.
func (w Framing) Bytes(f Frame) []byte {
	out := make([]byte, w.Header, w.Header+len(f.Body))
	binary.BigEndian.PutUint32(out, uint32(w.Header+len(f.Body)))
	binary.BigEndian.PutUint32(out[4:], f.Command)
	for i, status := w.Header-5, f.Status; i >= 8; i, status = i-1, status>>8 {
		out[i] = byte(status)
	}
	binary.BigEndian.PutUint32(out[w.Header-4:], f.Seq)
	return append(out, f.Body...)
}
