package asterisk_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/sipphone"
)

// TestACallIDThatIsNoTextBlindsNobody: Asterisk cannot put one into JSON, and lists no
// channel at all while it has one.
func TestACallIDThatIsNoTextBlindsNobody(t *testing.T) {
	h := newHouse(t)
	sw, err := asterisk.New(asterisk.Config{URL: h.ast.ARI, User: h.ast.Config.ARIUser, Password: h.ast.Config.ARIPass})
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.citizen.Call(within(t, patience), h.hotline(), sipphone.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Hangup(t.Context())
	for id, want := range map[string]string{"no-\xff\xfe-text": "SIP/2.0 403 ", "odd (but, \"text\" ${x}": "SIP/2.0 200 "} {
		answer := raw(t, h.ast.SIP, "sip:12345@"+h.ast.SIP, id)
		if !strings.HasPrefix(answer, want) {
			t.Errorf("Call-ID %q: %.40q, want %s", id, answer, want)
		}
		if ids, err := sw.Channels(within(t, patience)); err != nil || len(ids) == 0 {
			t.Errorf("Call-ID %q: channels %v, %v", id, ids, err)
		}
	}
}

// raw sends an INVITE as it is and returns the first final answer.
func raw(t *testing.T, addr, to, callID string) string {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
	if _, err := fmt.Fprintf(conn, "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%x\r\nFrom: <sip:1@127.0.0.1>;tag=1\r\nTo: <%s>\r\nCall-ID: %s\r\n"+
		"CSeq: 1 INVITE\r\nContact: <sip:1@%s>\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		to, conn.LocalAddr(), callID, to, callID, conn.LocalAddr(), len(sdp), sdp); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4096)
	for {
		n, err := conn.Read(b)
		if err != nil {
			t.Fatalf("Call-ID %q: %v", callID, err)
		}
		if answer := string(b[:n]); !strings.HasPrefix(answer, "SIP/2.0 1") {
			return answer
		}
	}
}
