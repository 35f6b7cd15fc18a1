package dispatch

import (
	"slices"

	"hotline/deploy/fault"
)

// Route is whose business a type of request is, whatever it is about (ZZ-10.7). Who is spoken
// of by topic comes after that, to assist. It is suggested, and a person decides.
type Route struct {
	Lead   string   `yaml:"lead"`   // id of a unit
	Assist []string `yaml:"assist"` // ids
	Rule   string   `yaml:"rule"`
}

// routed are the units of a type's route, the lead first.
func (o *Office) routed(t Type) []Hint {
	r, ok := o.policy.Routing[t]
	if !ok {
		return nil
	}
	var all []Hint
	for i, id := range append([]string{r.Lead}, r.Assist...) {
		u, known := o.unitOf(id)
		if !known {
			continue
		}
		part := "协办"
		if i == 0 {
			part = "主办"
		}
		all = append(all, Hint{ID: id, Name: u.Name, Reason: TypeWords[t] + "由该单位" + part, Rule: r.Rule})
	}
	return all
}

// checkRouting checks what the routes say by themselves.
func (p *Policy) checkRouting(d *fault.Document) {
	for t, r := range p.Routing {
		path := "routing." + string(t)
		if t == Unset || !p.Accepts(t) {
			d.Fault(path, "a route for %q, which is not among the types", t)
		}
		if r.Lead == "" || slices.Contains(r.Assist, r.Lead) {
			d.Fault(path, "a route needs a lead, which does not assist itself")
		}
	}
}

// checkRoutes checks that the routes lead to units of the list.
func (p *Policy) checkRoutes(d *fault.Document, all []Unit) {
	for t, r := range p.Routing {
		for _, id := range append([]string{r.Lead}, r.Assist...) {
			if !slices.ContainsFunc(all, func(u Unit) bool { return u.ID == id }) {
				d.Fault("units", "unit %q, to whom %s goes, is not on the list [%s]", id, t, r.Rule)
			}
		}
	}
}
