package asterisk_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/sipphone"
)

// cable is a connection to Asterisk that can be pulled.
type cable struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newCable(t *testing.T, to string) *cable {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{Listener: l}
	t.Cleanup(c.pull)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, in, out)
			c.mu.Unlock()
			go io.Copy(out, in)
			go io.Copy(in, out)
		}
	}()
	return c
}

// shake breaks the connections there are; new ones work.
func (c *cable) shake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// pull breaks them for good: for Asterisk the controller is dead.
func (c *cable) pull() {
	c.Close()
	c.shake()
}

func (c *cable) url() string { return "http://" + c.Addr().String() }

// TestControllerDies has calls up when the controller's connection ends for good.
func TestControllerDies(t *testing.T) {
	h := newHouse(t)
	far := make(chan *sipphone.Session, 1)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		if in.To != "8001" {
			return
		}
		if s, err := in.Answer(); err == nil {
			far <- s
		}
	})
	cable := newCable(t, strings.TrimPrefix(h.ast.ARI, "http://"))
	numbers := make(chan string, 2)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		numbers <- c.Caller()
		if c.Caller() == "13800138001" { // talks; the other one listens to a menu
			d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier"})
			if err != nil {
				t.Error(err)
			}
			c.Connect(ctx, d.Leg)
		}
		<-ctx.Done()
	}), func(c *asterisk.Config) { c.URL = cable.url() })
	waits := h.dial(t)
	talks, err := h.citizen.Call(within(t, patience), h.hotline(), sipphone.CallOptions{From: "13800138001"})
	if err != nil {
		t.Fatal(err)
	}
	desk := soon(t, far, "the desk")
	desk.Say(sipphone.Tone(800))
	if err := talks.Ear().WaitTone(within(t, patience), 800); err != nil {
		t.Fatal(err)
	}

	cable.pull()
	fresh := h.dial(t) // nobody controls: the dialplan answers
	hears(t, fresh, "sorry")

	sw := h.work(t, func(ctx context.Context, _ *asterisk.Call) { <-ctx.Done() }, nil)
	hears(t, waits, "sorry") // the caller in the menu is not left in silence
	talks.Ear().Mark()
	if err := talks.Ear().WaitTone(within(t, patience), 800); err != nil {
		t.Error("the conversation did not go on:", err)
	}
	desk.Hangup(context.Background())
	soon(t, talks.Context().Done(), "the end of the conversation for the citizen too")
	if s := sw.Stats(); s.Fallback != 1 {
		t.Errorf("stats %+v, want one call sent to the fallback", s)
	}
}

// TestSocketLost has a call up while the connection breaks and comes back.
func TestSocketLost(t *testing.T) {
	h := newHouse(t)
	cable := newCable(t, strings.TrimPrefix(h.ast.ARI, "http://"))
	got := make(chan asterisk.Gathered, 1)
	sw := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		c.Play(ctx, asterisk.PlayOptions{Sounds: []string{h.sound("welcome")}})
		g, err := c.Gather(ctx, asterisk.GatherOptions{FirstDigit: time.Minute})
		if err != nil {
			t.Error(err)
		}
		got <- g
		<-ctx.Done()
	}), func(c *asterisk.Config) { c.URL = cable.url() })
	s := h.dial(t)
	hears(t, s, "welcome")
	cable.shake()
	until(t, "the second connection", func() bool { return sw.Stats().Connects >= 2 && sw.Connected() })
	press(t, s, "7")
	if g := soon(t, got, "the key after the reconnect"); g.Digits != "7" {
		t.Errorf("gathered %+v, want 7", g)
	}
}

// TestAsteriskRestarts kills Asterisk under a call and starts it again.
func TestAsteriskRestarts(t *testing.T) {
	h := newHouse(t)
	up := make(chan struct{}, 2)
	over := make(chan error, 2)
	sw := h.work(t, answering(func(ctx context.Context, _ *asterisk.Call) {
		up <- struct{}{}
		<-ctx.Done()
		over <- context.Cause(ctx)
	}), nil)
	h.dial(t)
	soon(t, up, "the first call")
	h.ast.Kill()
	h.ast.Launch(t)
	if err := soon(t, over, "the first call's end"); !strings.Contains(err.Error(), "disconnected") {
		t.Errorf("cause %v, want that it ended while we were disconnected", err)
	}
	for !sw.Connected() {
		if err := sw.Wait(within(t, patience)); err != nil {
			t.Fatal(err)
		}
	}
	h.dial(t)
	soon(t, up, "a call on the new Asterisk")
}

