package ivr

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// text takes a string that may be absent.
func (o *object) text(name, otherwise string) string {
	f, ok := o.take(name)
	if !ok {
		return otherwise
	}
	return f.value.text()
}

// must takes a string that has to be there.
func (o *object) must(name string) string {
	f, ok := o.take(name)
	if !ok {
		o.missing(name)
		return ""
	}
	return f.value.text()
}

// prompt takes the id of a prompt and remembers where it was named; without a default it
// has to be there.
func (o *object) prompt(name, otherwise string) string {
	f, ok := o.take(name)
	if !ok {
		if otherwise == "" {
			o.missing(name)
		}
		return otherwise
	}
	id := f.value.text()
	o.doc.mentions = append(o.doc.mentions, mention{prompt: id, at: placeOf(f.value.node)})
	return id
}

// flag takes a true or false.
func (o *object) flag(name string, otherwise bool) bool {
	f, ok := o.take(name)
	if !ok {
		return otherwise
	}
	b, isBool := f.value.node.(*ast.BoolNode)
	if !isBool {
		o.doc.fault(f.value.node, "write true or false", "%s: %q is neither true nor false", name, f.value.raw())
		return otherwise
	}
	return b.Value
}

// limits are the smallest and largest values a field may take.
type limits[T any] struct{ otherwise, min, max T }

// whole takes a whole number within limits.
func (o *object) whole(name string, l limits[int]) int {
	f, ok := o.take(name)
	if !ok {
		return l.otherwise
	}
	n, err := strconv.Atoi(f.value.raw())
	if err != nil || n < l.min || n > l.max {
		o.doc.fault(f.value.node, "", "%s: %q should be a whole number from %d to %d", name, f.value.raw(), l.min, l.max)
		return l.otherwise
	}
	return n
}

// span takes a duration such as 25s within limits.
func (o *object) span(name string, l limits[time.Duration]) time.Duration {
	f, ok := o.take(name)
	if !ok {
		return l.otherwise
	}
	d, err := time.ParseDuration(f.value.raw())
	if err != nil {
		o.doc.fault(f.value.node, "write a number with its unit, such as 25s or 3m", "%s: %q is not a duration", name, f.value.raw())
		return l.otherwise
	}
	if d < l.min || d > l.max {
		o.doc.fault(f.value.node, "", "%s: %s is outside %s to %s", name, d, l.min, l.max)
		return l.otherwise
	}
	return d
}

// object takes a field that has fields of its own; nil when absent.
func (o *object) object(name string) *object {
	f, ok := o.take(name)
	if !ok {
		return nil
	}
	return o.doc.object(f.value.node, fmt.Sprintf("%q", name))
}

// list takes a sequence of values.
func (o *object) list(name string) []value {
	f, ok := o.take(name)
	if !ok {
		return nil
	}
	seq, isSeq := f.value.node.(*ast.SequenceNode)
	if !isSeq {
		o.doc.fault(f.value.node, "write it as [a, b]", "%s should be a list", name)
		return nil
	}
	values := make([]value, len(seq.Values))
	for i, n := range seq.Values {
		values[i] = value{o.doc, plain(n), name}
	}
	return values
}

// value is one scalar, or whatever stands in its place.
type value struct {
	doc  *document
	node ast.Node
	name string
}

// raw is the value as written, empty when it is not a scalar.
func (v value) raw() string {
	switch n := v.node.(type) {
	case nil, *ast.NullNode, *ast.MappingNode, *ast.SequenceNode, *ast.MappingValueNode, *ast.AliasNode:
		return ""
	case *ast.LiteralNode:
		return n.Value.Value
	default:
		if t := n.GetToken(); t != nil && t.Type != token.MappingValueType {
			return t.Value
		}
		return ""
	}
}

// text is the value as a string; an empty one or a structure is reported.
func (v value) text() string {
	s := strings.TrimSpace(v.raw())
	if s == "" {
		v.doc.fault(v.node, "", "%s should be a word or a text", v.name)
	}
	return s
}
