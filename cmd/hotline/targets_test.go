package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
	"hotline/dispatch/sqlstore"
	"hotline/ivr"
)

// A unit of the list can be rung from a conversation, by its own phone; one without a phone is
// on the agent's list with that reason, and is not rung. That it has none is warned of when the
// hotline is checked: see TestUnitDemands.
func TestZZ_6_UnitsAreRungByTheirOwnPhones(t *testing.T) {
	src, err := deploy.Files.ReadFile("hotlines/zz/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	profile, problems := ivr.ParseProfile("profile.yaml", src)
	if problems.Failed() {
		t.Fatal(problems)
	}
	s := steering{office: deskAt(t, time.Date(2026, 11, 23, 10, 0, 0, 0, dispatch.Place)).office, profile: profile, units: []dispatch.Unit{{ID: "merchants", Name: "招商局", Phone: "0371-12345678"}, {ID: "news", Name: "新闻信息中心"}}}
	shown := map[string]string{}
	for _, target := range s.Targets() {
		shown[target.Name] = target.Title + " " + target.Number + " " + target.Reason
	}
	for name, want := range map[string]string{"merchants": "招商局 0371-12345678 ", "news": "新闻信息中心  " + noPhone, "labor": "人力资源和社会保障热线 12333 "} {
		if shown[name] != want {
			t.Errorf("%s is shown as %q", name, shown[name])
		}
	}
	for to, want := range map[string]string{"merchants": "037112345678", "labor": "labor", "13912340077": "13912340077"} {
		if got, err := s.numberOf(to); got != want || err != nil {
			t.Errorf("%s is rung at %q, %v", to, got, err)
		}
	}
	if err := s.Steer(t.Context(), console.Wish{Call: "call", Do: ivr.DoTransfer, To: "news"}); !errors.Is(err, dispatch.ErrInvalid) || !strings.Contains(err.Error(), noPhone) {
		t.Errorf("a unit without a phone: %v", err)
	}
}

// deskOf is what an agent does with conversations, over a real office.
type deskOf struct {
	steering
	store *sqlstore.Store
}

// deskAt is one at a moment, with a unit, a special one, and one without a phone.
func deskAt(t *testing.T, now time.Time) deskOf {
	t.Helper()
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	units := []dispatch.Unit{{ID: "merchants", Name: "招商局", Phone: "0371-12345678"}, {ID: "water", Name: "水务", Phone: "0371-12345679", AllDay: true}, {ID: "news", Name: "新闻信息中心"}}
	office := dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Units: units, Now: func() time.Time { return now }})
	return deskOf{steering{office: office, record: store, profile: &ivr.Profile{}, units: units}, store}
}

// A unit that has closed is not rung for a caller who is to be handed over: the order of the
// call is the unit's at once. A special unit has no closing time.
func TestZZ_10_5_AClosedUnitIsNotRung(t *testing.T) {
	s := deskAt(t, time.Date(2026, 11, 22, 20, 0, 0, 0, dispatch.Place)) // a Sunday evening
	reasons := map[string]string{}
	for _, target := range s.Targets() {
		reasons[target.Name] = target.Reason
	}
	if reasons["merchants"] != closedReason || reasons["water"] != "" || reasons["news"] != noPhone {
		t.Errorf("the agent sees %v", reasons)
	}
	wish := console.Wish{Call: "c1", Do: ivr.DoTransfer, To: "merchants", By: dispatch.By{Actor: "agent:8001", Role: dispatch.ByAgent}}
	if err := s.Steer(t.Context(), wish); !errors.Is(err, dispatch.ErrConflict) || !strings.Contains(err.Error(), "尚未登记") {
		t.Errorf("a call without an order: %v", err)
	}
	o, err := s.office.Open(t.Context(), dispatch.Intake{Key: "call:c1", Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: "13812345678", Actor: "agent:8001"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Steer(t.Context(), wish); !errors.Is(err, dispatch.ErrConflict) || !strings.Contains(err.Error(), o.Number) {
		t.Errorf("what the agent is told: %v", err)
	}
	if o, err = s.store.OrderBy(t.Context(), o.Number); err != nil || o.State != dispatch.Dispatched || o.Unit != "merchants" {
		t.Errorf("the order %+v, %v", o, err)
	}
}
