package sipmsg

import (
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/sms/smstest"
)

// FuzzRequest: whatever a phone sends is refused or is a text that can be stored, and
// nothing panics.
func FuzzRequest(f *testing.F) {
	const start = "MESSAGE sip:10612345@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
	for _, rest := range []string{
		"From: <sip:201@127.0.0.1>;tag=1\r\nTo: <sip:10612345@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n收到",
		"f: sip:201@127.0.0.1\r\nt: sip:1@1;tag=2\r\ni: x\r\nCSeq: 4294967295 MESSAGE\r\nc: text/plain;charset=\"gbk\r\nl: 0\r\n\r\n",
		"From: \"\r\nTo:\r\nCall-ID:\r\nCSeq: x\r\nContent-Encoding: gzip\r\nRequire: \r\n\r\n",
	} {
		f.Add([]byte(start + rest))
	}
	l, err := New(Config{
		Name: "desks", Listen: "127.0.0.1:0", Number: "10612345", Clock: smstest.WallClock{},
		Phones: map[string]string{"13800000001": "sip:201@127.0.0.1"},
	})
	if err != nil {
		f.Fatal(err)
	}
	s := &stack{link: l}
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, err := sip.ParseMessage(data)
		if err != nil {
			return
		}
		req, ok := msg.(*sip.Request)
		if !ok {
			return
		}
		from := l.book.sender(req)
		if r := s.judge(req, from); r.status != 0 {
			if r.status < 400 || r.status > 499 {
				t.Errorf("refused with %d", r.status)
			}
			return
		}
		if from != "13800000001" || len(idOf(req)) != 32 {
			t.Errorf("taken from %q as %q", from, idOf(req))
		}
	})
}
