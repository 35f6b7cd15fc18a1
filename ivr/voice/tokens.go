package voice

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Token is a sound that values are composed of.
type Token struct {
	ID   string // in the tok- namespace, the same in every language where it exists
	Text string // what is said, and how words name it
}

// Tokens are all sounds a language needs to say any value. Numbers to 99, hundreds,
// months, days and hours are whole sounds: a voice says 二十三 better than 二, 十, 三.
func Tokens(lang string) []Token {
	if lang == English {
		return append(englishTokens(), letterTokens()...)
	}
	return append(hanziTokens(), letterTokens()...)
}

func hanziTokens() []Token {
	var out []Token
	add := func(id, text string) { out = append(out, Token{"tok-" + id, text}) }
	for n := range int64(100) {
		add(strconv.FormatInt(n, 10), hanziCount(n))
	}
	for n := int64(1); n < 10; n++ {
		add(fmt.Sprint(n*100), hanziCount(n*100))
		add(fmt.Sprint(n*1000), hanziCount(n*1000))
	}
	for n := int64(10); n < 20; n++ { // in the middle of a number: 一百一十五
		add(fmt.Sprint("mid-", n), "一"+hanziCount(n))
	}
	for n := int64(1); n <= 31; n++ {
		add(fmt.Sprint("day-", n), hanziCount(n)+"日")
	}
	for n := int64(1); n <= 12; n++ {
		add(fmt.Sprint("month-", n), hanziCount(n)+"月")
	}
	for n := int64(0); n <= 12; n++ {
		add(fmt.Sprint("hour-", n), hanziBefore(n, "个")+"点")
	}
	for _, w := range strings.Fields("yao:幺 liang:两 hundred:百 thousand:千 wan:万 yi:亿 point:点 minus:负 year:年 month:月 day:日 " +
		"minute:分 second:秒 sharp:整 night:凌晨 morning:上午 noon:中午 afternoon:下午 evening:晚上 hours:小时 minutes:分钟") {
		id, text, _ := strings.Cut(w, ":")
		add(id, text)
	}
	return out
}

func englishTokens() []Token {
	var out []Token
	add := func(id, text string) { out = append(out, Token{"tok-" + id, text}) }
	for n := range int64(100) {
		add(strconv.FormatInt(n, 10), englishCount(n))
	}
	for n := 1; n <= 31; n++ {
		add(fmt.Sprint("day-", n), englishOrdinal(n))
	}
	for m := time.January; m <= time.December; m++ {
		add(fmt.Sprint("month-", int(m)), m.String())
	}
	for _, w := range strings.Fields("oh hundred thousand million billion trillion point minus " +
		"hour hours minute minutes second seconds") {
		if w == "second" {
			continue // the ordinal says it too
		}
		add(w, w)
	}
	add("am", "a m")
	add("pm", "p m")
	return out
}

func letterTokens() []Token {
	var out []Token
	for r := 'A'; r <= 'Z'; r++ {
		out = append(out, Token{"tok-letter-" + strings.ToLower(string(r)), string(r)})
	}
	return out
}

// vocabulary finds tokens by what they say.
type vocabulary struct {
	byText  map[string]string
	longest int // bytes
}

func newVocabulary(lang string) vocabulary {
	v := vocabulary{byText: map[string]string{}}
	for _, t := range Tokens(lang) {
		v.byText[t.Text] = t.ID
		v.longest = max(v.longest, len(t.Text))
	}
	return v
}

// pauseID is what '|' sounds like.
const pauseID = "silence-200"

// tokens takes words apart into token ids, the longest first: 二十三 is one sound.
func (v vocabulary) tokens(words string) ([]string, error) {
	var out []string
	for words = strings.TrimSpace(words); words != ""; words = strings.TrimSpace(words) {
		if words[0] == '|' {
			out, words = append(out, pauseID), words[1:]
			continue
		}
		id, n := v.match(words)
		if n == 0 {
			return nil, fmt.Errorf("%w: no sound for %q", errValue, words)
		}
		out, words = append(out, id), words[n:]
	}
	return out, nil
}

// match is the longest token that words begin with, at a word's end in languages
// that have such.
func (v vocabulary) match(words string) (id string, n int) {
	for n = min(v.longest, len(words)); n > 0; n-- {
		id, ok := v.byText[words[:n]]
		if ok && (n == len(words) || words[n] >= 0x80 || words[n] == ' ' || words[n] == '|' || words[n-1] >= 0x80 || n == 1) {
			return id, n
		}
	}
	return "", 0
}
