package dispatch

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"hotline/deploy/fault"
	"hotline/sms"
)

// English is the language of an order whose requester writes English; Chinese is "".
const English = "en"

// template is one text of a policy: what it may and must speak of.
type template struct {
	path, text string
	needed     bool
	officers   bool // to them alone, who read Chinese
	must, may  []string
}

var (
	slotPattern  = regexp.MustCompile(`\{([^{}]*)\}`)
	surveyWords  = RatingWords[1:]
	orderSlots   = []string{"number", "digits", "due"}
	citizenSlots = append([]string{"pin", "result"}, orderSlots...)
	dutySlots    = append([]string{"phone"}, orderSlots...)
)

// templates are all texts of one language. language is "texts" or "texts_en".
func (p *Policy) templates(language string, t Texts) []template {
	chinese := language == "texts"
	all := []template{
		{path: "survey", text: t.Survey, needed: p.Survey.Enabled, must: []string{"number"}},
		{path: "confirm", text: t.Confirm, needed: p.Survey.Enabled, must: []string{"number", "rating"}},
		{path: "result", text: t.Result, needed: p.Result.Text, must: []string{"number"}, may: citizenSlots},
		{path: "result_own", text: t.ResultTo, needed: p.Result.Text, must: []string{"number"}, may: orderSlots},
		{path: "receipt", text: t.Receipt, needed: true, must: []string{"number"}, may: citizenSlots},
		{path: "duty", text: t.Duty, needed: true, officers: true, must: []string{"number"}, may: dutySlots},
		{path: "voicemail", text: t.Voicemail, needed: true, officers: true, must: []string{"number"}, may: dutySlots},
		{path: "urgent", text: t.Urgent, needed: true, officers: true, must: []string{"number"}, may: dutySlots},
		{path: "notice", text: t.Notice, officers: true, must: []string{"number", "matter"}, may: dutySlots},
		{path: "query", text: t.Query, needed: true, must: []string{"number", "state"}},
		{path: "query_own", text: t.QueryOwn, needed: true},
		{path: "query_wrong", text: t.QueryWrong, needed: true},
		{path: "query_locked", text: t.QueryLocked, needed: true, may: []string{"lock"}},
		{path: "confirmed", text: t.Confirmed, needed: true, officers: true, must: []string{"number"}},
		{path: "opt_out", text: t.OptOut, needed: !chinese && p.Texts.OptOut != ""},
		{path: "opt_in", text: t.OptIn, needed: !chinese && p.Texts.OptIn != ""},
	}
	for i := range all {
		all[i].path = language + "." + all[i].path
		all[i].needed = all[i].needed && (chinese || !all[i].officers)
	}
	return all
}

// checkTexts checks the texts in Chinese and, where the policy has any, those in English:
// all of them then, or a text would be half in one language.
func (p *Policy) checkTexts(d *fault.Document) {
	all := p.templates("texts", p.Texts)
	if p.speaksEnglish() {
		all = append(all, p.templates("texts_en", p.TextsEn)...)
	}
	for _, c := range all {
		if c.officers && c.text != "" && strings.HasPrefix(c.path, "texts_en") {
			d.Fault(c.path, "officers are written to in Chinese")
			continue
		}
		c.check(d)
	}
	if !p.Survey.Enabled {
		return
	}
	if p.Texts.Survey != "" {
		p.checkQuestion(d)
	}
	if q := p.TextsEn.Survey; q != "" {
		for _, needed := range []string{"1", "5", fmt.Sprint(p.Survey.WindowHours), "eply"} {
			if !strings.Contains(q, needed) {
				d.Fault("texts_en.survey", "it must say to reply 1 to 5 within %dh: %q is missing", p.Survey.WindowHours, needed)
			}
		}
		p.oneSegment(d, "texts_en.survey", q)
	}
}

func (c template) check(d *fault.Document) {
	if c.text == "" {
		if c.needed {
			d.Fault(c.path, "the text %q is missing", c.path[strings.Index(c.path, ".")+1:])
		}
		return
	}
	if strings.ContainsAny(c.text, "【】[]") {
		d.Fault(c.path, "brackets are for the signature, which is added by itself")
	}
	known := append(append([]string{}, c.must...), c.may...)
	for _, m := range slotPattern.FindAllStringSubmatch(c.text, -1) {
		if !slices.Contains(known, m[1]) {
			d.Unknown(c.path, m[1], "unknown slot {%s}", known)
		}
	}
	for _, slot := range c.must {
		if !strings.Contains(c.text, "{"+slot+"}") {
			d.Fault(c.path, "the slot {%s} is missing", slot)
		}
	}
}

// oneSegment is what one text of Chinese holds, in UTF-16 units, signature included.
const oneSegment = 70

