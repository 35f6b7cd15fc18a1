package dispatch

// Unit is one that handles orders (承办单位), from hotlines/<id>/units.yaml.
type Unit struct {
	ID       string    `yaml:"id"`
	Name     string    `yaml:"name"`
	Kind     string    `yaml:"kind"`
	Phone    string    `yaml:"phone"`
	Handlers []Handler `yaml:"handlers"`
	Topics   []string  `yaml:"topics"`
}

// Handler is one of a unit's people.
type Handler struct {
	ID     string `yaml:"id"`
	Name   string `yaml:"name"`
	Mobile string `yaml:"mobile"`
	Head   bool   `yaml:"head"`
}

// unitOf finds a unit by its id.
func (o *Office) unitOf(id string) (Unit, bool) {
	for _, u := range o.units {
		if u.ID == id {
			return u, true
		}
	}
	return Unit{}, false
}

// unitName is how a unit is called; one that left the list is called by its id.
func (o *Office) unitName(id string) string {
	if u, ok := o.unitOf(id); ok {
		return u.Name
	}
	return id
}
