package ivr

import (
	"errors"
	"fmt"
)

// ErrRealEmergency refuses a start that could call real emergency services from a
// test (D5).
var ErrRealEmergency = errors.New("would dial real emergency services outside production")

// EmergencyPlan says what the emergency key leads to. It is made once at start-up
// from the profile and the routes; during a call it needs nothing but itself: no
// flow, no Redis, no SQL.
type EmergencyPlan struct {
	menu     EmergencyMenu
	routes   *Routes
	services map[byte]Service
}

// PlanEmergency resolves a profile's emergency services to trunks. It fails with
// ErrRealEmergency when a trunk is not simulated and this is not production.
func PlanEmergency(p *Profile, routes *Routes, production bool) (EmergencyPlan, error) {
	plan := EmergencyPlan{menu: p.Emergency, routes: routes, services: map[byte]Service{}}
	for _, t := range routes.trunks {
		if !t.Simulated && !production {
			return plan, fmt.Errorf("trunk %q is not marked simulated: %w", t.Name, ErrRealEmergency)
		}
	}
	for _, s := range p.Emergency.Services {
		plan.services[s.Key] = s
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
func (e EmergencyPlan) first() Service { return e.menu.Services[0] }

// prompt is the menu that names the services there are.
func (e EmergencyPlan) prompt() string {
	if _, ok := e.services['5']; ok {
		return promptEmergencyWater
	}
	if _, ok := e.services['4']; ok {
		return promptEmergencyTraffic
	}
	return promptEmergencyMenu
}
