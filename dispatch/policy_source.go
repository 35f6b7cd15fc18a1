package dispatch

import (
	"regexp"
	"slices"
	"strings"

	"hotline/deploy/fault"
)

// clauseShape is how the clauses of regulations are called: ZZ-17.1, KF-A4.3.1, KF-B.
var clauseShape = regexp.MustCompile(`^([A-Z]{2,4})-(?:A?[0-9]{1,2}(?:\.[0-9]{1,2})*|[A-Z])$`)

// clauseFields are the fields that hold nothing but a clause, beside all that end in _rule.
var clauseFields = []string{"first_owner", "promise_required", "cross_unit", "filing", "close_understood", "first_contact",
	"written_opinion", "after_extension", "unit_head", "consent", "real_name", "answers", "apart", "not_accept"}

// unruled are the parts of a policy that no regulation says anything about: names and words.
var unruled = []string{"hotline", "texts", "texts_en", "clauses"}

// cite is a clause that a policy names, and where.
type cite struct {
	rule string
	at   fault.Problem
}

// checkSources sees to it that every value says where it comes from: rule, a clause of this
// regulation; or rec, our reason, where the regulation leaves it open. What another regulation
// says is a choice here.
func (p *Policy) checkSources(d *fault.Document) {
	for _, v := range d.Values(p) {
		if part, _, _ := strings.Cut(v.Path, "."); slices.Contains(unruled, part) {
			continue
		}
		switch name := v.Path[strings.LastIndexByte(v.Path, '.')+1:]; {
		case clauseShape.MatchString(v.Text), strings.HasSuffix(name, "_rule"), slices.Contains(clauseFields, name):
			v.Source = fault.Source{Rule: v.Text, Rec: v.Source.Rec}
			p.cite(d, v.Path, v.Text)
		case v.Source.None():
			d.Advise(v.Path, "rule: the clause, or rec: the reason, for a whole section or as "+name+": {is: ..., rec: ...}",
				"%s has neither rule nor rec", v.Path)
		}
		p.Values = append(p.Values, v)
	}
	for _, s := range d.Sources() {
		for _, rule := range strings.Fields(s.Source.Rule) {
			p.cite(d, s.Path, rule)
		}
	}
}

// cite notes a clause named at a path, or what is wrong with it.
func (p *Policy) cite(d *fault.Document, path, rule string) {
	m := clauseShape.FindStringSubmatch(rule)
	switch {
	case m == nil:
		d.Advise(path, "a clause looks like "+p.Hotline.Prefix+"-1.2", "%q is no clause", rule)
	case m[1] != p.Hotline.Prefix:
		d.Advise(path, "what another regulation says is a choice here: rec: the reason", "%s is no clause of %s", rule, p.Hotline.Prefix)
	default:
		p.cites = append(p.cites, cite{rule: rule, at: d.Place(path)})
	}
}

// CheckRules says which clauses the policy names that are neither among known (rules.yaml)
// nor in its own list of clauses.
func (p *Policy) CheckRules(known []string) Problems {
	var problems Problems
	for _, c := range p.cites {
		if _, own := p.Clauses[c.rule]; own || slices.Contains(known, c.rule) {
			continue
		}
		c.at.Text, c.at.Hint = "there is no clause "+c.rule, fault.DidYouMean(c.rule, known)
		problems = append(problems, c.at)
	}
	slices.SortStableFunc(problems, func(a, b fault.Problem) int { return a.Line - b.Line })
	return problems
}

// checkClauses looks at the clauses that a policy lists itself.
func (p *Policy) checkClauses(d *fault.Document) {
	for rule, words := range p.Clauses {
		if m := clauseShape.FindStringSubmatch(rule); m == nil || m[1] != p.Hotline.Prefix {
			d.Advise("clauses."+rule, "a clause looks like "+p.Hotline.Prefix+"-1.2", "%q is no clause of %s", rule, p.Hotline.Prefix)
		}
		if strings.TrimSpace(words) == "" {
			d.Fault("clauses."+rule, "a clause says what it asks, in our words")
		}
	}
}
