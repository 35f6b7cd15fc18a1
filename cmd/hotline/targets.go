package main

import (
	"fmt"
	"slices"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/ivr"
	"hotline/sms"
)

// steering lets agents do things with conversations from the console.
type steering struct {
	runner  *ivr.Runner
	profile *ivr.Profile
	units   []dispatch.Unit
}

// Steer is part of console.Steering.
func (s steering) Steer(call, do, to string) error {
	number, err := s.numberOf(to)
	if err != nil {
		return err
	}
	return s.runner.Steer(call, ivr.Steering{Do: do, To: number})
}

// Targets is part of console.Steering: those of the profile, then every unit by its own phone;
// one that has none is shown with that reason (ZZ-6).
func (s steering) Targets() []console.Target {
	var all []console.Target
	for _, t := range s.profile.Transfers.Targets {
		all = append(all, console.Target{Name: t.Name, Title: t.Title, Number: t.Number, External: t.External})
	}
	for _, u := range s.units {
		if _, listed := s.profile.Transfers.Find(u.ID); listed {
			continue
		}
		t := console.Target{Name: u.ID, Title: u.Name, Number: u.Phone}
		if u.Phone == "" {
			t.Reason = noPhone
		}
		all = append(all, t)
	}
	return all
}

// noPhone is why a unit cannot be called.
const noPhone = "该单位没有登记公开电话"

// numberOf is what to ring for a target: a unit's own phone (ZZ-6), else what the profile and
// the agent say.
func (s steering) numberOf(to string) (string, error) {
	i := slices.IndexFunc(s.units, func(u dispatch.Unit) bool { return u.ID == to })
	if _, listed := s.profile.Transfers.Find(to); listed || i < 0 {
		return to, nil
	}
	if s.units[i].Phone == "" {
		return "", fmt.Errorf("to: %s: %w", noPhone, dispatch.ErrInvalid)
	}
	return sms.Normalize(s.units[i].Phone)
}
