package console_test

import (
	"strings"
	"testing"
)

// TestZZ_25_PublicListHasNothingPrivate: what the public site takes has not a word of orders that
// are confidential, unfit to be public, or answered to their citizens; and of the others neither
// number, name nor phone.
func TestZZ_25_PublicListHasNothingPrivate(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	for _, o := range []struct{ kind, mode, words string }{
		{"suggestion", "public", "增设班车,我是李四,回电13812345678"}, {"help", "direct", "甲甲甲"}, {"help", "private", "乙乙乙"}, {"help", "", "丙丙丙"}, {"report", "private", "丁丁丁"},
	} {
		var made struct{ Number, Pin string }
		a := c.post("/orders", map[string]any{"type": o.kind, "phone": citizen, "name": "李四", "summary": o.words})
		a.want(t, 201)
		a.into(t, &made)
		if o.mode != "" {
			c.post("/orders/"+made.Number+"/reply", map[string]any{"mode": o.mode, "reason": "涉及隐私"}).want(t, 200, `"reply_mode":"`+o.mode+`"`)
		}
		if o.mode == "private" {
			c.post("/orders/"+made.Number+"/reply", map[string]any{"mode": "public"}).want(t, 422, `"field":"mode"`, `"rule":"ZZ-25"`)
		}
		if o.kind != "report" {
			c.post("/orders/"+made.Number+"/complete", map[string]any{"result": "已答复" + o.words}).want(t, 200)
		}
		if got := c.get("/published").body; strings.Contains(got, made.Number) || strings.Contains(got, made.Pin) {
			t.Errorf("a number or a code is public: %s", got)
		}
	}
	a := c.get("/published")
	a.want(t, 200, "增设班车", `"type_text":"建议"`)
	for _, secret := range []string{"甲", "乙", "丙", "丁", "李四", citizen, "138****"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%s is public: %s", secret, a.body)
		}
	}
}
