package fault

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxDocument bounds a configuration file: a wrong path must not eat the memory.
const maxDocument = 1 << 20

// Document is a YAML file being read into a struct. Reading never stops at a fault;
// the place of every value is kept by its path, so that later checks can point at it.
type Document struct {
	file     string
	lines    []string
	places   map[string]ast.Node // survey.send_hours, types[3] ...
	problems Problems
	sources  map[string]Source // of a ruled document: what says so, by path
}

// Read reads src into the struct that into points at, by its yaml tags. Unknown and
// repeated fields and values of the wrong kind are problems; missing ones are the
// caller's to find.
func Read(file string, src []byte, into any) *Document {
	d := newDocument(file, src)
	d.readAll(src, into)
	return d
}

func newDocument(file string, src []byte) *Document {
	return &Document{file: file, lines: strings.Split(string(src), "\n"), places: map[string]ast.Node{}}
}

func (d *Document) readAll(src []byte, into any) {
	defer func() {
		// The parser is a guest: a file that breaks it is a file that is not YAML.
		if r := recover(); r != nil {
			d.problems = append(d.problems, Problem{File: d.file, Line: 1, Col: 1, Text: fmt.Sprintf("not YAML: %v", r)})
		}
	}()
	if len(src) > maxDocument {
		d.at(nil, "", "longer than %d bytes", maxDocument)
		return
	}
	f, err := parser.ParseBytes(src, 0)
	if err != nil {
		d.syntax(err)
		return
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		d.at(nil, "", "one document is expected, found %d", len(f.Docs))
		return
	}
	d.read(f.Docs[0].Body, reflect.ValueOf(into).Elem(), "")
}

// Err is nil when there was no problem but warnings. Problems come in the order of their
// lines.
func (d *Document) Err() error { return d.Problems().Err() }

// Problems is everything that was found, warnings too, in the order of the lines.
func (d *Document) Problems() Problems {
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
	return d.problems
}

// Fault notes a problem with the value at a path (survey.send_hours, types[3]), or with
// what contains it when the value is not there.
func (d *Document) Fault(path, format string, args ...any) {
	d.at(d.nearest(path), "", format, args...)
}

// Warn notes what is no fault but should be looked at.
func (d *Document) Warn(path, format string, args ...any) {
	d.Fault(path, format, args...)
	d.problems[len(d.problems)-1].Warning = true
}

// nearest is the value at a path, or the nearest that contains it.
func (d *Document) nearest(path string) ast.Node {
	for path != "" && d.places[path] == nil {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return d.places[path]
}

// Has reports whether the file has something at a path.
func (d *Document) Has(path string) bool { return d.places[path] != nil }

// Advise is Fault with a hint.
func (d *Document) Advise(path, hint, format string, args ...any) {
	d.at(d.nearest(path), hint, format, args...)
}

// Unknown notes a name at a path that is none of those there are, with the nearest.
func (d *Document) Unknown(path, name, format string, names []string) {
	d.at(d.places[path], DidYouMean(name, names), format, name)
}

// at notes a problem at a node.
func (d *Document) at(n ast.Node, hint, format string, args ...any) {
	p := d.place(n)
	p.Text, p.Hint = fmt.Sprintf(format, args...), hint
	d.problems = append(d.problems, p)
}

// place is where a node stands.
func (d *Document) place(n ast.Node) Problem {
	p := Problem{File: d.file, Line: 1, Col: 1}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		n = m.Values[0].Key
	}
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		p.Line, p.Col = n.GetToken().Position.Line, n.GetToken().Position.Column
	}
	if p.Line <= len(d.lines) {
		p.Source = d.lines[p.Line-1]
	}
	return p
}

// syntax notes the parser's own complaint.
func (d *Document) syntax(err error) {
	var s *yaml.SyntaxError
	if !errors.As(err, &s) || s.Token == nil {
		d.at(nil, "", "not YAML: %v", err)
		return
	}
	d.at(ast.String(s.Token), "", "not YAML: %s", s.Message)
}

// read puts a node's value into v.
func (d *Document) read(n ast.Node, v reflect.Value, path string) {
	n = d.unwrap(n, path)
	d.places[path] = n
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if s, ok := d.scalar(n); ok {
			if err := u.UnmarshalText([]byte(s)); err != nil {
				d.at(n, "", "%v", err)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.readStruct(n, v, path)
	case reflect.Map:
		d.readMap(n, v, path)
	case reflect.Slice:
		d.readSlice(n, v, path)
	default:
		d.readScalar(n, v)
	}
}

func (d *Document) readStruct(n ast.Node, v reflect.Value, path string) {
	fields := map[string]reflect.Value{}
	var names []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == "-" || name == "" {
			continue // the reader's own
		}
		fields[name] = v.Field(i)
		names = append(names, name)
	}
	for _, m := range d.mapping(n) {
		name := m.Key.GetToken().Value
		field, ok := fields[name]
		if d.source(m, path) && !ok {
			continue
		}
		if !ok {
			d.at(m.Key, DidYouMean(name, names), "unknown field %q", name)
			continue
		}
		d.read(m.Value, field, join(path, name))
	}
}

func (d *Document) readMap(n ast.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	for _, m := range d.mapping(n) {
		name := m.Key.GetToken().Value
		value := reflect.New(v.Type().Elem()).Elem()
		d.read(m.Value, value, join(path, name))
		d.places[join(path, name)] = m.Key
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), value)
	}
}

func (d *Document) readSlice(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.at(n, "", "a list is expected")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
	for i, e := range s.Values {
		d.read(e, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (d *Document) readScalar(n ast.Node, v reflect.Value) {
	s, ok := d.scalar(n)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int:
		i, err := strconv.Atoi(s)
		if err != nil {
			d.at(n, "", "%q is not a whole number", s)
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		if s != "true" && s != "false" {
			d.at(n, "", "%q is neither true nor false", s)
		}
		v.SetBool(s == "true")
	}
}

// mapping lists the fields of a mapping; anything else is a problem and has none.
func (d *Document) mapping(n ast.Node) []*ast.MappingValueNode {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return fields(n)
	}
	d.at(n, "", "fields like \"name: value\" are expected")
	return nil
}

// scalar is a single value's text.
func (d *Document) scalar(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(s.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	d.at(n, "", "a single value is expected")
	return "", false
}

// join makes the path of a field.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
