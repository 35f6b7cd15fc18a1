package dispatch_test

import (
	"path/filepath"
	"strings"
	"testing"

	"hotline/dispatch"
)

// hinted are suggestions in a line: types, units, repeats.
func hinted(h dispatch.Hints) string {
	var words []string
	for _, t := range append(h.Types, h.Units...) {
		words = append(words, t.Name+"<"+t.Reason+t.Rule)
	}
	for _, r := range h.Repeats {
		words = append(words, r.Order.Number+"<"+r.Reason)
	}
	return strings.Join(words, "\n")
}

// TestSuggest: what is said of a request before anybody decided.
func TestSuggest(t *testing.T) {
	h := newHall(t, "zz", filepath.Join(t.TempDir(), "h.db"))
	h.withUnits()
	h.config.Units[0].Topics, h.config.Units[1].Topics = []string{"停水", "水压"}, []string{"井盖", "路面"}
	first := h.open(func(in *dispatch.Intake) { in.Summary = "长椿路井盖松动,夜里响得睡不着" })
	other := h.open(func(in *dispatch.Intake) { in.Summary = "请问落户办理需要什么材料" })
	secret := h.open(func(in *dispatch.Intake) { in.Type, in.Summary = dispatch.Report, "举报路面工程偷工减料" })
	h.open(func(in *dispatch.Intake) {
		in.Phone, in.Summary = officer, "长椿路井盖松动,夜里响得睡不着"
	})
	_, err := h.Dispatch(h.ctx(), other.Number, desk, dispatch.Giving{Lead: "gas"})
	h.ok(err)
	for _, tt := range []struct {
		name, phone, summary string
		want, not            []string
	}{
		{"ZZ-8 a topic leads to its unit", "", "小区停水三天", []string{"求助<诉求提到“停水”", "水务局<诉求提到“停水”,属该单位事项ZZ-8"}, []string{"住建局", "ZZ2"}},
		{"ZZ-10.1 words speak for a type, a report first", "", "我要投诉,也要举报", []string{"举报<诉求提到“举报”\n投诉<"}, nil},
		{"the same number, the same matter", citizen, "长椿路的井盖松动,夜里响", []string{"求助<同一号码内容相近的" + first.Number, "住建局<诉求提到“井盖”", first.Number + "<同一号码、内容相近的在办工单,可能重复\n" + other.Number + "<同一号码的在办工单"}, []string{"水务局"}},
		{"KF-3.1.5 what is confidential is no part of it", citizen, "举报路面工程偷工减料", nil, []string{secret.Number, "内容相近"}},
		{"nothing known", "", "你好", nil, []string{"<"}},
		{"no number", "unknown", "停水", []string{"水务局"}, []string{"ZZ2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := h.Suggest(h.ctx(), dispatch.Asked{Phone: tt.phone, Summary: tt.summary})
			h.ok(err)
			text := hinted(got)
			for _, w := range tt.want {
				if !strings.Contains(text, w) {
					t.Errorf("missing %q in\n%s", w, text)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(text, w) {
					t.Errorf("%q in\n%s", w, text)
				}
			}
		})
	}
	got, err := h.SuggestFor(h.ctx(), secret.Number)
	h.ok(err)
	if text := hinted(got); strings.Contains(text, first.Number) || !strings.Contains(text, "住建局") {
		t.Errorf("of a report: %s", text)
	}
	if got, err = h.SuggestFor(h.ctx(), first.Number); err != nil || strings.Contains(hinted(got), first.Number) {
		t.Errorf("of itself: %s %v", hinted(got), err)
	}
}

// TestChoices: every code that a hotline's rules know has its words, and its clause.
func TestChoices(t *testing.T) {
	for _, hotline := range []string{"zz", "sq", "kf", "zq", "xz"} {
		h := newHall(t, hotline, filepath.Join(t.TempDir(), "h.db"))
		h.withUnits()
		all := h.Choices()
		h.same("units", len(all["units"]), 4)
		for field, values := range all {
			for _, c := range values {
				if c.Value == "" || c.Words == "" || c.Words == c.Value && field != "pass.checks" {
					t.Errorf("%s: %s: %+v", hotline, field, c)
				}
			}
		}
	}
}
