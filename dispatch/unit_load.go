package dispatch

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"hotline/deploy/fault"
	"hotline/sms"
)

// LoadUnits reads the list of units, such as hotlines/zz/units.yaml. A hotline without the
// file has none: orders are answered on the spot, transferred or rejected there. All its
// problems are returned at once, as Problems.
func LoadUnits(fsys fs.FS, name string) ([]Unit, error) {
	all, d, err := readUnits(fsys, name)
	if err == nil && d != nil {
		err = d.Err()
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// readUnits reads and checks the list by itself; without the file there is no document.
func readUnits(fsys fs.FS, name string) ([]Unit, *fault.Document, error) {
	src, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read units: %w", err)
	}
	var f struct {
		Units []Unit `yaml:"units"`
	}
	d := fault.Read(name, src, &f)
	ids := make([]string, len(f.Units))
	for i, u := range f.Units {
		ids[i] = u.ID
	}
	for i, u := range f.Units {
		u.check(d, i, ids)
	}
	return f.Units, d, nil
}

// check looks at one unit of the list.
func (u Unit) check(d *fault.Document, i int, ids []string) {
	path := unitPath(i)
	if u.ID == "" || u.Name == "" {
		d.Fault(path, "a unit needs an id and a name")
	}
	if slices.Index(ids, u.ID) != i {
		d.Fault(path, "unit %q is listed twice", u.ID)
	}
	if _, ok := UnitKinds[u.Kind]; !ok && u.Kind != "" {
		d.Unknown(path+".kind", u.Kind, "unknown kind %q", unitKindNames())
	}
	if u.Parent != "" && (u.Parent == u.ID || !slices.Contains(ids, u.Parent)) {
		d.Unknown(path+".parent", u.Parent, "no other unit is %q", ids)
	}
	if forms := []string{FormElectronic, FormPaper}; u.Form != "" && !slices.Contains(forms, u.Form) {
		d.Unknown(path+".form", u.Form, "orders get to no unit as %q", forms)
	}
	if _, err := sms.Normalize(u.Phone); u.Phone != "" && err != nil {
		d.Fault(path+".phone", "%v", err)
	}
	heads, seen := 0, []string{}
	for j, h := range u.Handlers {
		at := fmt.Sprintf("%s.handlers[%d]", path, j)
		if h.ID == "" || h.Name == "" {
			d.Fault(at, "a handler needs an id and a name")
		}
		if slices.Contains(seen, h.ID) {
			d.Fault(at, "handler %q is listed twice", h.ID)
		}
		seen = append(seen, h.ID)
		if _, err := sms.Normalize(h.Mobile); h.Mobile != "" && err != nil {
			d.Fault(at, "%v", err)
		}
		if h.Head {
			heads++
		}
	}
	if heads > 1 {
		d.Fault(path, "unit %q has %d heads", u.ID, heads)
	}
}

// unitPath is where a unit stands in its file.
func unitPath(i int) string { return fmt.Sprintf("units[%d]", i) }

func unitKindNames() []string { return slices.Sorted(maps.Keys(UnitKinds)) }