// checkQuestion makes sure that the survey says its five options, how to answer and
// how long (ZQ-15.1), and fits one segment.
func (p *Policy) checkQuestion(d *fault.Document) {
	text := p.Texts.Survey
	for i, word := range surveyWords {
		if !strings.Contains(text, fmt.Sprintf("%d%s", i+1, word)) {
			d.Fault("texts.survey", "the option %q is missing", fmt.Sprintf("%d%s", i+1, word))
		}
	}
	if hours := fmt.Sprintf("%d小时", p.Survey.WindowHours); !strings.Contains(text, hours) || !strings.Contains(text, "回复") {
		d.Fault("texts.survey", "it must say to answer (回复) within %s", hours)
	}
	p.oneSegment(d, "texts.survey", text)
}

// oneSegment warns of a question that does not fit one: a part that is lost or late would
// leave the citizen with half of it, and the window opens with the last part.
func (p *Policy) oneSegment(d *fault.Document, path, text string) {
	whole := p.sign(fill(text, p.longest("")))
	if n := sms.Segments(whole); n > 1 {
		d.Warn(path, "with its longest number and the signature it is %d characters in %d segments, one segment holds %d", units(whole), n, oneSegment)
	}
}

func (p *Policy) sign(text string) string { return sms.Sign("【"+p.Hotline.Signature+"】", text) }

// units is the length of a text as carriers count it.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// Preview is a template as it goes out when its slots hold the longest there can be.
type Preview struct {
	Name     string // texts.survey, texts_en.result ...
	Text     string // with the signature
	Units    int    // characters, as carriers count them
	Segments int    // it is sent and billed as
}

// Previews shows every template, Chinese before English.
func (p *Policy) Previews() []Preview {
	list := p.previews(p.templates("texts", p.Texts), "")
	if p.speaksEnglish() {
		list = append(list, p.previews(p.templates("texts_en", p.TextsEn), English)...)
	}
	return list
}

func (p *Policy) previews(all []template, language string) (list []Preview) {
	for _, t := range all {
		if t.text != "" {
			text := p.sign(fill(t.text, p.longest(language)))
			list = append(list, Preview{Name: t.path, Text: text, Units: units(text), Segments: sms.Segments(text)})
		}
	}
	return list
}

// longest are the longest values of all slots.
func (p *Policy) longest(language string) map[string]string {
	day := time.Date(2026, 12, 30, 23, 59, 0, 0, Place)
	o := Order{Language: language, Due: Deadline{At: day}, PIN: "0000", Phone: "13800000000", CompletedAt: day, Result: strings.Repeat("答", maxResult)}
	n := Number{Prefix: p.Hotline.Prefix, Day: day.Format("20060102"), Serial: MaxSerial}
	o.Number, o.Digits = n.String(), n.Digits()
	o.Result = p.shown(o.Result)
	slots := o.slots()
	slots["rating"], slots["lock"] = ratingIn(language, 5), strconv.Itoa(int(p.Query.lock().Minutes()))
	slots["state"] = p.stateWords(Answer{Language: language, CompletedAt: day, Result: o.Result}, day)
	return slots
}

// ratingIn is a rating as it is told to whoever gave it.
func ratingIn(language string, rating int) string {
	if language == English {
		return strconv.Itoa(rating)
	}
	return RatingWords[rating]
}

// mostShown is how many characters of a result are told by text where the policy does not
// say: some five segments. A gateway sends no more than ten.
const mostShown = 300

// shown is as much of a result as a text has room for.
func (p *Policy) shown(result string) string {
	return cut(result, cmp.Or(p.Result.MaxRunes, mostShown))
}

// speaksEnglish says whether the policy has texts in English.
func (p *Policy) speaksEnglish() bool { return p.TextsEn != Texts{} }

// in are the texts of a language; what is not there in English is there in Chinese.
func (p *Policy) in(language string) Texts {
	t := p.Texts
	if language != English {
		return t
	}
	en, all := reflect.ValueOf(p.TextsEn), reflect.ValueOf(&t).Elem()
	for i := range en.NumField() {
		if text := en.Field(i).String(); text != "" {
			all.Field(i).SetString(text)
		}
	}
	return t
}

// languageOf is the language in which to answer somebody's words: English for at least two
// words of it and nothing in Chinese, or for a command that is an English word.
func (p *Policy) languageOf(text string) string {
	if !p.speaksEnglish() || strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return ""
	}
	words := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return r < 'A' || r > 'Z' })
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 2 })
	if len(words) >= 2 || len(words) == 1 && slices.Contains([]string{"STOP", "START", "UNSTOP", "UNSUBSCRIBE"}, words[0]) {
		return English
	}
	return ""
}
