package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
