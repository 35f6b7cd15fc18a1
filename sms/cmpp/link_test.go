package cmpp_test

import (
	"context"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// newISMG is a carrier that ends with the test.
func newISMG(t testing.TB) *smstest.ISMG {
	t.Helper()
	c := smstest.NewISMG(smstest.Options{SystemID: "900001", Password: "secret"})
	if err := c.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func configFor(c *smstest.ISMG, v cmpp.Version, clock sms.Clock) cmpp.Config {
	return cmpp.Config{
		Name: "carrier", Addr: c.Addr(), User: "900001", Secret: "secret", Version: v,
		Numbers: []string{"1069012345"}, Receipts: true, Clock: clock,
		Response: smstest.Response, Connect: time.Minute,
		FirstPause: 10 * time.Millisecond, LastPause: 200 * time.Millisecond,
	}
}

func newLink(t testing.TB, cfg cmpp.Config) *sms.Line {
	t.Helper()
	l, err := cmpp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTransport(t *testing.T) {
	for name, change := range map[string]func(*cmpp.Config){
		"2.0":                   func(c *cmpp.Config) { c.Version = cmpp.V20 },
		"3.0":                   func(c *cmpp.Config) { c.Version = cmpp.V30 },
		"3.0, four connections": func(c *cmpp.Config) { c.Version, c.Connections = cmpp.V30, 4 },
	} {
		t.Run(name, func(t *testing.T) {
			smstest.TestTransport(t, func(t *testing.T, clock sms.Clock) smstest.Rig {
				c := newISMG(t)
				cfg := configFor(c, 0, clock)
				change(&cfg)
				return smstest.Rig{Transport: newLink(t, cfg), Carrier: c, Disconnect: c.Disconnect, Never: 13, Later: 3}
			})
		})
	}
}

func TestReceiptsAreStoredSideBySide(t *testing.T) {
	smstest.TestReceiptsAbreast(t, func(t *testing.T, clock sms.Clock) smstest.Rig {
		c := newISMG(t)
		return smstest.Rig{Transport: newLink(t, configFor(c, 0, clock)), Carrier: c}
	})
}

// run holds a link up until the test ends.
func run(t testing.TB, l *sms.Line, sink sms.Sink) {
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
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
