package conform

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Status is how a rule stands.
type Status string

// The statuses. Missing: no test that ran names the rule, or one of its clauses.
const (
	Proven  Status = "proven"
	Failed  Status = "failed"
	Missing Status = "missing"
)

// statusWords says them in the report's language.
var statusWords = map[Status]string{Proven: "通过", Failed: "失败", Missing: "缺"}

// Row is one rule, and the tests that name it.
type Row struct {
	Rule
	Status Status
	Lacks  []string // its ids that no passing test names
	Tests  []Result
}

// Word is the status in Chinese.
func (r Row) Word() string { return statusWords[r.Status] }

// Tally counts rows by status.
type Tally struct{ All, Proven, Failed, Missing int }

func (t *Tally) add(s Status) {
	t.All++
	switch s {
	case Proven:
		t.Proven++
	case Failed:
		t.Failed++
	case Missing:
		t.Missing++
	}
}

// String is the tally in words.
func (t Tally) String() string {
	return fmt.Sprintf("%d 条,通过 %d,失败 %d,缺 %d", t.All, t.Proven, t.Failed, t.Missing)
}

// Table is one regulation's rules.
type Table struct {
	Regulation
	Rows  []Row
	Tally Tally // of the rules asked now
}

// Report is what a run proves.
type Report struct {
	Tables  []Table
	Tally   Tally    // of the rules asked now, of all tables
	Later   Tally    // of those that are asked later
	Unknown []string // names that carry an id no rule has
	Broken  []string // packages that did not run to their end
}

// OK says whether every rule that is asked now is proven, nothing failed, and no name is wrong.
func (r Report) OK() bool {
	return r.Tally.Proven == r.Tally.All && r.Later.Failed == 0 && len(r.Unknown) == 0 && len(r.Broken) == 0
}

// Report holds a run against the book. Only the last part of a test's name counts as its
// own: what it is part of has a result of its own.
func (b *Book) Report(run Run) Report {
	rep := Report{Broken: run.Broken}
	by := map[string][]Result{}
	for _, t := range run.Tests {
		ids, unknown := b.IDs(t.Test[strings.LastIndex(t.Test, "/")+1:])
		for _, id := range ids {
			by[id] = append(by[id], t)
		}
		for _, id := range unknown {
			rep.Unknown = append(rep.Unknown, fmt.Sprintf("%s: %s %s", id, t.Package, t.Test))
		}
	}
	for _, reg := range b.Regulations {
		t := Table{Regulation: reg}
		for _, r := range reg.Rules {
			row := weigh(r, by)
			t.Rows = append(t.Rows, row)
			if r.Asked() {
				t.Tally.add(row.Status)
				rep.Tally.add(row.Status)
			} else {
				rep.Later.add(row.Status)
			}
		}
		rep.Tables = append(rep.Tables, t)
	}
	return rep
}

// weigh says how a rule stands by the results that name its ids.
func weigh(r Rule, by map[string][]Result) Row {
	row := Row{Rule: r, Status: Proven}
	for _, id := range r.Names() {
		proven := false
		for _, t := range by[id] {
			row.Tests = append(row.Tests, t)
			proven = proven || t.Outcome == Pass
			if t.Outcome == Fail {
				row.Status = Failed
			}
		}
		if !proven {
			row.Lacks = append(row.Lacks, id)
		}
	}
	if len(row.Lacks) > 0 && row.Status != Failed {
		row.Status = Missing
	}
	return row
}

// Print writes the report for a terminal: of each regulation a table, then what is wrong,
// then the sum. Rules that are asked later are printed when a test names them.
func (r Report) Print(w io.Writer, profiles ...string) {
	for _, t := range r.Tables {
		if len(profiles) > 0 && !slices.Contains(profiles, t.Profile) {
			continue
		}
		fmt.Fprintf(w, "== %s %s(%s)\n", t.ID, t.Name, t.Profile)
		for _, row := range t.Rows {
			if row.Asked() || len(row.Tests) > 0 {
				printRow(w, row)
			}
		}
		fmt.Fprintf(w, "   %s:%s\n\n", t.ID, t.Tally)
	}
	for _, u := range r.Unknown {
		fmt.Fprintf(w, "没有这一条 %s\n", u)
	}
	for _, p := range r.Broken {
		fmt.Fprintf(w, "没有跑完 %s\n", p)
	}
	fmt.Fprintf(w, "合计(P0、P1):%s;以后(P2):%s\n", r.Tally, r.Later)
}

func printRow(w io.Writer, row Row) {
	test := "-"
	if len(row.Tests) > 0 {
		first := row.Tests[0]
		for _, t := range row.Tests {
			if t.Outcome == Fail {
				first = t
				break
			}
		}
		test = first.Package + " " + first.Test
		if more := len(row.Tests) - 1; more > 0 {
			test += fmt.Sprintf(" (+%d)", more)
		}
	}
	lacks := ""
	if len(row.Of) > 0 && len(row.Lacks) > 0 {
		lacks = " 缺 " + strings.Join(row.Lacks, "、")
	}
	fmt.Fprintf(w, "%s P%d %s %s%s\n%s%s\n", pad(row.ID, 13), row.P, pad(row.Word(), 5), row.Clause, lacks, pad("", 23), test)
}

// pad fills s up to n cells of a terminal, in which a Chinese character takes two.
func pad(s string, n int) string {
	for _, r := range s {
		if n--; r > 0x2000 {
			n--
		}
	}
	return s + strings.Repeat(" ", max(n, 1))
}
