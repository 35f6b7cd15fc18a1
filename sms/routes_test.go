package sms_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// inTown is inHouse with several links, each to a carrier of its own.
func inTown(t *testing.T, names []string, test func(t *testing.T, h *house, at map[string]*smstest.SMSC)) {
	t.Helper()
	inHouse(t, func(t *testing.T, h *house) {
		at := map[string]*smstest.SMSC{}
		h.links = nil
		for _, name := range names {
			at[name] = smstest.NewSMSC(smstest.Options{})
			h.links = append(h.links, h.link(name, at[name], nil))
		}
		defer func() {
			h.stop()
			for _, c := range at {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		}()
		test(t, h, at)
	})
}

func (h *house) wantLink(id, link string, status sms.Status) {
	h.t.Helper()
	if m := h.text(id); m.Link != link || m.Status != status {
		h.t.Errorf("%s is %s by %q (%s), want %s by %q", id, m.Status, m.Link, m.Raw, status, link)
	}
}

func to(number string) func(*sms.Message) { return func(m *sms.Message) { m.To = number } }

func TestRoutesByPrefixClassAndHealth(t *testing.T) {
	inTown(t, []string{"mobile", "unicom", "spare"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
		h.cfg.Routes = map[string]sms.Route{
			"mobile": {Prefixes: []string{"138", "139"}},
			"unicom": {Prefixes: []string{"130", "1380013"}, Classes: []sms.Class{sms.ClassUrgent, sms.ClassNotification}},
			"spare":  {Order: 1},
		}
		h.start()
		h.put("mobile", to("13800000001"))
		h.put("unicom", to("13000000001"))
		h.put("longer", to("13800130001"))
		h.put("nobody's", to("18900000001"))
		h.put("class", func(m *sms.Message) { m.To, m.Kind = "13000000001", sms.KindSurvey })
		for id, link := range map[string]string{"mobile": "mobile", "unicom": "unicom", "longer": "unicom", "nobody's": "spare", "class": "spare"} {
			h.wantLink(id, link, sms.Delivered)
		}
		at["mobile"].Tune(func(k *smstest.Knobs) { k.Silent = true })
		at["mobile"].Disconnect()
		h.put("down", to("13800000001"))
		h.wantLink("down", "spare", sms.Delivered)
		at["mobile"].Tune(func(k *smstest.Knobs) { k.Silent = false })
		h.pass(2 * time.Minute)
		h.put("back", to("13800000001"))
		h.wantLink("back", "mobile", sms.Delivered)
	})
}

func TestLinksShareByWeight(t *testing.T) {
	inTown(t, []string{"a", "b"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
		h.cfg.Routes = map[string]sms.Route{"a": {Weight: 3}, "b": {Weight: 1}}
		h.start()
		for _, id := range ids(400) {
			h.put(id, nil)
		}
		h.pass(time.Minute)
		a, b := len(at["a"].Submits()), len(at["b"].Submits())
		if a+b != 400 || a < 250 || a > 350 {
			t.Errorf("%d and %d, want three to one", a, b)
		}
	})
}

// rated is a house whose link has a rate.
func rated(t *testing.T, rate int, test func(t *testing.T, h *house)) {
	t.Helper()
	inHouse(t, func(t *testing.T, h *house) {
		h.links = []sms.Transport{h.link("a", h.smsc, func(c *smpp.Config) { c.Window = 50 })}
		h.cfg.Routes = map[string]sms.Route{"a": {Rate: rate}}
		h.start()
		h.pass(time.Minute)
		test(t, h)
	})
}

func TestLinkKeepsItsRate(t *testing.T) {
	rated(t, 20, func(t *testing.T, h *house) {
		for _, id := range ids(200) {
			h.put(id, nil)
		}
		began := time.Now()
		if n := len(h.smsc.Submits()); n > 20 {
			t.Errorf("%d at once, at most a second's worth", n)
		}
		for range 8 {
			h.pass(time.Second)
			most := 20 + 20*int(time.Since(began)/time.Second)
			if n := len(h.smsc.Submits()); n > most || n < most-30 {
				t.Errorf("after %s: %d, at most %d", time.Since(began), n, most)
			}
		}
		h.pass(5 * time.Second)
		h.wantSubmits(200)
	})
}

func TestLongTextsCostTheirSegments(t *testing.T) {
	rated(t, 4, func(t *testing.T, h *house) {
		for _, id := range ids(10) {
			h.put(id, func(m *sms.Message) { m.Text = strings.Repeat("办", 120) })
		}
		h.pass(2 * time.Second)
		if n := len(h.smsc.Submits()); n < 8 || n > 12 {
			t.Errorf("%d segments after 2 s at 4 a second", n)
		}
		h.pass(5 * time.Second)
		h.wantSubmits(20)
	})
}

// A text longer than the rate of a second is sent, and paid for.
func TestATextLongerThanASecondIsSent(t *testing.T) {
	rated(t, 2, func(t *testing.T, h *house) {
		h.put("long", func(m *sms.Message) { m.Text = strings.Repeat("办", 400) })
		h.wantSubmits(7)
		h.put("next", nil)
		h.pass(time.Second)
		if got := h.status("next"); got != sms.Queued {
			t.Errorf("the next one: %s", got)
		}
		h.pass(4 * time.Second)
		h.wantLink("next", "a", sms.Delivered)
	})
}

// Ten thousand texts to everybody do not delay one to the officer on duty, neither by the
// link's rate nor by its window.
func TestBulkDoesNotDelayDutyZZ_20_2(t *testing.T) {
	for name, route := range map[string]sms.Route{"by rate": {Rate: 100}, "by window": {}} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				const latency = 200 * time.Millisecond
				h.smsc.Tune(func(k *smstest.Knobs) { k.Latency = latency })
				h.cfg.Routes = map[string]sms.Route{"a": route}
				for n := range 10_000 {
					id := fmt.Sprintf("bulk-%05d", n)
					m := sms.Message{ID: id, Key: id, Kind: sms.KindBulk, To: "13800000009", Text: "通知", CreatedAt: time.Now()}
					if err := h.store.PutText(t.Context(), m); err != nil {
						t.Fatal(err)
					}
				}
				h.start()
				h.pass(3 * time.Second)
				began := time.Now()
				h.put("duty", func(m *sms.Message) { m.Kind = sms.KindDuty })
				for h.status("duty") == sms.Queued {
					h.pass(10 * time.Millisecond)
				}
				if took := time.Since(began); took > 2*latency+50*time.Millisecond {
					t.Errorf("it took %s beside bulk, a text takes %s", took, latency)
				}
			})
		})
	}
}

// Texts for a link that is down or slow do not keep those for others back.
func TestAJamOfOneLinkIsNoJamOfAnother(t *testing.T) {
	inTown(t, []string{"slow", "fast"}, func(t *testing.T, h *house, at map[string]*smstest.SMSC) {
		h.cfg.Routes = map[string]sms.Route{"slow": {Prefixes: []string{"138"}, Rate: 1}, "fast": {Prefixes: []string{"130"}}}
		h.cfg.Policy.Poll = time.Second
		h.start()
		for n := range 300 {
			h.put(fmt.Sprintf("a%d", n), nil)
		}
		began := time.Now()
		for n := range 100 {
			h.put(fmt.Sprintf("b%d", n), to("13000000001"))
		}
		for len(at["fast"].Submits()) < 100 {
			h.pass(100 * time.Millisecond)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("the fast link's texts took %s", took)
		}
		h.pass(10 * time.Minute)
		if n := len(at["slow"].Submits()); n != 300 {
			t.Errorf("the slow link has %d of 300", n)
		}
	})
}
