package gauge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two commands write one report: each replaces its own part and keeps the other's,
// whichever comes first.
func TestEachCommandKeepsTheOthersSection(t *testing.T) {
	for _, order := range [][]string{{Calls, Texts}, {Texts, Calls}} {
		path := filepath.Join(t.TempDir(), "BENCH.md")
		write := func(name, text string) {
			t.Helper()
			if err := WriteSection(path, name, text); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range order {
			write(name, "# first "+name+"\n")
		}
		for _, name := range order {
			write(name, "# second "+name+"\n\n| a | b |\n")
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := "<!-- begin calls -->\n# second calls\n\n| a | b |\n<!-- end calls -->\n\n" +
			"<!-- begin texts -->\n# second texts\n\n| a | b |\n<!-- end texts -->\n"
		if string(got) != want {
			t.Errorf("%v:\n%s", order, got)
		}
	}
}

// What somebody wrote by hand stays.
func TestWhatIsInNoSectionStays(t *testing.T) {
	got := within("by hand\n", Texts, "new")
	if !strings.HasPrefix(got, "by hand\n\n") || !strings.Contains(got, "new") {
		t.Errorf("%q", got)
	}
	got = within(got+"\nbelow\n", Texts, "newer")
	if !strings.HasPrefix(got, "by hand\n") || !strings.HasSuffix(got, "\nbelow\n") || strings.Contains(got, "new\n") {
		t.Errorf("%q", got)
	}
}

func TestAReportThatCannotBeReadIsAnError(t *testing.T) {
	if err := WriteSection(t.TempDir(), Texts, "x"); err == nil {
		t.Error("a folder was written")
	}
}
