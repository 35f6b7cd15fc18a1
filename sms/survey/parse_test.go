package survey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParse_ZQ15_2 is the table of what handsets and people send (ZQ-15.2).
func TestParse_ZQ15_2(t *testing.T) {
	answers := map[int][]string{
		1: {"1", "１", "①", "⑴", "1️⃣", "1.", "1、", "（1）", "选1", "回复1", "一", "壹", "1非常满意", "1、非常满意", "非常满意",
			"1 1", "1。", "1!", "“1”", "【郑州高新区】1", " 1\n", "1\u200b", "\ufeff1", "我选1", "1 谢谢", "非常 满意", "1,非常满意！", "选项一", "1#"},
		2: {"2", "２", "2。", "满意", "满意。", "满意!", "2.满意", "二", "②", "2满意", "回复 2", "满 意", "满意,谢谢"},
		3: {"3", "基本满意", "3基本满意", "叁", "回复:3"},
		4: {"4", "不满意", "4、不满意", "不 满意", "４"},
		5: {"5", "非常不满意", "很不满意", "5 非常不满意", "伍", "非常不满意。"},
	}
	for rating, texts := range answers {
		for _, text := range texts {
			if got := Parse(text); got.Kind != Answer || got.Rating != rating {
				t.Errorf("Parse(%q) = %+v, want answer %d", text, got, rating)
			}
		}
	}
	others := map[ParsedKind][]string{
		Wrong: {"15", "1 5", "1,5", "1或2", "1和2", "1 2", "12345", "11", "1不满意", "4满意", "6", "0", "A", "👍", "谢谢", "", "  ", "。",
			"好的吧", "不是很满意", "不太满意", "一般", "5分", "1.5", "满意不满意", "非常满意 不满意", "+1", "对办理结果不太满意", "一二", "\x00"},
		Refusal: {"退订", "TD", "td", "T", "R", "N", "stop", "ＴＤ", "回复TD", "“退订”", "退 订", "r."},
		Other: {"我家门口的路灯坏了三天了", "3号楼电梯坏了", "我对物业不满意,电梯坏了三个月没人修", "13800001111 请回电",
			strings.Repeat("1", 2000), strings.Repeat("满意", 600)},
	}
	for kind, texts := range others {
		for _, text := range texts {
			if got := Parse(text); got.Kind != kind || got.Rating != 0 || got.Reason == "" {
				t.Errorf("Parse(%.40q) = %+v, want %s with a reason", text, got, kind)
			}
		}
	}
}

// TestParse_ZQ15_3 names an order beside the answer.
func TestParse_ZQ15_3(t *testing.T) {
	tests := []struct {
		text string
		want Parsed
	}{
		{"4 ZZ20261121-00042-7", Parsed{Kind: Answer, Rating: 4, Order: "261121000427"}},
		{"ZZ20261121-00042-7不满意", Parsed{Kind: Answer, Rating: 4, Order: "261121000427"}},
		{"zz20261121000427 2", Parsed{Kind: Answer, Rating: 2, Order: "261121000427"}},
		{"4 ZZ20261121-00042", Parsed{Kind: Answer, Rating: 4, Order: "26112100042"}},
		{"4 261121000427", Parsed{Kind: Answer, Rating: 4, Order: "261121000427"}},
		{"4,20261121000427", Parsed{Kind: Answer, Rating: 4, Order: "261121000427"}},
		{"2 42-7", Parsed{Kind: Answer, Rating: 2, Order: "000427"}},
		{"42-7", Parsed{Kind: Wrong, Reason: "none of the five options"}},
		{"ZZ20261121-00042-7", Parsed{Kind: Wrong, Order: "261121000427", Reason: "none of the five options"}},
		{"1 5 261121000427", Parsed{Kind: Wrong, Order: "261121000427", Reason: "several options"}},
		{"4 ZZ20261121-100042-7", Parsed{Kind: Answer, Rating: 4, Order: "2611211000427"}},
		{"4 42611210004271", Parsed{Kind: Other, Reason: "not an answer"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Parse(tt.text)); diff != "" {
			t.Errorf("Parse(%q): -want +got\n%s", tt.text, diff)
		}
	}
}

func TestOrderKey(t *testing.T) {
	key := OrderKey("ZZ20261121-00042-7")
	if key != "261121000427" {
		t.Fatalf("OrderKey = %q", key)
	}
	for named, want := range map[string]bool{"261121000427": true, "26112100042": true, "000427": true, "000428": false, "": false, "261121000428": false} {
		if got := NamesOrder(named, key); got != want {
			t.Errorf("NamesOrder(%q) = %v, want %v", named, got, want)
		}
	}
}

// FuzzParse holds for any bytes: a rating exactly with an answer, a reason with
// everything else, and the same reading when handsets add what they add.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "１", "1️⃣", "非常不满意", "4 ZZ20261121-00042-7", "2 42-7", "退订", "【x】5", "\xff\xfe", "12345", "不是很满意", "一般"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := Parse(text)
		if (p.Kind == Answer) != (p.Rating >= 1 && p.Rating <= 5) || p.Rating != 0 && p.Kind != Answer {
			t.Fatalf("Parse(%q) = %+v: rating and kind disagree", text, p)
		}
		if (p.Kind == Answer) != (p.Reason == "") {
			t.Fatalf("Parse(%q) = %+v: reason missing or superfluous", text, p)
		}
		if len(text) > maxBytes-8 || strings.ContainsAny(text, "【】") {
			return
		}
		if again := Parse(" " + text + "。\u200b"); again != p {
			t.Fatalf("Parse(%q) = %+v, but %+v with noise around it", text, p, again)
		}
		if len(p.Order) != 0 && len(p.Order) != 6 && (len(p.Order) < 11 || len(p.Order) > 13) {
			t.Fatalf("Parse(%q) names %q", text, p.Order)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"1", "非常不满意", "4 ZZ20261121-00042-7"} {
		b.Run(fmt.Sprintf("%.6s", text), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(text)
			}
		})
	}
}
