package sms_test

import (
	"fmt"
	"testing"
	"time"

	"hotline/sms"
)

func TestReceiversLimits(t *testing.T) {
	limited := func(t *testing.T, test func(t *testing.T, h *house)) {
		inHouse(t, func(t *testing.T, h *house) {
			h.cfg.Policy.Limits = sms.CarrierLimits()
			h.start()
			test(t, h)
		})
	}
	t.Run("the same text waits", func(t *testing.T) {
		limited(t, func(t *testing.T, h *house) {
			for _, id := range ids(3) {
				h.put(id, nil)
			}
			h.put("other", func(m *sms.Message) { m.Text = "另一条" })
			h.put("another's", func(m *sms.Message) { m.To = "13800000002" })
			h.wantSubmits(4)
			if m := h.text("text-2"); m.Status != sms.Queued || m.Raw != sms.RawSameLimit {
				t.Errorf("the third: %+v", m)
			}
			if got := h.gw.Stats().Limited; got != 1 {
				t.Errorf("%d limited", got)
			}
			h.pass(58 * time.Second)
			h.wantSubmits(4)
			h.pass(2 * time.Second)
			h.wantLink("text-2", "a", sms.Delivered)
		})
	})
	t.Run("fifty a day", func(t *testing.T) {
		limited(t, func(t *testing.T, h *house) {
			for n := range 50 {
				h.put(fmt.Sprint("m", n), func(m *sms.Message) { m.Text = fmt.Sprint("第", n, "条") })
			}
			h.wantSubmits(50)
			h.put("result", func(m *sms.Message) { m.Kind = sms.KindResult })
			h.put("survey", func(m *sms.Message) { m.Kind = sms.KindSurvey })
			h.put("bulk", func(m *sms.Message) { m.Kind = sms.KindBulk })
			h.put("duty", func(m *sms.Message) { m.Kind = sms.KindDuty })
			h.wantSubmits(51)
			for id, want := range map[string]sms.Status{"result": sms.Queued, "survey": sms.Failed, "bulk": sms.Failed, "duty": sms.Delivered} {
				m := h.text(id)
				if m.Status != want || want != sms.Delivered && m.Raw != sms.RawDayLimit {
					t.Errorf("%s: %s %q, want %s", id, m.Status, m.Raw, want)
				}
			}
			h.pass(23 * time.Hour)
			h.wantSubmits(51)
			h.pass(2 * time.Hour)
			h.wantLink("result", "a", sms.Delivered)
		})
	})
	t.Run("several at once count one another", func(t *testing.T) {
		inHouse(t, func(t *testing.T, h *house) {
			h.cfg.Policy.Limits = sms.CarrierLimits()
			for _, id := range ids(5) {
				h.put(id, nil)
			}
			h.start()
			h.wantSubmits(2)
			h.pass(time.Minute)
			h.wantSubmits(4)
			h.pass(time.Minute)
			h.wantSubmits(5)
		})
	})
}

func TestLimitsThatMakeNoSenseAreRefused(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.cfg.Transports = h.links
		for _, l := range []sms.Limits{{Day: -1}, {Same: 2}, {Same: 1, Within: 25 * time.Hour}} {
			h.cfg.Policy.Limits = l
			if _, err := sms.NewGateway(h.cfg); err == nil {
				t.Errorf("%+v was taken", l)
			}
		}
		h.cfg.Policy.Limits = sms.Limits{}
		for name, r := range map[string]sms.Route{"nobody": {}, "a": {Prefixes: []string{"13x"}}} {
			h.cfg.Routes = map[string]sms.Route{name: r}
			if _, err := sms.NewGateway(h.cfg); err == nil {
				t.Errorf("route %s %+v was taken", name, r)
			}
		}
	})
}
