package ivr

import "strings"

// verbs is the table of everything a node can do. Adding a verb is a file with its
// type, its reader and a test, and a line here.
var verbs = []verbDef{
	{name: "say", read: readSay},
	{name: "menu", read: readMenu},
	{name: "hours", read: readHours},
	{name: "transfer", read: readTransfer, serves: true},
	{name: "agents", read: readAgents, serves: true},
	{name: "duty", read: readDuty, serves: true},
	{name: "voicemail", read: readVoicemail, serves: true},
	{name: "query", read: readQuery},
	{name: "emergency", read: readEmergency, serves: true},
	{name: "goodbye", read: readGoodbye},
}

// verbDef is one line of the table.
type verbDef struct {
	name   string
	read   func(*object) verb
	serves bool // puts the caller in touch with somebody
}

// verbNamed finds a verb; an unknown one gives a zero verbDef.
func verbNamed(name string) (verbDef, bool) {
	for _, v := range verbs {
		if v.name == name {
			return v, true
		}
	}
	return verbDef{}, false
}

// verbNames lists the verbs in the order of the table.
func verbNames() []string {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = v.name
	}
	return names
}

func joined(words []string) string { return strings.Join(words, ", ") }
