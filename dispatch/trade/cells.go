package trade

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hotline/dispatch"
	"hotline/sms"
)

// The readers of cells: each gives the one form a value is kept in, or says in Chinese what is
// wrong without repeating it.

var identifiers = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

func identifier(cell string) (string, error) {
	if !identifiers.MatchString(cell) {
		return "", errOf("只能是字母、数字、点、横线,最多 40 个")
	}
	return cell, nil
}

func upTo(most int) func(string) (string, error) {
	return func(cell string) (string, error) {
		if n := utf8.RuneCountInString(cell); n > most {
			return "", fmt.Errorf("最多 %d 个字,现有 %d 个", most, n)
		}
		return cell, nil
	}
}

func number(cell string) (string, error) {
	n, err := sms.Normalize(cell)
	if err != nil {
		return "", errOf("不是电话号码")
	}
	return n, nil
}

func yesNo(cell string) (string, error) {
	switch strings.ToLower(cell) {
	case "是", "yes", "true", "1", "y":
		return "yes", nil
	case "否", "no", "false", "0", "n":
		return "", nil
	}
	return "", errOf("只能是 是 或 否")
}

// oneOf reads one of a list, by its word or its id.
func oneOf[K ~string](words map[K]string) func(string) (string, error) {
	return func(cell string) (string, error) {
		for id, w := range words {
			if cell == w || strings.ToLower(cell) == string(id) {
				return string(id), nil
			}
		}
		return "", errOf("只能是 " + strings.Join(slices.Sorted(maps.Values(words)), "、"))
	}
}

// list reads several things in one cell and gives them separated by commas.
func list(cell string) (string, error) {
	var parts []string
	for p := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune("、,,;;\n", r) }) {
		if p = strings.TrimSpace(p); p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ","), nil
}

// moments are the ways in which people and Excel write one.
var moments = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006-1-2 15:04:05",
	"2006-1-2 15:04", "2006年1月2日 15:04:05", "2006年1月2日 15:04"}

// moment reads a moment of Asia/Shanghai, or one that says its zone.
func moment(cell string) (string, error) {
	if t, err := time.Parse(time.RFC3339, cell); err == nil {
		return t.UTC().Format(time.RFC3339Nano), nil
	}
	for _, form := range moments {
		if t, err := time.ParseInLocation(form, cell, dispatch.Place); err == nil && t.Year() >= 2000 {
			return t.UTC().Format(time.RFC3339Nano), nil
		}
	}
	return "", errOf("不是 2026-11-28 10:00 这样的时间")
}

func day(cell string) (string, error) {
	for _, form := range []string{"2006-01-02", "2006/1/2", "2006-1-2", "2006年1月2日"} {
		if t, err := time.Parse(form, cell); err == nil && t.Year() >= 2000 {
			return t.Format(time.DateOnly), nil
		}
	}
	return "", errOf("不是 2026-10-01 这样的日期")
}

func partOfDay(cell string) (string, error) {
	cell = strings.NewReplacer(":", ":", "—", "-", "–", "-", "~", "-", "至", "-", " ", "").Replace(cell)
	var h dispatch.Hours
	if err := h.UnmarshalText([]byte(cell)); err != nil {
		return "", errOf("不是 08:30-20:30 这样的时段")
	}
	return cell, nil
}

// dayIDs are the days as roster.yaml has them, in the order of a week.
var dayIDs = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

const dayWords = "一二三四五六日"

// weekdays reads 周一、周三 or 周一至周五 and gives mon,tue ... in the order of the week.
func weekdays(cell string) (string, error) {
	cell = strings.NewReplacer("星期", "周", "礼拜", "周", "周天", "周日", "到", "至", "-", "至", " ", "").Replace(cell)
	parts, _ := list(cell)
	on := map[int]bool{}
	for part := range strings.SplitSeq(parts, ",") {
		from, to, several := strings.Cut(part, "至")
		if !several {
			to = from
		}
		a, b := dayIndex(from), dayIndex(to)
		if a < 0 || b < a {
			return "", errOf("不是 周一至周五 或 周六、周日 这样的星期")
		}
		for i := a; i <= b; i++ {
			on[i] = true
		}
	}
	var ids []string
	for i, id := range dayIDs {
		if on[i] {
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, ","), nil
}

// dayIndex is 0 for Monday, by its word or id; -1 for anything else.
func dayIndex(s string) int {
	if i := slices.Index(dayIDs, strings.ToLower(s)); i >= 0 {
		return i
	}
	word, ok := strings.CutPrefix(s, "周")
	if !ok || utf8.RuneCountInString(word) != 1 || !strings.Contains(dayWords, word) {
		return -1
	}
	return strings.Index(dayWords, word) / len("一")
}
