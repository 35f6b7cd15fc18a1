package ivr

import (
	"fmt"
	"slices"
	"strings"

	"hotline/asterisk"
	"hotline/dispatch"
)

// Targets a menu's keys may name besides nodes.
const (
	toRepeat    = "repeat"    // the menu is heard again
	toEmergency = "emergency" // the built-in emergency branch; only the key 9, and it may be left out
)

// menuNode lets the caller choose with one key. Whoever presses nothing for the
// profile's number of rounds, or wrong keys, goes to a person (ZZ-10.1).
//
//	menu:
//	  verb: menu
//	  prompt: menu
//	  keys:
//	    "1": {to: reception, class: help, title: 求助}
//	    "0": reception
//	    "*": repeat
//	    "9": emergency
//	  no-key: reception
//	  wrong-key: reception
type menuNode struct {
	prompt   string
	keys     []menuKey
	noKey    Exit
	wrongKey Exit
}

// menuKey is one choice.
type menuKey struct {
	key   byte
	title string
	class dispatch.Type
	exit  Exit
}

// classes are the requests a key may stand for; the agent may change it (ZZ-10.1).
var classes = []string{
	string(dispatch.Consult), string(dispatch.Help), string(dispatch.Complaint), string(dispatch.Opinion),
	string(dispatch.Suggestion), string(dispatch.Criticism), string(dispatch.Report), string(dispatch.InvestorCase),
}

func readMenu(o *object) verb {
	n := &menuNode{prompt: o.prompt("prompt", "")}
	keys := o.object("keys")
	if keys == nil {
		o.missing("keys")
		keys = &object{doc: o.doc}
	}
	for _, f := range keys.fields {
		n.addKey(o.doc, f)
	}
	n.noKey = o.exit("no-key", "无按键")
	n.wrongKey = o.exit("wrong-key", "按错键")
	n.checkLength(o, keys)
	return n
}

// addKey reads one choice: a target, or a target with its class and title.
func (n *menuNode) addKey(doc *document, f *field) {
	if !isKey(f.name) {
		doc.fault(f.key, "one of 0-9, * or #, in quotes", "%q is not a key", f.name)
		return
	}
	k := menuKey{key: f.name[0]}
	if isScalar(f.value.node) {
		k.exit = Exit{To: f.value.text(), at: placeOf(f.value.node)}
	} else {
		o := doc.object(f.value.node, "key "+f.name)
		to, ok := o.take("to")
		if !ok {
			o.doc.fault(f.key, "", "dead end: key %q has no \"to\"", f.name)
			return
		}
		k.exit = Exit{To: to.value.text(), at: placeOf(to.value.node)}
		k.title = o.text("title", "")
		if class := o.choice("class", append([]string{string(dispatch.Unset)}, classes...)...); class != string(dispatch.Unset) {
			k.class = dispatch.Type(class)
		}
		o.close()
	}
	k.exit.Label = strings.TrimSpace("按" + f.name + " " + k.title)
	if k.key == emergencyKey && k.exit.To != toEmergency {
		doc.report(placeOf(f.key), Problem{
			Text: fmt.Sprintf("key 9 is the emergency key and cannot lead to %q", k.exit.To),
			Hint: `write "9": emergency, or leave it out`, Rule: "ZZ-10.3",
		})
		return
	}
	n.keys = append(n.keys, k)
}

// checkLength warns of a menu with more choices than people remember.
func (n *menuNode) checkLength(o, keys *object) {
	choices := 0
	for _, k := range n.keys {
		if !strings.ContainsRune("09*#", rune(k.key)) {
			choices++
		}
	}
	if choices > maxMenuKeys {
		o.doc.report(placeOf(keys.node), Problem{
			Warning: true, Rule: "ZZ-10.1",
			Text: fmt.Sprintf("%d choices; people remember %d (0, 9 and * not counted)", choices, maxMenuKeys),
		})
	}
}

func (n *menuNode) exits() []Exit {
	var exits []Exit
	for _, k := range n.keys {
		if k.exit.To != toRepeat && k.exit.To != toEmergency {
			exits = append(exits, k.exit)
		}
	}
	return present(append(exits, n.noKey, n.wrongKey)...)
}

func (n *menuNode) prompts() []string { return []string{n.prompt} }

// valid lists the keys that mean something here. The emergency key is not one of
// them: the guard takes it before the menu sees it.
func (n *menuNode) valid() string {
	var keys strings.Builder
	for _, k := range n.keys {
		if k.key != emergencyKey {
			keys.WriteByte(k.key)
		}
	}
	return keys.String()
}

func (n *menuNode) run(v *visit) (string, error) {
	timing := v.r.cfg.Profile.Menu
	prompts := []string{n.prompt}
	m := &v.mem
	for range maxRounds {
		g, err := v.gather(ask{prompts: prompts, valid: n.valid(), max: 1})
		if err != nil {
			return "", err
		}
		switch g.End {
		case asterisk.GatherDone:
			k := n.chosen(g.Digits)
			v.choose(k)
			if k.exit.To != toRepeat {
				return k.exit.To, nil
			}
			prompts, m.Silent = []string{n.prompt}, 0
		case asterisk.GatherWrongKey:
			v.step("key", "按错键 "+g.Digits)
			if m.Wrong++; m.Wrong >= timing.WrongKey {
				return n.wrongKey.To, v.say(promptToPerson)
			}
			prompts = []string{promptWrongKey, n.prompt}
		default:
			v.step("key", "没有按键")
			if m.Silent++; m.Silent >= timing.NoKey {
				return n.noKey.To, v.say(promptToPerson)
			}
			prompts = []string{promptNoKey, n.prompt}
		}
	}
	return n.noKey.To, v.say(promptToPerson)
}

// maxRounds bounds how often one caller hears a menu, asked for or not.
const maxRounds = 12

// chosen finds the choice of a key; Gather only lets valid ones through.
func (n *menuNode) chosen(digits string) menuKey {
	for _, k := range n.keys {
		if string(k.key) == digits {
			return k
		}
	}
	return menuKey{exit: n.wrongKey}
}

// Classes lists the requests that the flow's menus offer, each once, in order.
func (f *Flow) Classes() []dispatch.Type {
	var all []dispatch.Type
	for _, n := range f.Nodes {
		menu, ok := n.verb.(*menuNode)
		if !ok {
			continue
		}
		for _, k := range menu.keys {
			if k.class != "" && !slices.Contains(all, k.class) {
				all = append(all, k.class)
			}
		}
	}
	return all
}
