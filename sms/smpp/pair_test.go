package smpp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

func asPair(c *smpp.Config) { c.Pair = true }

// fault sends a text and reports how it failed.
func (l *line) fault(t *testing.T) sms.Fault {
	t.Helper()
	_, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: "13800000001", Text: "您好"})
	var fault *sms.SendError
	if errors.As(err, &fault) {
		return fault.Fault
	}
	return ""
}

func TestPairBindsAndLeavesTwice(t *testing.T) {
	onLineAs(t, asPair, nil, func(t *testing.T, l *line) {
		if h := l.Health(); !h.Up || !h.Hears() || h.Only != "" || h.Detail != "bound" || h.Free != 5 || l.smsc.Binds() != 2 {
			t.Errorf("%+v, %d binds", h, l.smsc.Binds())
		}
		l.works(t)
		if _, err := l.Receipts(soon(t), 1); err != nil {
			t.Errorf("receipt: %v", err)
		}
		l.stop()
		if n := l.smsc.Unbinds(); n != 2 {
			t.Errorf("%d unbinds", n)
		}
	})
}

// Without its receiver texts go out, and what has come in is known only up to the moment
// it went; the receipt waits at the carrier.
func TestReceiverDown(t *testing.T) {
	onLineAs(t, asPair, nil, func(t *testing.T, l *line) {
		l.smsc.Tune(func(k *smstest.Knobs) { k.NoReceiver = true })
		l.smsc.DisconnectReceivers()
		pass(10 * time.Minute)
		h := l.Health()
		if !h.Up || h.Hears() || h.Only != sms.Transmitter || !strings.Contains(h.Detail, "receiver down: ") || !strings.Contains(h.Detail, "0x0D") {
			t.Errorf("%+v", h)
		}
		if time.Since(h.LastSeen) < 9*time.Minute {
			t.Errorf("heard %s ago, by a receiver that is down", time.Since(h.LastSeen))
		}
		if fault := l.fault(t); fault != "" {
			t.Errorf("a text to send: %s", fault)
		}
		pass(time.Minute)
		if got, _ := l.Receipts(soon(t), 0); len(got) != 0 {
			t.Errorf("receipts %+v", got)
		}
		l.smsc.Tune(func(k *smstest.Knobs) { k.NoReceiver = false })
		pass(80 * time.Second)
		if h := l.Health(); h.Only != "" || !h.Hears() || h.Detail != "bound" {
			t.Errorf("back: %+v", h)
		}
		if _, err := l.Receipts(soon(t), 1); err != nil {
			t.Errorf("receipt: %v", err)
		}
	})
}

func TestTransmitterDown(t *testing.T) {
	shut := func(k *smstest.Knobs) { k.NoTransmitter = true }
	onLineAs(t, asPair, shut, func(t *testing.T, l *line) {
		pass(10 * time.Minute)
		h := l.Health()
		if h.Up || !h.Hears() || h.Only != sms.Receiver || h.Free != 0 || !strings.Contains(h.Detail, "transmitter down: ") {
			t.Errorf("%+v", h)
		}
		if time.Since(h.LastSeen) > 31*time.Second {
			t.Errorf("heard %s ago", time.Since(h.LastSeen))
		}
		if fault := l.fault(t); fault != sms.Unreachable {
			t.Errorf("a text to send: %q", fault)
		}
		if err := l.smsc.Deliver(soon(t), "13800000001", "1069001", "1"); err != nil {
			t.Errorf("a text that comes: %v", err)
		}
		l.smsc.Tune(func(k *smstest.Knobs) { k.NoTransmitter = false })
		pass(80 * time.Second)
		l.works(t)
	})
}

func TestAddressesAsTheirTypeWantsThem(t *testing.T) {
	change := func(c *smpp.Config) { c.SourceTON, c.SourceNPI, c.DestTON, c.DestNPI = 3, 9, 1, 1 }
	onLineAs(t, change, nil, func(t *testing.T, l *line) {
		for to, want := range map[string]string{"13800000001": "8613800000001", "0085212345678": "85212345678", "037112345678": "8637112345678"} {
			if _, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: to, Text: "您好"}); err != nil {
				t.Fatal(err)
			}
			all := l.smsc.Submits()
			if got := all[len(all)-1]; got.To != want || got.From != "10690" {
				t.Errorf("%s went from %s to %s, want %s", to, got.From, got.To, want)
			}
		}
	})
}
