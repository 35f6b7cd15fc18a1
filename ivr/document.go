package ivr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"hotline/deploy/fault"
)

// maxDocument bounds a configuration file, so that a wrong path given by mistake
// does not eat the memory.
const maxDocument = 1 << 20

// document is a YAML file being read. Reading never stops at a fault: every fault is
// noted with its place and the rest is read on.
type document struct {
	file     string
	lines    []string
	problems Problems
	mentions []mention // prompts named
}

// place is where in a document something stands.
type place struct{ line, col int }

// placeOf tells where a node begins.
func placeOf(n ast.Node) place {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return place{}
	}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return placeOf(m.Values[0].Key)
	}
	p := n.GetToken().Position
	return place{p.Line, p.Column}
}

// report notes a problem at a place.
func (d *document) report(at place, p Problem) {
	p.File, p.Line, p.Col = d.file, at.line, at.col
	if at.line >= 1 && at.line <= len(d.lines) {
		p.Source = d.lines[at.line-1]
	}
	d.problems = append(d.problems, p)
}

// fault notes an error at a node.
func (d *document) fault(n ast.Node, hint, format string, args ...any) {
	d.report(placeOf(n), Problem{Text: fmt.Sprintf(format, args...), Hint: hint})
}

// readDocument parses a file into its outermost object. A file that is not YAML gives an
// empty object and the parser's complaint.
func readDocument(file string, src []byte) (doc *document, top *object) {
	doc = &document{file: file, lines: strings.Split(string(src), "\n")}
	top = &object{doc: doc, what: "the file"}
	// The parser is a guest: whatever it does with a broken file, ours goes on.
	defer func() {
		if r := recover(); r != nil {
			doc.report(place{1, 1}, Problem{Text: fmt.Sprintf("not YAML: %v", r)})
		}
	}()
	if len(src) > maxDocument {
		doc.report(place{1, 1}, Problem{Text: fmt.Sprintf("longer than %d bytes", maxDocument)})
		return doc, top
	}
	f, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		doc.report(syntaxPlace(err))
		return doc, top
	}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil {
		doc.report(place{1, 1}, Problem{Text: "the file is empty"})
		return doc, top
	}
	if len(f.Docs) > 1 {
		doc.fault(f.Docs[1].Body, "", "a second document in the file is not read")
	}
	return doc, doc.object(f.Docs[0].Body, "the file")
}

// syntaxPlace takes the place and the words out of a parser's error.
func syntaxPlace(err error) (place, Problem) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		at := syntax.Token.Position
		return place{at.Line, at.Column}, Problem{Text: "not YAML: " + syntax.Message}
	}
	return place{1, 1}, Problem{Text: "not YAML: " + err.Error()}
}

// plain looks through anchors and tags to the value itself.
func plain(n ast.Node) ast.Node {
	for {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode:
			n = x.Value
		default:
			return n
		}
	}
}

// field is one key of an object.
type field struct {
	name  string
	key   ast.Node
	value value
	used  bool
}

// object is a YAML mapping whose fields are taken one by one; close then reports the
// ones nobody took.
type object struct {
	doc    *document
	what   string // for messages: node "main"
	node   ast.Node
	fields []*field
	asked  []string
}

// object reads a mapping; anything else is reported and gives an empty object.
func (d *document) object(n ast.Node, what string) *object {
	o := &object{doc: d, what: what, node: n}
	n = plain(n)
	switch m := n.(type) {
	case *ast.MappingNode:
		for _, v := range m.Values {
			o.add(v)
		}
	case *ast.MappingValueNode: // a mapping of one field, in some positions
		o.add(m)
	case nil, *ast.NullNode:
		d.fault(n, "", "%s is empty", what)
	default:
		d.fault(n, "", "%s should have fields, like \"name: value\"", what)
	}
	return o
}

// add notes one field, and a duplicate when the name was there before.
func (o *object) add(m *ast.MappingValueNode) {
	name := m.Key.GetToken().Value
	f := &field{name: name, key: m.Key, value: value{o.doc, plain(m.Value), name}}
	for _, old := range o.fields {
		if old.name == name {
			o.doc.fault(m.Key, fmt.Sprintf("the first is in line %d; remove one", placeOf(old.key).line),
				"duplicate key %q", name)
			return
		}
	}
	o.fields = append(o.fields, f)
}

// take finds a field and marks it as known.
func (o *object) take(name string) (*field, bool) {
	o.asked = append(o.asked, name)
	for _, f := range o.fields {
		if f.name == name {
			f.used = true
			return f, true
		}
	}
	return nil, false
}

// close reports every field that was not asked for.
func (o *object) close() {
	for _, f := range o.fields {
		if !f.used {
			o.doc.fault(f.key, fault.DidYouMean(f.name, o.asked), "unknown field %q in %s", f.name, o.what)
		}
	}
}

// missing reports that a required field is not there.
func (o *object) missing(name string) {
	o.doc.fault(o.node, "", "%s needs %q", o.what, name)
}
