package console

import (
	"slices"
	"testing"

	"hotline/dispatch"
)

// TestCommandsAreDescribed: what pages and command line are made of names every field in
// Chinese and knows in which states a command makes sense: where the table of moves has one.
func TestCommandsAreDescribed(t *testing.T) {
	to := map[string]dispatch.State{
		"answer": dispatch.Completed, "transfer": dispatch.Transferred, "reject": dispatch.OutOfScope, "reopen": dispatch.Registered, "dispatch": dispatch.Dispatched,
		"sign": dispatch.Signed, "start": dispatch.Processing, "return": dispatch.ReturnRequested, "extension": dispatch.ExtensionRequested,
		"submit": dispatch.Submitted, "pass": dispatch.Completed, "withdraw": dispatch.Archived, "merge": dispatch.Archived,
	}
	from := map[string][]dispatch.State{ // of commands that are for fewer states than their move
		"answer": {dispatch.Registered}, "pass": {dispatch.Submitted}, "dispatch": {dispatch.Registered, dispatch.Dispatched, dispatch.Redone},
		"start": {dispatch.Signed}, "sign": {dispatch.Dispatched}, "reopen": {dispatch.Transferred, dispatch.OutOfScope},
	}
	seen := map[string]bool{}
	for _, c := range Commands() {
		seen[c.Name] = true
		for _, f := range c.Fields {
			if c.Name != "search" && (f.About == "" || f.Kind == "") {
				t.Errorf("%s: field %q is not described: %+v", c.Name, f.Name, f)
			}
		}
		for _, s := range c.States {
			if dispatch.StateWords[s] == "" {
				t.Errorf("%s: no state %q", c.Name, s)
			}
		}
		if to[c.Name] == "" {
			continue
		}
		want := from[c.Name]
		for _, m := range dispatch.Moves {
			working := c.Name != "withdraw" && c.Name != "merge" || m.From.Working()
			if from[c.Name] == nil && m.To == to[c.Name] && working {
				want = append(want, m.From)
			}
		}
		slices.Sort(want)
		got := slices.Clone(c.States)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is for %v, the moves say %v", c.Name, got, want)
		}
	}
	for name := range commands {
		if !seen[name] {
			t.Errorf("%s is a command that is not described", name)
		}
	}
}
