package ivr

import (
	"time"

	"hotline/deploy/fault"
)

// serviceNumbers are the emergency services and the numbers the nation gave them.
// A profile may add a service that has no national number, such as water rescue on
// an inland river, but may not give these another number.
var serviceNumbers = []Service{
	{Key: '1', Name: "police", Number: "110"},
	{Key: '2', Name: "medical", Number: "120"},
	{Key: '3', Name: "fire", Number: "119"},
	{Key: '4', Name: "traffic", Number: "122"},
	{Key: '5', Name: "water-rescue", Number: "12395"},
}

// readEmergency reads the emergency services; police and medical are required
// (ZZ-10.3).
func (p *Profile) readEmergency(top *object) {
	o := top.orEmpty("emergency")
	p.Emergency = EmergencyMenu{
		Key:      emergencyKey,
		FirstKey: o.span("first-key", limits[time.Duration]{5 * second, 2 * second, 15 * second}),
		Ring:     o.span("ring", limits[time.Duration]{45 * second, 10 * second, 2 * minute}),
	}
	for _, v := range o.list("services") {
		p.addService(v)
	}
	for _, needed := range serviceNumbers[:2] {
		if !p.hasService(needed.Name) {
			p.doc.report(placeOf(top.node), Problem{
				Text: "emergency services lack " + needed.Name + " (" + needed.Number + ")",
				Hint: "emergency: {services: [police, medical, fire]}", Rule: "ZZ-10.3",
			})
		}
	}
	o.close()
}

func (p *Profile) addService(v value) {
	name := v.text()
	var known []string
	for _, s := range serviceNumbers {
		if s.Name == name {
			p.Emergency.Services = append(p.Emergency.Services, s)
			return
		}
		known = append(known, s.Name)
	}
	if name != "" {
		p.doc.fault(v.node, fault.DidYouMean(name, known), "unknown emergency service %q", name)
	}
}

func (p *Profile) hasService(name string) bool {
	for _, s := range p.Emergency.Services {
		if s.Name == name {
			return true
		}
	}
	return false
}

// readTransfers reads the numbers the flow may transfer to.
func (p *Profile) readTransfers(o *object) {
	p.Transfers.Ring = o.span("ring", limits[time.Duration]{25 * second, 3 * second, 2 * minute})
	p.Transfers.Parties = o.whole("parties", limits[int]{3, 2, 5})
	for _, kind := range []string{"external", "units"} {
		group := o.orEmpty(kind)
		for _, f := range group.fields {
			f.used = true
			p.addTarget(f, kind == "external")
		}
	}
	o.close()
}

// addTarget reads one target: a number, or a number with a title.
func (p *Profile) addTarget(f *field, external bool) {
	t := Target{Name: f.name, Title: f.name, External: external, at: placeOf(f.key)}
	if isScalar(f.value.node) {
		t.Number = f.value.number()
	} else {
		o := p.doc.object(f.value.node, "target "+f.name)
		t.Number = o.number("number")
		t.Title = o.text("title", f.name)
		o.close()
	}
	for _, s := range serviceNumbers {
		if t.Number == s.Number {
			p.doc.report(t.at, Problem{
				Text: "transfer " + f.name + " dials " + s.Number + ", which only the emergency key may",
				Hint: "list it under emergency services", Rule: "ZZ-10.3",
			})
		}
	}
	if _, twice := p.Transfers.Find(t.Name); twice {
		p.doc.report(t.at, Problem{Text: "target " + t.Name + " is there twice"})
		return
	}
	p.Transfers.Targets = append(p.Transfers.Targets, t)
}

// readLines reads the numbers beside the hotline's own.
func (p *Profile) readLines(top *object) {
	for _, v := range top.list("lines") {
		o := p.doc.object(v.node, "a line")
		l := OwnLine{Number: o.number("number"), Welcome: o.must("welcome"), Start: o.must("start")}
		o.close()
		if l.Number == p.Number || p.Line(l.Number).Number != "" {
			p.doc.fault(v.node, "", "number %q is there twice", l.Number)
		}
		p.Lines = append(p.Lines, l)
	}
}
