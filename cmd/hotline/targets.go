package main

import (
	"context"
	"errors"
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
	office  *dispatch.Office
	record  dispatch.Reader
	profile *ivr.Profile
	units   []dispatch.Unit
}

// Steer is part of console.Steering. A unit that has closed is not rung to be handed a caller:
// its order goes to it at once (ZZ-10.5), which is what the error says.
func (s steering) Steer(ctx context.Context, w console.Wish) error {
	number, err := s.numberOf(w.To)
	if err != nil {
		return err
	}
	unit := ""
	if slices.ContainsFunc(s.units, func(u dispatch.Unit) bool { return u.ID == w.To }) {
		unit = w.To
	}
	if unit != "" && w.Do == ivr.DoTransfer && !s.office.UnitOpen(unit) {
		return s.closed(ctx, w)
	}
	return s.runner.Steer(w.Call, ivr.Steering{Do: w.Do, To: number, Unit: unit})
}

// closed has the order of a call go to a unit that has closed, and says what became of it.
func (s steering) closed(ctx context.Context, w console.Wish) error {
	number, err := s.record.OrderOfKey(ctx, "call:"+w.Call)
	if errors.Is(err, dispatch.ErrNotFound) {
		return fmt.Errorf("该单位已下班,来电尚未登记工单: %w", dispatch.ErrConflict)
	}
	if err != nil {
		return err
	}
	order, err := s.office.Unreached(ctx, number, w.By, dispatch.Unreached{Unit: w.To, Put: true, Closed: true})
	if err != nil {
		return err
	}
	if order.Unit != w.To {
		return fmt.Errorf("该单位已下班,请登记工单派发: %w", dispatch.ErrConflict)
	}
	return fmt.Errorf("该单位已下班,不再转接;工单%s已派该单位(ZZ-10.5): %w", order.Number, dispatch.ErrConflict)
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
		switch {
		case u.Phone == "":
			t.Reason = noPhone
		case !s.office.UnitOpen(u.ID):
			t.Reason = closedReason
		}
		all = append(all, t)
	}
	return all
}

// Why a unit is not called.
const (
	noPhone      = "该单位没有登记公开电话"
	closedReason = "已下班,转接即直接派单"
)

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
