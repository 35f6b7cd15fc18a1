package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hotline/cmd/rig"
)

// TestBadInputDisturbsNoCall throws malformed SIP, SMPP frames with bad lengths and a
// text of a megabyte at a hotline with a call in conversation.
func TestBadInputDisturbsNoCall(t *testing.T) {
	r := testRig(t)
	w := testWorld(t, r)
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.clockTo(ctx, storyDay))
	must(w.lines(ctx, map[string]line{"8001": {Behaviour: "answer", AnswerAfterMS: 300, ToneHz: 620}}))
	s, err := w.dial(ctx, citizenNumber)
	must(err)
	must(w.press(ctx, s, "0"))
	must(w.converse(ctx, s, talk{to: "8001", far: 620, near: 440}))

	throwSIP(t, r.Ports.SIP)
	for name, frame := range poison() {
		t.Logf("inject %s, %d bytes", name, len(frame))
		must(inject(ctx, w, frame))
	}
	s.Ear().Mark()
	must(s.Ear().WaitTone(ctx, 620))
	_, err = w.request(ctx, textNumber, "井盖丢失,请补装。")
	must(err)
	if s.Context().Err() != nil {
		t.Fatalf("the call ended: %v", context.Cause(s.Context()))
	}
	hangUp(s)
	_, err = newest(ctx, w.console, "/api/v1/calls", func(c callSeen) error { return want("outcome", c.Outcome, "answered") })
	must(err)
	noNumbers(t, r, w)
}

// throwSIP sends what no phone would.
func throwSIP(t *testing.T, port int) {
	t.Helper()
	conn, err := net.Dial("udp", rig.Local(port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	invite := "INVITE sip:12345@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\nFrom: <sip:1@x>;tag=1\r\n" +
		"To: <sip:12345@127.0.0.1>\r\nCall-ID: odd\r\nCSeq: 1 INVITE\r\n"
	for _, odd := range []string{
		"INVITE", "\r\n\r\n", strings.Repeat("A", 4000), invite + "Content-Length: 99999\r\n\r\nshort",
		invite + "Content-Type: application/sdp\r\nContent-Length: 12\r\n\r\nv=0\r\nm=audio",
		strings.ReplaceAll(invite, "CSeq: 1 INVITE", "CSeq: -1 BYE") + "\r\n", "\x00\xff\xfe SIP/2.0 \x00",
	} {
		if _, err := conn.Write([]byte(odd)); err != nil {
			t.Fatal(err)
		}
	}
}

// poison is SMPP frames that make no sense.
func poison() map[string][]byte {
	frame := func(length uint32, body []byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, length)
		b = binary.BigEndian.AppendUint32(b, 5) // deliver_sm
		b = binary.BigEndian.AppendUint32(b, 0)
		b = binary.BigEndian.AppendUint32(b, 77)
		return append(b, body...)
	}
	return map[string][]byte{
		"a length that is too small": frame(7, nil),
		"a text of one megabyte":     frame(16+1<<20, bytes.Repeat([]byte("x"), 1<<20)),
		"garbage":                    bytes.Repeat([]byte{0xff}, 64),
	}
}

// inject waits until a text still goes through between two frames: the link comes back.
func inject(ctx context.Context, w *world, frame []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.carrier.base+"/api/smsc/inject", bytes.NewReader(frame))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// wholeNumber is a mobile number as nobody should find it in a log.
var wholeNumber = regexp.MustCompile(`\b1[38][0-9]{9}\b`)

// sampleValue is what a metric came to: a number that may look like a telephone's.
var sampleValue = regexp.MustCompile(`(?m) [0-9.e+-]+$`)

// noNumbers looks for unmasked phone numbers in the hotline's log and metrics.
func noNumbers(t *testing.T, r *rig.Rig, w *world) {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(r.Dir, "log", "hotline.log"))
	if err != nil {
		t.Fatal(err)
	}
	var metrics string
	err = eventually(t.Context(), func(ctx context.Context) error {
		if err := w.console.get(ctx, "/metrics", &metrics); err != nil {
			return err
		}
		for _, metric := range []string{`ari_connected{switch="main"} 1`, "redis_up 1", "sql_up 1", `trunk_up{trunk="carrier"} 1`} {
			if !strings.Contains(metrics, metric) {
				return fmt.Errorf("/metrics lacks %s", metric)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{"log": string(log), "metrics": sampleValue.ReplaceAllString(metrics, "")} {
		if n := wholeNumber.FindString(text); n != "" {
			t.Errorf("the %s shows the number %s", name, n)
		}
	}
}
