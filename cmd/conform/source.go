package conform

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Mention is a name in the source of a test: of a function, or of a subtest.
type Mention struct {
	Package string // folder below the repository: dispatch/console
	Place   string // file:line
	Name    string
	Tests   []string // the package's functions that run it; none when a package of tests offers it to others
}

// Source lists what may be the name of a test in the repository at root: the names of
// test functions, and those strings that stand where a subtest's name stands. A string
// counts when it is in the first argument of a call of Run, the key of a map, in a field
// that such an argument reads, or the first of a row; others, such as an expected rule, do not.
func Source(root string) ([]Mention, error) {
	var all []Mention
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		of, err := folder(root, path)
		all = append(all, of...)
		return err
	})
	if err == nil && len(all) == 0 {
		err = errors.New("no tests")
	}
	if err != nil {
		return nil, fmt.Errorf("read the tests of %s: %w", root, err)
	}
	return all, nil
}

// folder reads the tests of one package.
func folder(root, dir string) ([]Mention, error) {
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	p := pack{name: filepath.ToSlash(rel), set: token.NewFileSet(), uses: map[string][]string{}}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "_test.go") && (filepath.Ext(e.Name()) != ".go" || !strings.HasSuffix(rel, "test")) {
			continue
		}
		f, err := parser.ParseFile(p.set, filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.file(filepath.ToSlash(filepath.Join(rel, e.Name())), f)
	}
	for i := range p.found {
		p.found[i].Tests = p.testsFor(p.owner[i])
	}
	return p.found, nil
}

// pack is a package whose tests are being read.
type pack struct {
	name  string
	set   *token.FileSet
	found []Mention
	owner []string            // the declaration each was found in
	uses  map[string][]string // of each declaration, what it names
}

// file reads one file's declarations.
func (p *pack) file(path string, f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if isTest(d.Name.Name) && d.Recv == nil {
				p.note(path, d, d.Name.Name, d.Name.Name)
			}
			p.declaration(path, d.Name.Name, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					p.declaration(path, v.Names[0].Name, v)
				}
			}
		}
	}
}

// isTest says whether `go test` runs a function of that name.
func isTest(name string) bool {
	return strings.HasPrefix(name, "Test") && name != "TestMain" || strings.HasPrefix(name, "Fuzz")
}

// declaration notes what may be names of subtests in a declaration, and what it uses.
func (p *pack) declaration(path, owner string, d ast.Node) {
	fields := map[string]bool{"name": true}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			p.uses[owner] = append(p.uses[owner], n.Name)
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Run" && len(n.Args) == 2 {
				p.strings(path, owner, n.Args[0])
				selected(n.Args[0], fields)
			}
		}
		return true
	})
	ast.Inspect(d, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			p.literal(path, owner, lit, fields)
		}
		return true
	})
}

// selected adds the fields that an expression reads: name and rule of tt.rule+" "+tt.name.
func selected(e ast.Expr, fields map[string]bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			fields[s.Sel.Name] = true
		}
		return true
	})
}

// literal notes the strings of a literal that stand where names stand: keys of a map, and
// those fields of a table's rows that names are made of.
func (p *pack) literal(path, owner string, lit *ast.CompositeLit, fields map[string]bool) {
	_, isMap := lit.Type.(*ast.MapType)
	columns := columnsOf(lit.Type, fields)
	for i, e := range lit.Elts {
		switch e := e.(type) {
		case *ast.KeyValueExpr:
			key, _ := e.Key.(*ast.Ident)
			if isMap {
				p.strings(path, owner, e.Key)
			} else if key != nil && fields[key.Name] {
				p.strings(path, owner, e.Value)
			}
		case *ast.BasicLit:
			if i == 0 && lit.Type == nil {
				p.strings(path, owner, e)
			}
		case *ast.CompositeLit:
			for _, c := range columns {
				if c > 0 && c < len(e.Elts) {
					p.strings(path, owner, e.Elts[c])
				}
			}
		}
	}
}

// columnsOf is where the fields stand in a row of a table whose struct is written with it.
func columnsOf(table ast.Expr, fields map[string]bool) (columns []int) {
	list, _ := table.(*ast.ArrayType)
	if list == nil {
		return nil
	}
	row, _ := list.Elt.(*ast.StructType)
	if row == nil {
		return nil
	}
	i := 0
	for _, f := range row.Fields.List {
		for _, name := range f.Names {
			if fields[name.Name] {
				columns = append(columns, i)
			}
			i++
		}
	}
	return columns
}

// strings notes the strings in an expression.
func (p *pack) strings(path, owner string, e ast.Expr) {
	ast.Inspect(e, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING {
			if text, err := strconv.Unquote(s.Value); err == nil {
				p.note(path, s, owner, text)
			}
		}
		return true
	})
}

func (p *pack) note(path string, n ast.Node, owner, name string) {
	place := fmt.Sprintf("%s:%d", path, p.set.Position(n.Pos()).Line)
	p.found = append(p.found, Mention{Package: p.name, Place: place, Name: name})
	p.owner = append(p.owner, owner)
}

// testsFor lists the test functions that reach a declaration.
func (p *pack) testsFor(owner string) []string {
	var tests []string
	for name := range p.uses {
		if isTest(name) && p.reaches(name, owner, map[string]bool{}) {
			tests = append(tests, name)
		}
	}
	slices.Sort(tests)
	return tests
}

func (p *pack) reaches(from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(p.uses[from], func(name string) bool { return p.uses[name] != nil && p.reaches(name, to, seen) })
}
