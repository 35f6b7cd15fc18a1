package fault

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Source is where a value comes from: the clause that says it, or our reason where none does.
// Both: the clause leaves the value to the hotline.
type Source struct{ Rule, Rec string }

// None says whether nobody said anything.
func (s Source) None() bool { return s == Source{} }

// Value is one value of a ruled document.
type Value struct {
	Path   string // life.extension.max
	Text   string // as it is written
	Source Source
	At     Problem // its place, for who has to say more about it
}

// is, rule and rec are the fields that say where a value comes from.
const isField, ruleField, recField = "is", "rule", "rec"

// ReadRuled is Read for a file whose values say where they come from: a mapping may carry
// rule and rec, which are of all that is in it and says nothing of its own, and any value V may
// be written as {is: V, rule: ...} or {is: V, rec: ...}. Values lists them.
func ReadRuled(file string, src []byte, into any) *Document {
	d := newDocument(file, src)
	d.sources = map[string]Source{}
	d.readAll(src, into)
	return d
}

// unwrap is the value of {is: V, rule: ..., rec: ...}; anything else is itself.
func (d *Document) unwrap(n ast.Node, path string) ast.Node {
	m := fields(n)
	i := slices.IndexFunc(m, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == isField })
	if d.sources == nil || i < 0 {
		return n
	}
	for _, v := range m {
		if name := v.Key.GetToken().Value; name != isField && !d.source(v, path) {
			d.at(v.Key, DidYouMean(name, []string{ruleField, recField}), "unknown field %q beside is", name)
		}
	}
	return m[i].Value
}

// source takes in a rule or rec of what is at a path; false: it is neither.
func (d *Document) source(v *ast.MappingValueNode, path string) bool {
	s := d.sources[path]
	var into *string
	switch v.Key.GetToken().Value {
	case ruleField:
		into = &s.Rule
	case recField:
		into = &s.Rec
	}
	if into == nil || d.sources == nil {
		return false
	}
	d.places[join(path, v.Key.GetToken().Value)] = v.Value
	if text, ok := d.scalar(v.Value); ok {
		if *into = strings.TrimSpace(text); *into == "" {
			d.at(v.Value, "", "an empty %s says nothing", v.Key.GetToken().Value)
		}
	}
	d.sources[path] = s
	return true
}

// Values lists the values of a ruled document that was read into a struct, in the order of
// the struct's fields.
func (d *Document) Values(from any) []Value {
	var all []Value
	d.values(reflect.ValueOf(from).Elem(), "", Source{}, &all)
	return all
}

func (d *Document) values(v reflect.Value, path string, from Source, all *[]Value) {
	if s, ok := d.sources[path]; ok {
		from = s
	}
	_, text := v.Addr().Interface().(encoding.TextUnmarshaler)
	switch {
	case text:
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Tag.Get("yaml")
			if at := join(path, name); name != "" && name != "-" && name != ruleField && name != recField && d.Has(at) {
				d.values(v.Field(i), at, from, all)
			}
		}
		return
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct && !readsText(v.Type().Elem()):
		for i := range v.Len() {
			d.values(v.Index(i), fmt.Sprintf("%s[%d]", path, i), from, all)
		}
		return
	case v.Kind() == reflect.Map && v.Type().Elem().Kind() == reflect.Struct && !readsText(v.Type().Elem()):
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(key))
			d.values(e, join(path, key.String()), from, all)
		}
		return
	}
	n := d.places[path]
	*all = append(*all, Value{Path: path, Text: d.text(n), Source: from, At: d.place(n)})
}

// readsText says whether values of a type are written as one word.
func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// text is a value in one line.
func (d *Document) text(n ast.Node) string {
	var parts []string
	switch n := n.(type) {
	case *ast.SequenceNode:
		for _, e := range n.Values {
			parts = append(parts, d.text(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, m := range fields(n) {
			parts = append(parts, m.Key.GetToken().Value+": "+d.text(m.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value)
	case nil:
		return ""
	}
	return n.GetToken().Value
}

// fields are those of a mapping; of anything else none.
func fields(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// Sources lists the places that say where their values come from, with the path of the rule
// or rec itself, in the order of the lines.
func (d *Document) Sources() []Value {
	var all []Value
	for path, s := range d.sources {
		at := join(path, ruleField)
		all = append(all, Value{Path: at, Source: s, At: d.Place(at)})
	}
	slices.SortFunc(all, func(a, b Value) int { return cmp.Or(a.At.Line-b.At.Line, strings.Compare(a.Path, b.Path)) })
	return all
}

// Place is where the value at a path stands, or what contains it.
func (d *Document) Place(path string) Problem { return d.place(d.nearest(path)) }
