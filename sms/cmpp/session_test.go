package cmpp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// line is a link and its carrier in a bubble of fake time.
type line struct {
	*sms.Line
	*smstest.Sink
	ismg *smstest.ISMG
	wire *wire
	stop func()
}

// wire keeps what the link writes, a PDU at a time.
type wire struct {
	mu  sync.Mutex
	out [][]byte
}

// tapped is a connection whose writes are kept.
type tapped struct {
	net.Conn
	*wire
}

func (t tapped) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.out = append(t.out, bytes.Clone(b))
	t.mu.Unlock()
	return t.Conn.Write(b)
}

// answer is the last answer to a request of the carrier's: command, sequence and the rest
// in hexadecimal.
func (w *wire) answer(seq uint32) (last string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.out {
		if b[4]&0x80 != 0 && binary.BigEndian.Uint32(b[8:]) == seq {
			last = fmt.Sprintf("%x %x %x", b[4:8], b[8:12], b[12:])
		}
	}
	return last
}

// setting is how a line differs from the usual.
type setting struct {
	tune   func(*smstest.Knobs)
	change func(*cmpp.Config)
}

// onLine runs a test with a link that keeps its production patience.
func onLine(t *testing.T, set setting, test func(t *testing.T, l *line)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := smstest.NewISMG(smstest.Options{Password: "secret"})
		if set.tune != nil {
			c.Tune(set.tune)
		}
		w := &wire{}
		cfg := cmpp.Config{
			Name: "a", Addr: "memory:0", User: "900001", Secret: "secret", Numbers: []string{"10690", "1069012345"},
			Receipts: true, Clock: smstest.WallClock{}, Window: 5,
			Dial: func(context.Context, string) (net.Conn, error) { return tapped{c.Connect(), w}, nil },
		}
		if set.change != nil {
			set.change(&cfg)
		}
		l := &line{Sink: smstest.NewSink(), ismg: c, wire: w, Line: newLink(t, cfg)}
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

var hello = sms.Outgoing{ID: "m", To: "13800000001", Text: "您好"}

// works sends a text each way.
func (l *line) works(t *testing.T) {
	t.Helper()
	if _, err := l.Send(soon(t), hello); err != nil {
		t.Errorf("Send: %v", err)
	}
	if err := l.ismg.Deliver(soon(t), "13800000001", "1069001", "1"); err != nil {
		t.Errorf("Deliver: %v", err)
	}
}

// rawPDU is a PDU of any command and body; length overrides its length.
func rawPDU(command uint32, body string, length uint32) []byte {
	if length == 0 {
		length = uint32(12 + len(body))
	}
	out := binary.BigEndian.AppendUint32(nil, length)
	out = binary.BigEndian.AppendUint32(out, command)
	out = binary.BigEndian.AppendUint32(out, 77)
	return append(out, body...)
}

// deliverBody is a deliver of 2.0.
func deliverBody(d cmpp.Deliver) string {
	d.MsgID, d.To, d.From = 1, "106901234501", "13800000001"
	return string(cmpp.Marshal(&d, cmpp.V20))
}

func TestPoisonIsSurvived(t *testing.T) {
	text := deliverBody(cmpp.Deliver{Content: []byte("hello")})
	for name, c := range map[string]struct {
		raw      []byte
		again    bool // the stream itself is spoilt
		newTexts int
		answer   string // of the link, in hex: command, sequence and body
	}{
		"unknown command":            {raw: rawPDU(0x0999, "xyz", 0), answer: "80000999 0000004d 02"},
		"a query, which is ours":     {raw: rawPDU(6, "", 0), answer: "80000006 0000004d 02"},
		"answer to nothing":          {raw: rawPDU(0x80000004, "7\x00", 0)},
		"deliver cut short":          {raw: rawPDU(5, text[:40], 0), answer: "80000005 0000004d 000000000000000101"},
		"deliver without even an id": {raw: rawPDU(5, "12", 0), answer: "80000005 0000004d 000000000000000001"},
		"text over the end":          {raw: rawPDU(5, text[:68], 0), answer: "80000005 0000004d 000000000000000104"},
		"no tail":                    {raw: rawPDU(5, text[:len(text)-8], 0), newTexts: 1, answer: "80000005 0000004d 000000000000000100"},
		"header flag without header": {raw: rawPDU(5, deliverBody(cmpp.Deliver{TPUdhi: 1, Content: []byte("\x00hi")}), 0), newTexts: 1},
		"header over the end":        {raw: rawPDU(5, deliverBody(cmpp.Deliver{TPUdhi: 1, Fmt: 8, Content: []byte("\x09\x00\x03")}), 0), newTexts: 1},
		"report that says nothing":   {raw: rawPDU(5, deliverBody(cmpp.Deliver{IsReport: 1, Content: []byte("hello")}), 0), answer: "80000005 0000004d 000000000000000100"},
		"unknown coding":             {raw: rawPDU(5, deliverBody(cmpp.Deliver{Fmt: 0xF5, Content: []byte("\x01\x02\x80")}), 0), newTexts: 1},
		"deliver of a megabyte":      {raw: rawPDU(5, strings.Repeat("长", 350_000), 0), answer: "80000005 0000004d 000000000000000004"},
		"length below the header":    {raw: rawPDU(5, "", 3), again: true, answer: "80000005 0000004d 000000000000000004"},
		"length of two gigabytes":    {raw: rawPDU(5, "", 1<<31), again: true},
		"something that is not CMPP": {raw: []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), again: true},
	} {
		t.Run(name, func(t *testing.T) {
			onLine(t, setting{}, func(t *testing.T, l *line) {
				l.ismg.Inject(c.raw)
				pass(5 * time.Second)
				if want := map[bool]int{false: 1, true: 2}[c.again]; l.ismg.Binds() != want {
					t.Errorf("%d logins, want %d", l.ismg.Binds(), want)
				}
				if got := l.wire.answer(77); c.answer != "" && got != c.answer {
					t.Errorf("answered %q, want %q", got, c.answer)
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

// A frame may come an octet at a time; a reader that gives up in the middle of a length
// loses the beat for ever.
func TestFramesThatComeInDrips(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		for _, b := range rawPDU(5, deliverBody(cmpp.Deliver{Content: []byte("1")}), 0) {
			l.ismg.Inject([]byte{b})
			pass(200 * time.Millisecond)
		}
		if parts, err := l.Parts(soon(t), 1); err != nil || parts[0].Text != "1" || l.ismg.Binds() != 1 {
			t.Errorf("%+v %v", parts, err)
		}
		l.works(t)
	})
}

func TestPoisonMakesNoStorm(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		for range 3600 { // a carrier that brings it again and again, for an hour
			l.ismg.Inject(rawPDU(5, "", 3))
			pass(time.Second)
		}
		if n := l.ismg.Binds(); n < 30 || n > 90 {
			t.Errorf("%d logins in an hour, want about one a minute", n)
		}
	})
}

func TestSilentCarrierIsNotWaitedForAndComesBack(t *testing.T) {
	onLine(t, setting{tune: func(k *smstest.Knobs) { k.Silent = true }}, func(t *testing.T, l *line) {
		pass(10 * time.Minute)
		if n := l.Health().Stats.Failures; n < 8 || n > 20 {
			t.Errorf("%d failures in ten minutes", n)
		}
		if h := l.Health(); h.Up || !strings.Contains(h.Detail, "no answer in time") {
			t.Errorf("%+v", h)
		}
		l.ismg.Tune(func(k *smstest.Knobs) { k.Silent = false })
		pass(80 * time.Second)
		l.works(t)
	})
}

// A line that does not answer one test gets no more texts, and is hung up on after three.
func TestMissedActiveTestsAreCounted(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		pass(time.Hour)
		if h := l.Health(); !h.Up || time.Since(h.LastSeen) > 31*time.Second || l.ismg.Binds() != 1 {
			t.Errorf("after a quiet hour: %+v, %d logins", h, l.ismg.Binds())
		}
		silent := func(on bool) { l.ismg.Tune(func(k *smstest.Knobs) { k.Silent = on }) }
		silent(true)
		pass(91 * time.Second) // 30 s of quiet and 60 s for the answer
		_, err := l.Send(soon(t), hello)
		var fault *sms.SendError
		if h := l.Health(); h.Up || !errors.As(err, &fault) || fault.Fault != sms.Unreachable {
			t.Errorf("one test missed: %+v, %v", h, err)
		}
		silent(false)
		pass(61 * time.Second) // it misses the test under way and answers the next
		if h := l.Health(); !h.Up || l.ismg.Binds() != 1 {
			t.Errorf("answered again: %+v, %d logins", h, l.ismg.Binds())
		}
		l.works(t)
		silent(true)
		pass(4 * time.Minute)
		if h := l.Health(); h.Up || l.Health().Stats.Failures == 0 || !strings.Contains(h.Detail, "no answer in time") {
			t.Errorf("three tests missed: %+v %+v", h, l.Health().Stats)
		}
		silent(false)
		pass(80 * time.Second)
		l.works(t)
	})
}

func TestTakingLeave(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		l.ismg.Unbind()
		pass(2 * time.Second)
		if n := l.ismg.Binds(); n != 2 {
			t.Errorf("%d logins after the carrier terminated", n)
		}
		l.works(t)
		began := time.Now()
		l.stop()
		if n, took := l.ismg.Unbinds(), time.Since(began); n != 1 || took > time.Second {
			t.Errorf("%d terminates in %s", n, took)
		}
	})
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	_, err := cmpp.New(cmpp.Config{User: "far too long", Service: "much too long", Numbers: []string{"12a"}, Version: 0x21, Window: -1})
	for _, want := range []string{"no name", "no address", "user must", "service must", "must be digits", "version 2.1", "must be positive", "no clock"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
