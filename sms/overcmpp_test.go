package sms_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// overCMPP adds a link to an ISMG, which closes with the test.
func (h *house) overCMPP(tune func(*smstest.Knobs)) *smstest.ISMG {
	h.t.Helper()
	g := smstest.NewISMG(smstest.Options{Password: "secret"})
	if tune != nil {
		g.Tune(tune)
	}
	l, err := cmpp.New(cmpp.Config{
		Name: "c", Addr: "memory:0", User: "900001", Secret: "secret", Version: cmpp.V30, Connections: 2,
		Numbers: []string{"1069012345"}, Receipts: true, Clock: h.clock,
		Dial: func(context.Context, string) (net.Conn, error) { return g.Connect(), nil },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.links = append(h.links, l)
	return g
}

// inCMPPHouse runs a test with a gateway whose one link is CMPP.
func inCMPPHouse(t *testing.T, tune func(*smstest.Knobs), test func(h *house, g *smstest.ISMG)) {
	t.Helper()
	inHouse(t, func(t *testing.T, h *house) {
		h.links = nil
		g := h.overCMPP(tune)
		defer func() {
			h.stop()
			_ = g.Close()
		}()
		h.start()
		test(h, g)
	})
}

// Reports come before the answers and everything comes twice: a long text is sent and
// delivered once, and what a citizen writes is kept once.
func TestCMPPTwiceAndOutOfOrder(t *testing.T) {
	inCMPPHouse(t, func(k *smstest.Knobs) { k.Twice, k.ReceiptFirst = true, true }, func(h *house, g *smstest.ISMG) {
		h.put("m", func(m *sms.Message) { m.Text = strings.Repeat("长", 150) })
		h.pass(time.Minute)
		h.wantMoves("m sent", "m delivered")
		if n := len(g.Submits()); n != 3 {
			t.Errorf("%d submits, want 3", n)
		}
		for range 2 { // the same word in two texts is two texts: each has its id
			if err := g.Deliver(h.t.Context(), "13800000001", "106901234507", "1"); err != nil {
				t.Error(err)
			}
		}
		h.pass(time.Minute)
		h.wantSeen("13800000001 07 1", "13800000001 07 1")
		if got := h.gw.Stats(); got.Repeated != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestCMPPUnansweredSurveyIsNotSentAgainWhenItsReportComes(t *testing.T) {
	lost := func(k *smstest.Knobs) { k.DropAnswers = 1; k.ReceiptAfter = 2 * time.Minute }
	inCMPPHouse(t, lost, func(h *house, g *smstest.ISMG) {
		h.put("m", func(m *sms.Message) { m.Kind = sms.KindSurvey })
		h.pass(90 * time.Second)
		if m := h.text("m"); m.Status != sms.Queued || !m.MaybeTwice || m.Link != "c" {
			t.Errorf("unanswered: %+v", m)
		}
		h.pass(time.Hour)
		h.wantMoves("m sent", "m delivered")
		if n := len(g.Submits()); n != 1 {
			t.Errorf("%d submits, want 1", n)
		}
	})
}

// A carrier that is out for an hour holds up everything and loses nothing.
func TestCMPPOutage(t *testing.T) {
	inCMPPHouse(t, nil, func(h *house, g *smstest.ISMG) {
		g.Tune(func(k *smstest.Knobs) { k.Silent = true })
		g.Disconnect()
		for _, id := range ids(20) {
			h.put(id, nil)
		}
		h.pass(time.Hour)
		upTo := h.gw.InboundUpTo()
		if n := len(g.Submits()); n != 0 || time.Since(upTo) < 59*time.Minute {
			t.Errorf("%d submits in the silence, all is in up to %v", n, upTo)
		}
		g.Tune(func(k *smstest.Knobs) { k.Silent = false })
		h.pass(10 * time.Minute)
		for _, id := range ids(20) {
			if got := h.status(id); got != sms.Delivered {
				t.Errorf("%s is %s", id, got)
			}
		}
		if n := len(g.Submits()); n != 20 || time.Since(h.gw.InboundUpTo()) > time.Minute {
			t.Errorf("%d submits, all is in up to %v", n, h.gw.InboundUpTo())
		}
	})
}

func TestWhatSMPPDoesNotTakeGoesByCMPP(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		g := h.overCMPP(nil)
		defer func() {
			h.stop()
			_ = g.Close()
		}()
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0x14 })
		h.start()
		h.put("m", nil)
		h.pass(time.Second)
		if m := h.text("m"); m.Status != sms.Delivered || m.Link != "c" {
			t.Errorf("%+v", m)
		}
		g.Tune(func(k *smstest.Knobs) { k.Throttle = 1 })
		h.smsc.Tune(func(k *smstest.Knobs) { k.Refuse = 0 })
		h.put("n", nil)
		h.pass(time.Second)
		if m := h.text("n"); m.Status != sms.Delivered || m.Link != "a" {
			t.Errorf("%+v", m)
		}
	})
}
