package httpapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hotline/sms"
)

// slotIn finds the slots of a value.
var slotIn = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

// slotsOf names the slots of a value.
func slotsOf(s string) (names []string) {
	for _, m := range slotIn.FindAllStringSubmatch(s, -1) {
		names = append(names, m[1])
	}
	return names
}

// slots names those of a whole request.
func (r *Request) slots() []string {
	names := slotsOf(r.Path)
	for _, v := range r.Headers {
		names = append(names, slotsOf(v)...)
	}
	for _, v := range r.Form {
		names = append(names, slotsOf(v)...)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			names = append(names, slotsOf(v)...)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(r.JSON)
	return names
}

// slots are values by slot: strings, and for params and values what JSON makes of them.
type slots map[string]any

// text fills a template. ok is false for one that is a single slot without a value.
func (s slots) text(template string) (filled string, ok bool) {
	filled = slotIn.ReplaceAllStringFunc(template, func(slot string) string {
		switch v := s[slot[1:len(slot)-1]].(type) {
		case nil:
			return ""
		case string:
			return v
		default:
			b, _ := json.Marshal(v) // maps and lists of strings
			return string(b)
		}
	})
	return filled, filled != "" || slotIn.FindString(template) != template || template == ""
}

// tree fills the templates in a body of JSON. ok is false for what is left out.
func (s slots) tree(v any) (filled any, ok bool) {
	switch v := v.(type) {
	case string:
		if name, alone := strings.CutPrefix(v, "{"); alone && slotIn.FindString(v) == v {
			switch value := s[strings.TrimSuffix(name, "}")].(type) {
			case map[string]string:
				return value, len(value) > 0
			case []string:
				return value, len(value) > 0
			}
		}
		return s.text(v)
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			if f, ok := s.tree(e); ok {
				out = append(out, f)
			}
		}
		return out, true
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if f, ok := s.tree(e); ok {
				out[k] = f
			}
		}
		return out, true
	}
	return v, true
}

// Template is a text that the carrier approved: the hotline's own, with its slots in
// braces, under the carrier's id.
type Template struct {
	ID   string
	Text string
}

// template is one that can be recognised.
type template struct {
	id    string
	names []string
	form  *regexp.Regexp
}

// blank is a slot of a template: any name.
var blank = regexp.MustCompile(`\{([^{}]+)\}`)

func (t Template) compile() (template, error) {
	out := template{id: t.ID}
	var form strings.Builder
	form.WriteString(`(?s)^`)
	last := 0
	for _, at := range blank.FindAllStringSubmatchIndex(t.Text, -1) {
		form.WriteString(regexp.QuoteMeta(t.Text[last:at[0]]) + `(.+?)`)
		out.names = append(out.names, t.Text[at[2]:at[3]])
		last = at[1]
	}
	form.WriteString(regexp.QuoteMeta(t.Text[last:]) + `$`)
	var err error
	if out.form, err = regexp.Compile(form.String()); err != nil { // no UTF-8, or far too long
		return template{}, fmt.Errorf("template %s: %w", t.ID, err)
	}
	return out, nil
}

// recognise finds the template a text is made of, and the values of its slots.
func (l *Link) recognise(text string) (id string, params map[string]string, values []string, ok bool) {
	for _, t := range l.templates {
		m := t.form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		params = map[string]string{}
		for i, name := range t.names {
			params[name] = m[i+1]
		}
		return t.id, params, m[1:], true
	}
	return "", nil, nil, false
}

// unsign takes the signature off a text: what stands in 【】 at its front.
func unsign(text string) (signature, rest string) {
	inner, ok := strings.CutPrefix(text, "【")
	if signature, rest, closed := strings.Cut(inner, "】"); ok && closed {
		return signature, rest
	}
	return "", text
}

// signed is a text as the handset shows it.
func signed(signature, text string) string {
	if signature == "" {
		return text
	}
	return sms.Sign("【"+signature+"】", text)
}

// e164 is a number of ours with + and its country.
func e164(number string) string {
	if abroad, ok := strings.CutPrefix(number, "00"); ok {
		return "+" + abroad
	}
	return "+86" + strings.TrimPrefix(number, "0")
}

// accountSlots are what the account fills.
func (l *Link) accountSlots() slots {
	s := slots{"key": l.cfg.Key, "secret": l.cfg.Secret, "time": unix(l.cfg.Clock.Now())}
	for k, v := range l.cfg.Vars {
		s[k] = v
	}
	return s
}

// textSlots are what a text fills; ok is false if it is none of the approved ones.
func (l *Link) textSlots(out sms.Outgoing) (s slots, ok bool) {
	s = l.accountSlots()
	signature, text := unsign(out.Text)
	signature = cmp.Or(signature, l.cfg.Vars["signature"])
	s["number"], s["e164"], s["id"] = out.To, e164(out.To), out.ID
	s["signed"], s["signature"], s["text"] = signed(signature, text), signature, text
	if l.cfg.ExtDigits > 0 {
		s["ext"] = out.Ext
	}
	if !l.cfg.API.uses("template") && !l.cfg.API.uses("params") && !l.cfg.API.uses("values") {
		return s, true
	}
	id, params, values, ok := l.recognise(text)
	s["template"], s["params"], s["values"] = id, params, slices.Clone(values)
	return s, ok
}
