package voice

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestHanziCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "零", 1: "一", 2: "二", 10: "十", 12: "十二", 20: "二十", 22: "二十二", 99: "九十九",
		100: "一百", 101: "一百零一", 110: "一百一十", 111: "一百一十一", 200: "两百", 202: "两百零二", 220: "两百二十",
		1000: "一千", 1001: "一千零一", 1010: "一千零一十", 1100: "一千一百", 2000: "两千", 2005: "两千零五", 2222: "两千两百二十二",
		10000: "一万", 10086: "一万零八十六", 12000: "一万两千", 20000: "两万", 22000: "两万两千", 100000: "十万",
		102030: "十万两千零三十", 110000: "十一万", 1000000: "一百万", 1100000: "一百一十万", 10000000: "一千万",
		100000000: "一亿", 200000000: "两亿", 100100000: "一亿零一十万", 123456789: "一亿两千三百四十五万六千七百八十九",
		1000000000000: "一万亿", 100000010: "一亿零一十", -3: "负三", hanziMax: "一零零零零零零零零零零零零零零零零",
		math.MinInt64: "负九二二三三七二零三六八五四七七五八零八",
	} {
		if got := hanziCount(n); got != want {
			t.Errorf("hanziCount(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestTwoBeforeAMeasureWord(t *testing.T) {
	for _, c := range []struct {
		n          int64
		next, want string
	}{{2, "个", "两"}, {2, "位来电人", "两"}, {2, "", "二"}, {2, "。", "二"}, {12, "个", "十二"}, {20, "位", "二十"}, {200, "个", "两百"}} {
		if got := hanziBefore(c.n, c.next); got != c.want {
			t.Errorf("hanziBefore(%d, %q) = %s, want %s", c.n, c.next, got, c.want)
		}
	}
}

func TestHanziMoments(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for moment, want := range map[string][2]string{
		"2026-11-21 15:05": {"二零二六年十一月二十一日", "下午三点零五分"},
		"2005-03-08 08:30": {"二零零五年三月八日", "上午八点三十分"},
		"2000-10-10 12:00": {"二零零零年十月十日", "中午十二点整"},
		"2026-02-02 02:02": {"二零二六年二月二日", "凌晨两点零二分"},
		"2026-12-31 00:10": {"二零二六年十二月三十一日", "凌晨零点十分"},
		"2026-01-01 22:20": {"二零二六年一月一日", "晚上十点二十分"},
	} {
		got := [2]string{hanziDate(at(moment)), hanziTime(at(moment))}
		if got != want {
			t.Errorf("%s is %v, want %v", moment, got, want)
		}
	}
}

func TestHanziDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "零秒", 2 * time.Second: "两秒", 20 * time.Second: "二十秒", 2 * time.Minute: "两分钟", 90 * time.Second: "一分钟三十秒",
		2*time.Hour + 2*time.Minute: "两小时两分钟", 12 * time.Hour: "十二小时", 1499 * time.Millisecond: "一秒",
	} {
		if got := hanziDuration(d); got != want {
			t.Errorf("%s is %s, want %s", d, got, want)
		}
	}
}

func TestHanzify(t *testing.T) {
	for text, want := range map[string]string{
		"路灯已于2026年11月21日修复":                            "路灯已于二零二六年十一月二十一日修复",
		"2026-01-02 10:05 已处理":                         "二零二六年一月二日 上午十点零五分 已处理",
		"完成95%,余2个":                                    "完成百分之九十五,余两个",
		"共110元,每户3.5元":                                 "共一百一十元,每户三点五元",
		"请致电12345或13800001234":                         "请致电幺二三四五或幺三八零零零零幺二三四",
		"\uff11\uff10\uff1a\uff13\uff10到,\uff15\uff05": "上午十点三十分到,百分之五",
		"007号":                   "零零七号",
		"2小时内":                   "两小时内",
		"没有数字":                   "没有数字",
		"9999999999999999999999": strings.Repeat("九", 22),
		"1.2.3":                  "一点二.三",
		"99:99":                  "九十九:九十九",
		"2026-13-45":             "两千零二十六-十三-四十五",
	} {
		if got := Hanzify(text); got != want {
			t.Errorf("Hanzify(%q) = %q, want %q", text, got, want)
		}
	}
}

// count reads Chinese numerals back, by another road than they were written.
func count(text string) int64 {
	if rest, ok := strings.CutPrefix(text, "负"); ok {
		return -count(rest)
	}
	var total, section, digit int64
	for _, r := range text {
		switch r {
		case '十', '百', '千':
			unit := map[rune]int64{'十': 10, '百': 100, '千': 1000}[r]
			section += max(digit, 1) * unit
			digit = 0
		case '万':
			total += (section + digit) * 1e4
			section, digit = 0, 0
		case '亿':
			total = (total + section + digit) * 1e8
			section, digit = 0, 0
		case '两':
			digit = 2
		default:
			digit = int64(strings.Index(hanziDigits, string(r)) / 3)
		}
	}
	return total + section + digit
}

func FuzzHanziCount(f *testing.F) {
	for _, n := range []int64{0, 2, 10, 110, 1001, 10086, 102030, 100100000, 123456789, 9999999999999999, -5} {
		f.Add(n)
	}
	words := newVocabulary(Chinese)
	f.Fuzz(func(t *testing.T, n int64) {
		text := hanziCount(n)
		if _, err := words.tokens(text); err != nil {
			t.Errorf("%d: %v", n, err)
		}
		if n > -hanziMax && n < hanziMax && count(text) != n {
			t.Errorf("%d reads %s, which is %d", n, text, count(text))
		}
	})
}

func FuzzHanzify(f *testing.F) {
	f.Add("2026-11-21 10:05 95% 3.5 13800001234 12345")
	f.Fuzz(func(t *testing.T, text string) {
		if got := Hanzify(text); strings.ContainsFunc(got, isASCIIDigit) {
			t.Errorf("%q keeps figures: %q", text, got)
		}
	})
}
