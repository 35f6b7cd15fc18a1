package conform

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// Result is one test that ran and names ids.
type Result struct {
	Package string // dispatch/console
	Test    string // TestA/ZZ-17.1_of_a_weekend
	Outcome Outcome
}

// Outcome is how a test ended.
type Outcome string

// The outcomes, in go test's words. A skipped test proves nothing.
const (
	Pass Outcome = "pass"
	Fail Outcome = "fail"
	Skip Outcome = "skip"
)

// Run is what a run of tests came to. The zero value is a run without any.
type Run struct {
	Tests  []Result
	Broken []string // packages that failed without a failed test: not built, panicked, timed out
}

// line is one of go test -json.
type line struct {
	Action, Package, Test string
}

// Read reads the output of `go test -json`, of any number of packages. Lines that are not
// JSON (a Makefile's own) are passed over; that there is nothing but them is an error. A
// test that began and has no end, because its program died, counts as failed.
func Read(r io.Reader, module string) (Run, error) {
	ended := map[Result]Outcome{}
	broken := map[string]bool{}
	in := bufio.NewReader(r)
	for seen := 0; ; {
		text, err := in.ReadString('\n')
		var l line
		if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &l) == nil && l.Action != "" {
			seen++
			l.Package = strings.TrimPrefix(l.Package, module)
			take(l, ended, broken)
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return Run{}, fmt.Errorf("read test results: %w", err)
		}
		if seen == 0 {
			return Run{}, errors.New("no line of go test -json in it")
		}
		return gather(ended, broken), nil
	}
}

// take notes one line.
func take(l line, ended map[Result]Outcome, broken map[string]bool) {
	test := Result{Package: l.Package, Test: l.Test}
	switch o := Outcome(l.Action); {
	case l.Test != "" && l.Action == "run":
		ended[test] = Fail
	case l.Test != "" && (o == Pass || o == Fail || o == Skip):
		ended[test] = o
	case l.Test == "" && o == Fail:
		broken[l.Package] = true
	}
}

// gather puts a run together. A package is broken only when no test of it tells why.
func gather(ended map[Result]Outcome, broken map[string]bool) Run {
	var run Run
	for t, o := range ended {
		if o == Fail {
			delete(broken, t.Package)
		}
		t.Outcome = o
		run.Tests = append(run.Tests, t)
	}
	slices.SortFunc(run.Tests, func(a, b Result) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Test, b.Test))
	})
	run.Broken = slices.Sorted(maps.Keys(broken))
	return run
}

// Test runs the tests of the repository at root that name ids of the book, and gives what
// go test -json printed to out as it comes. That tests fail is no error: the result says so.
func (b *Book) Test(ctx context.Context, root string, out io.Writer, flags ...string) error {
	mentions, err := Source(root)
	if err != nil {
		return err
	}
	packages, tests := b.naming(mentions)
	if len(packages) == 0 {
		return errors.New("no test names a rule")
	}
	args := append([]string{"test", "-json", "-count=1", "-run", "^(" + strings.Join(tests, "|") + ")$"}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, packages...)...)
	cmd.Dir, cmd.Stdout = root, out
	var said strings.Builder
	cmd.Stderr = &said
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &ended) || ctx.Err() != nil) {
		return fmt.Errorf("go test: %w: %s", err, said.String())
	}
	return nil
}

// naming lists the packages and the functions of those mentions that carry an id.
func (b *Book) naming(mentions []Mention) (packages, tests []string) {
	for _, m := range mentions {
		if ids, _ := b.IDs(m.Name); len(ids) > 0 && len(m.Tests) > 0 {
			packages = append(packages, "./"+m.Package)
			tests = append(tests, m.Tests...)
		}
	}
	slices.Sort(packages)
	slices.Sort(tests)
	return slices.Compact(packages), slices.Compact(tests)
}
