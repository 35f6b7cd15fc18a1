// Package conform holds the program against the five regulations, clause by clause:
// deploy/rules.yaml lists what they ask, tests carry in their names the ids of what they
// prove, and a report says which clause is proven by which test, and which by none.
//
// A name may carry an id in three ways: ZZ-17.1 in a subtest's, ZZ_17_1 or ZZ17_1 in a
// function's. What counts is what ran: the names in the output of `go test -json`. The
// source is read only to know which tests to run, and to find misspelt ids without
// running any.
package conform

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"hotline/deploy/fault"
)

// Rule is one clause of a regulation, as the list has it.
type Rule struct {
	ID     string   `yaml:"id"`     // ZZ-17.1
	P      int      `yaml:"p"`      // 0 and 1 are asked now, 2 later
	Kind   []string `yaml:"kind"`   // deadline, survey, rbac ...
	Of     []string `yaml:"of"`     // the clauses of one that has several; each has to be named
	Clause string   `yaml:"clause"` // what it asks, in our words
	Also   []string `yaml:"also"`   // other hotlines that follow it by choice
}

// Names are the ids that tests name for the rule.
func (r Rule) Names() []string {
	if len(r.Of) > 0 {
		return r.Of
	}
	return []string{r.ID}
}

// Asked says whether the rule has to be fulfilled now.
func (r Rule) Asked() bool { return r.P < 2 }

// Regulation is one of the five, with its clauses in their order.
type Regulation struct {
	ID      string `yaml:"id"`      // ZZ
	Profile string `yaml:"profile"` // the folder of deploy/hotlines that follows it
	Name    string `yaml:"name"`
	Number  string `yaml:"number"` // of the document, where it has one
	From    string `yaml:"from"`   // in force since, 2006-10-31; empty: not said
	Rules   []Rule `yaml:"rules"`
}

// Book is the whole list. It does not change.
type Book struct {
	Regulations []Regulation `yaml:"regulations"`

	known map[string]bool // every id that a test may name
}

// Load reads the list, such as rules.yaml. All its faults are told at once.
func Load(fsys fs.FS, name string) (*Book, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	b := Book{known: map[string]bool{}}
	d := fault.Read(name, src, &b)
	for i, reg := range b.Regulations {
		if reg.ID == "" || reg.Profile != strings.ToLower(reg.ID) || reg.Name == "" {
			d.Fault(fmt.Sprintf("regulations[%d]", i), "a regulation needs an id, the profile of that name, and a name")
		}
		for j, r := range reg.Rules {
			b.add(d, fmt.Sprintf("regulations[%d].rules[%d]", i, j), reg.ID, r)
		}
	}
	return &b, d.Err()
}

// add takes a rule's ids in, or says what is wrong with it.
func (b *Book) add(d *fault.Document, path, prefix string, r Rule) {
	if r.P < 0 || r.P > 2 {
		d.Fault(path+".p", "%d is not 0, 1 or 2", r.P)
	}
	if r.Clause == "" || len(r.Kind) == 0 {
		d.Fault(path, "a rule says what it asks and of which kind it is")
	}
	for _, id := range r.Names() {
		if !strings.HasPrefix(id, prefix+"-") {
			d.Fault(path, "%q is no id of %s", id, prefix)
		}
		if b.known[id] {
			d.Fault(path, "%q is listed twice", id)
		}
		b.known[id] = true
	}
}

// Has says whether there is a rule, or a clause of one, with an id.
func (b *Book) Has(id string) bool { return b.known[id] }

// Known lists every id that a rule, or a clause of one, has, in order.
func (b *Book) Known() []string { return slices.Sorted(maps.Keys(b.known)) }

// Words says what a rule, or a clause of one, asks: the regulation's name and our words for
// it. Of an id that is none it is empty.
func (b *Book) Words(id string) string {
	if b == nil {
		return ""
	}
	for _, reg := range b.Regulations {
		for _, r := range reg.Rules {
			if r.ID == id || slices.Contains(r.Of, id) {
				return "《" + reg.Name + "》:" + r.Clause
			}
		}
	}
	return ""
}

// HasGroup says whether id is an article some of whose clauses are rules: ZQ-16 of ZQ-16.0.
func (b *Book) HasGroup(id string) bool {
	for known := range b.known {
		if strings.HasPrefix(known, id+".") {
			return true
		}
	}
	return false
}

// Asked lists the ids of the rules that have to be fulfilled now.
func (b *Book) Asked() []string {
	var ids []string
	for _, reg := range b.Regulations {
		for _, r := range reg.Rules {
			if r.Asked() {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids
}

// Covered lists the rules that have to be fulfilled now and all of whose ids are in named.
func (b *Book) Covered(named map[string]bool) []string {
	var ids []string
	for _, reg := range b.Regulations {
		for _, r := range reg.Rules {
			if r.Asked() && !slices.ContainsFunc(r.Names(), func(id string) bool { return !named[id] }) {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids
}
