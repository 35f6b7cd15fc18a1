package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Year is one yearly file: what differs from Monday to Friday, and who said so.
type Year struct {
	Year    int
	Notices []Notice // in the order of their dates; a later one changes what an earlier one said
	Days    []Day    // closures first, then make-up days, each ascending
	Source  string   // the file as it was read
}

// Notice is one of the State Council's notices that the file follows.
type Notice struct {
	Title  string `yaml:"title"`
	Number string `yaml:"number"` // 国办发明电〔2025〕7号; empty: not known for sure, and Note says so
	Date   string `yaml:"date"`   // of the notice, 2025-11-04; the same
	Note   string `yaml:"note"`
}

// String is the notice in one line.
func (n Notice) String() string {
	s := "《" + n.Title + "》"
	for _, part := range []string{n.Number, n.Date, n.Note} {
		if part != "" {
			s += "," + part
		}
	}
	return s
}

// Digest tells two files of a year apart that say different things; comments and the order
// of words do not count.
func (y Year) Digest() string {
	h := sha256.New()
	fmt.Fprintln(h, y.Year)
	for _, n := range y.Notices {
		fmt.Fprintf(h, "%q %q %q\n", n.Title, n.Number, n.Date)
	}
	for _, d := range y.Days {
		fmt.Fprintf(h, "%s %v %q\n", d.Date.In(shanghai).Format(time.DateOnly), d.Working, d.Name)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// The years a file may be of: five-day weeks and make-up days are of these times.
const (
	firstYear = 1996
	lastYear  = 2199
)

// yearFile is a file as it is written.
type yearFile struct {
	Year    int      `yaml:"year"`
	Notices []Notice `yaml:"notices"`
	Closed  []entry  `yaml:"closed"` // weekdays off
	Worked  []entry  `yaml:"worked"` // weekend days worked
}

// entry is one line of a file and where it stands.
type entry struct {
	Date string `yaml:"date"`
	Name string `yaml:"name"`
	line int
}

// UnmarshalYAML keeps the line, so that a fault can be pointed at.
func (e *entry) UnmarshalYAML(n ast.Node) error {
	var plain struct {
		Date string `yaml:"date"`
		Name string `yaml:"name"`
	}
	if err := yaml.NodeToValue(n, &plain, yaml.Strict()); err != nil {
		return err
	}
	*e = entry{Date: plain.Date, Name: plain.Name, line: n.GetToken().Position.Line}
	return nil
}

// Load reads every YYYY.yaml of a folder. It is strict: an unknown field, a date of
// another year, a closed weekend day, a worked weekday, a date out of order or twice,
// a file without its notice are errors with file and line, all reported together.
func Load(fsys fs.FS) (*Calendar, error) { return LoadDir(fsys, ".") }

// LoadDir is Load for a folder inside fsys.
func LoadDir(fsys fs.FS, dir string) (*Calendar, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list calendars: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no calendar in %q", dir)
	}
	var (
		years []Year
		errs  []error
	)
	for _, name := range names {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read calendar: %w", err))
			continue
		}
		y, err := ParseYear(name, src)
		years, errs = append(years, y), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return New(years...), nil
}

// ReadYear is ParseYear for a file whose name nobody knows: it names its year itself.
func ReadYear(src []byte) (Year, error) {
	var f yearFile
	if err := decode(src, &f); err != nil {
		return Year{}, err
	}
	return ParseYear(strconv.Itoa(f.Year)+".yaml", src)
}

// ParseYear reads one yearly file; the last part of its name is YYYY.yaml.
func ParseYear(name string, src []byte) (Year, error) {
	var f yearFile
	if err := decode(src, &f); err != nil {
		return Year{}, fmt.Errorf("%s: %w", name, err)
	}
	y := Year{Year: f.Year, Notices: f.Notices, Source: string(src)}
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(name+format, args...)) }
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); strconv.Itoa(f.Year) != want {
		fault(": year is %d, the file says %s", f.Year, want)
	}
	if f.Year < firstYear || f.Year > lastYear {
		fault(": %d is not from %d to %d", f.Year, firstYear, lastYear)
	}
	if len(f.Notices) == 0 {
		fault(": no notice is named")
	}
	for i, n := range f.Notices {
		if err := n.check(); err != nil {
			fault(": notice %d: %w", i+1, err)
		}
	}
	seen := map[string]bool{}
	for _, list := range []struct {
		entries []entry
		working bool
	}{{f.Closed, false}, {f.Worked, true}} {
		last := ""
		for _, e := range list.entries {
			day, err := e.day(f.Year, list.working)
			switch {
			case err != nil:
			case seen[e.Date]:
				err = fmt.Errorf("%s is listed twice", e.Date)
			case e.Date <= last:
				err = fmt.Errorf("%s stands after %s", e.Date, last)
			}
			if err != nil {
				fault(":%d: %w", e.line, err)
			}
			last, seen[e.Date] = e.Date, true
			y.Days = append(y.Days, day)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Year{}, err
	}
	return y, nil
}

// decode reads YAML and survives whatever the parser makes of a broken file.
func decode(src []byte, f *yearFile) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not YAML: %v", r)
		}
	}()
	return yaml.UnmarshalWithOptions(src, f, yaml.Strict())
}

// check says what a notice lacks. What is not known for sure is left out, and said.
func (n Notice) check() error {
	if n.Title == "" {
		return errors.New("it has no title")
	}
	if n.Date != "" {
		if _, err := time.ParseInLocation(time.DateOnly, n.Date, shanghai); err != nil {
			return fmt.Errorf("%q is no date like 2026-10-01", n.Date)
		}
	}
	if (n.Number == "" || n.Date == "") && n.Note == "" {
		return errors.New("number or date is left out and no note says why")
	}
	return nil
}

// day reads one line of a year's file.
func (e entry) day(year int, working bool) (Day, error) {
	t, err := time.ParseInLocation(time.DateOnly, e.Date, shanghai)
	if err != nil {
		return Day{}, fmt.Errorf("%q is no date like 2026-10-01", e.Date)
	}
	d := dateOf(t)
	switch {
	case d.year() != year:
		err = fmt.Errorf("%s is not in %d", e.Date, year)
	case e.Name == "":
		err = fmt.Errorf("%s has no name", e.Date)
	case working && !d.weekend():
		err = fmt.Errorf("%s is a weekday and worked anyway", e.Date)
	case !working && d.weekend():
		err = fmt.Errorf("%s is a weekend day and closed anyway", e.Date)
	}
	return Day{Date: t, Working: working, Name: e.Name}, err
}
