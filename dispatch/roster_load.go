package dispatch

import (
	"fmt"
	"io/fs"
	"slices"
	"time"

	"hotline/deploy/fault"
	"hotline/sms"
)

// rosterFile is the shape of roster.yaml.
type rosterFile struct {
	Officers  map[string]Officer `yaml:"officers"`
	Weekly    []rosterLine       `yaml:"weekly"`
	Overrides []rosterLine       `yaml:"overrides"`
}

// rosterLine is one line of the weekly pattern (days) or one override (from, to).
type rosterLine struct {
	Days   []string `yaml:"days"`
	From   string   `yaml:"from"` // first day, YYYY-MM-DD
	To     string   `yaml:"to"`   // last day; empty is the first
	Hours  Hours    `yaml:"hours"`
	Why    string   `yaml:"why"`
	Duty   []string `yaml:"duty"`
	Backup []string `yaml:"backup"`
	Leader []string `yaml:"leader"`
}

// weekdays are the names days have in the file.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// LoadRoster reads a roster file, such as hotlines/zz/roster.yaml. All its problems
// are returned at once, as Problems. Times without anybody on duty are not problems
// of the file: ask Gaps.
func LoadRoster(fsys fs.FS, name string) (*Roster, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	return ParseRoster(name, src)
}

// ParseRoster is LoadRoster for a file that was read already.
func ParseRoster(name string, src []byte) (*Roster, error) {
	var f rosterFile
	d := fault.Read(name, src, &f)
	r := &Roster{officers: f.Officers}
	r.checkOfficers(d)
	for i, line := range f.Weekly {
		r.weekly = append(r.weekly, r.weeklyRule(d, fmt.Sprintf("weekly[%d]", i), line))
	}
	for i, line := range f.Overrides {
		r.overrides = append(r.overrides, r.datedRule(d, fmt.Sprintf("overrides[%d]", i), line))
	}
	if len(f.Weekly) == 0 {
		d.Fault("weekly", "a roster needs a weekly pattern")
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Roster) checkOfficers(d *fault.Document) {
	for id, o := range r.officers {
		path := "officers." + id
		if o.Name == "" {
			d.Fault(path, "officer %q has no name", id)
		}
		n, err := sms.Normalize(o.Phone)
		if err != nil {
			d.Fault(path, "officer %q: %q is no phone number", id, o.Phone)
			continue
		}
		o.Phone = n
		r.officers[id] = o
	}
}

// weeklyRule reads a line of the pattern.
func (r *Roster) weeklyRule(d *fault.Document, path string, line rosterLine) shiftRule {
	rule := shiftRule{hours: line.Hours, shift: r.shift(d, path, line)}
	if len(line.Days) == 0 || line.From != "" || line.To != "" {
		d.Fault(path, "a weekly line has days, and no dates")
	}
	for i, name := range line.Days {
		at := slices.Index(weekdays, name)
		if at < 0 {
			d.Unknown(fmt.Sprintf("%s.days[%d]", path, i), name, "%q is no day of the week", weekdays)
		}
		rule.days = append(rule.days, time.Weekday(at))
	}
	return rule
}

// datedRule reads an override.
func (r *Roster) datedRule(d *fault.Document, path string, line rosterLine) shiftRule {
	rule := shiftRule{from: line.From, to: line.To, hours: line.Hours, shift: r.shift(d, path, line)}
	if len(line.Days) > 0 || line.From == "" {
		d.Fault(path, "an override has dates, and no days of the week")
		return rule
	}
	for _, day := range []string{line.From, line.To} {
		if _, err := time.Parse(time.DateOnly, day); err != nil && day != "" {
			d.Fault(path, "%q is no date like 2026-10-01", day)
		}
	}
	if rule.to == "" {
		rule.to = rule.from
	}
	if rule.to < rule.from {
		d.Fault(path, "it ends (%s) before it begins (%s)", rule.to, rule.from)
	}
	return rule
}

// shift turns ids into officers.
func (r *Roster) shift(d *fault.Document, path string, line rosterLine) Shift {
	if len(line.Duty)+len(line.Backup)+len(line.Leader) == 0 {
		d.Fault(path, "the line names nobody")
	}
	ids := make([]string, 0, len(r.officers))
	for id := range r.officers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	find := func(list string, names []string) (who []Officer) {
		for i, id := range names {
			o, ok := r.officers[id]
			if !ok {
				d.Unknown(fmt.Sprintf("%s.%s[%d]", path, list, i), id, "unknown officer %q", ids)
			}
			who = append(who, o)
		}
		return who
	}
	return Shift{Duty: find("duty", line.Duty), Backup: find("backup", line.Backup), Leader: find("leader", line.Leader)}
}
