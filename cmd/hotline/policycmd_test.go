package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hotline/cmd/conform"
	"hotline/deploy"
	"hotline/dispatch"
)

// The reference page is what the program says of itself, and no field is without its meaning.
func TestThePolicyReferenceIsCurrent(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range dispatch.PolicyFields() {
		if f.Meaning == "" || f.English == "" || f.Type == "" {
			t.Errorf("%s is not described (dispatch/policy_meanings.go)", f.Path)
		}
		seen[f.Path] = true
	}
	if len(seen) < 80 {
		t.Errorf("%d fields", len(seen))
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "policy.md"))
	if err != nil || !bytes.Equal(page, policyReference()) {
		t.Errorf("%v; write it anew: hotline policy reference > docs/policy.md", err)
	}
}

// The page of open questions is what the program says of itself; each switch is a field that
// there is, and each test that is named is one whose name has the question's number.
func TestTheOpenQuestionsAreCurrent(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "questions.md"))
	want, failed := policyQuestions()
	if err != nil || failed != nil || !bytes.Equal(page, want) {
		t.Errorf("%v, %v; write it anew: hotline policy questions > docs/questions.md", err, failed)
	}
	fields := []string{"routing"}
	for _, f := range dispatch.PolicyFields() {
		fields = append(fields, f.Path)
	}
	_, mentions := rules(t)
	for i, q := range dispatch.Questions() {
		field := strings.Replace(q.Switch, "life.ways.dual:consult", "life.ways.*.workdays", 1)
		if q.N != i+1 || q.Switch == "" && q.Why == "" || q.Switch != "" && q.Test == "" {
			t.Errorf("Q%d is number %d, or says neither how it is switched nor why not, or is not tested: %+v", q.N, i+1, q)
		}
		if q.Switch != "" && !strings.Contains(q.Switch, ".yaml: ") && !slices.Contains(fields, field) {
			t.Errorf("Q%d is switched by %s, which is no field", q.N, q.Switch)
		}
		named := regexp.MustCompile(fmt.Sprintf(`(^|\W)Q%d(\W|$)`, q.N))
		pack, function, _ := strings.Cut(q.Test, " ")
		if q.Test != "" && !slices.ContainsFunc(mentions, func(m conform.Mention) bool {
			return m.Package == pack && slices.Contains(m.Tests, function) && named.MatchString(m.Name)
		}) {
			t.Errorf("Q%d: no test of %s is named by it", q.N, q.Test)
		}
	}
}

func TestPolicyShowTellsLawAndChoiceApart(t *testing.T) {
	out, err := runCommand(t, newPolicyCommand(), "show", "--hotline", "zq")
	if err != nil {
		t.Fatal(err)
	}
	law, choice, ok := strings.Cut(out, "自定 /")
	if !ok {
		t.Fatal(out)
	}
	for _, want := range []string{"肇庆高新区12345(zq)", "survey.window_h: 24  [ZQ-15.2]", "life.extension.max: 2  [ZQ-12.4]", "redo.max: 1  [ZQ-15.7]"} {
		if !strings.Contains(law, want) {
			t.Errorf("no %q in the law:\n%s", want, law)
		}
	}
	for _, want := range []string{"redo.fallback_first: false  [重办后未评即未评]", "deadlines.default.workdays: 2  [未分类前从严(ZQ-11.1)]", "ZQ-12.4    《"} {
		if !strings.Contains(choice, want) {
			t.Errorf("no %q in the choices:\n%s", want, choice)
		}
	}
	all, err := runCommand(t, newPolicyCommand(), "show")
	if err != nil || strings.Count(all, "法定 /") != 5 {
		t.Errorf("%v\n%s", err, all)
	}
	if _, err := runCommand(t, newPolicyCommand(), "show", "--hotline", "nowhere"); err == nil {
		t.Error("a hotline that is not there")
	}
}

// The hotlines of deploy/examples are accepted beside the five, with nothing but their files.
func TestCheckAcceptsASixthHotline(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, deploy.Files); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "deploy", "examples"))); err != nil {
		t.Fatal(err)
	}
	out, err := runCommand(t, newCheckCommand(), "--deploy", dir, "gd", "sd", "bj")
	if err != nil || strings.Count(out, " 通过") != 3 {
		t.Errorf("%v\n%s", err, out)
	}
}
