package calendar

import (
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

// yearFile is one yearly file: only what differs from Monday to Friday.
type yearFile struct {
	Year    int      `yaml:"year"`
	Notices []string `yaml:"notices"` // the State Council's, by number, date and title
	Closed  []entry  `yaml:"closed"`  // weekdays off
	Worked  []entry  `yaml:"worked"`  // weekend days worked
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
	c := &Calendar{years: map[int]bool{}, days: map[date]Day{}}
	var errs []error
	for _, name := range names {
		errs = append(errs, c.loadYear(fsys, name))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

// loadYear reads one file into c.
func (c *Calendar) loadYear(fsys fs.FS, name string) error {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read calendar: %w", err)
	}
	var f yearFile
	if err := decode(src, &f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var errs []error
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); strconv.Itoa(f.Year) != want {
		errs = append(errs, fmt.Errorf("%s: year is %d, the file says %s", name, f.Year, want))
	}
	if len(f.Notices) == 0 {
		errs = append(errs, fmt.Errorf("%s: no notice is named", name))
	}
	c.years[f.Year] = true
	for _, list := range []struct {
		entries []entry
		working bool
	}{{f.Closed, false}, {f.Worked, true}} {
		last := ""
		for _, e := range list.entries {
			if err := c.add(f.Year, e, list.working, last); err != nil {
				errs = append(errs, fmt.Errorf("%s:%d: %w", name, e.line, err))
			}
			last = e.Date
		}
	}
	return errors.Join(errs...)
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

// add takes one line; last is the date of the line before.
func (c *Calendar) add(year int, e entry, working bool, last string) error {
	t, err := time.ParseInLocation(time.DateOnly, e.Date, shanghai)
	if err != nil {
		return fmt.Errorf("%q is no date like 2026-10-01", e.Date)
	}
	d := dateOf(t)
	_, twice := c.days[d]
	switch {
	case d.year != year:
		return fmt.Errorf("%s is not in %d", e.Date, year)
	case twice:
		return fmt.Errorf("%s is listed twice", e.Date)
	case e.Date <= last:
		return fmt.Errorf("%s stands after %s", e.Date, last)
	case e.Name == "":
		return fmt.Errorf("%s has no name", e.Date)
	case working && !d.weekend():
		return fmt.Errorf("%s is a weekday and worked anyway", e.Date)
	case !working && d.weekend():
		return fmt.Errorf("%s is a weekend day and closed anyway", e.Date)
	}
	c.days[d] = Day{Date: t, Working: working, Name: e.Name}
	return nil
}
