package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hotline/cmd/conform"
	"hotline/deploy"
)

// rules is the list, and what the repository's tests are called.
func rules(t *testing.T) (*conform.Book, []conform.Mention) {
	t.Helper()
	book, err := conform.Load(deploy.Files, rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	root, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	mentions, err := conform.Source(root)
	if err != nil {
		t.Fatal(err)
	}
	return book, mentions
}

// Nobody names a clause that no regulation has: not the tests in their names, not the
// program in what it says it follows, not the hotlines' configuration.
func TestTheHouseNamesClausesThatExist(t *testing.T) {
	book, mentions := rules(t)
	for _, m := range mentions {
		if _, unknown := book.IDs(m.Name); len(unknown) > 0 {
			t.Errorf("%s: %q names %v, which no regulation has", m.Place, m.Name, unknown)
		}
	}
	clause := regexp.MustCompile(`^(ZZ|SQ|KF|ZQ|XZ)-A?\d{1,2}(\.\d+)*$`)
	exists := func(place, id string) {
		t.Helper()
		if len(id) < 16 && clause.MatchString(id) && !book.Has(id) && !book.HasGroup(id) {
			t.Errorf("%s follows %s, which no regulation has", place, id)
		}
	}
	for _, s := range readHouse(t) {
		if s.isTest() {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					exists(s.at(lit), text)
				}
			}
			return true
		})
	}
	follows := regexp.MustCompile(`(?:rule|_rule): *"?([A-Z]+-[A-Z0-9.]+)`)
	files, err := fs.Glob(deploy.Files, "hotlines/*/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files of hotlines: %v", len(files), err)
	}
	for _, file := range files {
		src, err := fs.ReadFile(deploy.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range follows.FindAllStringSubmatch(string(src), -1) {
			exists(file, m[1])
		}
	}
}

// TestTheHouseProvesNoLess: the clauses that tests name become more, never fewer. Whoever
// names more writes the new number into testdata/proven.
func TestTheHouseProvesNoLess(t *testing.T) {
	book, mentions := rules(t)
	named := map[string]bool{}
	for _, m := range mentions {
		ids, _ := book.IDs(m.Name)
		for _, id := range ids {
			named[id] = true
		}
	}
	text, err := os.ReadFile(filepath.Join("testdata", "proven"))
	if err != nil {
		t.Fatal(err)
	}
	least, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	covered := book.Covered(named)
	t.Logf("%d of %d clauses are named by tests; testdata/proven says %d", len(covered), len(book.Asked()), least)
	if len(covered) < least {
		missing := slices.DeleteFunc(book.Asked(), func(id string) bool { return slices.Contains(covered, id) })
		t.Errorf("tests name %d clauses, %d before; not named: %s", len(covered), least, strings.Join(missing, " "))
	}
}

// The command reads a run that others made, writes its page, and fails on a gap.
func TestConformanceCommand(t *testing.T) {
	dir := t.TempDir()
	page, from := filepath.Join(dir, "page.html"), filepath.Join(dir, "test.json")
	book, _ := rules(t)
	var all strings.Builder
	for _, reg := range book.Regulations {
		for _, r := range reg.Rules {
			for _, id := range r.Names() {
				fmt.Fprintf(&all, "{\"Action\":\"pass\",\"Package\":\"hotline/x\",\"Test\":\"TestA/%s\"}\n", id)
			}
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(all.String())
	out, err := runCommand(t, newConformanceCommand(), "--from", from, "--html", page, "--profile", "zq")
	if err != nil || !strings.Contains(out, "163 条,通过 163") || !strings.Contains(out, "ZQ-15.2") || strings.Contains(out, "ZZ-17.1") {
		t.Errorf("everything proven: %v\n%s", err, out)
	}
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "肇庆高新区12345") {
		t.Errorf("the page: %v", err)
	}
	write(strings.ReplaceAll(all.String(), "ZZ-17.1\"", "nothing\""))
	out, err = runCommand(t, newConformanceCommand(), "--from", from)
	if err == nil || !strings.Contains(out, "通过 162,失败 0,缺 1") {
		t.Errorf("a gap: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"--from", filepath.Join(dir, "none")}, {"--from", page}, {"--from", from, "--html", dir}} {
		if out, err := runCommand(t, newConformanceCommand(), args...); err == nil {
			t.Errorf("%v was taken:\n%s", args, out)
		}
	}
}

func TestReplayCommand(t *testing.T) {
	page := filepath.Join(t.TempDir(), "replay.html")
	out, err := runCommand(t, newReplayCommand(), "zq", "xz", "--orders", "5", "--html", page)
	if err != nil || !strings.Contains(out, "肇庆高新区12345") || !strings.Contains(out, "徐州") {
		t.Errorf("%v\n%s", err, out)
	}
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "同一年") {
		t.Errorf("the page: %v", err)
	}
	for _, args := range [][]string{{"--orders", "0"}, {"--from", "yesterday"}, {"nowhere"}} {
		if out, err := runCommand(t, newReplayCommand(), args...); err == nil {
			t.Errorf("%v was taken:\n%s", args, out)
		}
	}
}
