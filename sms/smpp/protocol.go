package smpp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/sms"
)

// Command ids we deal in.
const (
	genericNack     uint32 = 0x80000000
	bindReceiver    uint32 = 0x00000001
	bindTransmitter uint32 = 0x00000002
	submitSM        uint32 = 0x00000004
	deliverSM       uint32 = 0x00000005
	unbind          uint32 = 0x00000006
	bindTransceiver uint32 = 0x00000009
	outbind         uint32 = 0x0000000B
	enquireLink     uint32 = 0x00000015
	alert           uint32 = 0x00000102
)

// Command statuses we read or give.
const (
	statusOK         = 0x00
	statusBadLength  = 0x02 // ESME_RINVCMDLEN
	statusBadCommand = 0x03 // ESME_RINVCMDID
	statusNotBound   = 0x04 // ESME_RINVBNDSTS
	statusSystem     = 0x08 // ESME_RSYSERR
	statusQueueFull  = 0x14 // ESME_RMSGQFUL
	statusThrottled  = 0x58 // ESME_RTHROTTLED
	statusNotNow     = 0x64 // ESME_RX_T_APPN: come again
	statusNever      = 0x65 // ESME_RX_P_APPN: do not come again
)

// framing is that of SMPP. The longest payload has 64 KiB.
var framing = sms.Framing{Header: 16, Longest: 64 << 10}

// version34 is interface_version.
const version34 = 0x34

// protocol is SMPP as a line speaks it.
type protocol struct{ Config }

var _ sms.Protocol = protocol{}

// New checks the configuration and makes a link that does nothing until Run. Its error
// names all that is wrong.
func New(cfg Config) (*sms.Line, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.FixedZone("CST", 8*60*60)
	}
	conf, wrong := cfg.line()
	line, err := sms.NewLine(conf, protocol{cfg})
	return line, errors.Join(wrong, err)
}

// Login is sms.Protocol.
func (p protocol) Login(_ context.Context, role sms.Role, ask func(sms.Frame) (sms.Frame, error)) error {
	command := map[sms.Role]uint32{sms.Transmitter: bindTransmitter, sms.Receiver: bindReceiver, sms.Transceiver: bindTransceiver}[role]
	answer, err := ask(sms.Frame{Command: command, Body: p.bindBody()})
	if err == nil && answer.Status != statusOK {
		err = fmt.Errorf("refused with status 0x%02X %s", answer.Status, meaning(answer.Status))
	}
	return err
}

// bindBody is the same for every role. Of addresses it names none: the carrier knows ours.
func (p protocol) bindBody() []byte {
	var b []byte
	for _, s := range []string{p.SystemID, p.Password, p.SystemType} {
		b = cstring(b, s)
	}
	b = append(b, version34, p.SourceTON, p.SourceNPI)
	return cstring(b, "") // address_range
}

func cstring(b []byte, s string) []byte { return append(append(b, s...), 0) }

// Ask is sms.Protocol.
func (protocol) Ask(k sms.Purpose) sms.Frame {
	if k == sms.Probe {
		return sms.Frame{Command: enquireLink}
	}
	return sms.Frame{Command: unbind}
}

// PurposeOf is sms.Protocol.
func (protocol) PurposeOf(f sms.Frame) sms.Purpose {
	switch f.Command {
	case enquireLink:
		return sms.Probe
	case deliverSM:
		return sms.Delivery
	case unbind:
		return sms.Farewell
	case alert, outbind:
		return sms.Notice
	}
	return sms.Strange
}

// Reply is sms.Protocol.
func (protocol) Reply(f sms.Frame, err error) sms.Frame {
	switch err {
	case nil:
	case sms.ErrLength:
		return sms.Frame{Command: genericNack, Status: statusBadLength, Seq: f.Seq}
	case sms.ErrCommand:
		return sms.Frame{Command: genericNack, Status: statusBadCommand, Seq: f.Seq}
	}
	var body []byte
	if f.Command == deliverSM {
		body = []byte{0} // a message_id, which is unused and empty
	}
	return f.Answer(statusOf(err), body)
}

// statusOf is the status a delivery is answered with.
func statusOf(err error) uint64 {
	switch err {
	case nil:
		return statusOK
	case sms.ErrBusy:
		return statusQueueFull
	case sms.ErrAgain:
		return statusNotNow
	}
	return statusNever
}
