package smpp_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// line is a link and its carrier in a bubble of fake time.
type line struct {
	*sms.Line
	*smstest.Sink
	smsc *smstest.SMSC
	stop func()
}

// onLine runs a test with a link that keeps its production patience.
func onLine(t *testing.T, tune func(*smstest.Knobs), test func(t *testing.T, l *line)) {
	t.Helper()
	onLineAs(t, nil, tune, test)
}

// onLineAs is onLine with a link of another configuration.
func onLineAs(t *testing.T, change func(*smpp.Config), tune func(*smstest.Knobs), test func(t *testing.T, l *line)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := smstest.NewSMSC(smstest.Options{})
		if tune != nil {
			c.Tune(tune)
		}
		cfg := smpp.Config{
			Name: "a", Addr: "memory:0", SystemID: "hotline", Numbers: []string{"10690", "1069012345"},
			Receipts: true, Clock: smstest.WallClock{}, Window: 5,
			Dial: func(context.Context, string) (net.Conn, error) { return c.Connect(), nil },
		}
		if change != nil {
			change(&cfg)
		}
		l := &line{Sink: smstest.NewSink(), smsc: c, Line: newLink(t, cfg)}
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx, l.Sink) }()
		l.stop = sync.OnceFunc(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
		defer func() {
			l.stop()
			_ = c.Close()
		}()
		synctest.Wait()
		test(t, l)
	})
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// works sends a text each way.
func (l *line) works(t *testing.T) {
	t.Helper()
	if _, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: "13800000001", Text: "您好"}); err != nil {
		t.Errorf("Send: %v", err)
	}
	if err := l.smsc.Deliver(soon(t), "13800000001", "1069001", "1"); err != nil {
		t.Errorf("Deliver: %v", err)
	}
}

// rawPDU is a PDU of any id and body; length overrides its length.
func rawPDU(id uint32, body string, length uint32) []byte {
	if length == 0 {
		length = uint32(16 + len(body))
	}
	out := binary.BigEndian.AppendUint32(nil, length)
	out = binary.BigEndian.AppendUint32(out, id)
	out = binary.BigEndian.AppendUint32(out, 0)
	out = binary.BigEndian.AppendUint32(out, 77)
	return append(out, body...)
}

// deliverBody is a deliver_sm's body up to and including sm_length.
func deliverBody(esm, dcs byte, text, params string) string {
	return "\x00\x01\x0113800000001\x00\x01\x01106901234501\x00" + string([]byte{esm}) +
		"\x00\x00\x00\x00\x00\x00" + string([]byte{dcs, 0, byte(len(text))}) + text + params
}

func TestPoisonIsSurvived(t *testing.T) {
	for name, c := range map[string]struct {
		raw      []byte
		rebinds  bool // the stream itself is spoilt
		newTexts int
	}{
		"unknown command":             {raw: rawPDU(0x0999, "xyz", 0)},
		"answer to nothing":           {raw: rawPDU(0x80000004, "7\x00", 0)},
		"deliver_sm cut short":        {raw: rawPDU(5, "\x00\x01\x01138", 0)},
		"deliver_sm without end":      {raw: rawPDU(5, strings.Repeat("9", 500), 0)},
		"text longer than the PDU":    {raw: rawPDU(5, strings.TrimSuffix(deliverBody(0, 0, "", ""), "\x00")+"\xff", 0)},
		"header flag without header":  {raw: rawPDU(5, deliverBody(0x40, 0, "\x00hi", ""), 0), newTexts: 1},
		"header over the end":         {raw: rawPDU(5, deliverBody(0x40, 8, "\x09\x00\x03", ""), 0), newTexts: 1},
		"receipt that says nothing":   {raw: rawPDU(5, deliverBody(4, 0, "hello", ""), 0)},
		"parameter over the end":      {raw: rawPDU(5, deliverBody(0, 0, "1", "\x04\x24\xff\xff1"), 0), newTexts: 1},
		"1 MB text":                   {raw: rawPDU(5, deliverBody(0, 0, "", "\x04\x24\xff\xff")+strings.Repeat("长", 350_000), 0)},
		"unknown coding":              {raw: rawPDU(5, deliverBody(0, 0xF5, "\x01\x02\x80", ""), 0), newTexts: 1},
		"length below the header":     {raw: rawPDU(5, "", 3), rebinds: true},
		"length of two gigabytes":     {raw: rawPDU(5, "", 1<<31), rebinds: true},
		"something that is not SMPP ": {raw: []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), rebinds: true},
	} {
		t.Run(name, func(t *testing.T) {
			onLine(t, nil, func(t *testing.T, l *line) {
				l.smsc.Inject(c.raw)
				pass(5 * time.Second)
				if want := map[bool]int{false: 1, true: 2}[c.rebinds]; l.smsc.Binds() != want {
					t.Errorf("%d binds, want %d", l.smsc.Binds(), want)
				}
				l.works(t)
				parts, err := l.Parts(soon(t), c.newTexts+1)
				if err != nil || len(parts) != c.newTexts+1 {
					t.Errorf("%d texts came, want %d: %v", len(parts), c.newTexts+1, err)
				}
			})
		})
	}
}

func TestPoisonMakesNoStorm(t *testing.T) {
	onLine(t, nil, func(t *testing.T, l *line) {
		for range 3600 { // a carrier that brings it again and again, for an hour
			l.smsc.Inject(rawPDU(5, "", 3))
			pass(time.Second)
		}
		if n := l.smsc.Binds(); n < 30 || n > 90 {
			t.Errorf("%d binds in an hour, want about one a minute", n)
		}
	})
}

