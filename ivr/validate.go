package ivr

import (
	"fmt"
	"strings"

	"hotline/deploy/fault"
)

// Guidance for menus (GB/T 33358 advises against menus; accessibility advice is at
// most three levels of at most four choices). Beyond it is a warning.
const (
	maxMenuKeys  = 4 // 0, 9 and * not counted
	maxMenuDepth = 3
)

// validate checks what no single node can know: targets, reachability, loops.
func (f *Flow) validate() {
	for _, n := range f.Nodes {
		if n.verb == nil {
			continue
		}
		for _, e := range n.Exits() {
			f.checkTarget(e, n.Name)
		}
	}
	f.checkReachable()
	f.checkLoops()
	f.checkDepth()
}

// checkTarget reports an exit to a node that does not exist.
func (f *Flow) checkTarget(e Exit, from string) {
	if _, ok := f.byID[e.To]; ok || e.To == "" {
		return
	}
	f.doc.report(e.at, Problem{
		Text: fmt.Sprintf("unknown target %q", e.To),
		Hint: fault.DidYouMean(e.To, f.names()),
	})
}

// checkReachable reports nodes no caller can ever come to. Without a valid start
// nothing is reachable and that is not each node's fault.
func (f *Flow) checkReachable() {
	if _, ok := f.byID[f.Start]; !ok {
		return
	}
	seen := f.reachable(f.Start)
	for _, n := range f.Nodes {
		if !seen[n.Name] {
			f.doc.report(n.at, Problem{
				Text: fmt.Sprintf("unreachable node %q", n.Name),
				Hint: "lead to it from another node, or remove it",
			})
		}
	}
}

// reachable is every node one can come to from a node, itself included.
func (f *Flow) reachable(from string) map[string]bool {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		n, ok := f.byID[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		if n.verb == nil {
			return
		}
		for _, e := range n.Exits() {
			visit(e.To)
		}
	}
	visit(from)
	return seen
}

// checkLoops reports loops in which a caller can go round for ever without a way to
// a person or a voicemail. A loop is a set of nodes that all reach one another.
func (f *Flow) checkLoops() {
	reach := map[string]map[string]bool{}
	for _, n := range f.Nodes {
		reach[n.Name] = f.reachable(n.Name)
	}
	done := map[string]bool{}
	for _, n := range f.Nodes {
		if done[n.Name] {
			continue
		}
		loop := f.loopOf(n, reach)
		for _, m := range loop {
			done[m] = true
		}
		if len(loop) > 0 && !f.servedFrom(reach[n.Name]) {
			f.doc.report(n.at, Problem{
				Text: "loop without an exit to a person: " + strings.Join(append(loop, loop[0]), " -> "),
				Hint: "give one of these nodes an exit to agents, duty, transfer or voicemail",
				Rule: "ZZ-10.1",
			})
		}
	}
}

// loopOf lists the nodes that n reaches and that reach n; empty when n is in no loop.
func (f *Flow) loopOf(n *Node, reach map[string]map[string]bool) []string {
	var loop []string
	for _, m := range f.Nodes {
		if m != n && reach[n.Name][m.Name] && reach[m.Name][n.Name] {
			loop = append(loop, m.Name)
		}
	}
	if len(loop) > 0 {
		return append([]string{n.Name}, loop...)
	}
	if n.verb == nil {
		return nil
	}
	for _, e := range n.Exits() {
		if e.To == n.Name {
			return []string{n.Name}
		}
	}
	return nil
}

// servedFrom reports whether any of the nodes serves the caller. A node that could
// not be read gets the benefit of the doubt.
func (f *Flow) servedFrom(names map[string]bool) bool {
	for name := range names {
		if n := f.byID[name]; n.verb == nil || n.Served() {
			return true
		}
	}
	return false
}

// checkDepth warns of menus behind menus behind menus.
func (f *Flow) checkDepth() {
	depth := map[string]int{}
	var visit func(name string, level int)
	visit = func(name string, level int) {
		n, ok := f.byID[name]
		if !ok || n.verb == nil {
			return
		}
		if n.Verb == "menu" {
			level++
		}
		if old, seen := depth[name]; seen && old <= level {
			return
		}
		depth[name] = level
		for _, e := range n.Exits() {
			visit(e.To, level)
		}
	}
	visit(f.Start, 0)
	for _, n := range f.Nodes {
		if n.Verb == "menu" && depth[n.Name] > maxMenuDepth {
			f.doc.report(n.at, Problem{
				Warning: true, Rule: "ZZ-10.1",
				Text: fmt.Sprintf("menu %q is level %d; callers get lost beyond level %d", n.Name, depth[n.Name], maxMenuDepth),
			})
		}
	}
}
