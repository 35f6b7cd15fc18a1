package voice

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// hanziDigits are the figures as they are read one by one.
const hanziDigits = "零一二三四五六七八九"

// hanziMax is where counting stops and reading digit by digit begins: beyond 万亿
// nobody follows.
const hanziMax = int64(1e16)

// classifiers are measure words before which two is 两 and not 二.
const classifiers = "个位条件次天分小名人通项秒年周家单封"

var hanziUnits = []struct {
	value int64
	name  string
}{{1e8, "亿"}, {1e4, "万"}, {1000, "千"}, {100, "百"}, {10, "十"}}

// hanziDigit is one figure.
func hanziDigit(n int64) string {
	return string([]rune(hanziDigits)[n])
}

// hanziCount reads a count: 十, 一百一十, 两千零五, 一万两千. Beyond 10^16 it reads
// the digits.
func hanziCount(n int64) string {
	if n < 0 {
		if n == -n { // the one number without a positive twin
			return "负" + hanziEach(strconv.FormatInt(n, 10)[1:], false)
		}
		return "负" + hanziCount(-n)
	}
	if n >= hanziMax {
		return hanziEach(strconv.FormatInt(n, 10), false)
	}
	return strings.Replace("^"+hanziCardinal(n), "^一十", "^十", 1)[1:]
}

// hanziCardinal is hanziCount in the middle of a number, where ten is 一十.
func hanziCardinal(n int64) string {
	for _, unit := range hanziUnits {
		if n < unit.value {
			continue
		}
		head, rest := n/unit.value, n%unit.value
		text := hanziCardinal(head)
		if head == 2 && unit.value >= 100 {
			text = "两"
		}
		text += unit.name
		if rest == 0 {
			return text
		}
		if rest < unit.value/10 {
			text += "零"
		}
		return text + hanziCardinal(rest)
	}
	return hanziDigit(n)
}

// hanziBefore reads a count that stands before next: two of something is 两.
func hanziBefore(n int64, next string) string {
	first, _ := firstRune(next)
	if n == 2 && strings.ContainsRune(classifiers, first) && first != 0 {
		return "两"
	}
	return hanziCount(n)
}

// hanziEach reads figures one by one; with yao one is 幺, as on Chinese telephones.
func hanziEach(digits string, yao bool) string {
	var b strings.Builder
	for _, r := range digits {
		switch {
		case r == '1' && yao:
			b.WriteRune('幺')
		case r >= '0' && r <= '9':
			b.WriteString(hanziDigit(int64(r - '0')))
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		case r == '|':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hanziDate reads a day: the year figure by figure, month and day as counts.
func hanziDate(t time.Time) string {
	return fmt.Sprintf("%s年%s月%s日", hanziEach(strconv.Itoa(t.Year()), false),
		hanziCount(int64(t.Month())), hanziCount(int64(t.Day())))
}

// hanziTime reads a time of day on the twelve-hour clock people speak:
// 上午八点三十分, 下午两点零五分, 中午十二点整.
func hanziTime(t time.Time) string {
	return hanziPeriod(t.Hour()) + hanziBefore(int64(clockHour(t.Hour())), "个") + "点" + hanziMinute(t.Minute())
}

func hanziPeriod(hour int) string {
	switch {
	case hour < 6:
		return "凌晨"
	case hour < 12:
		return "上午"
	case hour == 12:
		return "中午"
	case hour < 19:
		return "下午"
	default:
		return "晚上"
	}
}

// clockHour is the hour on a twelve-hour clock, where midnight stays zero in Chinese.
func clockHour(hour int) int {
	if hour > 12 {
		return hour - 12
	}
	return hour
}

func hanziMinute(minute int) string {
	switch {
	case minute == 0:
		return "整"
	case minute < 10:
		return "零" + hanziDigit(int64(minute)) + "分"
	default:
		return hanziCount(int64(minute)) + "分"
	}
}

// hanziDuration reads a length of time to the second: 一小时三十分钟, 两分钟, 二十秒.
func hanziDuration(d time.Duration) string {
	seconds := int64(d.Round(time.Second) / time.Second)
	var b strings.Builder
	for _, part := range []struct {
		n    int64
		name string
	}{{seconds / 3600, "小时"}, {seconds / 60 % 60, "分钟"}, {seconds % 60, "秒"}} {
		if part.n > 0 {
			b.WriteString(hanziBefore(part.n, part.name) + part.name)
		}
	}
	if b.Len() == 0 {
		return "零秒"
	}
	return b.String()
}

// hanziNumber reads a count or a decimal: 三点一四.
func hanziNumber(value, next string) (string, error) {
	n, fraction, err := splitNumber(value)
	if err != nil {
		return "", err
	}
	if fraction == "" {
		return hanziBefore(n, next), nil
	}
	text := hanziCount(n) + "点" + hanziEach(fraction, false)
	if n == 0 && strings.HasPrefix(value, "-") {
		text = "负" + text
	}
	return text, nil
}
