package dispatch

import (
	"slices"

	"hotline/deploy/fault"
)

// Route is whose business a type of request is, whatever it is about (ZZ-10.7). Who is spoken
// of by topic comes after that, to assist. An order goes to
// no other lead, until it was returned or somebody above settled who leads.
type Route struct {
	Lead   string   `yaml:"lead"`   // id of a unit; empty: whose matter it is by its topics (ZZ-10.6)
	Assist []string `yaml:"assist"` // ids
	Rule   string   `yaml:"rule"`
	Alone  bool     `yaml:"alone"` // nobody else takes part (ZZ-10.9)
	// Answers is the clause by which the lead answers, and the hotline does not (ZZ-10.11).
	Answers string `yaml:"answers"`
	// Apart is the clause by which a unit that the matter is about takes no part, so that it
	// never learns of the order (ZZ-10.8).
	Apart string `yaml:"apart"`
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
		if r.Lead == "" && (len(r.Assist) > 0 || r.Alone || r.Answers != "") || slices.Contains(r.Assist, r.Lead) && r.Lead != "" {
			d.Fault(path, "a route needs a lead that does not assist itself, for assist, alone and answers")
		}
	}
}

// checkRoutes checks that the routes lead to units of the list.
func (p *Policy) checkRoutes(d *fault.Document, all []Unit) {
	for t, r := range p.Routing {
		for _, id := range append([]string{r.Lead}, r.Assist...) {
			if id != "" && !slices.ContainsFunc(all, func(u Unit) bool { return u.ID == id }) {
				d.Fault("units", "unit %q, to whom %s goes, is not on the list [%s]", id, t, r.Rule)
			}
		}
	}
}

// route is the one for a type; ok is false where there is none, and where the list of units
// lacks the one that leads (a hotline with such a list does not start).
func (o *Office) route(t Type) (r Route, ok bool) {
	if r, ok = o.policy.Routing[t]; !ok {
		return Route{}, false
	}
	if _, known := o.unitOf(r.Lead); r.Lead != "" && !known {
		return Route{}, false
	}
	return r, true
}

// routed says why an order may not go to these units. Who leads after a return, or after
// somebody above settled it, is not the table's business any more.
func (u *unit) routed(order Order, g Giving) error {
	r, ok := u.office.route(order.Type)
	if !ok {
		return nil
	}
	units := append([]string{g.Lead}, g.Assist...)
	for _, id := range g.Interested {
		if r.Apart != "" && slices.Contains(units, id) {
			return refuse(ErrInvalid, Refusal{Field: "interested", Rule: r.Apart, Text: u.office.unitName(id) + "是被反映的单位,不得参与办理"})
		}
	}
	if r.Lead == "" || g.Coordinated || order.Returns > 0 {
		return nil
	}
	switch missing := slices.IndexFunc(r.Assist, func(id string) bool { return !slices.Contains(g.Assist, id) }); {
	case g.Lead != r.Lead:
		return refuse(ErrInvalid, Refusal{Field: "lead", Rule: r.Rule, Text: TypeWords[order.Type] + "由" + u.office.unitName(r.Lead) + "主办"})
	case missing >= 0:
		return refuse(ErrInvalid, Refusal{Field: "assist", Rule: r.Rule, Text: TypeWords[order.Type] + "须同时交" + u.office.unitName(r.Assist[missing])})
	case r.Alone && len(g.Assist) > 0:
		return refuse(ErrInvalid, Refusal{Field: "assist", Rule: r.Rule, Text: TypeWords[order.Type] + "只交" + u.office.unitName(r.Lead)})
	}
	return nil
}

// mayAnswer says whether the hotline itself may answer an order (ZZ-10.11).
func (u *unit) mayAnswer(order Order) error {
	if r, ok := u.office.route(order.Type); ok && r.Answers != "" {
		return refuse(ErrRole, Refusal{Field: "role", Rule: r.Answers, Text: TypeWords[order.Type] + "由" + u.office.unitName(r.Lead) + "答复,热线不代答"})
	}
	return nil
}
