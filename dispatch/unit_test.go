package dispatch

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	"hotline/deploy"
)

// TestUnits_ZZ_5: the units that the regulation names are on the list.
func TestUnits_ZZ_5(t *testing.T) {
	all, err := LoadUnits(deploy.Files, "hotlines/zz/units.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"管委会办公室", "新闻信息中心", "招商局", "投资服务局", "纪委", "信访办", "行政效能监察中心"} {
		if !slices.ContainsFunc(all, func(u Unit) bool { return u.Name == name }) {
			t.Errorf("%s is missing", name)
		}
	}
	for _, id := range hotlines {
		if _, err := LoadUnits(deploy.Files, "hotlines/"+id+"/units.yaml"); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestBadUnits(t *testing.T) {
	for _, bad := range []string{"units: [{id: a}]", "units: [{id: a, name: 甲}, {id: a, name: 乙}]",
		"units: [{id: a, name: 甲, handlers: [{id: '1', mobile: x}]}]", "units: [{id: a, name: 甲, colour: red}]", "units: [{id: a, name: 甲, form: carrier-pigeon}]"} {
		_, err := LoadUnits(fstest.MapFS{"units.yaml": {Data: []byte(bad)}}, "units.yaml")
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if all, err := LoadUnits(fstest.MapFS{}, "units.yaml"); all != nil || err != nil {
		t.Errorf("no file: %v, %v", all, err)
	}
}
