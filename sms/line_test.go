package sms_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// The four protocols frame alike but for the width of their headers; SGIP's number has
// its node and time in front.
func TestFramesOfEveryProtocol(t *testing.T) {
	for header, c := range map[int]struct {
		frame sms.Frame
		want  string
	}{
		12: {sms.Frame{Command: 8, Seq: 7, Body: []byte("x")}, "\x00\x00\x00\x0d\x00\x00\x00\x08\x00\x00\x00\x07x"},
		16: {sms.Frame{Command: 0x80000004, Status: 0x58, Seq: 7}, "\x00\x00\x00\x10\x80\x00\x00\x04\x00\x00\x00\x58\x00\x00\x00\x07"},
		20: {sms.Frame{Command: 3, Status: 3_010_012_345<<32 | 1127_101559, Seq: 7, Body: []byte{}},
			"\x00\x00\x00\x14\x00\x00\x00\x03\xb3\x69\x24\xb9\x43\x2e\x34\x77\x00\x00\x00\x07"},
	} {
		w := sms.Framing{Header: header, Longest: 100}
		if got := w.Bytes(c.frame); string(got) != c.want {
			t.Errorf("%d: written % x, want % x", header, got, c.want)
		}
		got, err := w.Read(bytes.NewReader([]byte(c.want)))
		if err != nil || got.Command != c.frame.Command || got.Status != c.frame.Status || got.Seq != 7 || !bytes.Equal(got.Body, c.frame.Body) {
			t.Errorf("%d: read %+v, %v", header, got, err)
		}
	}
}

// inWindow runs a test with a line whose window has one seat, towards a carrier that
// answers after a second.
func inWindow(t *testing.T, test func(t *testing.T, h *house, l *sms.Line)) {
	t.Helper()
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = time.Second })
		l := h.link("w", h.smsc, func(c *smpp.Config) { c.Window = 1 })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx, smstest.NewSink()) }()
		defer func() { cancel(); <-done }()
		synctest.Wait()
		test(t, h, l)
	})
}

func sendOn(ctx context.Context, l *sms.Line, text string) error {
	_, err := l.Send(ctx, sms.Outgoing{ID: "m", To: "13800000001", Text: text})
	return err
}

