package dispatch

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"hotline/deploy/fault"
	"hotline/sms"
)

// LoadUnits reads the list of units, such as hotlines/zz/units.yaml. A hotline without the
// file has none: orders are answered on the spot, transferred or rejected there. All its
// problems are returned at once, as Problems.
func LoadUnits(fsys fs.FS, name string) ([]Unit, error) {
	src, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read units: %w", err)
	}
	var f struct {
		Units []Unit `yaml:"units"`
	}
	d := fault.Read(name, src, &f)
	seen := []string{}
	for i, u := range f.Units {
		path := fmt.Sprintf("units[%d]", i)
		if u.ID == "" || u.Name == "" {
			d.Fault(path, "a unit needs an id and a name")
		}
		if slices.Contains(seen, u.ID) {
			d.Fault(path, "unit %q is listed twice", u.ID)
		}
		seen = append(seen, u.ID)
		for j, h := range u.Handlers {
			if _, err := sms.Normalize(h.Mobile); h.Mobile != "" && err != nil {
				d.Fault(fmt.Sprintf("%s.handlers[%d]", path, j), "%v", err)
			}
		}
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return f.Units, nil
}
