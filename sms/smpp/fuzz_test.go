package smpp

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/sms"
)

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x00\x03\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x01\x00\x11\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		for {
			at := len(stream) - r.Len()
			got, err := framing.Read(r)
			var bad *sms.BadLength
			if errors.As(err, &bad) && !bad.Lost {
				continue
			}
			if err != nil {
				return
			}
			if read := stream[at : len(stream)-r.Len()]; len(read) > framing.Longest || !bytes.Equal(framing.Bytes(got), read) {
				t.Fatalf("read % x as % x", read, framing.Bytes(got))
			}
		}
	})
}

// FuzzReceipt reads anything as a receipt's text and id.
func FuzzReceipt(f *testing.F) {
	f.Add([]byte("id:1F sub:001 dlvrd:001 submit date:2611201010 done date:2611201015 stat:DELIVRD err:000 text:hi"), []byte("1F\x00"))
	f.Add([]byte("İd:1 stat:"), []byte(nil))
	f.Add([]byte("text: text:"), []byte("\x00"))
	p := protocol{Config{ReceiptIDs: Hex, Zone: time.UTC}}
	f.Fuzz(func(t *testing.T, body, id []byte) {
		r := p.receiptOf(deliver{body: body, params: map[uint16][]byte{tagReceiptedID: id}})
		if r != nil && (r.Status == "" || r.CarrierID == "") {
			t.Errorf("a receipt that says nothing: %+v", r)
		}
	})
}

// FuzzDeliver takes anything for a deliver_sm, and answers it.
func FuzzDeliver(f *testing.F) {
	f.Add([]byte("\x00\x01\x0113800000001\x00\x01\x0110690\x00\x40\x00\x00\x00\x00\x00\x00\x08\x00\x08\x05\x00\x03\x01\x02\x01\x6e\xe1"))
	f.Add([]byte("\x00\x01\x01\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x04\x24\x00\x02\xc2\xfa"))
	f.Add([]byte("\x00\x01\x01138\x00\x01\x0110690\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x04id:7\x00\x1e\x00\x02\x37\x00\x04\x27\x00\x01\x02"))
	p := protocol{Config{Zone: time.UTC}}
	f.Fuzz(func(t *testing.T, body []byte) {
		in := sms.Frame{Command: deliverSM, Seq: 7, Body: body}
		a, err := p.Arrival(in)
		if a.Part != nil && len(a.Part.Hash) != 32 {
			t.Errorf("hash %q", a.Part.Hash)
		}
		if got := p.Reply(in, err); got.Command != deliverSM|sms.AnswerBit || got.Seq != 7 || (got.Status == statusOK) != (err == nil) {
			t.Errorf("%v answered with %+v", err, got)
		}
	})
}

// FuzzRequests has the line answer any request, and read any answer.
func FuzzRequests(f *testing.F) {
	f.Add(enquireLink, uint64(0), []byte(nil))
	f.Add(submitSM|sms.AnswerBit, uint64(0), []byte("1F\x00"))
	f.Add(genericNack, uint64(statusThrottled), []byte(nil))
	p := protocol{}
	f.Fuzz(func(t *testing.T, command uint32, status uint64, body []byte) {
		in := sms.Frame{Command: command, Status: status & 0xFFFFFFFF, Seq: 7, Body: body}
		if in.IsAnswer() {
			if id, fault := p.Taken(in); fault != nil && (id != "" || fault.Code == "" || fault.Fault == "") {
				t.Errorf("%+v taken as %q, %+v", in, id, fault)
			}
			return
		}
		for _, err := range []error{nil, sms.ErrBusy, sms.ErrAgain, sms.ErrLength, sms.ErrCommand, errDeliver} {
			got := p.Reply(in, err)
			if !got.IsAnswer() || got.Seq != 7 || err != nil && got.Status == statusOK {
				t.Errorf("%+v and %v answered with %+v", in, err, got)
			}
		}
		p.PurposeOf(in)
	})
}

// FuzzMessageID compares ids: neither base, nor case, nor leading zeros make two of one.
func FuzzMessageID(f *testing.F) {
	f.Add("0000001F", uint64(31))
	f.Add(" -0x1\x00", uint64(1<<63))
	f.Fuzz(func(t *testing.T, raw string, n uint64) {
		for _, form := range []IDForm{Text, Hex, Decimal} {
			if id := canonical(form, raw); len(id) > 3*len(raw)+1 {
				t.Errorf("%q is %q", raw, id)
			}
		}
		dec, hex := strconv.FormatUint(n, 10), strconv.FormatUint(n, 16)
		if a, b := canonical(Decimal, "00"+dec), canonical(Hex, strings.ToUpper(hex)); a != b || a != dec {
			t.Errorf("%d is %q in decimal and %q in hexadecimal", n, a, b)
		}
		if a, b := canonical(Text, hex), canonical(Text, "00"+strings.ToUpper(hex)+"\x00"); a != b {
			t.Errorf("%q and %q", a, b)
		}
	})
}
