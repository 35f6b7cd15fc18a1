package ivr

// goodbyeNode says a last word and hangs up.
//
//	end: {verb: goodbye}
type goodbyeNode struct{ prompt string }

func readGoodbye(o *object) verb {
	return &goodbyeNode{prompt: o.prompt("prompt", promptGoodbye)}
}

func (n *goodbyeNode) exits() []Exit     { return nil }
func (n *goodbyeNode) prompts() []string { return []string{n.prompt} }

func (n *goodbyeNode) run(v *visit) (string, error) {
	return "", v.say(n.prompt)
}
