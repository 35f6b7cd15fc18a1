package ivr_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/ivr"
)

// TestTenFaultsAreListedAtOnce: a flow with ten different faults (and what follows
// from them) lists them all, each with its place, its line, a caret and a way out.
func TestTenFaultsAreListedAtOnce(t *testing.T) {
	src, err := os.ReadFile("testdata/tenfaults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	flow, problems := ivr.ParseFlow("flow.yaml", src)
	if flow != nil {
		t.Error("a broken flow can be run")
	}
	want := []string{
		`2:8 unknown target "welcom" (did you mean "welcome"?)`,
		`5:5 dead end: node "welcome" has no "then" (add "then" with the node that follows)`,
		`7:5 unknown field "thn" in node "welcome" (did you mean "then"?)`,
		`9:5 dead end: node "menu" has no "no-key" (add "no-key" with the node that follows)`,
		`12:30 class: "hepl" is not known here (did you mean "help"?)`,
		`13:7 duplicate key "1" (the first is in line 12; remove one)`,
		`14:12 unknown target "agnets" (one of: welcome, menu, desk, round, about, end)`,
		`15:7 key 9 is the emergency key and cannot lead to "desk" (write "9": emergency, or leave it out)`,
		`16:7 "x" is not a key (one of 0-9, * or #, in quotes)`,
		`19:11 unknown verb "agent" (did you mean "agents"?)`,
		`21:3 loop without an exit to a person: round -> about -> round (give one of these nodes an exit to agents, duty, transfer or voicemail)`,
		`25:13 prompt should be a word or a text ()`,
	}
	var got []string
	for _, p := range problems {
		got = append(got, strings.TrimSpace(place(p)+" "+p.Text+" ("+p.Hint+")"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s\n%v", diff, problems)
	}
}

func place(p ivr.Problem) string {
	s := strings.Split(p.String(), " ")[0]
	return strings.Trim(strings.TrimPrefix(s, "flow.yaml"), ":")
}

func TestProblemShowsLineAndCaret(t *testing.T) {
	_, problems := ivr.ParseFlow("flow.yaml", []byte("start: a\nnodes:\n  a: {verb: goodbye, title: 再见, promt: x}\n"))
	want := `flow.yaml:3:33: error: unknown field "promt" in node "a"
    3 |   a: {verb: goodbye, title: 再见, promt: x}
      |                                   ^
        hint: did you mean "prompt"?`
	if len(problems) != 1 {
		t.Fatalf("%d problems: %v", len(problems), problems)
	}
	if diff := cmp.Diff(want, problems[0].String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFlowProblems(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "the file is empty"},
		{"not YAML", "start: 'x\n", "not YAML: "},
		{"a list", "- a\n", "the file should have fields"},
		{"no start", "nodes:\n  a: {verb: goodbye}\n", `the file needs "start"`},
		{"no nodes", "start: a\n", `the file needs "nodes"`},
		{"no verb", "start: a\nnodes:\n  a: {prompt: x}\n", `node "a" has no verb`},
		{"unreachable", "start: a\nnodes:\n  a: {verb: goodbye}\n  b: {verb: goodbye}\n", `unreachable node "b"`},
		{"self loop", "start: a\nnodes:\n  a: {verb: say, prompt: x, then: a}\n", "loop without an exit to a person: a -> a"},
		{"reserved name", "start: repeat\nnodes:\n  repeat: {verb: goodbye}\n", `"repeat" means something by itself`},
		{"menu without timeout", "start: a\nnodes:\n  a: {verb: menu, prompt: x, keys: {\"1\": b}, wrong-key: b}\n  b: {verb: agents, none: c}\n  c: {verb: voicemail}\n", `has no "no-key"`},
		{"five choices", "start: a\nnodes:\n  a: {verb: menu, prompt: x, keys: {\"1\": b, \"2\": b, \"3\": b, \"4\": b, \"5\": b}, no-key: b, wrong-key: b}\n  b: {verb: voicemail}\n", "5 choices; people remember 4"},
		{"four levels", levels(4), `menu "m4" is level 4`},
		{"two documents", "start: a\nnodes:\n  a: {verb: goodbye}\n---\nx: y\n", "a second document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := ivr.ParseFlow("flow.yaml", []byte(tt.src))
			if !strings.Contains(problems.Error(), tt.want) {
				t.Errorf("want %q among:\n%v", tt.want, problems)
			}
		})
	}
}

// levels is a flow of menus behind menus.
func levels(n int) string {
	var b strings.Builder
	b.WriteString("start: m1\nnodes:\n")
	for i := 1; i <= n; i++ {
		next := "end"
		if i < n {
			next = "m" + string(rune('1'+i))
		}
		b.WriteString("  m" + string(rune('0'+i)) + ": {verb: menu, prompt: x, keys: {\"1\": " + next + "}, no-key: end, wrong-key: end}\n")
	}
	b.WriteString("  end: {verb: voicemail}\n")
	return b.String()
}

func TestProfileProblems(t *testing.T) {
	const good = "id: zz\nname: 热线\nnumber: \"12345\"\nhours: {all-day: true}\nemergency: {services: [police, medical]}\n"
	if _, problems := ivr.ParseProfile("profile.yaml", []byte(good)); len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	for _, tt := range []struct{ name, src, want string }{
		{"bad duration", good + "agents: {ring: 20}\n", `ring: "20" is not a duration`},
		{"out of bounds", good + "voicemail: {max: 180m}\n", "max: 3h0m0s is outside 10s to 10m0s"},
		{"bad number", good + "query: {tries: many}\n", `tries: "many" should be a whole number from 1 to 5`},
		{"bad flag", good + "duty: {voicemail-only: perhaps}\n", "neither true nor false"},
		{"urgent key 9", good + "voicemail: {urgent-key: \"9\"}\n", "9 is the emergency key"},
		{"transfer to 110", good + "transfers: {external: {police: \"110\"}}\n", "which only the emergency key may"},
		{"unknown service", strings.Replace(good, "medical", "medcal", 1), `unknown emergency service "medcal"`},
		{"no medical", strings.Replace(good, ", medical", "", 1), "emergency services lack medical (120)"},
		{"desk twice", good + "desks: [{name: \"8001\"}, {name: \"8001\"}]\n", `desk "8001" is there twice`},
		{"no hours", strings.Replace(good, "hours: {all-day: true}\n", "", 1), `the file needs "hours"`},
		{"gap in the year", strings.Replace(good, "{all-day: true}", `{seasons: [{from: "01-01", to: "05-31", open: ["08:00-12:00"]}]}`, 1), "no season covers 06-01"},
		{"night span", strings.Replace(good, "{all-day: true}", `{seasons: [{from: "01-01", to: "12-31", open: ["22:00-06:00"]}]}`, 1), "ends before it begins"},
		{"words for a number", strings.Replace(good, `"12345"`, "one", 1), `"one" is not a telephone number`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, problems := ivr.ParseProfile("profile.yaml", []byte(tt.src))
			if p != nil || !strings.Contains(problems.Error(), tt.want) {
				t.Errorf("want %q among:\n%v", tt.want, problems)
			}
		})
	}
}

func TestCheckAgainstProfileAndPrompts(t *testing.T) {
	profile, _ := ivr.ParseProfile("profile.yaml", []byte("id: zz\nname: 热线\nnumber: \"12345\"\nhours: {all-day: true}\n"+
		"emergency: {services: [police, medical]}\ntransfers: {external: {labor: \"12333\"}}\ndesks: [{name: \"1\", queues: [citizen]}]\n"))
	flow, problems := ivr.ParseFlow("flow.yaml", []byte("start: a\nnodes:\n  a: {verb: say, prompt: gone, then: b}\n"+
		"  b: {verb: transfer, to: labour, failed: c}\n  c: {verb: agents, queue: citzen, none: d}\n  d: {verb: voicemail}\n"))
	if problems.Failed() {
		t.Fatal(problems)
	}
	got := flow.Check(profile, without{"gone", "no-key"}).Error()
	for _, want := range []string{
		`missing prompt "gone"`, `missing prompt "no-key"`,
		`unknown transfer "labour"`, `did you mean "labor"?`, `no desk of profile.yaml serves queue "citzen"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q among:\n%s", want, got)
		}
	}
}

// without is a catalogue that has everything but these.
type without []string

func (w without) Has(id string) bool {
	for _, gone := range w {
		if gone == id {
			return false
		}
	}
	return true
}

func FuzzParseFlow(f *testing.F) {
	seed, err := os.ReadFile("testdata/tenfaults.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(levels(3)))
	f.Add([]byte("start: a\nnodes: {a: &x {verb: say, prompt: p, then: *x}}"))
	f.Add([]byte("- - - -\n? [a]: b\n<<: *c\n!!str 1: 2"))
	f.Fuzz(func(t *testing.T, src []byte) {
		flow, problems := ivr.ParseFlow("flow.yaml", src)
		if flow == nil && !problems.Failed() {
			t.Error("no flow and no reason")
		}
		_ = problems.Error()
	})
}

func FuzzParseProfile(f *testing.F) {
	f.Add([]byte("id: zz\nname: 热线\nnumber: \"12345\"\nhours: {all-day: true}\nemergency: {services: [police, medical]}\n"))
	f.Add([]byte("hours: {seasons: [{from: \"10-01\", to: \"05-31\", open: [\"08:30-12:00\"]}]}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, problems := ivr.ParseProfile("profile.yaml", src)
		if p == nil && !problems.Failed() {
			t.Error("no profile and no reason")
		}
		_ = problems.Error()
	})
}
