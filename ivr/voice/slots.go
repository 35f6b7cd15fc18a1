package voice

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The languages of the catalogue. Chinese is what is played when another is missing.
const (
	Chinese = "zh"
	English = "en"
)

// Languages lists them, Chinese first.
func Languages() []string { return []string{Chinese, English} }

// SlotType says how a value is spoken.
type SlotType string

// The slot types and what they accept.
const (
	Digits   SlotType = "digits"   // figures and letters one by one, in groups of four
	Number   SlotType = "number"   // a count or decimal: 110, -3, 2.5
	Date     SlotType = "date"     // 2006-01-02, or RFC 3339
	Time     SlotType = "time"     // 15:04, or RFC 3339
	DateTime SlotType = "datetime" // 2006-01-02 15:04, or RFC 3339
	Ticket   SlotType = "ticket"   // an order number, like digits
	PIN      SlotType = "pin"      // a query code: spoken, but **** in writing
	Phone    SlotType = "phone"    // 3-4-4 for mobiles; 138****5678 in writing
	Duration SlotType = "duration" // 90s, 1h30m, or whole seconds
)

// SlotTypes lists them for messages and checks.
func SlotTypes() []SlotType {
	return []SlotType{Digits, Number, Date, Time, DateTime, Ticket, PIN, Phone, Duration}
}

var (
	errValue = errors.New("value cannot be spoken")
	// cst is the only zone a value is spoken in; a fixed one needs no zone database.
	cst = time.FixedZone("Asia/Shanghai", 8*3600)
)

// speaking is one value to say: next is the text that follows it, which decides
// between 二 and 两.
type speaking struct {
	lang  string
	kind  SlotType
	value string
	next  string
	yao   bool
}

// words gives what is said, in words of the token table; '|' is a pause.
func (s speaking) words() (string, error) {
	value := strings.TrimSpace(s.value)
	if value == "" || len(value) > 64 || !utf8.ValidString(value) {
		return "", fmt.Errorf("%w: %s %q", errValue, s.kind, s.value)
	}
	switch s.kind {
	case Digits, Ticket, PIN, Phone:
		return s.each(value)
	case Number:
		if s.lang == English {
			return englishNumber(value)
		}
		return hanziNumber(value, s.next)
	case Duration:
		return s.duration(value)
	default:
		return s.moment(value)
	}
}

func (s speaking) each(value string) (string, error) {
	grouped := group(value)
	if s.kind == Phone {
		grouped = groupPhone(value)
	}
	text := hanziEach(grouped, s.yao)
	if s.lang == English {
		text = englishEach(grouped)
	}
	if strings.Trim(text, "| ") == "" {
		return "", fmt.Errorf("%w: no figures in %q", errValue, value)
	}
	return text, nil
}

func (s speaking) duration(value string) (string, error) {
	if _, err := strconv.Atoi(value); err == nil {
		value += "s"
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > 1000*time.Hour {
		return "", fmt.Errorf("%w: duration %q", errValue, value)
	}
	if s.lang == English {
		return englishDuration(d), nil
	}
	return hanziDuration(d), nil
}

func (s speaking) moment(value string) (string, error) {
	layouts := map[SlotType]string{Date: time.DateOnly, Time: "15:04", DateTime: "2006-01-02 15:04"}
	t, err := time.ParseInLocation(layouts[s.kind], value, cst)
	if err != nil {
		t, err = time.Parse(time.RFC3339, value)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %s %q", errValue, s.kind, value)
	}
	t = t.In(cst)
	date, clock := hanziDate(t), hanziTime(t)
	if s.lang == English {
		date, clock = englishDate(t), englishTime(t)
	}
	switch s.kind {
	case Date:
		return date, nil
	case Time:
		return clock, nil
	default:
		return date + " | " + clock, nil
	}
}

// written is the value as timelines and the keyboard player show it: what must not
// be read by others is masked.
func (s speaking) written() string {
	switch s.kind {
	case PIN:
		return "****"
	case Phone:
		if n := len(s.value); n >= 7 {
			return s.value[:3] + "****" + s.value[max(n-4, 3):]
		}
		return s.value
	default:
		return s.value
	}
}

// group breaks a run of figures into fours and keeps the breaks it already has. Runs
// of five stay whole: 12345 is one number to everybody.
func group(value string) string {
	fields := strings.FieldsFunc(value, func(r rune) bool { return !alphanumeric(r) })
	for i, field := range fields {
		fields[i] = fours(field)
	}
	return strings.Join(fields, "|")
}

func fours(run string) string {
	if len(run) <= 5 {
		return run
	}
	var parts []string
	for len(run) > 4 {
		parts, run = append(parts, run[:4]), run[4:]
	}
	return strings.Join(append(parts, run), "|")
}

// groupPhone breaks a telephone number: mobiles in 3-4-4, the country code left out.
func groupPhone(value string) string {
	value = strings.TrimPrefix(strings.TrimPrefix(value, "+86"), "0086")
	bare := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, value)
	if len(bare) == 11 && bare[0] == '1' {
		return bare[:3] + "|" + bare[3:7] + "|" + bare[7:]
	}
	return group(value)
}

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// splitNumber takes a decimal apart; n carries the sign.
func splitNumber(value string) (n int64, fraction string, err error) {
	whole, fraction, found := strings.Cut(value, ".")
	n, err = strconv.ParseInt(whole, 10, 64)
	if err != nil || found && (fraction == "" || strings.Trim(fraction, "0123456789") != "") {
		return 0, "", fmt.Errorf("%w: number %q", errValue, value)
	}
	return n, fraction, nil
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}
