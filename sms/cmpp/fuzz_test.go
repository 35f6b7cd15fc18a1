package cmpp

import (
	"bytes"
	"errors"
	"strconv"
	"testing"
	"time"

	"hotline/sms"
)

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x00\x03\x00\x00\x00\x08\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x20\x01\x00\x00\x00\x05\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		for {
			at := len(stream) - r.Len()
			got, err := ReadFrame(r)
			var bad *sms.BadLength
			if errors.As(err, &bad) && !bad.Lost {
				continue
			}
			if err != nil {
				return
			}
			if read := stream[at : len(stream)-r.Len()]; len(read) > framing.Longest || !bytes.Equal(Bytes(got), read) {
				t.Fatalf("read % x as % x", read, Bytes(got))
			}
		}
	})
}

// FuzzBodies reads anything as each PDU of each version: no panic, and what was read is
// written so that it reads the same again.
func FuzzBodies(f *testing.F) {
	for i, v := range vectors {
		f.Add(uint8(i), []byte(v.want))
	}
	kinds := []func() body{
		func() body { return &Connect{} }, func() body { return &ConnectResp{} }, func() body { return &Submit{} },
		func() body { return &Resp{} }, func() body { return &Deliver{} }, func() body { return &Report{} },
	}
	f.Fuzz(func(t *testing.T, _ uint8, data []byte) {
		for _, empty := range kinds {
			for _, v := range []Version{V20, V30} {
				first := empty()
				if Unmarshal(first, v, data) != nil {
					continue
				}
				written := Marshal(first, v)
				second := empty()
				if err := Unmarshal(second, v, written); err != nil {
					t.Fatalf("%T of %s: what we wrote cannot be read: %v", first, v, err)
				}
				if again := Marshal(second, v); !bytes.Equal(written, again) {
					t.Fatalf("%T of %s:\n% x\n% x", first, v, written, again)
				}
				if len(written) > len(data)+512 {
					t.Fatalf("%T: %d octets out of %d", first, len(written), len(data))
				}
			}
		}
	})
}

// FuzzDeliver takes anything for a deliver, and answers it.
func FuzzDeliver(f *testing.F) {
	for _, v := range vectors {
		f.Add([]byte(v.want))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []Version{V20, V30} {
			p := protocol{Config{Version: v, Zone: time.UTC, Clock: noonClock{}}}
			f := sms.Frame{Command: CmdDeliver, Seq: 7, Body: data}
			a, err := p.Arrival(f)
			if r := a.Receipt; r != nil && (r.Status == "" || r.CarrierID == "0") {
				t.Errorf("a receipt that says nothing: %+v", r)
			}
			if part := a.Part; part != nil && len(part.Hash) != 32 {
				t.Errorf("hash %q", part.Hash)
			}
			var resp Resp
			if bad := Unmarshal(&resp, v, p.Reply(f, err).Body); bad != nil || (resp.Result == 0) != (err == nil) {
				t.Errorf("%v answered with %+v, %v", err, resp, bad)
			}
		}
	})
}

// FuzzReport reads anything as a status report: what names a text says what became of it.
func FuzzReport(f *testing.F) {
	for _, v := range vectors {
		f.Add([]byte(v.want))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		r, ok := ReadReport(content)
		if ok != (len(content) >= reportHead && r.MsgID != 0) {
			t.Errorf("%d octets: %+v %v", len(content), r, ok)
		}
		if len(r.Stat) > 7 || len(r.DoneAt) > 10 || len(r.To) > 32 {
			t.Errorf("%+v", r)
		}
	})
}

// FuzzMsgID takes an id apart: a time in it is the time it was made of.
func FuzzMsgID(f *testing.F) {
	f.Add(uint64(13414251865588105215), int64(1_800_000_000))
	f.Add(uint64(2<<60|29<<55), int64(1_835_000_000))
	f.Fuzz(func(t *testing.T, n uint64, near int64) {
		at := time.Unix(near%(1<<36), 0).UTC()
		id := MsgID(n)
		if got := id.Time(at, time.UTC); !got.IsZero() && NewMsgID(got, n) != id {
			t.Errorf("%x is of %s, and that makes %x", n, got, uint64(NewMsgID(got, n)))
		}
		if id.String() != strconv.FormatUint(n, 10) {
			t.Errorf("%d is written %s", n, id)
		}
	})
}

// FuzzRequests has the line answer any request, and read any answer.
func FuzzRequests(f *testing.F) {
	f.Add(CmdActiveTest, []byte(nil))
	f.Add(CmdSubmit|sms.AnswerBit, []byte("\x01\x02\x03\x04\x05\x06\x07\x08\x00"))
	f.Add(CmdDeliver, []byte("\x01\x02\x03"))
	f.Fuzz(func(t *testing.T, command uint32, body []byte) {
		for _, v := range []Version{V20, V30} {
			p, in := protocol{Config{Version: v}}, sms.Frame{Command: command, Seq: 7, Body: body}
			if in.IsAnswer() {
				if id, fault := p.Taken(in); fault != nil && (id != "" || fault.Fault == "") {
					t.Errorf("%+v taken as %q, %+v", in, id, fault)
				}
				continue
			}
			for _, err := range []error{nil, sms.ErrBusy, sms.ErrAgain, sms.ErrLength, sms.ErrCommand, errLength, errStructure} {
				if got := p.Reply(in, err); got.Command != command|sms.AnswerBit || got.Seq != 7 {
					t.Errorf("%+v and %v answered with %+v", in, err, got)
				}
			}
			p.PurposeOf(in)
		}
	})
}

// noonClock stands still.
type noonClock struct{}

func (noonClock) Now() time.Time { return time.Unix(1_800_000_000, 0) }

func (noonClock) AfterFunc(time.Duration, func()) func() bool { return func() bool { return true } }
