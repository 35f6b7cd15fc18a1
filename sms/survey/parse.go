package survey

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ParsedKind is what a text looks like, before any window is asked.
type ParsedKind string

// The kinds of texts.
const (
	Answer  ParsedKind = "answer"  // exactly one of the five options
	Wrong   ParsedKind = "wrong"   // meant as an answer, but several, contradicting or unknown options
	Other   ParsedKind = "other"   // not an answer: a request, or chatter (Q7)
	Refusal ParsedKind = "refusal" // 退订, TD, T, R, N, STOP
)

// Parsed is a text read as an answer.
type Parsed struct {
	Kind   ParsedKind
	Rating int    // 1..5 for Answer, else 0
	Order  string // digits of an order number the text names: 11 to 13, or the last 6; "" when none
	Words  bool   // with Wrong: it says something of its own, such as 停电了, and is an attempt only while a window is open (Q7)
	Reason string // why a text is Wrong or Other; short, English
}

// Limits of what is read as an answer at all.
const (
	maxBytes   = 1024 // longer texts are not looked into: nobody needs them to say 1 to 5
	shortRunes = 4    // anything this short is meant as an answer (Q7)
	wordRunes  = 10   // so is a text up to here that speaks of being satisfied
)

// options are the words of ZQ-15.1 and the one variant that is just as clear.
// Longest first: 满意 is part of every option, 不满意 of 非常不满意.
var options = []struct {
	word   string
	rating int
}{
	{"非常不满意", 5}, {"非常满意", 1}, {"基本满意", 3}, {"很不满意", 5}, {"不满意", 4}, {"满意", 2},
	{"一", 1}, {"壹", 1}, {"二", 2}, {"贰", 2}, {"三", 3}, {"叁", 3}, {"四", 4}, {"肆", 4}, {"五", 5}, {"伍", 5},
}

// Words around an answer that say nothing about it. Leads are cut once, at the front.
var (
	leads    = []string{"我选择", "我选", "选择", "选项", "选", "回复", "回", "答案", "答"}
	thanks   = []string{"谢谢您", "谢谢你", "谢谢", "感谢"}
	links    = []string{"或者", "或", "和", "与", "及"} // these join several options
	refusals = map[string]bool{"退订": true, "取消订阅": true, "拒收": true, "TD": true, "T": true, "R": true, "N": true, "STOP": true, "UNSUBSCRIBE": true}
)

const separators = " \t\r\n.,;:!?/|~-_()[]<>\"'`#*、。，；：！？～·…—－“”‘’「」『』《》〈〉"

var (
	echo        = regexp.MustCompile(`【[^】]*】`)
	hanGap      = regexp.MustCompile(`(\p{Han})\s+(\p{Han})`)
	fullNumber  = regexp.MustCompile(`\b[A-Z]{2,4} ?-?20(\d{6})-?(\d{5,6})(?:-?(\d))?\b`)
	digitNumber = regexp.MustCompile(`\b(?:20)?(\d{6})-?(\d{5,6})-?(\d)\b`)
	shortNumber = regexp.MustCompile(`(?:^|\s)(\d{2,5})-(\d)(?:$|\s)`)
)

// Parse reads a reply (ZQ-15.2, facts of handsets: full-width and circled digits,
// keycap emoji, echoes of the signature, punctuation). It is pure and safe for
// any bytes. A text that names an order number has it cut out first (ZQ-15.3).
func Parse(text string) Parsed {
	if len(text) > maxBytes {
		return Parsed{Kind: Other, Reason: "too long for an answer"}
	}
	clean := Tidy(text)
	if refusals[strings.TrimPrefix(strings.TrimPrefix(clean, "回复"), "回")] {
		return Parsed{Kind: Refusal, Reason: "opt-out word"}
	}
	rest, order := cutOrder(clean)
	p := read(rest)
	p.Order = order
	return p
}

