package ivr

import (
	"fmt"
	"regexp"
	"time"

	"hotline/deploy/fault"
)

// Bounds of what a profile may ask for. They are wide; they catch a slip of the pen
// (25 for 25s, 180m for 180s), not a preference.
const (
	second = time.Second
	minute = time.Minute
)

// emergencyKey is fixed by the design: on every hotline and at any moment.
const emergencyKey = '9'

// dialable is a number as it may stand in a profile.
var dialable = regexp.MustCompile(`^[0-9]{3,15}$`)

// ParseProfile reads a profile. It is nil when it cannot be used; the problems list
// everything found.
func ParseProfile(file string, src []byte) (*Profile, Problems) {
	doc, top := readDocument(file, src)
	p := &Profile{File: file, doc: doc}
	p.ID = top.must("id")
	p.Name = top.must("name")
	p.Number = p.readNumber(top)
	p.Language = top.choice("language", "zh", "en")
	p.readLines(top)
	p.readHours(top.object("hours"))
	p.readMenu(top.orEmpty("menu"))
	p.readEmergency(top)
	p.readTransfers(top.orEmpty("transfers"))
	p.readDesks(top)
	p.readAgents(top.orEmpty("agents"))
	p.readDuty(top.orEmpty("duty"))
	p.readVoicemail(top.orEmpty("voicemail"))
	p.readQuery(top.orEmpty("query"))
	farewell := top.orEmpty("farewell")
	p.Farewell.OrderNumber = farewell.flag("order-number", true)
	farewell.close()
	long := top.orEmpty("long-call")
	p.LongCall.Hint = long.span("hint", limits[time.Duration]{0, 0, 2 * 60 * minute})
	long.close()
	top.close()
	problems := doc.sorted()
	if problems.Failed() {
		return nil, problems
	}
	return p, problems
}

// standIn is the number of a hotline whose own is not filled in yet.
const standIn = "12345"

// readNumber takes the hotline's number. One that is left empty is not filled in yet: the
// stand-in is for demonstrations, and the hotline is not opened to citizens (SQ-0).
func (p *Profile) readNumber(top *object) string {
	f, ok := top.take("number")
	if !ok {
		top.missing("number")
		return ""
	}
	if f.value.raw() == "" {
		p.Unnumbered = true
		return standIn
	}
	return f.value.number()
}

// orEmpty takes an object that may be absent; its fields then all have their defaults.
func (o *object) orEmpty(name string) *object {
	if sub := o.object(name); sub != nil {
		return sub
	}
	return &object{doc: o.doc, what: fmt.Sprintf("%q", name)}
}

// number takes a telephone number that has to be there.
func (o *object) number(name string) string {
	f, ok := o.take(name)
	if !ok {
		o.missing(name)
		return ""
	}
	return f.value.number()
}

func (v value) number() string {
	s := v.raw()
	if !dialable.MatchString(s) {
		v.doc.fault(v.node, `write it in quotes, digits only, such as "110"`, "%s: %q is not a telephone number", v.name, s)
		return ""
	}
	return s
}

// choice takes one of a few words, the first being the default.
func (o *object) choice(name string, words ...string) string {
	f, ok := o.take(name)
	if !ok {
		return words[0]
	}
	s := f.value.raw()
	for _, w := range words {
		if s == w {
			return s
		}
	}
	o.doc.fault(f.value.node, fault.DidYouMean(s, words), "%s: %q is not known here", name, s)
	return words[0]
}

// key takes a single key of the telephone.
func (o *object) key(name string, otherwise byte) byte {
	f, ok := o.take(name)
	if !ok {
		return otherwise
	}
	s := f.value.raw()
	if !isKey(s) {
		o.doc.fault(f.value.node, "one of 0-9, * or #, in quotes", "%s: %q is not a key", name, s)
		return otherwise
	}
	return s[0]
}

// isKey reports whether s is one key of a telephone.
func isKey(s string) bool {
	return len(s) == 1 && (s[0] >= '0' && s[0] <= '9' || s[0] == '*' || s[0] == '#')
}

func (p *Profile) readHours(o *object) {
	if o == nil {
		p.doc.report(place{1, 1}, Problem{Text: `the file needs "hours"`, Hint: "hours: {all-day: true}, or seasons with their spans"})
		return
	}
	p.Hours.AllDay = o.flag("all-day", false)
	for _, v := range o.list("seasons") {
		p.Hours.Seasons = append(p.Hours.Seasons, p.readSeason(p.doc.object(v.node, "a season")))
	}
	if !p.Hours.AllDay && len(p.Hours.Seasons) == 0 {
		p.doc.fault(o.node, "all-day: true, or seasons with their spans", "hours say nothing")
	}
	o.close()
	if len(p.Hours.Seasons) > 0 && !p.doc.problems.Failed() {
		p.checkYear(o)
	}
}

