package ivr

import (
	"fmt"

	"hotline/deploy/fault"
)

// Catalogue is what a check needs of the prompts: whether there is one of that name.
type Catalogue interface{ Has(id string) bool }

// Check finds what a flow alone cannot know: transfers that the profile does not
// list, queues without a desk, prompts that do not exist. Either may be nil and is then
// not asked.
func (f *Flow) Check(p *Profile, prompts Catalogue) Problems {
	doc := &document{file: f.File, lines: f.doc.lines}
	for _, n := range f.Nodes {
		if p == nil {
			break
		}
		switch verb := n.verb.(type) {
		case *transferNode:
			checkTransfer(doc, verb, p)
		case *agentsNode:
			checkQueue(doc, n, verb.queue, p)
		}
	}
	if p != nil {
		f.checkLines(doc, p, prompts)
	}
	if prompts != nil {
		f.checkMentions(doc, prompts)
		f.checkBuiltin(doc, prompts)
	}
	return doc.sorted()
}

// LintFlow finds everything at once that is wrong with a flow: by itself, as ParseFlow
// does, and beside its profile and prompts, as Check does, even when it cannot be run.
func LintFlow(file string, src []byte, p *Profile, prompts Catalogue) (*Flow, Problems) {
	f := readFlow(file, src)
	failed := f.doc.problems.Failed()
	f.doc.problems = append(f.doc.problems, f.Check(p, prompts)...)
	if failed {
		return nil, f.doc.sorted()
	}
	return f, f.doc.sorted()
}

// mention is a place at which a flow names a prompt.
type mention struct {
	prompt string
	at     place
}

// checkMentions reports prompts that the flow names and nobody has written.
func (f *Flow) checkMentions(doc *document, prompts Catalogue) {
	for _, m := range f.doc.mentions {
		if prompts.Has(m.prompt) {
			continue
		}
		hint := "add it to the prompt catalogue, or name another"
		if c, ok := prompts.(interface{ Names() []string }); ok {
			if name := fault.Nearest(m.prompt, c.Names()); name != "" {
				hint = fmt.Sprintf("did you mean %q? or add it to the prompt catalogue", name)
			}
		}
		doc.report(m.at, Problem{Text: fmt.Sprintf("missing prompt %q", m.prompt), Hint: hint})
	}
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
		Hint: fault.DidYouMean(n.to, p.Transfers.names()),
	})
}

// checkLines reports lines of the profile that lead nowhere or greet with nothing.
func (f *Flow) checkLines(doc *document, p *Profile, prompts Catalogue) {
	for _, l := range p.Lines {
		if _, ok := f.byID[l.Start]; !ok {
			doc.report(place{1, 1}, Problem{Text: fmt.Sprintf("line %s of %s starts at %q, which is no node here", l.Number, p.File, l.Start),
				Hint: fault.DidYouMean(l.Start, f.names())})
		}
		if prompts != nil && !prompts.Has(l.Welcome) {
			doc.report(place{1, 1}, Problem{Text: fmt.Sprintf("line %s of %s greets with %q, which is no prompt", l.Number, p.File, l.Welcome)})
		}
	}
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
		Warning: true, Text: fmt.Sprintf("no desk of %s serves queue %q", p.File, queue), Hint: fault.DidYouMean(queue, known),
	})
}
