package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The house's numbers.
const (
	longestFile     = 300 // lines
	longestFunction = 80  // lines
	mostParameters  = 4
	medianFunction  = 12 // lines; the aim is 10
)

// longFunctions may be longer: one straight line of wiring reads better than its pieces.
var longFunctions = []string{"newApp"}

// ground is what may stand at the root of the repository.
var ground = []string{".cache", ".ci", ".editorconfig", ".git", ".gitignore", ".golangci.yml", ".run", "BENCH.md", "LICENSE", "Makefile",
	"README.md", "README.zh-CN.md", "asterisk", "cmd", "deploy", "dispatch", "docs", "go.mod", "go.sum", "hotline", "carrier", "ivr", "sms"}

// source is one Go file, parsed.
type source struct {
	path string // from the root of the repository
	text string
	tree *ast.File
	set  *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// lines is how many a node takes.
func (s source) lines(n ast.Node) int {
	return s.set.Position(n.End()).Line - s.set.Position(n.Pos()).Line + 1
}

// at names a place for a message.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

// house reads every Go file of the repository.
func readHouse(t *testing.T) []source {
	t.Helper()
	root, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	var all []source
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s := source{text: string(text), set: token.NewFileSet()}
		if s.path, err = filepath.Rel(root, path); err != nil {
			return err
		}
		s.tree, err = parser.ParseFile(s.set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, s)
		return err
	})
	if err != nil || len(all) < 100 {
		t.Fatalf("%d files read: %v", len(all), err)
	}
	return all
}

func TestTheHouseKeepsItsNumbers(t *testing.T) {
	var lengths []int
	for _, s := range readHouse(t) {
		if n := strings.Count(s.text, "\n"); n >= longestFile {
			t.Errorf("%s has %d lines", s.path, n)
		}
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := s.lines(f)
			if !s.isTest() {
				lengths = append(lengths, n)
			}
			if n > longestFunction && !slices.Contains(longFunctions, f.Name.Name) {
				t.Errorf("%s: %s has %d lines", s.at(f), f.Name.Name, n)
			}
			if p := f.Type.Params.NumFields(); p > mostParameters {
				t.Errorf("%s: %s has %d parameters", s.at(f), f.Name.Name, p)
			}
			if f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: init()", s.at(f))
			}
		}
	}
	slices.Sort(lengths)
	if m := lengths[len(lengths)/2]; m > medianFunction {
		t.Errorf("the median function has %d lines", m)
	}
}

// Every package tells its story, and what it exports is explained.
func TestTheHouseIsExplained(t *testing.T) {
	told := map[string]bool{}
	for _, s := range readHouse(t) {
		dir := filepath.Dir(s.path)
		if s.isTest() {
			continue
		}
		told[dir] = told[dir] || s.tree.Doc != nil
		for _, d := range s.tree.Decls {
			for _, name := range unexplained(d) {
				t.Errorf("%s: %s has no comment", s.at(d), name)
			}
		}
	}
	for dir, ok := range told {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// unexplained lists the exported names of a declaration that have no comment, neither
// their own nor their group's.
func unexplained(d ast.Decl) []string {
	var names []string
	add := func(id *ast.Ident, docs ...*ast.CommentGroup) {
		if id.IsExported() && !slices.ContainsFunc(docs, func(c *ast.CommentGroup) bool { return c != nil }) {
			names = append(names, id.Name)
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || receiver(d).IsExported() {
			add(d.Name, d.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add(spec.Name, d.Doc, spec.Doc, spec.Comment)
			case *ast.ValueSpec:
				add(spec.Names[0], d.Doc, spec.Doc, spec.Comment)
			}
		}
	}
	return names
}

// receiver is the name of a method's type.
func receiver(f *ast.FuncDecl) *ast.Ident {
	kind := f.Recv.List[0].Type
	for {
		switch k := kind.(type) {
		case *ast.StarExpr:
			kind = k.X
		case *ast.IndexExpr:
			kind = k.X
		case *ast.Ident:
			return k
		default:
			return ast.NewIdent("_")
		}
	}
}

// Tests wait for events, never for time, and are never left out; nothing is left undone.
func TestTheHouseIsFinished(t *testing.T) {
	for _, s := range readHouse(t) {
		for _, group := range s.tree.Comments {
			for _, mark := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"} {
				if strings.Contains(group.Text(), mark) {
					t.Errorf("%s: %s", s.at(group), mark)
				}
			}
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := sel.X.(*ast.Ident)
			if of == nil {
				return true
			}
			switch name := of.Name + "." + sel.Sel.Name; name {
			case "t.Skip", "t.Skipf", "t.SkipNow", "f.Skip", "b.Skip", "time.Sleep", "slog.SetDefault":
				t.Errorf("%s: %s", s.at(n), name)
			}
			return true
		})
	}
}

// What stands at the root is what a newcomer sees first: nothing appears there unasked.
func TestTheGroundIsKept(t *testing.T) {
	root, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(ground, e.Name()) {
			t.Errorf("%s stands at the root", e.Name())
		}
	}
}

// TestTheHouseNumbersEachChangeOfTheSchemaOnce: two changes that were written at the same
// time must not meet under one number, or no database opens any more.
func TestTheHouseNumbersEachChangeOfTheSchemaOnce(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "dispatch", "sqlstore", "migrations", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d changes of the schema: %v", len(files), err)
	}
	seen := map[string]string{}
	for _, f := range files {
		number, _, _ := strings.Cut(filepath.Base(f), "_")
		if other := seen[number]; other != "" {
			t.Errorf("%s and %s", other, f)
		}
		seen[number] = f
	}
}
