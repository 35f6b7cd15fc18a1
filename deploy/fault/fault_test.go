package fault

import "testing"

func TestProblem(t *testing.T) {
	for name, c := range map[string]struct {
		p    Problem
		want string
	}{
		"with all": {
			Problem{File: "f.yaml", Line: 12, Col: 5, Source: "标题: menu", Text: "unknown", Hint: "did you mean \"desk\"?", Rule: "ZZ-10.1"},
			"f.yaml:12:5: error: unknown [ZZ-10.1]\n   12 | 标题: menu\n      |       ^\n        hint: did you mean \"desk\"?"},
		"a tab stays one": {
			Problem{File: "f", Line: 1, Col: 2, Source: "\tx", Text: "no", Warning: true},
			"f:1:2: warning: no\n    1 | \tx\n      | \t^"},
		"no place": {Problem{File: "f", Text: "empty"}, "f:0:0: error: empty"},
	} {
		if got := c.p.String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	warned := Problems{{File: "f", Text: "a", Warning: true}}
	if warned.Err() != nil || Problems(nil).Err() != nil {
		t.Error("a warning is no error")
	}
	all := append(warned, Problem{File: "f", Text: "b"})
	if err := all.Err(); err == nil || err.Error() != "f:0:0: warning: a\nf:0:0: error: b" {
		t.Errorf("%v", err)
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"agents", "duty", "留言", "menu"}
	for word, want := range map[string]string{
		"agnets": `did you mean "agents"?`, "agent": `did you mean "agents"?`, "menus": `did you mean "menu"?`,
		"留 言": `did you mean "留言"?`, "voicemail": "one of: agents, duty, 留言, menu",
	} {
		if got := DidYouMean(word, names); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	if got := DidYouMean("x", nil); got != "" {
		t.Errorf("of nothing: %s", got)
	}
}