// checkYear reports a day of the year that no season covers.
func (p *Profile) checkYear(o *object) {
	day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // a leap year
	for ; day.Year() == 2000; day = day.AddDate(0, 0, 1) {
		covered := false
		for _, s := range p.Hours.Seasons {
			covered = covered || s.contains(MonthDay{day.Month(), day.Day()})
		}
		if !covered {
			p.doc.report(placeOf(o.node), Problem{
				Text: fmt.Sprintf("no season covers %02d-%02d", day.Month(), day.Day()),
				Rule: "ZZ-20.1", Hint: "the line is staffed every day; let the seasons meet",
			})
			return
		}
	}
}

func (p *Profile) readSeason(o *object) Season {
	var s Season
	for name, day := range map[string]*MonthDay{"from": &s.From, "to": &s.To} {
		f, ok := o.take(name)
		if !ok {
			o.missing(name)
			continue
		}
		d, err := parseMonthDay(f.value.raw())
		if err != nil {
			p.doc.fault(f.value.node, `write month and day in quotes, "10-01"`, "%v", err)
		}
		*day = d
	}
	for _, v := range o.list("open") {
		w, err := parseWindow(v.raw())
		if err != nil {
			p.doc.fault(v.node, "", "%v", err)
			continue
		}
		s.Open = append(s.Open, w)
	}
	o.close()
	return s
}

func (p *Profile) readMenu(o *object) {
	p.Menu = MenuTiming{
		FirstKey: o.span("first-key", limits[time.Duration]{5 * second, second, 30 * second}),
		Between:  o.span("between-keys", limits[time.Duration]{5 * second, second, 30 * second}),
		NoKey:    o.whole("no-key", limits[int]{2, 1, 5}),
		WrongKey: o.whole("wrong-key", limits[int]{2, 1, 5}),
	}
	o.close()
}

func (p *Profile) readAgents(o *object) {
	p.Agents = AgentRules{
		Ring: o.span("ring", limits[time.Duration]{20 * second, 3 * second, 2 * minute}),
		Wait: o.span("wait", limits[time.Duration]{minute, 0, 30 * minute}),
	}
	o.close()
}

func (p *Profile) readDuty(o *object) {
	p.Duty = DutyRules{
		Ring:    o.span("ring", limits[time.Duration]{25 * second, 3 * second, 2 * minute}),
		Accept:  o.span("accept", limits[time.Duration]{10 * second, 3 * second, minute}),
		Officer: !o.flag("voicemail-only", false),
	}
	o.close()
}

func (p *Profile) readVoicemail(o *object) {
	p.Voicemail = VoicemailRules{
		Max:       o.span("max", limits[time.Duration]{180 * second, 10 * second, 10 * minute}),
		Min:       o.span("min", limits[time.Duration]{2 * second, 0, 10 * second}),
		Silence:   o.span("silence", limits[time.Duration]{5 * second, 2 * second, 30 * second}),
		UrgentKey: o.key("urgent-key", '#'),
	}
	if p.Voicemail.UrgentKey == emergencyKey {
		o.doc.fault(o.node, "", "urgent-key: 9 is the emergency key")
	}
	o.close()
}

func (p *Profile) readQuery(o *object) {
	p.Query = QueryRules{
		Tries: o.whole("tries", limits[int]{3, 1, 5}),
		PIN:   o.whole("pin-digits", limits[int]{4, 4, 8}),
	}
	o.close()
}

func (p *Profile) readDesks(top *object) {
	for _, v := range top.list("desks") {
		o := p.doc.object(v.node, "a desk")
		d := DeskPlan{Name: o.must("name"), SignedIn: o.flag("signed-in", false)}
		d.Endpoint = o.text("endpoint", "PJSIP/"+d.Name)
		for _, q := range o.list("queues") {
			d.Queues = append(d.Queues, q.text())
		}
		o.close()
		for _, other := range p.Desks {
			if other.Name == d.Name {
				p.doc.fault(v.node, "", "desk %q is there twice", d.Name)
			}
		}
		p.Desks = append(p.Desks, d)
	}
}
