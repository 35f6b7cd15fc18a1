package conform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const testSource = `package p

import "testing"

var rows = map[string]func(t *testing.T){"ZZ-1 in a map": helped}

func TestRows(t *testing.T) {
	for name, f := range rows {
		t.Run(name, f)
	}
}

func TestTable(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		rule string
		want string
	}{{"consult", "ZZ-2", "ZZ-3.1"}, {typ: "help", rule: "ZZ-3.2", want: "ZZ-3.3"}} {
		t.Run(tt.rule+" "+tt.typ, func(t *testing.T) { check(t, "ZZ-4", tt.want) })
	}
}

func helped(t *testing.T) { t.Run("ZZ-5 by "+"hand", check) }

func TestZZ_6_Called(t *testing.T) {}

func TestMain(m *testing.M) {}

func BenchmarkZZ_8(b *testing.B) {}
`

// What stands where a subtest's name stands is found, and by which function it is run;
// what is expected of a test is no name.
func TestSourceFindsNamesAndWhoRunsThem(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("dispatch/p_test.go", testSource)
	write("dispatch/p.go", "package p\n\nfunc TestZZ_24(t *testing.T) {}\n")
	write("dispatch/testdata/x_test.go", "no Go")
	mentions, err := Source(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := shipped(t)
	var got []string
	for _, m := range mentions {
		ids, _ := b.IDs(m.Name)
		for _, id := range ids {
			got = append(got, id+" "+m.Package+" "+strings.Join(m.Tests, ","))
		}
	}
	slices.Sort(got)
	want := []string{"ZZ-1 dispatch TestRows", "ZZ-2 dispatch TestTable", "ZZ-3.2 dispatch TestTable", "ZZ-5 dispatch TestRows", "ZZ-6 dispatch TestZZ_6_Called"}
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	packages, tests := b.naming(mentions)
	if !slices.Equal(packages, []string{"./dispatch"}) || !slices.Equal(tests, []string{"TestRows", "TestTable", "TestZZ_6_Called"}) {
		t.Errorf("to run: %q of %q", tests, packages)
	}
	write("dispatch/q_test.go", "package p\n\nfunc {")
	if _, err := Source(dir); err == nil || !strings.Contains(err.Error(), "q_test.go") {
		t.Errorf("a file that does not parse: %v", err)
	}
}
