package sipphone

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is far longer than anything on loopback takes, even on a machine that
// has much else to do.
const patience = time.Minute

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func openPhone(t *testing.T, cfg Config) *Phone {
	t.Helper()
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	p, err := Listen(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// talk connects two phones and returns both ends.
func talk(t *testing.T, caller, callee Config) (here, there *Session) {
	t.Helper()
	ctx := testContext(t)
	a, b := openPhone(t, caller), openPhone(t, callee)
	answered := make(chan *Session, 1)
	b.Serve(func(in *Incoming) {
		s, err := in.Answer()
		if err != nil {
			t.Errorf("answer: %v", err)
		}
		answered <- s
	})
	here, err := a.Call(ctx, b.URI("110"), CallOptions{From: "13800000001"})
	if err != nil {
		t.Fatal(err)
	}
	return here, <-answered
}

// A datagram that is no SIP, or SIP with pieces missing, is survived.
func TestGarbageDoesNotDisturb(t *testing.T) {
	here, there := talk(t, Config{}, Config{})
	for _, junk := range []string{
		"\x00", "hello", "INVITE sip:x SIP/2.0\r\n\r\n", "INVITE sip:110@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9\r\nCSeq: 1 INVITE\r\n\r\n",
		"BYE sip:110@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\nCSeq: 1 BYE\r\nTo: <sip:110@x>\r\n\r\n",
		"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n", strings.Repeat("A", 2000),
		"INVITE sip:110@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK2\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:110@x>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: *\r\nContent-Length: 4\r\n\r\nv=0\n",
	} {
		if _, err := here.phone.conn.WriteTo([]byte(junk), there.phone.conn.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	here.Say(Tone(500))
	if err := there.Ear().WaitTone(testContext(t), 500); err != nil {
		t.Error(err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("calls", func(t *testing.T) {
		here, there := talk(t, Config{}, Config{})
		here.Say(Tone(440))
		if err := there.Ear().WaitFrames(testContext(t), 5); err != nil {
			t.Error(err)
		}
		// The phones are closed with the call still up.
	})
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; <-ticker.C {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines more than before:\n%s", runtime.NumGoroutine()-before, buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestListenRefusesAnAddressNobodyCanSendTo(t *testing.T) {
	if _, err := Listen(t.Context(), Config{Addr: "0.0.0.0:0"}); err == nil {
		t.Fatal("no error")
	}
	if _, err := Listen(t.Context(), Config{Addr: "127.0.0.1:0", Codecs: []Codec{"OPUS"}}); err == nil {
		t.Fatal("no error for an unknown codec")
	}
}
