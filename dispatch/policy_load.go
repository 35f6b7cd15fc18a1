package dispatch

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"hotline/deploy/fault"
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
	d := fault.ReadRuled(name, src, &p)
	p.checkHotline(d)
	p.checkTypes(d)
	p.checkDeadlines(d)
	p.checkCounting(d)
	p.checkSurvey(d)
	p.checkRedo(d)
	p.checkRouting(d)
	p.checkForm(d)
	p.checkAsks(d)
	p.checkPutThrough(d)
	p.checkReply(d)
	p.checkClock(d)
	p.checkOnCall(d)
	p.checkRouting(d)
	p.checkTexts(d)
	p.checkDemands(d)
	p.checkClauses(d)
	p.checkSources(d)
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
		p.checkTerm(d, path, term)
	}
	for t, term := range p.Life.Returns.Window {
		p.checkTerm(d, "life.returns.window."+string(t), term)
	}
	for way, term := range p.Life.Ways {
		p.checkTerm(d, "life.ways."+way, term)
	}
	for t, term := range p.Watch.Dispatch {
		path := "watch.dispatch." + string(t)
		if !p.Accepts(t) {
			d.Fault(path, "a term for %q, which is not among the types", t)
		}
		p.checkTerm(d, path, term)
	}
}

// checkTerm sees to it that a term has one length and a clause.
func (p *Policy) checkTerm(d *fault.Document, path string, t Term) {
	units := 0
	for _, s := range t.spans() {
		if s.N < 0 || s.N > 1000 {
			d.Fault(path, "a term of %d is out of range", s.N)
		}
		if s.N > 0 {
			units++
		}
	}
	if units != 1 {
		d.Fault(path, "a term is in exactly one of workdays, days, hours, minutes and work_hours")
	}
	if t.WorkHours > 0 && len(p.BusinessHours) == 0 {
		d.Fault(path, "a term in work_hours needs business_hours (Q23)")
	}
	if t.Rule == "" {
		d.Fault(path, "a deadline names the rule it follows")
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
	s.checkWays(d)
}

func (s SurveyPolicy) checkWays(d *fault.Document) {
	if s.Resend < 0 || s.Resend > 1 {
		d.Fault("survey.resend", "%d is not 0 or 1", s.Resend)
	}
	for _, w := range []struct {
		path string
		way  Way
		may  []string
	}{{"survey.undelivered", s.Undelivered, []string{string(ByVoice), string(ByPerson)}},
		{"survey.no_text", s.NoText, []string{string(ByVoice), string(ByPerson)}},
		{"survey.opted_out", s.OptedOut, []string{string(ByPerson)}},
		{"survey.voice_then", s.VoiceThen, []string{string(ByPerson)}}} {
		if w.way != ByNobody && !slices.Contains(w.may, string(w.way)) {
			d.Unknown(w.path, string(w.way), "unknown way %q", w.may)
		}
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