// OrderKey reduces an order number to the digits by which Parsed.Order names it:
// ZZ20261121-00042-7 is 261121000427. A number of another make keeps its digits.
func OrderKey(number string) string {
	number = strings.ToUpper(strings.TrimSpace(number))
	if m := fullNumber.FindStringSubmatch(number); m != nil {
		return m[1] + m[2] + m[3]
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// NamesOrder says whether the digits of Parsed.Order name the order with that
// key: in full, without the check digit, or by its last six digits.
func NamesOrder(named, key string) bool {
	switch {
	case named == "" || len(key) < 6:
		return false
	case len(named) == 6:
		return strings.HasSuffix(key, named)
	default:
		return named == key || named == key[:len(key)-1]
	}
}

// Tidy folds the many ways handsets write the same thing into one: width, case, blanks
// and what is invisible; an echo of the 【signature】 and marks around the text go.
func Tidy(text string) string {
	text = norm.NFKC.String(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf), r == '\uFE0F', r == '\uFE0E', r == '\u20E3':
			return -1 // control, zero width, BOM, variation selectors, keycap
		}
		return unicode.ToUpper(r)
	}, text)
	text = echo.ReplaceAllString(text, " ")
	text = strings.Trim(text, separators)
	// Twice: matches do not overlap, so "非 常 满 意" needs a second pass.
	text = hanGap.ReplaceAllString(text, "$1$2")
	return hanGap.ReplaceAllString(text, "$1$2")
}

// cutOrder takes an order number out of the text.
func cutOrder(text string) (rest, order string) {
	for _, re := range []*regexp.Regexp{fullNumber, digitNumber} {
		if at := re.FindStringSubmatchIndex(text); at != nil {
			m := re.FindStringSubmatch(text)
			return text[:at[0]] + " " + text[at[1]:], m[1] + m[2] + m[3]
		}
	}
	// The short form (42-7) is one only beside an answer; alone it is two numbers.
	at := shortNumber.FindStringSubmatchIndex(text)
	if at == nil {
		return text, ""
	}
	rest = text[:at[0]] + " " + text[at[1]:]
	if strings.Trim(rest, separators) == "" {
		return text, ""
	}
	serial := text[at[2]:at[3]]
	return rest, strings.Repeat("0", 5-len(serial)) + serial + text[at[4]:at[5]]
}

// read finds the options in a tidied text; all of them must be the same one.
func read(text string) Parsed {
	text = strings.Trim(text, separators)
	for _, lead := range leads {
		if rest, ok := strings.CutPrefix(text, lead); ok {
			text = rest
			break
		}
	}
	found, unknown := scan(text)
	switch {
	case unknown && !meant(text):
		return Parsed{Kind: Other, Reason: "not an answer"}
	case unknown || len(found) == 0:
		return Parsed{Kind: Wrong, Words: unknown && speaks(text), Reason: "none of the five options"}
	}
	for _, rating := range found[1:] {
		if rating != found[0] {
			return Parsed{Kind: Wrong, Reason: "several options"}
		}
	}
	return Parsed{Kind: Answer, Rating: found[0]}
}

// scan lists the options of a text in order; unknown says that something else stands there too.
func scan(text string) (found []int, unknown bool) {
	for text != "" {
		rating, size := token(text)
		switch {
		case size == 0:
			_, size = utf8.DecodeRuneInString(text)
			unknown = true
		case rating > 0:
			found = append(found, rating)
		case rating < 0:
			unknown = true
		}
		text = text[size:]
	}
	return found, unknown
}

// token reads what text begins with: an option (rating > 0), noise (0), or digits
// that are no option (-1). Size 0 means it is none of these.
func token(text string) (rating, size int) {
	if r, n := utf8.DecodeRuneInString(text); strings.ContainsRune(separators, r) {
		return 0, n
	}
	if n := len(text) - len(strings.TrimLeft(text, "0123456789")); n > 0 {
		// A run of digits is one token: 12 is neither 1 nor 2.
		if n == 1 && text[0] >= '1' && text[0] <= '5' {
			return int(text[0] - '0'), 1
		}
		return -1, n
	}
	for _, o := range options {
		if strings.HasPrefix(text, o.word) {
			return o.rating, len(o.word)
		}
	}
	for _, words := range [][]string{thanks, links} {
		for _, w := range words {
			if strings.HasPrefix(text, w) {
				return 0, len(w)
			}
		}
	}
	return 0, 0
}

// speaks says whether a text has words, and they are not about being satisfied.
func speaks(text string) bool {
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 1 && !strings.Contains(text, "满意")
}

// meant says whether a text without a clear option was still meant as an answer (Q7):
// it is very short, made of digits only, or short and about being satisfied.
func meant(text string) bool {
	runes, digits := 0, 0
	for _, r := range text {
		if strings.ContainsRune(separators, r) {
			continue
		}
		runes++
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return runes <= shortRunes || digits == runes && runes <= wordRunes ||
		runes <= wordRunes && strings.Contains(text, "满意")
}
