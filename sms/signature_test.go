package sms_test

import (
	"strings"
	"testing"
	"time"

	"hotline/sms"
)

// The signature is on each text once, whoever puts it there, and counts.
func TestSignatureOnceAndCounted(t *testing.T) {
	body := strings.Repeat("办", 66) // with 【热线】 70, which is one segment
	for name, c := range map[string]struct {
		text, carried string
		route         sms.Route
		segments      int
	}{
		"by us":              {text: body, carried: "【热线】" + body, segments: 1},
		"one more character": {text: body + "结", carried: "【热线】" + body + "结", segments: 2},
		"in the text":        {text: "【热线】" + body, carried: "【热线】" + body, segments: 1},
		"by the carrier":     {text: body, carried: body, route: sms.Route{Signs: true}, segments: 1},
		"by both":            {text: "【热线】" + body, carried: body, route: sms.Route{Signs: true}, segments: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.cfg.Routes = map[string]sms.Route{"a": c.route}
				h.start()
				h.put("m", func(m *sms.Message) { m.Text = c.text })
				if got := h.smsc.Texts(); len(got) != 1 || got[0].Text != c.carried {
					t.Errorf("carried %+v", got)
				}
				if m := h.text("m"); m.Segments != c.segments {
					t.Errorf("%d segments, want %d", m.Segments, c.segments)
				}
			})
		})
	}
}

// The rate counts what the carrier counts, its own signature too.
func TestACarriersSignatureIsPaidFor(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.cfg.Routes = map[string]sms.Route{"a": {Signs: true, Rate: 2}}
		h.start()
		h.put("long", func(m *sms.Message) { m.Text = strings.Repeat("办", 68) })
		h.put("next", nil)
		h.wantSubmits(1)
		h.pass(time.Second)
		h.wantSubmits(2)
	})
}

// A link whose account has no extension is given none.
func TestABareLinkHasNoExtension(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.cfg.Routes = map[string]sms.Route{"a": {Bare: true}}
		h.start()
		h.put("m", func(m *sms.Message) { m.Ext = "07" })
		if got := h.smsc.Texts()[0].From; got != "1069012345" {
			t.Errorf("it went out from %s", got)
		}
	})
}
