package main

import (
	"errors"
	"strings"
	"testing"

	"hotline/deploy"
	"hotline/dispatch"
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
	s := steering{profile: profile, units: []dispatch.Unit{{ID: "merchants", Name: "招商局", Phone: "0371-12345678"}, {ID: "news", Name: "新闻信息中心"}}}
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
	if err := s.Steer("call", ivr.DoTransfer, "news"); !errors.Is(err, dispatch.ErrInvalid) || !strings.Contains(err.Error(), noPhone) {
		t.Errorf("a unit without a phone: %v", err)
	}
}
