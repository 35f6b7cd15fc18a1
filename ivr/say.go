package ivr

// sayNode plays a prompt and goes on. A key stops the prompt and counts for the menu
// that follows.
//
//	welcome: {verb: say, prompt: welcome, then: menu}
type sayNode struct {
	prompt string
	then   Exit
}

func readSay(o *object) verb {
	return &sayNode{prompt: o.prompt("prompt", ""), then: o.exit("then", "然后")}
}

func (n *sayNode) exits() []Exit     { return present(n.then) }
func (n *sayNode) prompts() []string { return []string{n.prompt} }

func (n *sayNode) run(v *visit) (string, error) {
	return n.then.To, v.say(n.prompt)
}
