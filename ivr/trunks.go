package ivr

import (
	"errors"
	"fmt"
)

// Trunk is a way to the outside, named as the switch names it.
type Trunk struct {
	Name string // PJSIP endpoint: carrier
	// Simulated says that behind it is the development phone company, where 110 rings
	// a program. Mark only what cannot reach the public network.
	Simulated bool
}

// dial is the switch's dial string for a number on this trunk.
func (t Trunk) dial(number string) string { return "PJSIP/" + number + "@" + t.Name }

// Trunks are the ways to the outside in order of preference. Two are tried for an
// emergency; the second is the retry that ZZ-10.3 asks for.
type Trunks []Trunk

// dials lists the dial strings for a number, the preferred trunk first.
func (ts Trunks) dials(number string) []string {
	all := make([]string, len(ts))
	for i, t := range ts {
		all[i] = t.dial(number)
	}
	return all
}

// ErrRealEmergency refuses a start that could call real emergency services from a
// test (D5).
var ErrRealEmergency = errors.New("would dial real emergency services outside production")

// EmergencyPlan says what the emergency key leads to. It is made once at start-up
// from the profile and the trunks; during a call it needs nothing but itself: no
// flow, no Redis, no SQL.
type EmergencyPlan struct {
	menu   EmergencyMenu
	routes map[byte]route
}

// route is one service and the dial strings that reach it, in order.
type route struct {
	service Service
	dials   []string
}

// PlanEmergency resolves a profile's emergency services to trunks. It fails with
// ErrRealEmergency when a trunk is not simulated and this is not production, and when
// there is no trunk at all.
func PlanEmergency(p *Profile, trunks Trunks, production bool) (EmergencyPlan, error) {
	plan := EmergencyPlan{menu: p.Emergency, routes: map[byte]route{}}
	if len(trunks) == 0 {
		return plan, errors.New("no trunk to carry emergency calls")
	}
	for _, t := range trunks {
		if !t.Simulated && !production {
			return plan, fmt.Errorf("trunk %q is not marked simulated: %w", t.Name, ErrRealEmergency)
		}
	}
	if len(trunks) > 2 {
		trunks = trunks[:2]
	}
	for _, s := range p.Emergency.Services {
		plan.routes[s.Key] = route{service: s, dials: trunks.dials(s.Number)}
	}
	return plan, nil
}

// keys lists what may be pressed in the emergency menu.
func (e EmergencyPlan) keys() string {
	keys := "*"
	for _, s := range e.menu.Services {
		keys += string(s.Key)
	}
	return keys
}

// first is where a caller goes who cannot press a second key (ZZ-10.3).
func (e EmergencyPlan) first() route { return e.routes[e.menu.Services[0].Key] }

// prompt is the menu that names the services there are.
func (e EmergencyPlan) prompt() string {
	if _, ok := e.routes['5']; ok {
		return promptEmergencyWater
	}
	if _, ok := e.routes['4']; ok {
		return promptEmergencyTraffic
	}
	return promptEmergencyMenu
}
