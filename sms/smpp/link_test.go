package smpp_test

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// newSMSC is a carrier that ends with the test; cert may be nil.
func newSMSC(t *testing.T, cert *tls.Config) *smstest.SMSC {
	t.Helper()
	c := smstest.NewSMSC(smstest.Options{SystemID: "hotline", Password: "secret", TLS: cert})
	if err := c.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func configFor(c *smstest.SMSC, clock sms.Clock) smpp.Config {
	return smpp.Config{
		Name: "carrier", Addr: c.Addr(), SystemID: "hotline", Password: "secret",
		Numbers: []string{"1069012345"}, Receipts: true, Clock: clock,
		Response: smstest.Response, Connect: time.Minute,
		FirstPause: 10 * time.Millisecond, LastPause: 200 * time.Millisecond,
	}
}

func newLink(t *testing.T, cfg smpp.Config) *sms.Line {
	t.Helper()
	l, err := smpp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTransport(t *testing.T) {
	cert, trusted := encrypted(t, time.Now().Add(time.Hour), "127.0.0.1")
	for name, c := range map[string]struct {
		cert   *tls.Config
		change func(*smpp.Config)
	}{
		"transceiver":          {nil, func(*smpp.Config) {}},
		"pair":                 {nil, func(c *smpp.Config) { c.Pair = true }},
		"transceiver over TLS": {cert, func(c *smpp.Config) { c.TLS = trusted }},
		"pair over TLS":        {cert, func(c *smpp.Config) { c.Pair, c.TLS = true, trusted }},
	} {
		t.Run(name, func(t *testing.T) {
			smstest.TestTransport(t, func(t *testing.T, clock sms.Clock) smstest.Rig {
				smsc := newSMSC(t, c.cert)
				cfg := configFor(smsc, clock)
				c.change(&cfg)
				return smstest.Rig{Transport: newLink(t, cfg), Carrier: smsc, Disconnect: smsc.Disconnect, Never: 0x0B, Later: 0x14}
			})
		})
	}
}

func TestReceiptsAreStoredSideBySide(t *testing.T) {
	smstest.TestReceiptsAbreast(t, func(t *testing.T, clock sms.Clock) smstest.Rig {
		smsc := newSMSC(t, nil)
		return smstest.Rig{Transport: newLink(t, configFor(smsc, clock)), Carrier: smsc}
	})
}

// run holds a link up until the test ends.
func run(t *testing.T, l *sms.Line, sink sms.Sink) {
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	_, err := smpp.New(smpp.Config{Password: "far too long", Numbers: []string{"12a"}, SubmitIDs: "octal", DestTON: 7, SourceNPI: 19, Window: -1})
	for _, want := range []string{"no name", "no address", "system id", "password", "must be digits", `"octal"`, "type of number", "numbering plan", "must be positive", "no clock"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