func TestSilentCarrierIsNotWaitedForAndComesBack(t *testing.T) {
	onLine(t, func(k *smstest.Knobs) { k.Silent = true }, func(t *testing.T, l *line) {
		pass(10 * time.Minute)
		if n := l.Health().Stats.Failures; n < 8 || n > 20 {
			t.Errorf("%d failures in ten minutes", n)
		}
		if h := l.Health(); h.Up || !strings.Contains(h.Detail, "no answer in time") {
			t.Errorf("%+v", h)
		}
		l.smsc.Tune(func(k *smstest.Knobs) { k.Silent = false })
		pass(80 * time.Second)
		l.works(t)
	})
}

func TestDeadLineIsFoundByProbes(t *testing.T) {
	onLine(t, nil, func(t *testing.T, l *line) {
		pass(time.Hour)
		if h := l.Health(); !h.Up || time.Since(h.LastSeen) > 31*time.Second || l.smsc.Binds() != 1 {
			t.Errorf("after a quiet hour: %+v, %d binds", h, l.smsc.Binds())
		}
		l.smsc.Tune(func(k *smstest.Knobs) { k.Silent = true })
		pass(61 * time.Second)
		if h := l.Health(); h.Up {
			t.Errorf("two probes into the silence: %+v", h)
		}
	})
}

func TestUnbinding(t *testing.T) {
	onLine(t, nil, func(t *testing.T, l *line) {
		l.smsc.Unbind()
		pass(2 * time.Second)
		if n := l.smsc.Binds(); n != 2 {
			t.Errorf("%d binds after the carrier unbound us", n)
		}
		l.works(t)
		began := time.Now()
		l.stop()
		if n, took := l.smsc.Unbinds(), time.Since(began); n != 1 || took > time.Second {
			t.Errorf("%d unbinds in %s", n, took)
		}
	})
}

func TestWindowHoldsBackAndDropsNothing(t *testing.T) {
	onLine(t, func(k *smstest.Knobs) { k.Latency = time.Second }, func(t *testing.T, l *line) {
		began := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := l.Send(t.Context(), sms.Outgoing{ID: "m", To: "13800000001", Text: "您好"}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if free := l.Health().Free; free != 0 {
			t.Errorf("%d free while the window is full", free)
		}
		all.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("50 texts through a window of 5 at a second each took %s", took)
		}
	})
}

func TestLateAnswerIsCounted(t *testing.T) {
	onLine(t, func(k *smstest.Knobs) { k.Latency = 40 * time.Second; k.ManualReceipt = true }, func(t *testing.T, l *line) {
		_, err := l.Send(t.Context(), sms.Outgoing{ID: "m", To: "13800000001", Text: "您好"})
		var fault *sms.SendError
		if !errors.As(err, &fault) || fault.Fault != sms.Unknown {
			t.Errorf("%v", err)
		}
		pass(20 * time.Second)
		if s := l.Health().Stats; s.Timeouts != 1 || s.Unasked != 1 {
			t.Errorf("%+v", s)
		}
		if !l.Health().Up {
			t.Error("a late answer brought the link down")
		}
	})
}

func TestWrongPasswordSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := smstest.NewSMSC(smstest.Options{SystemID: "hotline", Password: "secret"})
		defer func() { _ = c.Close() }()
		l := newLink(t, smpp.Config{
			Name: "a", Addr: "memory:0", SystemID: "hotline", Password: "wrong", Numbers: []string{"10690"},
			Clock: smstest.WallClock{},
			Dial:  func(context.Context, string) (net.Conn, error) { return c.Connect(), nil },
		})
		run(t, l, smstest.NewSink())
		synctest.Wait()
		if d := l.Health().Detail; !strings.Contains(d, "refused with status 0x0D") {
			t.Errorf("detail %q", d)
		}
	})
}

func TestIncomingForms(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want sms.Part
	}{
		"GBK":                 {deliverBody(0, 15, "\xc2\xfa\xd2\xe2", ""), sms.Part{Text: "满意"}},
		"payload parameter":   {deliverBody(0, 8, "", "\x04\x24\x00\x04\x6e\xe1\x61\x0f"), sms.Part{Text: "满意"}},
		"parts by parameters": {deliverBody(0, 0, "hi", "\x02\x0c\x00\x02\x12\x34\x02\x0e\x00\x01\x03\x02\x0f\x00\x01\x02"), sms.Part{Text: "hi", Concat: sms.Concat{Ref: 0x1234, Total: 3, Seq: 2}}},
		"parts by header":     {deliverBody(0x40, 0, "\x06\x08\x04\x12\x34\x03\x02hi", ""), sms.Part{Text: "hi", Concat: sms.Concat{Ref: 0x1234, Total: 3, Seq: 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			onLine(t, nil, func(t *testing.T, l *line) {
				l.smsc.Inject(rawPDU(5, c.body, 0))
				parts, err := l.Parts(soon(t), 1)
				if err != nil {
					t.Fatal(err)
				}
				got := parts[0]
				if got.Text != c.want.Text || got.Concat != c.want.Concat || got.From != "13800000001" || got.To != "106901234501" || got.Ext != "01" {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestFloodIsToldToComeAgain(t *testing.T) {
	onLine(t, nil, func(t *testing.T, l *line) {
		var flood []byte
		for i := range 500 {
			flood = append(flood, rawPDU(5, deliverBody(0, 0, "text "+string(rune('A'+i%26)), ""), 0)...)
		}
		l.smsc.Inject(flood)
		pass(time.Second)
		l.works(t)
		if l.smsc.Binds() != 1 {
			t.Errorf("%d binds", l.smsc.Binds())
		}
	})
}
