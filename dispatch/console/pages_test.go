package console

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hotline/dispatch"
)

// script reads one of the page's files.
func script(t *testing.T, name string) string {
	t.Helper()
	src, err := fs.ReadFile(web, "web/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

var (
	importLine = regexp.MustCompile(`import \{([^}]*)\} from '\./(\w+\.js)'`)
	starImport = regexp.MustCompile(`import \* as (\w+) from '\./(\w+\.js)'`)
	exportLine = regexp.MustCompile(`export (?:async )?(?:function|const|class|let) (\w+)`)
	askLine    = regexp.MustCompile("(\\b(?:get|getIf|post|take)\\()(?:query\\()?['`](/[^'`]*)['`]")
	rightLine  = regexp.MustCompile("may\\(['`](?:GET|POST) (/[^'`]*)['`]\\)|, '(?:GET|POST) (/[^']*)'\\]")
	belowLine  = regexp.MustCompile("\\b(get|post)\\(`\\$\\{path\\}(/[\\w/-]+)`") // a thing's own address, and what is below it
	auditedAct = regexp.MustCompile(`(?m)^\tAct\w+ += "(\w+)"`)
	hole       = regexp.MustCompile(`\$\{[^}]*(?:\{[^}]*\})*[^}]*\}|\{\w+\}`)
)

// TestPagesCallWhatIsThere: each route that a page names is one, by its method; each thing
// that a script imports is exported there.
func TestPagesCallWhatIsThere(t *testing.T) {
	known := map[string]bool{}
	for _, rt := range routes {
		known[rt.method+" "+hole.ReplaceAllString(strings.TrimPrefix(rt.path, "/api/v1"), "*")] = true
	}
	names, err := fs.Glob(web, "web/*.js")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	calls := 0
	for _, file := range names {
		name := strings.TrimPrefix(file, "web/")
		src := script(t, name)
		for _, m := range importLine.FindAllStringSubmatch(src, -1) {
			from := exportLine.FindAllStringSubmatch(script(t, m[2]), -1)
			for _, want := range strings.Split(m[1], ",") {
				want, _, _ = strings.Cut(strings.TrimSpace(want), " as ")
				if !slices.ContainsFunc(from, func(e []string) bool { return e[1] == want }) {
					t.Errorf("%s imports %s, which %s does not export", name, want, m[2])
				}
			}
		}
		for _, m := range starImport.FindAllStringSubmatch(src, -1) {
			script(t, m[2])
			for _, use := range regexp.MustCompile(`[^.\w]`+m[1]+`\.(\w+)`).FindAllStringSubmatch(src, -1) {
				if use[1] != "js" && !strings.Contains(script(t, m[2]), "function "+use[1]+"(") {
					t.Errorf("%s uses %s.%s, which is not there", name, m[1], use[1])
				}
			}
		}
		for _, m := range askLine.FindAllStringSubmatch(src, -1) {
			calls++
			method := "GET"
			if strings.HasPrefix(m[1], "post") || strings.HasPrefix(m[1], "take") {
				method = "POST"
			}
			path := hole.ReplaceAllString(m[2], "*")
			if path == "/orders/*/*" { // commands by name: TestCommandsAreDescribed has those
				continue
			}
			if !known[method+" "+path] {
				t.Errorf("%s asks for %s %s, which is no route", name, method, path)
			}
		}
		for _, m := range belowLine.FindAllStringSubmatch(src, -1) {
			if !slices.ContainsFunc(routes, func(rt route) bool { return strings.EqualFold(rt.method, m[1]) && strings.HasSuffix(rt.path, m[2]) }) {
				t.Errorf("%s asks for %s ...%s, which is no route", name, m[1], m[2])
			}
		}
		for _, m := range rightLine.FindAllStringSubmatch(src, -1) {
			path := hole.ReplaceAllString(m[1]+m[2], "*")
			if path != "/orders/*/*" && !known["GET "+path] && !known["POST "+path] && !strings.HasSuffix(m[0], "${command}`)") {
				t.Errorf("%s asks for the right to %s, which is no route", name, path)
			}
		}
	}
	if calls < 30 {
		t.Errorf("only %d calls were found: the test reads the scripts wrongly", calls)
	}
}

// TestPagesImportNoCircle: no script imports, by whatever way round, itself.
func TestPagesImportNoCircle(t *testing.T) {
	imports := func(name string) (all []string) {
		for _, m := range importLine.FindAllStringSubmatch(script(t, name), -1) {
			all = append(all, m[2])
		}
		for _, m := range starImport.FindAllStringSubmatch(script(t, name), -1) {
			all = append(all, m[2])
		}
		return all
	}
	left := map[string]bool{} // scripts from which no way leads back
	var follow func(name string, way []string)
	follow = func(name string, way []string) {
		switch way = append(way, name); {
		case slices.Contains(way[:len(way)-1], name):
			t.Fatalf("a circle: %s", strings.Join(way, " imports "))
		case left[name]:
			return
		}
		for _, next := range imports(name) {
			follow(next, way)
		}
		left[name] = true
	}
	follow("app.js", nil)
	if len(left) < 10 {
		t.Errorf("only %v: the test reads the scripts wrongly", left)
	}
}

// TestPagesHaveWords: every state, kind of review and command has its word on the pages.
func TestPagesHaveWords(t *testing.T) {
	dom := script(t, "dom.js")
	for s := range dispatch.StateWords {
		if !strings.Contains(dom, string(s)+": '"+dispatch.StateWords[s]+"'") {
			t.Errorf("state %s is not called %s", s, dispatch.StateWords[s])
		}
	}
	for _, k := range []dispatch.ReviewKind{dispatch.ForReturn, dispatch.ForExtension, dispatch.ForHead, dispatch.ForOpinion, dispatch.ForApproval1, dispatch.ForApproval2, dispatch.ForApproval3,
		dispatch.ForLeader, dispatch.ForScope, dispatch.ForMeeting, dispatch.ForRecheck, dispatch.ForReport, dispatch.ForConsent} {
		if !strings.Contains(dom, string(k)+":") {
			t.Errorf("review %s has no word", k)
		}
	}
	for _, file := range []string{"../audit.go", "../seats.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		acts := auditedAct.FindAllStringSubmatch(string(src), -1)
		for _, act := range acts {
			if !strings.Contains(dom, act[1]+": '") {
				t.Errorf("%s of the audit has no word", act[1])
			}
		}
		if len(acts) < 3 {
			t.Errorf("only %v in %s: the test reads it wrongly", acts, file)
		}
	}
	for _, c := range Commands() {
		if c.Name != "" && c.Title == "" && c.Name != "search" && c.Name != "suggest" {
			t.Errorf("%s has no title for its button", c.Name)
		}
	}
}
