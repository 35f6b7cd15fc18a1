package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func TestConsentXZ(t *testing.T) {
	onBoth(t, "xz", map[string]func(*hall){
		"XZ-12.6 a party of the matter is not told who asks, without consent":    partyIsNotTold,
		"XZ-12.6 an informant is made known with consent alone, and to one unit": informantAgrees,
	})
}

func TestConsentKF(t *testing.T) {
	onBoth(t, "kf", map[string]func(*hall){"KF-3.1.5 no consent makes an informant known": neverKnown})
}

// knows asks the record whether a unit may know who an order's citizen is.
func (h *hall) knows(o dispatch.Order, unit string) bool {
	h.t.Helper()
	said, err := h.store.Reviews(h.ctx(), dispatch.Filter{Order: o.Number, Limit: 100})
	h.ok(err)
	return dispatch.MayKnow(h.order(o.Number), unit, said)
}

func partyIsNotTold(h *hall) {
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) { in.Type, in.Name = dispatch.Complaint, "王先生" })
	g := dispatch.Giving{Lead: "water", Assist: []string{"roads"}, Interested: []string{"roads"}, Disclose: true}
	_, err := h.Dispatch(h.ctx(), o.Number, desk, g)
	h.denies(err, dispatch.Refusal{Field: "disclose", Rule: "XZ-12.6"}, dispatch.ErrIllegal)
	h.same("unchanged", []any{h.order(o.Number).State, h.knows(o, "roads")}, []any{dispatch.Registered, true})
	g.Interested = []string{"gas"}
	_, err = h.Dispatch(h.ctx(), o.Number, desk, g)
	h.denies(err, dispatch.Refusal{Field: "interested", Rule: "XZ-12.6"}, dispatch.ErrInvalid)
	g.Interested, g.Disclose = []string{"roads"}, false
	_, err = h.Dispatch(h.ctx(), o.Number, desk, g)
	h.ok(err)
	h.same("who knows", []bool{h.knows(o, "water"), h.knows(o, "roads")}, []bool{true, false})
	texts, err := h.store.Messages(h.ctx(), dispatch.Filter{Kind: sms.KindDuty})
	h.ok(err)
	for _, m := range texts {
		if party := m.To == "13900000021"; party == strings.Contains(m.Text, "5678") {
			h.t.Errorf("text to %s: %s", m.To, m.Text)
		}
	}
	h.now = h.now.Add(time.Minute)
	_, err = h.Consent(h.ctx(), o.Number, clerk, dispatch.Consent{Unit: "roads", Given: true, Evidence: "录音7"})
	h.ok(err)
	h.same("agreed", h.knows(o, "roads"), true)
	last := h.events(o.Number)
	e := last[len(last)-1]
	h.same("noted", []string{e.Kind, e.Rule, e.Text}, []string{dispatch.OnConsent, "XZ-12.6", "诉求人同意向住建局透露身份,凭录音7"})
}

func informantAgrees(h *hall) {
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) { in.Type, in.Name = dispatch.Report, "举报人甲" })
	for _, c := range []dispatch.Consent{{Given: true, Evidence: "录音1"}, {Unit: "water", Given: true}, {Unit: "none", Given: true, Evidence: "录音1"}} {
		_, err := h.Consent(h.ctx(), o.Number, clerk, c)
		field := "unit"
		if c.Evidence == "" {
			field = "evidence"
		}
		h.denies(err, dispatch.Refusal{Field: field, Rule: "XZ-12.6"}, dispatch.ErrInvalid)
	}
	agreed := dispatch.Consent{Unit: "water", Given: true, Evidence: "录音1"}
	_, err := h.Consent(h.ctx(), o.Number, leader, agreed)
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "XZ-12.6"}, dispatch.ErrRole)
	h.same("nobody knows", h.knows(o, "water"), false)
	_, err = h.Consent(h.ctx(), o.Number, clerk, agreed)
	h.ok(err)
	h.same("who knows", []bool{h.knows(o, "water"), h.knows(o, "roads")}, []bool{true, false})
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Assist: []string{"roads"}, Disclose: true})
	h.denies(err, dispatch.Refusal{Field: "disclose", Rule: "XZ-12.6"}, dispatch.ErrIllegal)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Disclose: true})
	h.ok(err)
	_, err = h.Consent(h.ctx(), o.Number, water, agreed)
	h.denies(err, dispatch.Refusal{Field: "role", Rule: "XZ-12.6"}, dispatch.ErrRole)
	h.now = h.now.Add(time.Minute)
	_, err = h.Consent(h.ctx(), o.Number, clerk, dispatch.Consent{Unit: "water", Evidence: "录音2"})
	h.ok(err)
	h.same("not any more", h.knows(o, "water"), false)
}

func neverKnown(h *hall) {
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) { in.Type, in.Name = dispatch.Report, "举报人甲" })
	_, err := h.Consent(h.ctx(), o.Number, clerk, dispatch.Consent{Unit: "water", Given: true, Evidence: "录音1"})
	h.denies(err, dispatch.Refusal{Field: "given", Rule: "KF-3.1.5"}, dispatch.ErrIllegal)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Disclose: true})
	h.denies(err, dispatch.Refusal{Field: "disclose", Rule: "KF-3.1.5"}, dispatch.ErrIllegal)
	h.same("nobody knows", h.knows(o, "water"), false)
}
