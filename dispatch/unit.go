package dispatch

// Unit is one that handles orders (承办单位), from hotlines/<id>/units.yaml.
type Unit struct {
	ID     string `yaml:"id"`
	Name   string `yaml:"name"`
	Kind   string `yaml:"kind"`   // one of UnitKinds; empty: not said
	Parent string `yaml:"parent"` // the unit that answers for it (KF-A12)
	Rec    string `yaml:"rec"`    // why it has no parent, where its kind asks for one
	Phone  string `yaml:"phone"`
	Form   string `yaml:"form"` // how orders get to it: FormElectronic, the default, or FormPaper (ZZ-13.2)
	// AllDay says that its phone is answered at any hour, not in business hours alone: a special
	// unit (ZZ-20.4).
	AllDay   bool      `yaml:"all_day"`
	Handlers []Handler `yaml:"handlers"`
	Topics   []string  `yaml:"topics"`
}

// UnitKinds are the kinds of units and how they are called.
var UnitKinds = map[string]string{
	"office": "办事机构", "department": "工作部门", "oversight": "监督部门", "county": "县区", "township": "街道乡镇",
	"provincial": "省垂直单位", "secondary": "二级机构", "company": "企业公司", "platform": "平台",
}

// UnitDemand is one thing that a regulation asks of the list of units.
type UnitDemand struct {
	Named    []string       `yaml:"named"`    // units of these names are on the list (ZZ-5)
	Count    map[string]int `yaml:"count"`    // how many units there are of a kind (KF-A2)
	Parent   []string       `yaml:"parent"`   // units of these kinds name who answers for them (KF-A12)
	Phone    bool           `yaml:"phone"`    // each has a phone (ZZ-6)
	Head     bool           `yaml:"head"`     // each has a head (KF-4.1)
	OnCall   int            `yaml:"on_call"`  // so many of each one's people are on call at night (XZ-14)
	Handlers int            `yaml:"handlers"` // each has so many people beside its head (ZZ-7.1)
	Exactly  bool           `yaml:"exactly"`  // so many, and no more (SQ-5.2)
	Warn     bool           `yaml:"warn"`     // who lacks it is told of, and the hotline starts
	Rule     string         `yaml:"rule"`
	Rec      string         `yaml:"rec"`
}

// Handler is one of a unit's people.
type Handler struct {
	ID     string `yaml:"id"`
	Name   string `yaml:"name"`
	Mobile string `yaml:"mobile"`
	Head   bool   `yaml:"head"`
	OnCall bool   `yaml:"on_call"` // called about sudden matters outside business hours (XZ-14)
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
