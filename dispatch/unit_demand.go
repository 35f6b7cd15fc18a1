package dispatch

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"hotline/deploy/fault"
)

// CheckUnits says what is wrong with a list of units, and what in it is not as the
// regulation asks. Phones and people are for a hotline to fill in: units of which nothing is
// known yet are warned of, all at once; one of which something is said has to be complete.
func (p *Policy) CheckUnits(fsys fs.FS, name string) (Problems, error) {
	all, d, err := readUnits(fsys, name)
	if err != nil {
		return nil, err
	}
	if d == nil {
		if len(p.Units) == 0 && p.Life.Dual.To == "" && len(p.Routing) == 0 {
			return nil, nil
		}
		return Problems{{File: name, Text: "the policy asks for units, and there is no list of them"}}, nil
	}
	for _, demand := range p.Units {
		demand.check(d, all)
	}
	if dual := p.Life.Dual; dual.To != "" && !slices.ContainsFunc(all, func(u Unit) bool { return u.ID == dual.To }) {
		d.Fault("units", "unit %q gets copies and is not on the list [%s]", dual.To, dual.Rule)
	}
	p.checkRoutes(d, all)
	return d.Problems(), nil
}

// clause is what a demand follows.
func (r UnitDemand) clause() string {
	if r.Rule == "" {
		return "推荐"
	}
	return r.Rule
}

func (r UnitDemand) check(d *fault.Document, all []Unit) {
	for _, name := range r.Named {
		if !slices.ContainsFunc(all, func(u Unit) bool { return u.Name == name }) {
			r.tell(d, "units", fmt.Sprintf("%s is not on the list", name))
		}
	}
	for _, kind := range unitKindNames() {
		n := 0
		for _, u := range all {
			if u.Kind == kind {
				n++
			}
		}
		if want, ok := r.Count[kind]; ok && n != want {
			r.tell(d, "units", fmt.Sprintf("%d units are of the kind %q, %d are asked for", n, kind, want))
		}
	}
	var blank []string
	for i, u := range all {
		if slices.Contains(r.Parent, u.Kind) && u.Parent == "" && u.Rec == "" {
			r.tell(d, unitPath(i), fmt.Sprintf("unit %q has no parent that answers for it, and no rec that says why", u.ID))
		}
		lacks := r.lacks(u)
		switch {
		case lacks == "":
		case u.Phone == "" && len(u.Handlers) == 0:
			blank = append(blank, u.ID)
		default:
			r.tell(d, unitPath(i), fmt.Sprintf("unit %q has %s", u.ID, lacks))
		}
	}
	if len(blank) > 0 {
		d.Warn("units", "%d of %d units have neither phone nor people yet: %s [%s]", len(blank), len(all), few(blank), r.clause())
	}
}

// tell notes a lack, as gravely as the demand says.
func (r UnitDemand) tell(d *fault.Document, path, text string) {
	note := d.Fault
	if r.Warn {
		note = d.Warn
	}
	note(path, "%s [%s]", text, r.clause())
}

// lacks says what a unit has too little or too much of; empty: nothing.
func (r UnitDemand) lacks(u Unit) string {
	people, head, onCall := 0, false, 0
	for _, h := range u.Handlers {
		if h.OnCall && h.Mobile != "" {
			onCall++
		}
		head = head || h.Head
		if !h.Head {
			people++
		}
	}
	switch {
	case r.Phone && u.Phone == "":
		return "no phone"
	case r.Head && !head:
		return "no head"
	case onCall < r.OnCall:
		return fmt.Sprintf("%d people with a mobile phone on call, at least %d are asked for", onCall, r.OnCall)
	case people < r.Handlers || r.Exactly && people > r.Handlers:
		how := "at least"
		if r.Exactly {
			how = "exactly"
		}
		return fmt.Sprintf("%d handlers beside its head, %s %d are asked for", people, how, r.Handlers)
	}
	return ""
}

// few names some and says that there are more.
func few(ids []string) string {
	const most = 5
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return strings.Join(ids[:most], ", ") + " ..."
}

// checkDemands looks at what the policy asks of units.
func (p *Policy) checkDemands(d *fault.Document) {
	for i, r := range p.Units {
		path := unitPath(i)
		if len(r.Named)+len(r.Count)+len(r.Parent)+r.Handlers+r.OnCall == 0 && !r.Phone && !r.Head {
			d.Fault(path, "it asks for nothing")
		}
		if r.OnCall < 0 || r.OnCall > 100 {
			d.Fault(path, "%d people on call cannot be asked for", r.OnCall)
		}
		if r.Handlers < 0 || r.Handlers > 1000 || r.Exactly && r.Handlers == 0 {
			d.Fault(path, "%d handlers cannot be asked for", r.Handlers)
		}
		for j, kind := range r.Parent {
			if _, ok := UnitKinds[kind]; !ok {
				d.Unknown(fmt.Sprintf("%s.parent[%d]", path, j), kind, "unknown kind %q", unitKindNames())
			}
		}
		for kind := range r.Count {
			if _, ok := UnitKinds[kind]; !ok {
				d.Unknown(path+".count."+kind, kind, "unknown kind %q", unitKindNames())
			}
		}
	}
}
