package smstest

import (
	"context"
	"io"
	"strconv"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
)

// ISMG is a simulated gateway of CMPP 2.0 and 3.0; each client chooses. It uses the codec
// of package cmpp, whose tests check that against the documents' octets. Safe for
// concurrent use.
type ISMG struct{ *centre }

// NewISMG makes a gateway that is not listening yet. Clients that want proof of the secret
// need Options.Password even where any of them may log in.
func NewISMG(opt Options) *ISMG { return &ISMG{newCentre(opt, cmpp30{})} }

// cmpp30 is the protocol of an ISMG.
type cmpp30 struct{}

// The result of flow control, after which either side comes again.
const flowControl = 8

func (cmpp30) id(n uint64, at time.Time) string {
	return cmpp.NewMsgID(at.In(time.FixedZone("CST", 8*60*60)), n).String()
}

func (cmpp30) throttled() uint32 { return flowControl }

func (cmpp30) comesAgain(status uint32) bool { return status == flowControl }

func (cmpp30) leave() packet {
	return func(_ *session, seq uint32) []byte {
		return cmpp.Bytes(sms.Frame{Command: cmpp.CmdTerminate, Seq: seq})
	}
}

// poison is a command nobody knows, or a delivery that breaks off.
func (cmpp30) poison(n int) packet {
	return func(_ *session, seq uint32) []byte {
		f := sms.Frame{Command: 0x0155, Seq: seq}
		if n%2 == 1 {
			f = sms.Frame{Command: cmpp.CmdDeliver, Seq: seq, Body: make([]byte, 30)}
		}
		return cmpp.Bytes(f)
	}
}

// read takes one PDU; one whose length is wrong is no PDU to a simulator.
func (cmpp30) read(r io.Reader) (func(context.Context, *session) bool, error) {
	f, err := cmpp.ReadFrame(r)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, l *session) bool { return handleCMPP(ctx, l, f) }, nil
}

// handleCMPP does what one PDU asks; false ends the session.
func handleCMPP(ctx context.Context, l *session, f sms.Frame) bool {
	v := l.spoken()
	switch f.Command {
	case cmpp.CmdConnect:
		return loginCMPP(l, f)
	case cmpp.CmdDeliver | sms.AnswerBit:
		var resp cmpp.Resp
		if cmpp.Unmarshal(&resp, v, f.Body) == nil {
			l.answered(f.Seq, resp.Result)
		}
	case cmpp.CmdActiveTest:
		_ = l.write(cmpp.Bytes(f.Answer(0, []byte{0})))
	case cmpp.CmdTerminate:
		l.tookLeave()
		_ = l.write(cmpp.Bytes(f.Answer(0, nil))) // who takes leave hangs up
	case cmpp.CmdSubmit:
		var req cmpp.Submit
		answer := func(id string, status uint32) []byte {
			return cmpp.Bytes(f.Answer(0, cmpp.Marshal(&cmpp.Resp{MsgID: idOf(id), Result: status}, v)))
		}
		if cmpp.Unmarshal(&req, v, f.Body) != nil || len(req.To) != 1 {
			_ = l.write(answer("", 1))
			return true
		}
		l.submit(ctx, submitOfCMPP(req), answer)
	}
	return true
}

// spoken is the version the client has chosen.
func (l *session) spoken() cmpp.Version {
	l.centre.mu.Lock()
	defer l.centre.mu.Unlock()
	return cmpp.Version(l.version)
}

func loginCMPP(l *session, f sms.Frame) bool {
	c := l.centre
	var req cmpp.Connect
	err := cmpp.Unmarshal(&req, cmpp.V20, f.Body)
	resp := cmpp.ConnectResp{Version: cmpp.V30}
	right := func(secret string) bool { return req.Auth == cmpp.AuthSource(req.Source, secret, req.Stamp) }
	switch {
	case err != nil:
		resp.Status = 1
	case req.Version > cmpp.V30:
		resp.Status = 4
	case !c.known(req.Source, right):
		resp.Status = 3
	}
	resp.Auth = cmpp.AuthISMG(req.Version, resp.Status, req.Auth, c.opt.Password)
	if l.write(cmpp.Bytes(f.Answer(0, cmpp.Marshal(&resp, req.Version)))) != nil || resp.Status != 0 {
		return false
	}
	c.mu.Lock()
	l.version = byte(req.Version)
	c.mu.Unlock()
	l.bound(req.Source, true)
	return true
}

// submitOfCMPP reads a submit to one handset.
func submitOfCMPP(req cmpp.Submit) Submit {
	sub := Submit{
		From: req.From, To: req.To[0], Coding: sms.Coding(req.Fmt), Octets: len(req.Content), Receipt: req.Report == 1,
	}
	content := req.Content
	if req.TPUdhi != 0 {
		sub.Concat, content, _ = sms.SplitHeader(content)
	}
	if sub.Coding == 0 {
		sub.Coding = sms.ASCII
	}
	sub.Text = sms.Decode(sub.Coding, content)
	return sub
}

func (cmpp30) deliver(s segment) packet {
	d := cmpp.Deliver{MsgID: idOf(s.id), From: s.from, To: s.to, Fmt: byte(s.Coding), Content: s.Data}
	if s.Coding == sms.ASCII {
		d.Fmt = 0
	}
	if s.Concat.IsPart() {
		d.TPUdhi = 1
		d.Content = append(s.Concat.Header(), s.Data...)
	}
	return delivered(&d)
}

// receipt is a Deliver with Registered_Delivery 1. Its number is as wide as the version has
// it, unless the knobs say how long the whole is.
func (cmpp30) receipt(r receipt) packet {
	report := cmpp.Report{
		MsgID: idOf(r.sub.ID), Stat: r.state, SubmittedAt: minute(r.sub.At), DoneAt: minute(r.done), To: r.sub.To,
	}
	d := cmpp.Deliver{MsgID: idOf(r.id), From: r.sub.To, To: r.sub.From, IsReport: 1}
	return func(l *session, seq uint32) []byte {
		v := l.spoken()
		d := d
		d.Content = cmpp.Marshal(&report, v)
		switch n := r.knobs.ReportOctets; n {
		case 0:
		case 71:
			d.Content = cmpp.Marshal(&report, cmpp.V30)
		default:
			d.Content = cmpp.Marshal(&report, cmpp.V20)[:min(n, 60)]
		}
		return delivered(&d)(l, seq)
	}
}

// delivered is a Deliver in the version of the client.
func delivered(d *cmpp.Deliver) packet {
	return func(l *session, seq uint32) []byte {
		return cmpp.Bytes(sms.Frame{Command: cmpp.CmdDeliver, Seq: seq, Body: cmpp.Marshal(d, l.spoken())})
	}
}

// idOf is an id of ours as a number; zero for none.
func idOf(id string) cmpp.MsgID {
	n, _ := strconv.ParseUint(id, 10, 64)
	return cmpp.MsgID(n)
}
