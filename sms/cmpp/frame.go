package cmpp

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Version is a version of the protocol, as Connect writes it.
type Version byte

// The versions we speak. 3.0 has longer numbers, wider results and a longer tail.
const (
	V20 Version = 0x20
	V30 Version = 0x30
)

// String is the version in digits, such as 2.0.
func (v Version) String() string { return fmt.Sprintf("%d.%d", v>>4, v&0xF) }

// Command is what a PDU is.
type Command uint32

// Commands we deal in; an answer has the command of its request and [Answer].
const (
	CmdConnect    Command = 0x1
	CmdTerminate  Command = 0x2
	CmdSubmit     Command = 0x4
	CmdDeliver    Command = 0x5
	CmdActiveTest Command = 0x8
	Answer        Command = 0x80000000
)

// Sizes of PDUs in octets.
const (
	headerSize = 12
	maxFrame   = 8 << 10 // a submit to 99 numbers has some 3,600; more is refused unread
	maxSkip    = 4 << 20 // more is no length at all: the stream has lost its beat
)

// Frame is one PDU as it is on the wire.
type Frame struct {
	Command Command
	Seq     uint32
	Body    []byte
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

// ReadFrame reads one PDU. It reads no more than the PDU and keeps at most 8 KiB of it.
// Its error is a *[BadLength] or one of the stream.
func ReadFrame(r io.Reader) (Frame, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Frame{}, fmt.Errorf("read pdu: %w", err)
	}
	length := binary.BigEndian.Uint32(head[0:])
	f := Frame{Command: Command(binary.BigEndian.Uint32(head[4:])), Seq: binary.BigEndian.Uint32(head[8:])}
	switch {
	case length < headerSize || length > maxSkip:
		return f, &BadLength{f, length, true}
	case length > maxFrame:
		if _, err := io.CopyN(io.Discard, r, int64(length)-headerSize); err != nil {
			return f, fmt.Errorf("skip pdu: %w", err)
		}
		return f, &BadLength{f, length, false}
	}
	f.Body = make([]byte, length-headerSize)
	if _, err := io.ReadFull(r, f.Body); err != nil {
		return f, fmt.Errorf("read pdu body: %w", err)
	}
	return f, nil
}

// Bytes is the PDU with its header.
func (f Frame) Bytes() []byte {
	out := make([]byte, headerSize, headerSize+len(f.Body))
	binary.BigEndian.PutUint32(out[0:], uint32(headerSize+len(f.Body)))
	binary.BigEndian.PutUint32(out[4:], uint32(f.Command))
	binary.BigEndian.PutUint32(out[8:], f.Seq)
	return append(out, f.Body...)
}

// Reply is the answer to f with a body.
func (f Frame) Reply(body []byte) Frame { return Frame{f.Command | Answer, f.Seq, body} }
