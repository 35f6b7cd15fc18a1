// Package svg draws a flow as a picture, so that the people who answer for a hotline
// can see what a caller meets.
//
// The drawing is layered, from the first prompt at the top to the goodbyes at the
// bottom. What a caller presses, or what happens, stands on the line it leads along;
// a label is laid out like a node, so that labels never cover each other. The
// emergency key has no lines: it works everywhere, and a band at the top says so.
package svg

import (
	"fmt"
	"io"
	"strings"

	"hotline/ivr"
)

// Draw writes the picture of a flow. The profile names the hotline and its emergency
// services. The same flow always gives the same bytes.
func Draw(w io.Writer, f *ivr.Flow, p *ivr.Profile) error {
	c := newChart(f)
	c.layOut()
	var b strings.Builder
	b.WriteString(c.render(p))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}

// vertex is a box of the layout: a node, a label on a line, or a bend of a long line.
type vertex struct {
	node   *ivr.Node
	label  []string
	layer  int
	w, h   float64
	x, y   float64 // centre
	up     []*vertex
	down   []*vertex
	served bool // the node puts the caller in touch with somebody
}

// wire is one line: its vertices from the node it leaves to the node it enters.
type wire struct {
	path []*vertex
	back bool // it leads upwards
}

// chart is a flow being laid out.
type chart struct {
	flow   *ivr.Flow
	nodes  map[string]*vertex
	layers [][]*vertex
	wires  []wire
	w, h   float64
}

// Sizes in pixels.
const (
	fontSize  = 15.0
	smallSize = 12.0
	padX      = 16.0
	nodeH     = 50.0
	lineH     = 17.0
	gapX      = 26.0
	gapY      = 26.0
	margin    = 28.0
	band      = 96.0 // height of the title and the emergency band
)

// edge is all exits from one node to another.
type edge struct {
	from, to string
	labels   []string
}

// edges joins exits that lead from one node to the same other, in order of the flow.
func edges(f *ivr.Flow) []edge {
	var all []edge
	at := map[[2]string]int{}
	for _, n := range f.Nodes {
		for _, e := range n.Exits() {
			key := [2]string{n.Name, e.To}
			if i, ok := at[key]; ok {
				all[i].labels = append(all[i].labels, e.Label)
				continue
			}
			at[key] = len(all)
			all = append(all, edge{n.Name, e.To, []string{e.Label}})
		}
	}
	return all
}

// newChart makes the vertices: nodes on even layers, labels on the odd ones between,
// bends wherever a line passes a layer.
func newChart(f *ivr.Flow) *chart {
	c := &chart{flow: f, nodes: map[string]*vertex{}}
	ranks, backward := rank(f)
	for _, n := range f.Nodes {
		v := &vertex{node: n, layer: 2 * ranks[n.Name], h: nodeH, served: n.Served()}
		v.w = max(textWidth(n.Title, fontSize), textWidth(describe(n), smallSize)) + 2*padX
		c.nodes[n.Name] = v
		c.add(v)
	}
	for _, e := range edges(f) {
		from, to := c.nodes[e.from], c.nodes[e.to]
		if from == to {
			continue
		}
		c.wire(from, to, wireOf{labels: e.labels, back: backward[[2]string{e.from, e.to}]})
	}
	return c
}

// wireOf says what a line carries.
type wireOf struct {
	labels []string
	back   bool
}

// wire lays one line through the layers between two nodes.
func (c *chart) wire(from, to *vertex, o wireOf) {
	top, bottom := from, to
	if o.back {
		top, bottom = to, from
	}
	labelAt := from.layer + 1
	if o.back {
		labelAt = from.layer - 1
	}
	path := []*vertex{top}
	for layer := top.layer + 1; layer < bottom.layer; layer++ {
		v := &vertex{layer: layer, w: 8}
		if layer == labelAt {
			v.label = o.labels
			v.h = lineH*float64(len(o.labels)) + 6
			for _, l := range o.labels {
				v.w = max(v.w, textWidth(l, smallSize)+12)
			}
		}
		c.add(v)
		path = append(path, v)
	}
	path = append(path, bottom)
	for i := 1; i < len(path); i++ {
		path[i-1].down = append(path[i-1].down, path[i])
		path[i].up = append(path[i].up, path[i-1])
	}
	if o.back {
		for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
			path[i], path[j] = path[j], path[i]
		}
	}
	c.wires = append(c.wires, wire{path: path, back: o.back})
}

func (c *chart) add(v *vertex) {
	for len(c.layers) <= v.layer {
		c.layers = append(c.layers, nil)
	}
	c.layers[v.layer] = append(c.layers[v.layer], v)
}

// rank gives every node its level: one below the lowest node that leads to it, not
// counting the lines that lead back.
func rank(f *ivr.Flow) (ranks map[string]int, backward map[[2]string]bool) {
	ranks, backward = map[string]int{}, map[[2]string]bool{}
	var order []string
	onPath, seen := map[string]bool{}, map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		seen[name], onPath[name] = true, true
		if n, ok := f.Node(name); ok {
			for _, e := range n.Exits() {
				switch {
				case onPath[e.To]:
					backward[[2]string{name, e.To}] = true
				case !seen[e.To]:
					visit(e.To)
				}
			}
		}
		onPath[name] = false
		order = append(order, name)
	}
	visit(f.Start)
	for i := len(order) - 1; i >= 0; i-- {
		n, ok := f.Node(order[i])
		if !ok {
			continue
		}
		for _, e := range n.Exits() {
			if !backward[[2]string{n.Name, e.To}] {
				ranks[e.To] = max(ranks[e.To], ranks[n.Name]+1)
			}
		}
	}
	return ranks, backward
}
