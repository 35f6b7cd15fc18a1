package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// sipFuzz makes SIP messages that are wrong in one way or several. The same seed makes the
// same messages.
type sipFuzz struct {
	*rand.Rand
	target string // host:port, for those that nearly make sense
	n      int
	bold   bool // calls by TCP too
}

func newSIPFuzz(seed uint64, target string) *sipFuzz {
	return &sipFuzz{Rand: rand.New(rand.NewPCG(seed, 0)), target: target}
}

// next is another message: one that would be in order, then spoilt.
func (f *sipFuzz) next() []byte {
	f.n++
	m := f.message()
	for range 1 + f.IntN(3) {
		m = spoilers[f.IntN(len(spoilers))](f, m)
	}
	return m[:min(len(m), 60000)]
}

// forStream is a message for TCP. Unless bold it is no call: one that nobody acknowledged
// lasts a minute there, and a connection that closes in the instant of its answer is what
// pjproject was seen to crash on, once in some 300,000 messages (README).
func (f *sipFuzz) forStream(make func() []byte) []byte {
	m := make()
	for !f.bold && bytes.Contains(bytes.ToUpper(m), []byte("INVITE")) {
		m = make()
	}
	return m
}

// methods in order of how much a server does about them.
var methods = []string{"INVITE", "INVITE", "INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL", "ACK", "INFO", "UPDATE", "PRACK",
	"SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "REFER", "invite", "X", ""}

// message is one in order, of any method, with a body for those that have one.
func (f *sipFuzz) message() []byte {
	method := methods[f.IntN(len(methods))]
	body, kind := "", ""
	switch f.IntN(4) {
	case 0, 1:
		body, kind = f.sdp(), "application/sdp"
	case 2:
		body, kind = "Signal=9\r\nDuration=100\r\n", "application/dtmf-relay"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s sip:12345@%s SIP/2.0\r\n", method, f.target)
	fmt.Fprintf(&b, "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%x;rport\r\n", f.Uint64())
	fmt.Fprintf(&b, "From: <sip:1388888%04d@127.0.0.1>;tag=%x\r\nTo: <sip:12345@%s>\r\n", f.IntN(10000), f.Uint32(), f.target)
	fmt.Fprintf(&b, "Call-ID: %x\r\nCSeq: %d %s\r\nContact: <sip:x@127.0.0.1:9>\r\nMax-Forwards: 70\r\n", f.Uint64(), f.IntN(100), method)
	if kind != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n", kind)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return []byte(b.String())
}

// sdp names no port that Asterisk may have: it would take its own speech for the caller's.
func (f *sipFuzz) sdp() string {
	return fmt.Sprintf("v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8 101\r\n"+
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n", f.Uint32(), 1024+f.IntN(8000))
}

// spoilers are the ways to be wrong.
var spoilers = []func(*sipFuzz, []byte) []byte{
	// A byte here and there is another.
	func(f *sipFuzz, m []byte) []byte {
		for range 1 + f.IntN(20) {
			if len(m) > 0 {
				m[f.IntN(len(m))] = byte(f.IntN(256))
			}
		}
		return m
	},
	// It ends too early, or goes on with noise.
	func(f *sipFuzz, m []byte) []byte { return m[:f.IntN(len(m)+1)] },
	func(f *sipFuzz, m []byte) []byte { return append(m, f.noise(f.IntN(2000))...) },
	// A line is another, is there twice, or not at all.
	func(f *sipFuzz, m []byte) []byte {
		return f.line(m, func([]byte) []byte { return []byte(f.pick(oddLines)) })
	},
	func(f *sipFuzz, m []byte) []byte {
		return f.line(m, func(l []byte) []byte { return bytes.Repeat(append(l, '\r', '\n'), 1+f.IntN(200)) })
	},
	func(f *sipFuzz, m []byte) []byte { return f.line(m, func([]byte) []byte { return nil }) },
	// A value is huge, negative, not a number, or of another alphabet.
	func(f *sipFuzz, m []byte) []byte {
		return f.line(m, func(l []byte) []byte {
			name, _, _ := bytes.Cut(l, []byte(":"))
			return fmt.Appendf(nil, "%s: %s", name, f.pick(oddValues))
		})
	},
	func(f *sipFuzz, m []byte) []byte {
		return f.line(m, func(l []byte) []byte { return append(l, bytes.Repeat([]byte{byte(f.IntN(256))}, f.IntN(9000))...) })
	},
	// Its lines end otherwise.
	func(f *sipFuzz, m []byte) []byte {
		return bytes.ReplaceAll(m, []byte("\r\n"), []byte(f.pick([]string{"\n", "\r", "\r\n\r\n", "\r\n ", "\x00", ""})))
	},
	// It is none.
	func(f *sipFuzz, _ []byte) []byte { return f.noise(f.IntN(3000)) },
}

// line changes one line.
func (f *sipFuzz) line(m []byte, change func([]byte) []byte) []byte {
	lines := bytes.Split(m, []byte("\r\n"))
	i := f.IntN(len(lines))
	lines[i] = change(bytes.Clone(lines[i]))
	return bytes.Join(lines, []byte("\r\n"))
}

func (f *sipFuzz) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(f.IntN(256))
	}
	return b
}

func (f *sipFuzz) pick(of []string) string { return of[f.IntN(len(of))] }

var oddLines = []string{
	"INVITE  sip:12345 SIP/2.0", "INVITE sip:12345@[::1 SIP/2.0", "INVITE tel:;;;; SIP/9.9", "SIP/2.0 99999 OK", "SIP/2.0 200 OK", "SIP/2.0",
	"Via: SIP/2.0/UDP", "Via: SIP/2.0/UDP 255.255.255.255:99999;branch=", "Route: <sip:;lr>", "Record-Route: <sip:[::]:0>", "Contact: *", "CSeq: 4294967296 INVITE",
	"Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Type: multipart/mixed;boundary=\"\"", "Require: everything", "Supported: timer",
	"Session-Expires: 0", "Min-SE: -1", "Replaces: x;to-tag=;from-tag=", "Refer-To: <sip:119@127.0.0.1>", "Authorization: Digest", "Expires: 1e9",
	"m=audio 0 RTP/AVP", "m=audio 99999 RTP/AVP 256", "m=video 5 UDP/TLS/RTP/SAVPF 0", "c=IN IP6 ::", "c=IN IP4 999.1.1.1", "a=rtpmap:8 /0", "a=fmtp:101 0-", "v=-1", ": ", " ",
}

var oddValues = []string{
	"", "-1", "0", "4294967295", "99999999999999999999", "\x00", "\xff\xfe", "%00%ff", "<sip:\"@>", "<sip:a@b", "\"\\", ";;;;=", "sip:" + strings.Repeat("a", 300) + "@x",
	"${SHELL(id)}", "12345,1,System(x)", "%s%n%s%n", "é中文", "<sip:12345@127.0.0.1>;tag=" + strings.Repeat("t", 1000), strings.Repeat("(", 2000), strings.Repeat("1.", 500),
}