// TestStop ends the controller with calls up: none is left silent.
func TestStop(t *testing.T) {
	h := newHouse(t)
	up := make(chan struct{}, 1)
	d := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		up <- struct{}{}
		c.Gather(ctx, asterisk.GatherOptions{FirstDigit: time.Hour})
	}), nil)
	s := h.dial(t)
	soon(t, up, "the call")
	d.stop()
	hears(t, s, "sorry")
}

// TestRing rings a leader without a caller.
func TestRing(t *testing.T) {
	h := newHouse(t)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		s, err := in.Answer()
		if err != nil {
			return
		}
		s.Ear().WaitPrompt(context.Background(), "accept")
		s.Press(context.Background(), "1")
	})
	sw := h.work(t, func(context.Context, *asterisk.Call) {}, nil)
	d, err := sw.Ring(within(t, patience), asterisk.DialOptions{
		Endpoint: "PJSIP/13900139000@carrier", CallerID: "12345",
		Confirm: &asterisk.Confirm{Prompt: asterisk.PlayOptions{Sounds: []string{h.sound("accept")}}, Key: '1'},
	})
	if err != nil || d.Outcome != asterisk.Answered {
		t.Fatalf("rang %+v, %v", d, err)
	}
	if p, err := d.Leg.Play(context.Background(), asterisk.PlayOptions{Sounds: []string{h.sound("menu")}}); err != nil || p.End != asterisk.PlayDone {
		t.Errorf("played %+v, %v", p, err)
	}
	if err := d.Leg.Hangup(context.Background(), "done"); err != nil {
		t.Error(err)
	}
}

// TestRollingRestart stops the controller during a conversation and starts the next.
func TestRollingRestart(t *testing.T) {
	h := newHouse(t)
	far := make(chan *sipphone.Session, 1)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		if s, err := in.Answer(); err == nil {
			far <- s
		}
	})
	left := make(chan asterisk.LeftFirst, 1)
	first := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier"})
		if err != nil {
			t.Error(err)
			return
		}
		l, _ := c.Connect(ctx, d.Leg)
		left <- l
		c.Hangup(context.Background(), "goodbye") // what a flow does at its end must not cut them off
	}), nil)
	s := h.dial(t)
	desk := soon(t, far, "the desk")
	desk.Say(sipphone.Tone(800))
	if err := s.Ear().WaitTone(within(t, patience), 800); err != nil {
		t.Fatal(err)
	}
	first.stop()
	if l := soon(t, left, "the first controller's end"); l != asterisk.CutOff {
		t.Errorf("left first: %s, want cut-off", l)
	}
	h.work(t, func(ctx context.Context, _ *asterisk.Call) { <-ctx.Done() }, nil)
	s.Ear().Mark()
	if err := s.Ear().WaitTone(within(t, patience), 800); err != nil {
		t.Error("the conversation did not go on:", err)
	}
	s.Hangup(context.Background())
	soon(t, desk.Context().Done(), "the end for the desk too")
}

// TestMalformedSIPDisturbsNoCall throws garbage at the SIP port while a prompt plays.
func TestMalformedSIPDisturbsNoCall(t *testing.T) {
	h := newHouse(t)
	played := make(chan asterisk.Playback, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		p, _ := c.Play(ctx, h.play("welcome"))
		played <- p
		<-ctx.Done()
	}), nil)
	s := h.dial(t)
	hears(t, s, "welcome")
	for _, network := range []string{"udp", "tcp"} {
		conn, err := net.Dial(network, h.ast.SIP)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, garbage := range []string{
			"INVITE sip:12345@127.0.0.1 SIP/2.0\r\nVia: \r\nContent-Length: -1\r\n\r\n", "\x00\x01\x02\xff\xfe",
			"BYE sip:12345 SIP/2.0\r\nCSeq: 99999999999999999999 BYE\r\n\r\n", strings.Repeat("A", 60000),
			"INVITE sip:12345@" + strings.Repeat("[", 4000) + " SIP/2.0\r\n\r\n",
		} {
			conn.Write([]byte(garbage))
		}
	}
	if p := soon(t, played, "the prompt"); p.End != asterisk.PlayDone {
		t.Errorf("playback %+v, want done", p)
	}
	if _, err := s.Ear().WaitPromptEnd(within(t, patience), "welcome"); err != nil {
		t.Error("the prompt was not heard to its end:", err)
	}
	h.dial(t)
}
