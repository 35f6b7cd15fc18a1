package smpp_test

import (
	"context"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// newSMSC is a carrier that ends with the test.
func newSMSC(t *testing.T) *smstest.SMSC {
	t.Helper()
	c := smstest.NewSMSC(smstest.Options{SystemID: "hotline", Password: "secret"})
	if err := c.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func configFor(c *smstest.SMSC) smpp.Config {
	return smpp.Config{
		Name: "carrier", Addr: c.Addr(), SystemID: "hotline", Password: "secret",
		Numbers: []string{"1069012345"}, Receipts: true, Clock: smstest.WallClock{},
		Response: 300 * time.Millisecond, Connect: time.Second,
		FirstPause: 10 * time.Millisecond, LastPause: 200 * time.Millisecond,
	}
}

func newLink(t *testing.T, cfg smpp.Config) *smpp.Link {
	t.Helper()
	l, err := smpp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTransport(t *testing.T) {
	smstest.TestTransport(t, func(t *testing.T) smstest.Rig {
		c := newSMSC(t)
		return smstest.Rig{Transport: newLink(t, configFor(c)), Carrier: c, Disconnect: c.Disconnect, Never: 0x0B, Later: 0x14}
	})
}

// run holds a link up until the test ends.
func run(t *testing.T, l *smpp.Link, sink sms.Sink) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// soon bounds what must happen.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
