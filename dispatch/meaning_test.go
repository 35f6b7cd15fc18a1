package dispatch

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hotline/sms"
	"hotline/sms/survey"
)

func TestReadInquiry_ZZ18_3(t *testing.T) {
	for _, tt := range []struct{ text, number, code string }{
		{"查 261121000427 4821", "261121000427", "4821"},
		{"查询 261121000427 4821", "261121000427", "4821"},
		{"CX 261121000427 4821", "261121000427", "4821"},
		{"cx261121000427,4821", "261121000427", "4821"},
		{"ＣＸ　２６１１２１０００４２７　４８２１", "261121000427", "4821"},
		{"查２６１１２１０００４２７＋４８２１。", "261121000427", "4821"},
		{"查询:2611 2100 0427 4821", "261121000427", "4821"},
		{"查 2611211000017 4821", "2611211000017", "4821"},
		{"查 ZZ20261121-00042-7 4821", "ZZ20261121000427", "4821"},
		{"查 zz20261121-00042-7  4821", "ZZ20261121000427", "4821"},
		{"查工单261121000427 4821", "261121000427", "4821"},
		{"【高新区热线】查 261121000427 4821", "261121000427", "4821"},
		{"查\u200b 261121000427\u00a04821", "261121000427", "4821"},
		{"查 12345678 1234", "12345678", "1234"}, // no order's number: that is for the office to say
		{"查 1234", "", "1234"},
	} {
		r := read(sms.Inbound{Text: tt.text})
		if want := (inquiry{true, tt.number, tt.code}); r.inquiry != want {
			t.Errorf("%q is %+v, want %+v", tt.text, r.inquiry, want)
		}
		if shown := WithoutCode(tt.text); !strings.HasSuffix(shown, " ****") || strings.Count(shown, tt.code) > strings.Count(tt.number, tt.code) {
			t.Errorf("%q is shown as %q", tt.text, shown)
		}
	}
	for _, text := range []string{"查", "查询", "查 1", "查12号楼停水1234", "请查 261121000427 4821", "查 261121000427 4821 谢谢",
		"261121000427 4821", "5 261121000427", "CXK 1234", "查A1234", "查" + strings.Repeat("1", 300)} {
		if r := read(sms.Inbound{Text: text}); r.asks {
			t.Errorf("%q asks about %+v", text, r.inquiry)
		}
		if shown := WithoutCode(text); shown != text {
			t.Errorf("%q is shown as %q", text, shown)
		}
	}
}

func TestWholeTexts(t *testing.T) {
	for _, tt := range []struct {
		texts []string
		is    func(reading) bool
	}{
		{[]string{"退订", "TD", "td", "ＴＤ", "t", "R", "ｒ", "N", "STOP", "stop.", " 退订。", "回复TD", "【高新区热线】退订", "取消订阅", "拒收", "Unsubscribe"},
			func(r reading) bool { return r.Kind == survey.Refusal }},
		{[]string{"恢复", "KT", "kt", "ＫＴ", "START", "start!", "回复KT", "取消退订", "恢复订阅"}, func(r reading) bool { return r.returns }},
		{[]string{"1", "１", "①", "收到", "收到。", "已收到", "确认", "OK", "ok", "Ｏｋ", "回复1"}, func(r reading) bool { return r.confirms }},
	} {
		for _, text := range tt.texts {
			if !tt.is(read(sms.Inbound{Text: text})) {
				t.Errorf("%q is not read as %q is", text, tt.texts[0])
			}
		}
	}
	for _, text := range []string{"我要退订", "退订吗", "TDS", "停止", "恢复供水", "ktv噪音", "收到骚扰短信", "OK吗", "12", "好", ""} {
		if r := read(sms.Inbound{Text: text}); r.Kind == survey.Refusal || r.returns || r.confirms {
			t.Errorf("%q is a command: %+v", text, r)
		}
	}
}

// FuzzRead: a text has at most one meaning beside an answer, an inquiry has digits only,
// and a code is never shown.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"查 261121000427 4821", "cx２６１１２１０００４２７４８２１", "退订", "KT", "1", "收到", "查ZZ20261121-00042-7 4821", "\xff查 1234", "1\u20e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := read(sms.Inbound{Text: text})
		n := 0
		for _, is := range []bool{r.Kind == survey.Refusal, r.returns, r.asks, r.confirms} {
			if is {
				n++
			}
		}
		if n > 1 {
			t.Errorf("%q has %d meanings", text, n)
		}
		if again := read(sms.Inbound{Text: " " + strings.ToLower(text) + "。"}); len(text) < maxCommand-8 && utf8.ValidString(text) && again.asks && !r.asks {
			t.Logf("case matters in %q", text)
		}
		if !r.asks {
			return
		}
		digits := strings.TrimLeft(r.number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if len(r.code) != codeDigits || strings.Trim(r.code+digits, "0123456789") != "" {
			t.Errorf("%q asks about %+v", text, r.inquiry)
		}
		if shown := WithoutCode(text); shown != "查 "+r.number+" ****" {
			t.Errorf("%q is shown as %q", text, shown)
		}
	})
}
