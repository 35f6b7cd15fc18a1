package sipmsg_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/deploy/ports"
	"hotline/sms"
	"hotline/sms/sipmsg"
	"hotline/sms/smstest"
)

const (
	officer = "13800000001"
	number  = "10612345"
)

// desk is a link with one softphone at its other end.
type desk struct {
	*sipmsg.Link
	phone *smstest.Softphone
}

// newDesk puts a phone to a link. Its address is told with what follows it.
func newDesk(t testing.TB, params string, opt smstest.SoftphoneOptions, change func(*sipmsg.Config)) *desk {
	t.Helper()
	d := &desk{}
	opt.Hotline = func() string { return d.Addr() }
	var err error
	if d.phone, err = smstest.NewSoftphone(opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.phone.Close)
	addr := d.phone.Addr()
	if strings.Contains(params, "tls") {
		addr = d.phone.TLSAddr()
	}
	d.Link = newLink(t, "sip:"+officer+"@"+addr+params, change)
	return d
}

func newLink(t testing.TB, uri string, change func(*sipmsg.Config)) *sipmsg.Link {
	t.Helper()
	cfg := sipmsg.Config{
		Name: "desks", Listen: "127.0.0.1:0", Number: number, Phones: map[string]string{officer: uri},
		Response: smstest.Response, Probe: time.Minute, Connect: time.Minute,
		FirstPause: 10 * time.Millisecond, LastPause: 100 * time.Millisecond, Clock: smstest.WallClock{},
	}
	if change != nil {
		change(&cfg)
	}
	l, err := sipmsg.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// run holds a link up until the test ends and waits until it listens.
func run(t testing.TB, l *sipmsg.Link) *smstest.Sink {
	t.Helper()
	sink := smstest.NewSink()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	if err := sink.Until(soon(t), func() bool { return l.Health().Up }); err != nil {
		t.Fatalf("%v: %+v", err, l.Health())
	}
	return sink
}

// soon bounds what must happen.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func send(t testing.TB, l *sipmsg.Link, text string) (sms.Taken, *sms.SendError) {
	t.Helper()
	taken, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: officer, Text: text})
	fault, ok := err.(*sms.SendError)
	if err != nil && !ok {
		t.Fatalf("Send gave %v", err)
	}
	return taken, fault
}

func TestTransport(t *testing.T) {
	cert := newCertificate(t)
	for name, way := range map[string]struct {
		params string
		opt    smstest.SoftphoneOptions
	}{
		"UDP":       {},
		"TCP":       {params: ";transport=tcp"},
		"TLS":       {";transport=tls", smstest.SoftphoneOptions{TLS: cert}},
		"by digest": {"", smstest.SoftphoneOptions{User: "hotline", Password: "secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			smstest.TestTransport(t, func(t *testing.T, clock sms.Clock) smstest.Rig {
				d := newDesk(t, way.params, way.opt, func(c *sipmsg.Config) {
					c.Clock, c.TLS, c.User, c.Password = clock, cert, way.opt.User, way.opt.Password
				})
				return smstest.Rig{
					Transport: d, Carrier: d.phone, Disconnect: d.phone.Disconnect, Never: 403, Later: 486,
					Whole: true, NoThrottle: true, NoExt: true,
				}
			})
		})
	}
}

func TestLongTextsGoByTCP(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	run(t, d.Link)
	short, long := strings.Repeat("警", 200), strings.Repeat("警", 400)
	for _, text := range []string{short, long} {
		if _, fault := send(t, d.Link, text); fault != nil {
			t.Fatal(fault)
		}
	}
	texts, err := d.phone.WaitTexts(soon(t), 2)
	if err != nil || texts[0].Text != short || texts[1].Text != long {
		t.Errorf("%d texts, %v", len(texts), err)
	}
	if got := d.phone.Networks(); !slices.Equal(got, []string{"UDP", "TCP"}) {
		t.Errorf("they went by %v", got)
	}
}

// With a proof in it a request is longer.
func TestTextThatIsLongWithItsProofGoesByTCP(t *testing.T) {
	proof := smstest.SoftphoneOptions{User: "hotline", Password: "secret"}
	d := newDesk(t, "", proof, func(c *sipmsg.Config) { c.User, c.Password = proof.User, proof.Password })
	run(t, d.Link)
	for n := 150; n < 330; n += 10 { // some of these fit without the proof and not with it
		if _, fault := send(t, d.Link, strings.Repeat("警", n)); fault != nil {
			t.Fatalf("%d characters: %v", n, fault)
		}
	}
	if got := d.phone.Networks(); !slices.Contains(got, "UDP") || !slices.Contains(got, "TCP") {
		t.Errorf("they went by %v", got)
	}
}

