package dispatch

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"hotline/deploy/fault"
	"hotline/sms"
)

// LoadPolicy reads a policy file, such as hotlines/zz/policy.yaml. All its problems
// are returned at once, as Problems, each with line, caret and a suggestion (D9).
func LoadPolicy(fsys fs.FS, name string) (*Policy, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return ParsePolicy(name, src)
}

// ParsePolicy is LoadPolicy for a file that was read already.
func ParsePolicy(name string, src []byte) (*Policy, error) {
	var p Policy
	d := fault.Read(name, src, &p)
	p.checkHotline(d)
	p.checkTypes(d)
	p.checkDeadlines(d)
	p.checkSurvey(d)
	p.checkRedo(d)
	p.checkTexts(d)
	if err := d.Err(); err != nil {
		return nil, err
	}
	p.Warnings = d.Problems()
	return &p, nil
}

func (p *Policy) checkHotline(d *fault.Document) {
	h := p.Hotline
	if h.ID == "" || h.Name == "" {
		d.Fault("hotline", "the hotline needs an id and a name")
	}
	if n := len(h.Prefix); n < 2 || n > 4 || strings.Trim(h.Prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		d.Fault("hotline.prefix", "the prefix of order numbers is two to four capital letters")
	}
	if n := utf8.RuneCountInString(h.Signature); n < 2 || n > 12 || strings.ContainsAny(h.Signature, "【】[]") {
		d.Fault("hotline.signature", "a signature has 2 to 12 characters and no brackets: carriers add them")
	}
}

// typeNames lists the types a policy may name.
func typeNames() []string {
	names := []string{}
	for t := range TypeWords {
		if t != Unset && t != EmergencyCase {
			names = append(names, string(t))
		}
	}
	slices.Sort(names)
	return names
}

func (p *Policy) checkTypes(d *fault.Document) {
	names := typeNames()
	if len(p.Types) == 0 {
		d.Fault("types", "a hotline accepts at least one type of request")
	}
	for i, t := range p.Types {
		path := fmt.Sprintf("types[%d]", i)
		if !slices.Contains(names, string(t)) {
			d.Unknown(path, string(t), "unknown type %q", names)
		}
		if slices.Index(p.Types, t) != i {
			d.Fault(path, "type %q is listed twice", t)
		}
	}
}

func (p *Policy) checkDeadlines(d *fault.Document) {
	if _, ok := p.Deadlines[defaultTerm]; !ok {
		d.Fault("deadlines", "deadlines need a line \"default\"")
	}
	for t, term := range p.Deadlines {
		path := "deadlines." + string(t)
		if t != defaultTerm && !p.Accepts(t) {
			d.Fault(path, "a deadline for %q, which is not among the types", t)
		}
		units := 0
		for _, n := range []int{term.Workdays, term.Days, term.Hours} {
			if n < 0 || n > 1000 {
				d.Fault(path, "a term of %d is out of range", n)
			}
			if n > 0 {
				units++
			}
		}
		if units != 1 {
			d.Fault(path, "a term is in exactly one of workdays, days and hours")
		}
		if term.Rule == "" {
			d.Fault(path, "a deadline names the rule it follows")
		}
	}
}

func (p *Policy) checkSurvey(d *fault.Document) {
	s := p.Survey
	for _, n := range []struct {
		path      string
		value, to int
	}{{"survey.window_h", s.WindowHours, 168}, {"survey.callback_tries", s.CallbackTries, 20}, {"survey.valid_h", s.ValidHours, 72},
		{"survey.callback_days", s.CallbackDays, 20}, {"survey.callback_gap_h", s.CallbackGap, 72}, {"survey.callback_due_h", s.CallbackDue, 168},
		{"survey.silent_h", s.SilentHours, 168}, {"query.tries", p.Query.Tries, 10}, {"query.lock_min", p.Query.LockMinutes, 1440},
		{"result.max_runes", p.Result.MaxRunes, 500}} {
		if n.value < 0 || n.value > n.to {
			d.Fault(n.path, "%d is not from 0 to %d", n.value, n.to)
		}
	}
	for i, t := range s.NotFor {
		if t == Unset || !p.Accepts(t) {
			d.Fault(fmt.Sprintf("survey.not_for[%d]", i), "%q is not among the types", t)
		}
	}
	if !s.Enabled {
		return
	}
	for rating := 1; rating <= 5; rating++ {
		if slices.Contains(s.AutoArchive, rating) == slices.Contains(s.CallbackOn, rating) {
			d.Fault("survey", "rating %d (%s) must be in exactly one of auto_archive and callback_on", rating, RatingWords[rating])
		}
	}
	if s.WindowHours == 0 {
		d.Fault("survey", "an enabled survey needs window_h")
	}
}

