package voice

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What figures in Chinese prose mean, the most telling pattern first.
var (
	proseDate    = regexp.MustCompile(`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})`)
	proseYear    = regexp.MustCompile(`(\d{4})年`)
	proseTime    = regexp.MustCompile(`(\d{1,2})[:\x{ff1a}](\d{2})`)
	prosePercent = regexp.MustCompile(`(\d+(?:\.\d+)?)[%\x{ff05}]`)
	proseNumber  = regexp.MustCompile(`\d+(?:\.\d+)?`)
)

// Hanzify puts the figures of a Chinese text into words, since engines read them
// wrongly: 2026年 is 二零二六年, 95% is 百分之九十五, 10:05 is 上午十点零五分, long runs are
// read figure by figure and the rest as counts.
func Hanzify(text string) string {
	text = strings.Map(narrowDigit, text)
	text = proseDate.ReplaceAllStringFunc(text, func(m string) string {
		t, err := time.Parse("2006-1-2", strings.NewReplacer("/", "-", ".", "-").Replace(m))
		if err != nil {
			return m
		}
		return hanziDate(t)
	})
	text = proseYear.ReplaceAllStringFunc(text, func(m string) string {
		return hanziEach(m, false) + "年"
	})
	text = proseTime.ReplaceAllStringFunc(text, func(m string) string {
		t, err := time.Parse("15:04", strings.Replace(m, "\uff1a", ":", 1))
		if err != nil {
			return m
		}
		return hanziTime(t)
	})
	text = prosePercent.ReplaceAllStringFunc(text, func(m string) string {
		return "百分之" + hanziProse(strings.TrimRight(m, "%\uff05"), "")
	})
	return replaceNumbers(text)
}

// replaceNumbers reads what figures are left, with an eye on what follows.
func replaceNumbers(text string) string {
	var b strings.Builder
	from := 0
	for _, at := range proseNumber.FindAllStringIndex(text, -1) {
		b.WriteString(text[from:at[0]])
		b.WriteString(hanziProse(text[at[0]:at[1]], text[at[1]:]))
		from = at[1]
	}
	return b.String() + text[from:]
}

// hanziProse reads one number. Runs of five and more, or with a zero in front, are
// numbers of things (telephones, doors, orders), not counts.
func hanziProse(figures, next string) string {
	if strings.Contains(figures, ".") {
		if text, err := hanziNumber(figures, next); err == nil {
			return text
		}
	}
	n, err := strconv.ParseInt(figures, 10, 64)
	if err != nil || len(figures) >= 5 || len(figures) > 1 && figures[0] == '0' {
		return strings.ReplaceAll(hanziEach(figures, len(figures) >= 5), ".", "点")
	}
	return hanziBefore(n, next)
}

// narrowDigit makes full-width figures plain ones.
func narrowDigit(r rune) rune {
	if r >= '\uff10' && r <= '\uff19' {
		return r - '\uff10' + '0'
	}
	return r
}
