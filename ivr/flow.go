package ivr

import (
	"fmt"
	"sort"

	"github.com/goccy/go-yaml/ast"

	"hotline/deploy/fault"
)

// Flow is what a caller meets, as data: named nodes, each with one verb, and where
// to go from each. It is read once at start-up and never changes; calls share it.
//
//	start: welcome
//	nodes:
//	  welcome: {verb: say, prompt: welcome, then: menu}
//	  menu:
//	    verb: menu
//	    prompt: menu
//	    keys: {"1": {to: desk, class: help}, "0": desk, "9": emergency, "*": repeat}
//	    no-key: desk
//	    wrong-key: desk
//	  desk: {verb: agents, none: duty}
//	  ...
type Flow struct {
	File  string
	Start string
	Nodes []*Node // in the order written
	byID  map[string]*Node
	doc   *document
}

// Node is one place in a flow.
type Node struct {
	Name  string
	Verb  string
	Title string // for people, Chinese; the name when not given
	verb  verb
	at    place
}

// Exit is one way out of a node.
type Exit struct {
	Label string // for people, Chinese: 按1 求助, 无人接听
	To    string // a node's name
	at    place
}

// verb is what a node does. Each verb of the table in verbs.go has a file of its own.
type verb interface {
	// run plays the node for one call and names the next node; "" ends the walk. An
	// error means that the call itself went elsewhere: hung up, or emergency key.
	run(v *visit) (next string, err error)
	exits() []Exit
	prompts() []string
}

// Node finds a node by name; those of the red button are in every flow.
func (f *Flow) Node(name string) (*Node, bool) {
	n, ok := f.byID[name]
	if !ok {
		n, ok = redNodes[name]
	}
	return n, ok
}

// Exits lists the ways out of the node, in the order a caller meets them.
func (n *Node) Exits() []Exit { return n.verb.exits() }

// Prompts lists the prompts the node itself names; see UsedPrompts for all of them.
func (n *Node) Prompts() []string { return n.verb.prompts() }

// Served reports whether the node puts the caller in touch with somebody: a person,
// or a voicemail that a person will hear.
func (n *Node) Served() bool {
	v, _ := verbNamed(n.Verb)
	return v.serves
}

// ParseFlow reads a flow. The flow is nil when it cannot be run; the problems list
// everything found, warnings included, in the order of the file.
func ParseFlow(file string, src []byte) (*Flow, Problems) {
	f := readFlow(file, src)
	problems := f.doc.sorted()
	if problems.Failed() {
		return nil, problems
	}
	return f, problems
}

// readFlow reads a flow as far as it can be read; its document has the problems.
func readFlow(file string, src []byte) *Flow {
	doc, top := readDocument(file, src)
	f := &Flow{File: file, byID: map[string]*Node{}, doc: doc}
	start, hasStart := top.take("start")
	if hasStart {
		f.Start = start.value.text()
	} else if len(top.fields) > 0 {
		top.missing("start")
	}
	if nodes := top.object("nodes"); nodes != nil {
		for _, n := range nodes.fields {
			f.addNode(n)
		}
	} else if len(top.fields) > 0 {
		top.missing("nodes")
	}
	top.close()
	if hasStart {
		f.checkTarget(Exit{Label: "start", To: f.Start, at: placeOf(start.value.node)}, "start")
	}
	f.validate()
	return f
}

// maxNodes bounds a flow; a hotline has about ten.
const maxNodes = 500

// addNode reads one node by its verb.
func (f *Flow) addNode(fd *field) {
	if len(f.Nodes) == maxNodes {
		f.doc.fault(fd.key, "", "more than %d nodes", maxNodes)
	}
	if len(f.Nodes) >= maxNodes {
		return
	}
	n := &Node{Name: fd.name, Title: fd.name, at: placeOf(fd.key)}
	if fd.name == toRepeat || fd.name == toEmergency {
		f.doc.fault(fd.key, "", "%q means something by itself in a menu and cannot name a node", fd.name)
	}
	o := f.doc.object(fd.value.node, fmt.Sprintf("node %q", fd.name))
	verbField, ok := o.take("verb")
	if !ok {
		f.doc.fault(fd.key, "one of: "+joined(verbNames()), "node %q has no verb", fd.name)
		f.keep(n)
		return
	}
	n.Verb = verbField.value.text()
	n.Title = o.text("title", fd.name)
	def, known := verbNamed(n.Verb)
	if !known {
		f.doc.fault(verbField.value.node, fault.DidYouMean(n.Verb, verbNames()), "unknown verb %q", n.Verb)
		f.keep(n)
		return
	}
	n.verb = def.read(o)
	o.close()
	f.keep(n)
}

// keep adds a node; one that could not be read stays known by name, so that nodes
// leading to it are not blamed.
func (f *Flow) keep(n *Node) {
	f.Nodes = append(f.Nodes, n)
	f.byID[n.Name] = n
}

// names lists the nodes' names.
func (f *Flow) names() []string {
	names := make([]string, len(f.Nodes))
	for i, n := range f.Nodes {
		names[i] = n.Name
	}
	return names
}

// exit takes a field that names the next node and has to be there: without it a
// caller would stand before a wall.
func (o *object) exit(name, label string) Exit {
	f, ok := o.take(name)
	if !ok {
		o.doc.report(placeOf(o.node), Problem{
			Text: fmt.Sprintf("dead end: %s has no %q", o.what, name),
			Hint: fmt.Sprintf("add %q with the node that follows", name),
		})
		return Exit{Label: label}
	}
	return Exit{Label: label, To: f.value.text(), at: placeOf(f.value.node)}
}

// optionalExit takes a field that may name a next node.
func (o *object) optionalExit(name, label string) Exit {
	f, ok := o.take(name)
	if !ok {
		return Exit{Label: label}
	}
	return Exit{Label: label, To: f.value.text(), at: placeOf(f.value.node)}
}

// present drops exits that lead nowhere.
func present(exits ...Exit) []Exit {
	var there []Exit
	for _, e := range exits {
		if e.To != "" {
			there = append(there, e)
		}
	}
	return there
}

// sorted gives the problems in the order of the file.
func (d *document) sorted() Problems {
	sort.SliceStable(d.problems, func(i, j int) bool {
		a, b := d.problems[i], d.problems[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Col < b.Col
	})
	return d.problems
}

// isScalar reports whether a node is a plain word.
func isScalar(n ast.Node) bool {
	_, ok := n.(ast.ScalarNode)
	return ok
}