func (p *Policy) checkRedo(d *fault.Document) {
	r := p.Redo
	if r.Max < 0 || r.Max > 99 {
		d.Fault("redo.max", "%d is not from 0 to 99", r.Max)
	}
	if r.Max > 0 && r.When != Dissatisfied && r.When != UnitFault {
		d.Unknown("redo.when", r.When, "unknown case for a redo %q", []string{Dissatisfied, UnitFault})
	}
	if p.Survey.days() > p.Survey.tries() {
		d.Fault("survey.callback_days", "%d calls are not on %d days", p.Survey.tries(), p.Survey.days())
	}
	if len(r.Exceptions) > 0 && (r.Max == 0 || r.When != Dissatisfied) {
		d.Fault("redo.exceptions", "exceptions are for a redo when: %s", Dissatisfied)
	}
	rules := []string{}
	for _, e := range Exceptions {
		rules = append(rules, e.Rule)
	}
	for i, rule := range r.Exceptions {
		if path := fmt.Sprintf("redo.exceptions[%d]", i); !slices.Contains(rules, rule) {
			d.Unknown(path, rule, "unknown exception %q", rules)
		}
	}
}

// template says what a text may and must speak of.
type template struct {
	path, text string
	needed     bool
	must, may  []string
}

var (
	slotPattern  = regexp.MustCompile(`\{([^{}]*)\}`)
	surveyWords  = RatingWords[1:]
	orderSlots   = []string{"number", "digits", "due"}
	citizenSlots = append([]string{"pin", "result"}, orderSlots...)
	dutySlots    = append([]string{"phone"}, orderSlots...)
)

func (p *Policy) checkTexts(d *fault.Document) {
	t := p.Texts
	for _, c := range []template{
		{path: "survey", text: t.Survey, needed: p.Survey.Enabled, must: []string{"number"}},
		{path: "confirm", text: t.Confirm, needed: p.Survey.Enabled, must: []string{"number", "rating"}},
		{path: "result", text: t.Result, needed: p.Result.Text, must: []string{"number"}, may: citizenSlots},
		{path: "result_own", text: t.ResultTo, needed: p.Result.Text, must: []string{"number"}, may: orderSlots},
		{path: "receipt", text: t.Receipt, needed: true, must: []string{"number"}, may: citizenSlots},
		{path: "duty", text: t.Duty, needed: true, must: []string{"number"}, may: dutySlots},
		{path: "voicemail", text: t.Voicemail, needed: true, must: []string{"number"}, may: dutySlots},
		{path: "urgent", text: t.Urgent, needed: true, must: []string{"number"}, may: dutySlots},
		{path: "query", text: t.Query, needed: true, must: []string{"number", "state"}},
		{path: "query_own", text: t.QueryOwn, needed: true},
		{path: "query_wrong", text: t.QueryWrong, needed: true},
		{path: "query_locked", text: t.QueryLocked, needed: true, may: []string{"lock"}},
		{path: "confirmed", text: t.Confirmed, needed: true, must: []string{"number"}},
		{path: "opt_out", text: t.OptOut},
		{path: "opt_in", text: t.OptIn},
	} {
		c.path = "texts." + c.path
		c.check(d)
	}
	if p.Survey.Enabled && t.Survey != "" {
		p.checkQuestion(d)
	}
}

func (c template) check(d *fault.Document) {
	if c.text == "" {
		if c.needed {
			d.Fault(c.path, "the text %q is missing", strings.TrimPrefix(c.path, "texts."))
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

// oneSegment is what one segment of Chinese holds, in UTF-16 units.
const oneSegment = 70

// checkQuestion makes sure that the survey says its five options, how to answer and
// how long (ZQ-15.1), and warns when it does not fit one segment: a part that is lost or
// late would leave the citizen with half a question, and the window opens with the last.
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
	number := Number{Prefix: p.Hotline.Prefix, Day: "20261121", Serial: MaxSerial}.String()
	whole := sms.Sign("【"+p.Hotline.Signature+"】", fill(text, map[string]string{"number": number}))
	if n := sms.Segments(whole); n > 1 {
		d.Warn("texts.survey", "with its longest number and the signature it is %d characters in %d segments, one segment holds %d",
			len(utf16.Encode([]rune(whole))), n, oneSegment)
	}
}
