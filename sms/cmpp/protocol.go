package cmpp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"hotline/sms"
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

// Commands we deal in.
const (
	CmdConnect    uint32 = 0x1
	CmdTerminate  uint32 = 0x2
	CmdSubmit     uint32 = 0x4
	CmdDeliver    uint32 = 0x5
	CmdActiveTest uint32 = 0x8
)

// framing is that of CMPP. A submit to 99 numbers has some 3,600 octets.
var framing = sms.Framing{Header: 12, Longest: 8 << 10}

// ReadFrame reads one PDU. It reads no more than the PDU and keeps at most 8 KiB of it.
// Its error is a *[sms.BadLength] or one of the stream.
func ReadFrame(r io.Reader) (sms.Frame, error) { return framing.Read(r) }

// Bytes is a PDU with its header.
func Bytes(f sms.Frame) []byte { return framing.Bytes(f) }

// protocol is CMPP as a line speaks it.
type protocol struct{ Config }

var _ sms.Protocol = protocol{}

// New checks the configuration and makes a link that does nothing until Run. Its error
// names all that is wrong.
func New(cfg Config) (*sms.Line, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.FixedZone("CST", 8*60*60)
	}
	if cfg.Version == 0 {
		cfg.Version = V20
	}
	conf, wrong := cfg.line()
	line, err := sms.NewLine(conf, protocol{cfg})
	return line, errors.Join(wrong, err)
}

// statuses are what a gateway says to a greeting it does not like.
var statuses = map[uint32]string{
	1: "malformed", 2: "unknown source address", 3: "wrong secret or clock", 4: "version too high",
}

// Login is sms.Protocol: the exchange of greetings, in which each side proves that it knows
// the secret.
func (p protocol) Login(_ context.Context, _ sms.Role, ask func(sms.Frame) (sms.Frame, error)) error {
	hello := Connect{Source: p.User, Version: p.Version, Stamp: stampOf(p.Clock.Now().In(p.Zone))}
	hello.Auth = AuthSource(hello.Source, p.Secret, hello.Stamp)
	answer, err := ask(sms.Frame{Command: CmdConnect, Body: Marshal(&hello, p.Version)})
	if err != nil {
		return err
	}
	var resp ConnectResp
	err = Unmarshal(&resp, p.Version, answer.Body)
	if resp.Status != 0 { // some gateways refuse with the status and nothing behind it
		return fmt.Errorf("refused with status %d %s", resp.Status, statuses[resp.Status])
	}
	if err != nil {
		return err
	}
	// Gateways differ in how wide they hash the status; who hashes either knows the secret.
	right := func(v Version) bool { return resp.Auth == AuthISMG(v, resp.Status, hello.Auth, p.Secret) }
	if !p.AnyISMG && !right(V20) && !right(V30) {
		return errors.New("the gateway does not prove that it knows the secret")
	}
	return nil
}

// stampOf is a time as a greeting has it: MMDDHHMMSS as a number.
func stampOf(t time.Time) uint32 {
	n := 0
	for _, v := range []int{int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()} {
		n = n*100 + v
	}
	return uint32(n)
}

// Ask is sms.Protocol.
func (protocol) Ask(k sms.Purpose) sms.Frame {
	if k == sms.Probe {
		return sms.Frame{Command: CmdActiveTest}
	}
	return sms.Frame{Command: CmdTerminate}
}

// PurposeOf is sms.Protocol.
func (protocol) PurposeOf(f sms.Frame) sms.Purpose {
	switch f.Command {
	case CmdActiveTest:
		return sms.Probe
	case CmdDeliver:
		return sms.Delivery
	case CmdTerminate:
		return sms.Farewell
	}
	return sms.Strange
}

// Reply is sms.Protocol.
func (p protocol) Reply(f sms.Frame, err error) sms.Frame {
	switch {
	case f.Command == CmdDeliver:
		resp := Resp{Result: resultOf(err)}
		if len(f.Body) >= 8 { // the id stands first; without one it is zero
			resp.MsgID = MsgID(binary.BigEndian.Uint64(f.Body))
		}
		return f.Answer(0, Marshal(&resp, p.Version))
	case err != nil:
		return f.Answer(0, Marshal(&bareResult{resultOf(err)}, p.Version))
	case f.Command == CmdActiveTest:
		return f.Answer(0, []byte{0})
	}
	return f.Answer(0, nil)
}

// bareResult is how a command that has no answer of its own is answered.
type bareResult struct{ result uint32 }

func (b *bareResult) fields(l *layout) { l.result(&b.result, 0) }

// resultOf is the result that says what is wrong. When something could not be stored it is
// that of flow control, the one after which a gateway comes again.
func resultOf(err error) uint32 {
	switch {
	case err == nil:
		return resultOK
	case errors.Is(err, sms.ErrBusy), errors.Is(err, sms.ErrAgain):
		return resultFlow
	case errors.Is(err, sms.ErrLength), errors.Is(err, errLength):
		return resultLength
	case errors.Is(err, sms.ErrCommand):
		return resultCommand
	}
	return resultStructure
}
