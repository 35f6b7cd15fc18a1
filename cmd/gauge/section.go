package gauge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// The sections of BENCH.md, each by one command, in the order in which they stand.
const (
	Calls  = "calls"  // cmd/bench
	Texts  = "texts"  // cmd/benchsms
	Orders = "orders" // cmd/benchorders
)

var sections = []string{Calls, Texts, Orders}

// WriteSection replaces a section of a report and leaves everything else of it as it is,
// whoever wrote that. A section that is not there yet is put in its place, and so is a
// file. Not for several processes at once.
func WriteSection(path, name, text string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("report: %w", err)
	}
	if err := os.WriteFile(path, []byte(within(string(old), name, text)), 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// The marks around a section; readers of the page do not see them.
func marks(name string) (begin, end string) {
	return "<!-- begin " + name + " -->\n", "<!-- end " + name + " -->\n"
}

// within is a report with a section in it.
func within(report, name, text string) string {
	begin, end := marks(name)
	section := begin + strings.TrimRight(text, "\n") + "\n" + end
	if before, rest, ok := strings.Cut(report, begin); ok {
		_, after, _ := strings.Cut(rest, end) // one without an end was cut short, and what follows with it
		return before + section + after
	}
	later := false
	for _, s := range sections {
		next, _ := marks(s)
		if at := strings.Index(report, next); later && at >= 0 {
			return report[:at] + section + "\n" + report[at:]
		}
		later = later || s == name
	}
	if report != "" {
		report = strings.TrimRight(report, "\n") + "\n\n"
	}
	return report + section
}
