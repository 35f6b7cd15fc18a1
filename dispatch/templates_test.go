package dispatch

import (
	"strings"
	"testing"
	"time"
)

// TestPreviews: of every hotline every template is shown filled, with the signature counted
// once, and no text is longer than a gateway sends.
func TestPreviews(t *testing.T) {
	for _, id := range hotlines {
		p := loadPolicy(t, id)
		for _, v := range p.Previews() {
			if strings.ContainsAny(v.Text, "{}") {
				t.Errorf("%s %s has an empty slot: %s", id, v.Name, v.Text)
			}
			if strings.Count(v.Text, "【"+p.Hotline.Signature+"】") != 1 || v.Units != units(v.Text) || v.Segments < 1 || v.Segments > 10 {
				t.Errorf("%s %s: %d units, %d segments: %s", id, v.Name, v.Units, v.Segments, v.Text)
			}
			if strings.HasSuffix(v.Name, ".survey") && v.Segments != 1 {
				t.Errorf("%s %s takes %d segments", id, v.Name, v.Segments)
			}
		}
		if len(p.Warnings) > 0 {
			t.Errorf("%s: %v", id, p.Warnings)
		}
	}
	p := loadPolicy(t, "zz")
	all := map[string]Preview{}
	for _, v := range p.Previews() {
		all[v.Name] = v
	}
	if v := all["texts.result"]; v.Segments != 2 || !strings.Contains(v.Text, strings.Repeat("答", 59)+"…") {
		t.Errorf("the longest result: %+v", v)
	}
	if v := all["texts_en.receipt"]; v.Text != "【高新区热线】We have your request, case ZZ20261230-999999-1, code 0000. Answer by Dec 30 23:59." {
		t.Errorf("in English: %+v", v)
	}
}

func TestEnglishIsWholeAndRight(t *testing.T) {
	src := readDeploy(t, "hotlines/zz/policy.yaml")
	for _, tt := range []struct{ old, new, want string }{
		{`  query_own: "Please`, `  #query_own: "Please`, `the text "query_own" is missing`},
		{`  opt_in: "You`, `  #opt_in: "You`, `the text "opt_in" is missing`},
		{"Case {number}: {state}.", "Case {numbr}: {state}.", `did you mean "number"?`},
		{"Reply 1(best)-5(worst) in 24h", "Answer 1(best)-5(worst) in 24h", `"eply" is missing`},
		{"texts_en:", "texts_en:\n  duty: \"New case {number}\"", "officers are written to in Chinese"},
	} {
		_, err := ParsePolicy("policy.yaml", []byte(strings.Replace(src, tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.new, err, tt.want)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	p := loadPolicy(t, "zz")
	for text, want := range map[string]string{
		"The street light is broken": English, "street light": English, "STOP": English, "start": English, "unsubscribe": English,
		"路灯坏了": "", "路灯 street light 坏了": "", "TD": "", "KT": "", "OK": "", "1": "", "CX 261121000427 4821": "", "": "",
	} {
		if got := p.languageOf(text); got != want {
			t.Errorf("%q is in %q, want %q", text, got, want)
		}
	}
	if got := loadPolicy(t, "kf").languageOf("The street light is broken"); got != "" {
		t.Errorf("a hotline without English answers in %q", got)
	}
	if got := (Deadline{At: time.Date(2026, 12, 31, 0, 0, 0, 0, Place)}).in(English); got != "Dec 30" {
		t.Errorf("a deadline at the end of a day is %s", got)
	}
}
