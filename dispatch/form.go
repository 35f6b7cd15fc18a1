package dispatch

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"hotline/deploy/fault"
)

// Category is what requests are about beside their type (XZ-9).
type Category struct {
	Code  string `yaml:"code"`
	Words string `yaml:"words"`
	Rule  string `yaml:"rule"`
	Rec   string `yaml:"rec"`
}

// FormPolicy is what an agent writes down of a request. The zero value asks for nothing.
type FormPolicy struct {
	NameRule     string   `yaml:"name_rule"`    // the clause by which a name is there, or that it was declined (KF-3.1.1)
	SummaryRule  string   `yaml:"summary_rule"` // the clause by which the request is summed up, and what is to be done (KF-3.1.2)
	Runes        int      `yaml:"runes"`        // of the summary at most
	Dispositions []string `yaml:"dispositions"` // what may be done with it (KF-3.1.3); a kind of life.asks is put to others at once
	Rule         string   `yaml:"rule"`
	Rec          string   `yaml:"rec"`
}

// Form is what an agent writes down while a citizen speaks. What is empty and may be stays as
// it is.
type Form struct {
	Name        string
	Nameless    bool // the citizen would not say it
	Summary     string
	Disposition string
}

// WriteDown fills in an order that is with the hotline: name, summary and what is to be done.
// What the policy asks for and is missing is refused by name, and nothing changed.
func (o *Office) WriteDown(ctx context.Context, number string, by By, f Form) (Order, error) {
	f.Name = cut(f.Name, maxName)
	return o.command(ctx, number, deed{By: by, name: "form", do: func(u *unit, order *Order) error {
		p := u.office.policy.Life.Form
		rule := ruleOf(p.SummaryRule, Registered)
		if p.SummaryRule == "" {
			rule = "KF-3.1.2"
		}
		if err := by.may(rule, counterDesk...); err != nil {
			return err
		}
		if order.State != Registered {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: rule, Text: "派发后不再更改"})
		}
		if err := p.lacks(*order, f, rule); err != nil {
			return err
		}
		if f.Name != "" {
			order.Name = f.Name
		}
		if f.Summary != "" {
			order.Summary = cut(f.Summary, maxSummary)
		}
		text := "登记表:处理方式" + dispositionWords[f.Disposition]
		if f.Nameless {
			text += ",不愿提供姓名"
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnNote, Rule: rule, Text: text}); err != nil {
			return err
		}
		if kind := ReviewKind(f.Disposition); askKinds[kind] != "" {
			return u.put(*order, by.Actor, Putting{Kind: kind, Reason: order.Summary})
		}
		return nil
	}})
}

// lacks says what a form has too little or too much of.
func (p FormPolicy) lacks(order Order, f Form, rule string) error {
	if err := needs(p.NameRule, blank{"name", "姓名,或注明不愿提供", p.NameRule != "" && f.Name == "" && order.Name == "" && !f.Nameless}); err != nil {
		return err
	}
	if err := needs(rule, blank{"summary", "概括", p.SummaryRule != "" && f.Summary == "" && order.Summary == ""}); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(f.Summary); p.Runes > 0 && n > p.Runes {
		return refuse(ErrInvalid, Refusal{Field: "summary", Rule: rule, Text: fmt.Sprintf("概括至多%d字,现有%d字", p.Runes, n)})
	}
	if !slices.Contains(p.Dispositions, f.Disposition) && (f.Disposition != "" || len(p.Dispositions) > 0) {
		return refuse(ErrInvalid, Refusal{Field: "disposition", Rule: rule, Text: "请选择处理方式"})
	}
	return nil
}

// dispositionWords are the ways of handling a request.
var dispositionWords = map[string]string{"": "未定", "on_spot": "当场答复", "dispatch": "派发承办单位", string(ForLeader): "交值班领导"}

// categoryRule is the clause of the categories.
func (p LifePolicy) categoryRule() string {
	if len(p.Categories) > 0 {
		return p.Categories[0].Rule
	}
	return "XZ-9"
}

// categoryWords is what a category is called; one that the policy no longer has is its code.
func (p LifePolicy) categoryWords(code string) string {
	for _, c := range p.Categories {
		if c.Code == code {
			return c.Words
		}
	}
	return code
}

// checkForm looks at the form and the categories.
func (p *Policy) checkForm(d *fault.Document) {
	known := []string{}
	for code := range dispositionWords {
		if code != "" {
			known = append(known, code)
		}
	}
	slices.Sort(known)
	for i, code := range p.Life.Form.Dispositions {
		path := fmt.Sprintf("life.form.dispositions[%d]", i)
		_, put := p.Life.Asks[ReviewKind(code)]
		switch {
		case !slices.Contains(known, code):
			d.Unknown(path, code, "unknown way of handling %q", known)
		case askKinds[ReviewKind(code)] != "" && !put:
			d.Fault(path, "%s needs a line in life.asks", code)
		}
	}
	if p.Life.Form.Runes < 0 || p.Life.Form.Runes > maxSummary {
		d.Fault("life.form.runes", "%d is not from 0 to %d", p.Life.Form.Runes, maxSummary)
	}
	for i, c := range p.Life.Categories {
		if c.Code == "" || c.Words == "" {
			d.Fault(fmt.Sprintf("life.categories[%d]", i), "a category has a code and words")
		}
	}
}
