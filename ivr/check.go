package ivr

import "fmt"

// Catalogue is what a check needs of the prompts: whether there is one of that name.
type Catalogue interface{ Has(id string) bool }

// Check finds what a flow alone cannot know: transfers that the profile does not
// list, queues without a desk, prompts that do not exist. prompts may be nil.
func (f *Flow) Check(p *Profile, prompts Catalogue) Problems {
	doc := &document{file: f.File, lines: f.doc.lines}
	for _, n := range f.Nodes {
		switch verb := n.verb.(type) {
		case *transferNode:
			checkTransfer(doc, verb, p)
		case *agentsNode:
			checkQueue(doc, n, verb.queue, p)
		}
		for _, id := range n.Prompts() {
			if prompts != nil && !prompts.Has(id) {
				doc.report(n.at, Problem{
					Text: fmt.Sprintf("missing prompt %q of node %q", id, n.Name),
					Hint: "add it to the prompt catalogue, or name another",
				})
			}
		}
	}
	if prompts != nil {
		f.checkBuiltin(doc, prompts)
	}
	return doc.sorted()
}

// checkBuiltin reports prompts that the code itself plays and the catalogue lacks. A
// failed emergency has one sentence per number, or the one that names them all.
func (f *Flow) checkBuiltin(doc *document, prompts Catalogue) {
	for _, id := range builtin {
		if !prompts.Has(id) && !(len(id) > len(promptEmergencyFailed) && id[:len(promptEmergencyFailed)] == promptEmergencyFailed) {
			doc.report(place{1, 1}, Problem{Text: fmt.Sprintf("missing prompt %q, which every hotline plays", id)})
		}
	}
}

func checkTransfer(doc *document, n *transferNode, p *Profile) {
	if _, ok := p.Transfers.Find(n.to); ok || n.to == "" {
		return
	}
	doc.report(n.at, Problem{
		Text: fmt.Sprintf("unknown transfer %q; %s lists none of that name", n.to, p.File),
		Hint: didYouMean(n.to, p.Transfers.names()),
	})
}

func checkQueue(doc *document, n *Node, queue string, p *Profile) {
	if queue == "" {
		return
	}
	var known []string
	for _, d := range p.Desks {
		if len(d.Queues) == 0 {
			return // a desk without queues serves all
		}
		known = append(known, d.Queues...)
	}
	for _, q := range known {
		if q == queue {
			return
		}
	}
	doc.report(n.at, Problem{
		Warning: true, Text: fmt.Sprintf("no desk of %s serves queue %q", p.File, queue), Hint: didYouMean(queue, known),
	})
}