// Who waits for a seat is seated in turn; who gives up takes nobody's place.
func TestSeatsAreGivenInTurn(t *testing.T) {
	inWindow(t, func(t *testing.T, h *house, l *sms.Line) {
		begin := func(ctx context.Context, text string) chan error {
			done := make(chan error, 1)
			go func() { done <- sendOn(ctx, l, text) }()
			synctest.Wait()
			return done
		}
		first := begin(t.Context(), "1")
		impatient, giveUp := context.WithCancel(t.Context())
		second := begin(impatient, "2")
		third, fourth := begin(t.Context(), "3"), begin(t.Context(), "4")
		giveUp()
		var fault *sms.SendError
		if err := <-second; !errors.As(err, &fault) || fault.Fault != sms.Unreachable {
			t.Errorf("gave up: %v", err)
		}
		for _, done := range []chan error{first, third, fourth} {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		texts := h.smsc.Texts()
		if len(texts) != 3 || texts[0].Text != "1" || texts[1].Text != "3" || texts[2].Text != "4" {
			t.Errorf("%+v", texts)
		}
		if h := l.Health(); h.Free != 1 || h.Window != 1 {
			t.Errorf("%+v", h)
		}
	})
}

// When the line goes, nobody goes on waiting for a seat on it.
func TestNobodyWaitsOnALineThatIsGone(t *testing.T) {
	inWindow(t, func(t *testing.T, h *house, l *sms.Line) {
		faults := make(chan sms.Fault, 3)
		for range 3 {
			go func() {
				var fault *sms.SendError
				if err := sendOn(t.Context(), l, "您好"); errors.As(err, &fault) {
					faults <- fault.Fault
				}
			}()
		}
		synctest.Wait()
		h.smsc.Disconnect()
		got := map[sms.Fault]int{}
		for range 3 {
			got[<-faults]++
		}
		if got[sms.Unknown] != 1 || got[sms.Unreachable] != 2 {
			t.Errorf("%v", got)
		}
	})
}

func TestLinkStats(t *testing.T) {
	inWindow(t, func(t *testing.T, h *house, l *sms.Line) {
		send := func(change func(*smstest.Knobs)) {
			h.smsc.Tune(change)
			_ = sendOn(t.Context(), l, "您好")
		}
		send(func(*smstest.Knobs) {})
		send(func(k *smstest.Knobs) { k.Throttle = 1 })
		send(func(k *smstest.Knobs) { k.Refuse = 0x0B })
		send(func(k *smstest.Knobs) { k.Refuse, k.DropAnswers = 0, 1 })
		if err := h.smsc.Deliver(t.Context(), "13800000001", "1069012345", "1"); err != nil {
			t.Fatal(err)
		}
		h.smsc.Inject([]byte("\x00\x00\x00\x10\x00\x00\x09\x99\x00\x00\x00\x00\x00\x00\x00\x01"))
		h.smsc.Inject([]byte("\x00\x00\x00\x03\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01"))
		h.pass(5 * time.Second)
		st := l.Health().Stats
		if st.Submits != 4 || st.Answers != 3 || st.Throttled != 1 || st.Refused != 1 || st.Timeouts != 1 {
			t.Errorf("%+v", st)
		}
		if st.Receipts != 2 || st.Texts != 1 || st.Malformed != 1 || st.Oversize != 1 || st.Binds != 2 || st.Failures != 0 {
			t.Errorf("%+v", st)
		}
		if st.Waited != time.Second || st.Response[0] != 2 || st.Response[8] != 1 {
			t.Errorf("response times %v, %v", st.Waited, st.Response)
		}
	})
}

// Windows settle by what the receiver has brought, whatever the transmitter does.
func TestInboundFollowsTheReceiver(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.links = []sms.Transport{h.link("p", h.smsc, func(c *smpp.Config) { c.Pair = true })}
		h.start()
		h.pass(time.Hour)
		if late := time.Since(h.gw.InboundUpTo()); late > time.Minute {
			t.Errorf("both up: known up to %s ago", late)
		}
		h.smsc.Tune(func(k *smstest.Knobs) { k.NoReceiver = true })
		h.smsc.DisconnectReceivers()
		h.pass(time.Hour)
		if late := time.Since(h.gw.InboundUpTo()); late < 59*time.Minute {
			t.Errorf("receiver down: known up to %s ago", late)
		}
		h.smsc.Tune(func(k *smstest.Knobs) { k.NoReceiver, k.NoTransmitter = false, true })
		h.smsc.Disconnect()
		h.pass(time.Hour)
		if late := time.Since(h.gw.InboundUpTo()); late > time.Minute || h.gw.Links()[0].Up {
			t.Errorf("transmitter down: known up to %s ago, %+v", late, h.gw.Links()[0])
		}
	})
}

// uncounted is a transport that leaves it to the gateway to count.
type uncounted struct{ sms.Transport }

func (u uncounted) Health() sms.Health {
	h := u.Transport.Health()
	h.Stats = sms.LinkStats{}
	return h
}

func TestTheGatewayCountsForWhoDoesNot(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.smsc.Tune(func(k *smstest.Knobs) { k.Latency, k.Throttle = 20*time.Millisecond, 1 })
		h.links = []sms.Transport{uncounted{h.links[0]}}
		h.start()
		h.put("m", nil)
		h.pass(time.Minute)
		h.reply("1")
		st := h.gw.Links()[0].Stats
		if st.Submits != 2 || st.Answers != 2 || st.Throttled != 1 || st.Receipts != 1 || st.Texts != 1 || st.Waited != 20*time.Millisecond {
			t.Errorf("%+v", st)
		}
	})
}
