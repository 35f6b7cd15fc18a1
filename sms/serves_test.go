package sms_test

import (
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

// deskLink is a link that reaches some numbers alone, as softphones do.
type deskLink struct {
	sms.Transport
	serves []string
}

func (l deskLink) Health() sms.Health {
	h := l.Transport.Health()
	h.Serves = l.serves
	return h
}

const officer = "13900000009"

// withDesk puts a link that serves the officer alone before the one to the carrier.
func (h *house) withDesk() *smstest.SMSC {
	desk := smstest.NewSMSC(smstest.Options{})
	h.links = append([]sms.Transport{deskLink{h.link("desk", desk, nil), []string{officer}}}, h.links...)
	h.start()
	gateway := h.stop
	h.stop = func() { gateway(); _ = desk.Close() }
	return desk
}

func TestLinkIsOfferedTheNumbersItServes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		desk := h.withDesk()
		h.put("citizen", nil)
		h.put("officer", func(m *sms.Message) { m.To = officer })
		h.pass(time.Second)
		for id, link := range map[string]string{"citizen": "a", "officer": "desk"} {
			if m := h.text(id); m.Status != sms.Delivered || m.Link != link {
				t.Errorf("%s: %+v", id, m)
			}
		}
		desk.Tune(func(k *smstest.Knobs) { k.Silent = true })
		desk.Disconnect()
		h.put("again", func(m *sms.Message) { m.To = officer })
		h.pass(10 * time.Minute)
		if m := h.text("again"); m.Status != sms.Delivered || m.Link != "a" {
			t.Errorf("with the desk away: %+v", m)
		}
		if late := time.Since(h.gw.InboundUpTo()); late > time.Minute {
			t.Errorf("a desk that is away holds citizens' windows back by %s", late)
		}
	})
}

// What a desk says of its own address says nothing of the number.
func TestNextLinkIsAskedWhereADeskRefusesForGood(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		desk := h.withDesk()
		desk.Tune(func(k *smstest.Knobs) { k.Refuse = 0x0B })
		h.put("m", func(m *sms.Message) { m.To = officer })
		h.pass(time.Second)
		if m := h.text("m"); m.Status != sms.Delivered || m.Link != "a" {
			t.Errorf("%+v", m)
		}
		h.smsc.Disconnect()
		h.put("n", func(m *sms.Message) { m.To = officer })
		h.pass(5 * time.Minute)
		if m := h.text("n"); m.Status != sms.Delivered || m.Link != "a" {
			t.Errorf("while the other link was away: %+v", m)
		}
	})
}

// An alert on whose first try a desk fell silent goes by another link next.
func TestSecondTryAvoidsTheLinkThatFellSilent(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		desk := h.withDesk()
		desk.Tune(func(k *smstest.Knobs) { k.DropAnswers, k.ManualReceipt = 1, true })
		h.put("m", func(m *sms.Message) { m.To, m.Kind = officer, sms.KindDuty })
		h.pass(3 * time.Minute)
		if m := h.text("m"); m.Status != sms.Delivered || m.Link != "a" || !m.MaybeTwice {
			t.Errorf("%+v", m)
		}
		if n := len(desk.Submits()) + len(h.smsc.Submits()); n != 2 {
			t.Errorf("%d submits, want 2", n)
		}
	})
}