func TestAcceptedIsSentAndNoMore(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	sink := run(t, d.Link)
	d.phone.Tune(func(k *smstest.Knobs) { k.Refuse = 202 })
	accepted, fault := send(t, d.Link, "有新工单")
	if fault != nil {
		t.Fatal(fault)
	}
	d.phone.Tune(func(k *smstest.Knobs) { k.Refuse = 0 })
	taken, fault := send(t, d.Link, "有新工单")
	if fault != nil {
		t.Fatal(fault)
	}
	receipts, err := sink.Receipts(soon(t), 1)
	if err != nil || receipts[0].CarrierID != taken.CarrierIDs[0] || receipts[0].CarrierID == accepted.CarrierIDs[0] {
		t.Errorf("%+v, %v; accepted %v, taken %v", receipts, err, accepted, taken)
	}
}

// impatient waits for a phone that says nothing no longer than it must.
func impatient(c *sipmsg.Config) { c.Probe = 300 * time.Millisecond }

// An alert for a phone that is not there is free to go another way soon.
func TestPhoneThatIsAwayIsUnreachable(t *testing.T) {
	gone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close() // it listens and says nothing
	for _, params := range []string{"", ";transport=tcp", ";transport=tls"} {
		l := newLink(t, "sip:"+officer+"@"+gone.LocalAddr().String()+params, impatient)
		run(t, l)
		if _, fault := send(t, l, "警报"); fault == nil || fault.Fault != sms.Unreachable {
			t.Errorf("%s: %v", params, fault)
		}
		if _, fault := send(t, l, strings.Repeat("长", 500)); fault == nil || fault.Fault != sms.Unreachable {
			t.Errorf("%s, long: %v", params, fault)
		}
		_, err := l.Send(soon(t), sms.Outgoing{To: "13900000000", Text: "您好"})
		if fault, ok := err.(*sms.SendError); !ok || fault.Fault != sms.Unreachable {
			t.Errorf("a citizen's number: %v", err)
		}
	}
}

// A phone that takes a connection and says nothing may have shown the text.
func TestPhoneThatFallsSilentLeavesItUnknown(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	clock := smstest.NewHeldClock()
	l := newLink(t, "sip:"+officer+"@"+mute.Addr().String()+";transport=tcp", func(c *sipmsg.Config) { c.Clock = clock })
	run(t, l)
	fault := clock.Unanswered(t, l, officer, func() {
		conn, err := mute.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	})
	if fault.Fault != sms.Unknown {
		t.Errorf("%v", fault)
	}
	if got := l.Health().Stats.Timeouts; got != 1 {
		t.Errorf("%d timeouts counted", got)
	}
}

// What is lost on the way is sent again by the stack, and shown once.
func TestLostAnswerIsAskedForAgain(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	sink := run(t, d.Link)
	d.phone.Tune(func(k *smstest.Knobs) { k.DropAnswers = 1 })
	if _, fault := send(t, d.Link, "警报"); fault != nil {
		t.Fatal(fault)
	}
	if _, err := sink.Receipts(soon(t), 1); err != nil {
		t.Error(err)
	}
	if texts, err := d.phone.WaitTexts(soon(t), 1); err != nil || len(texts) != 1 {
		t.Errorf("shown %d times, %v", len(texts), err)
	}
}

func TestWrongProofIsTold(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{User: "hotline", Password: "secret"}, func(c *sipmsg.Config) { c.User, c.Password = "hotline", "wrong" })
	run(t, d.Link)
	if _, fault := send(t, d.Link, "警报"); fault == nil || fault.Fault != sms.Permanent || fault.Code != "401" {
		t.Errorf("%+v", fault)
	}
}

// freeAddr is an address to listen on.
func freeAddr(t *testing.T) string {
	t.Helper()
	free, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", free[0])
}

func TestComesBackWhenItsPortIsFree(t *testing.T) {
	taken, err := net.Listen("tcp", freeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	l := newLink(t, "sip:"+officer+"@127.0.0.1:9", func(c *sipmsg.Config) { c.Listen = taken.Addr().String() })
	sink := smstest.NewSink()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx, sink) }()
	defer func() { cancel(); <-done }()
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sink.Until(soon(t), func() bool { return l.Health().Up }); err != nil {
		t.Errorf("%v: %+v", err, l.Health())
	}
}

func TestMistakesOfTheConfigurationAreTold(t *testing.T) {
	_, err := sipmsg.New(sipmsg.Config{
		Listen: "0.0.0.0:5066", ListenTLS: "192.0.2.1:5067", Number: "1x", Password: "secret", Window: -1,
		Phones: map[string]string{
			"138": "sip:1@192.0.2.2;transport=sctp", officer: "sip:1@pbx.example", "13900000001": "tel:110", "+86139": "sip:1@192.0.2.1",
		},
	})
	for _, part := range []string{"no name", "0.0.0.0:5066", "certificate", "own number", "needs a user", "window", "no clock",
		"udp, tcp, tls", "is a name", "not sip:user@host", "no number in our form"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}
