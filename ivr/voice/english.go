package voice

import (
	"strconv"
	"strings"
	"time"
)

var englishSmall = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve " +
	"thirteen fourteen fifteen sixteen seventeen eighteen nineteen")

var englishTens = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")

var englishUnits = []struct {
	value int64
	name  string
}{{1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1000, "thousand"}, {100, "hundred"}}

var englishOrdinals = strings.Fields("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh " +
	"twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")

// englishCount reads a count: "one hundred ten".
func englishCount(n int64) string {
	switch {
	case n < 0 && n == -n:
		return "minus " + englishEach(strconv.FormatInt(n, 10)[1:])
	case n < 0:
		return "minus " + englishCount(-n)
	case n >= 1e15:
		return englishEach(strconv.FormatInt(n, 10))
	case n < 20:
		return englishSmall[n]
	case n < 100 && n%10 == 0:
		return englishTens[n/10]
	case n < 100:
		return englishTens[n/10] + " " + englishSmall[n%10]
	}
	for _, unit := range englishUnits {
		if n < unit.value {
			continue
		}
		text := englishCount(n/unit.value) + " " + unit.name
		if rest := n % unit.value; rest > 0 {
			text += " " + englishCount(rest)
		}
		return text
	}
	return "" // unreachable: the smallest unit is 100
}

// englishEach reads figures and letters one by one.
func englishEach(digits string) string {
	var words []string
	for _, r := range strings.ToUpper(digits) {
		switch {
		case r >= '0' && r <= '9':
			words = append(words, englishSmall[r-'0'])
		case r >= 'A' && r <= 'Z', r == '|':
			words = append(words, string(r))
		}
	}
	return strings.Join(words, " ")
}

// englishOrdinal reads the day of a month, 1 to 31.
func englishOrdinal(n int) string {
	switch {
	case n <= 20:
		return englishOrdinals[n]
	case n == 30:
		return "thirtieth"
	default:
		return englishTens[n/10] + " " + englishOrdinals[n%10]
	}
}

// englishYear reads a year as people do: nineteen oh five, two thousand five,
// twenty twenty six.
func englishYear(year int) string {
	century, rest := int64(year/100), int64(year%100)
	switch {
	case year < 1000 || year > 9999, century%10 == 0 && rest < 10:
		return englishCount(int64(year))
	case rest == 0:
		return englishCount(century) + " hundred"
	case rest < 10:
		return englishCount(century) + " oh " + englishCount(rest)
	default:
		return englishCount(century) + " " + englishCount(rest)
	}
}

func englishDate(t time.Time) string {
	return t.Month().String() + " " + englishOrdinal(t.Day()) + " | " + englishYear(t.Year())
}

// englishTime reads a time of day: "three oh five p m", "twelve p m" is noon.
func englishTime(t time.Time) string {
	hour := clockHour(t.Hour())
	if hour == 0 {
		hour = 12
	}
	text := englishCount(int64(hour))
	switch minute := t.Minute(); {
	case minute == 0:
	case minute < 10:
		text += " oh " + englishCount(int64(minute))
	default:
		text += " " + englishCount(int64(minute))
	}
	if t.Hour() < 12 {
		return text + " a m"
	}
	return text + " p m"
}

// englishDuration reads a length of time to the second.
func englishDuration(d time.Duration) string {
	seconds := int64(d.Round(time.Second) / time.Second)
	var words []string
	for _, part := range []struct {
		n    int64
		name string
	}{{seconds / 3600, "hour"}, {seconds / 60 % 60, "minute"}, {seconds % 60, "second"}} {
		switch {
		case part.n == 1:
			words = append(words, "one "+part.name)
		case part.n > 1:
			words = append(words, englishCount(part.n)+" "+part.name+"s")
		}
	}
	if len(words) == 0 {
		return "zero seconds"
	}
	return strings.Join(words, " ")
}

func englishNumber(value string) (string, error) {
	n, fraction, err := splitNumber(value)
	if err != nil {
		return "", err
	}
	text := englishCount(n)
	if fraction != "" {
		text += " point " + englishEach(fraction)
	}
	if n == 0 && fraction != "" && strings.HasPrefix(value, "-") {
		text = "minus " + text
	}
	return text, nil
}
