package ivr_test

import (
	"strings"
	"testing"
	"time"

	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// routesOf makes routes of simulated trunks.
func routesOf(t testing.TB, orders map[ivr.Class][]string, trunks ...ivr.Trunk) *ivr.Routes {
	t.Helper()
	for i := range trunks {
		trunks[i].Simulated = true
	}
	r, err := ivr.NewRoutes(trunks, orders)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each class has its own order; an emergency tries every trunk of its own, whatever the
// one before said.
func TestZZ_10_3_EmergencyTriesEveryTrunkOfItsOrder(t *testing.T) {
	routes := routesOf(t, map[ivr.Class][]string{ivr.ForEmergency: {"c", "a", "b"}},
		ivr.Trunk{Name: "a"}, ivr.Trunk{Name: "b"}, ivr.Trunk{Name: "c"})
	play(t, scene{at: daytime, routes: routes}, func(h *house) {
		h.call.Hears("welcome-zz").Presses("92")
		h.call.Rings("PJSIP/120@c").IsDown()
		h.call.Rings("PJSIP/120@a").IsBusy()
		h.call.Rings("PJSIP/120@b").Declines()
		h.call.Rings("PJSIP/13900000003@a") // the leader, by the order of duty calls
		h.call.HangsUp()
	})
}

// What a person said is the same on every trunk; only a trunk that failed is passed over.
func TestZZ_20_2_OnlyAFailedTrunkIsTriedAgainForDuty(t *testing.T) {
	for name, tt := range map[string]struct {
		does  func(*ivrtest.Ring)
		again bool
	}{
		"down":     {(*ivrtest.Ring).IsDown, true},
		"busy":     {(*ivrtest.Ring).IsBusy, false},
		"declined": {(*ivrtest.Ring).Declines, false},
		"in vain":  {func(*ivrtest.Ring) { <-time.After(25 * time.Second) }, false},
		"machine":  {(*ivrtest.Ring).AnswersAsMachine, false},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, scene{at: night}, func(h *house) {
				h.call.Hears("welcome-zz", "menu").Presses("0")
				tt.does(h.call.Rings("PJSIP/13900000001@carrier"))
				next := "PJSIP/13900000002@carrier" // the officer after
				if tt.again {
					next = "PJSIP/13900000001@carrier2"
				}
				h.call.Rings(next)
				h.call.HangsUp()
			})
		})
	}
}

// A trunk that is down is tried last, not never.
func TestTrunkThatIsDownComesLast(t *testing.T) {
	routes := routesOf(t, nil, ivr.Trunk{Name: "carrier"}, ivr.Trunk{Name: "carrier2"})
	play(t, scene{at: daytime, routes: routes}, func(h *house) {
		routes.Mark("carrier", true)
		if routes.Cut(ivr.ForEmergency) {
			t.Error("cut off with a trunk that is up")
		}
		h.call.Hears("welcome-zz").Presses("92")
		h.call.Rings("PJSIP/120@carrier2").IsDown()
		h.call.Rings("PJSIP/120@carrier").Answers()
		h.call.Passes(time.Minute)
		h.call.HangsUp()
	})
	if routes.Mark("carrier2", true); !routes.Cut(ivr.ForEmergency) {
		t.Error("not cut off with every trunk down")
	}
}

// A full trunk is passed over without asking; an emergency asks all the same, last.
func TestFullTrunk(t *testing.T) {
	routes := routesOf(t, nil, ivr.Trunk{Name: "carrier", Max: 1}, ivr.Trunk{Name: "carrier2", Max: 1})
	play(t, scene{at: night, routes: routes}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		officer := h.call.Rings("PJSIP/13900000001@carrier")
		officer.Answers()
		second := h.secondCaller("13800000002")
		second.Hears("welcome-zz", "menu").Presses("0")
		second.Rings("PJSIP/13900000001@carrier2").Answers()
		third := h.secondCaller("13800000003")
		third.Hears("welcome-zz", "menu").Presses("0")
		third.Hears("voicemail-intro").Presses("92") // neither officer could be rung
		third.Rings("PJSIP/120@carrier").IsDown()
		third.Rings("PJSIP/120@carrier2").Answers()
		third.Passes(time.Minute)
		third.HangsUp()
		officer.HangsUp() // the place is free again
		h.call.EndsSomehow()
		fourth := h.secondCaller("13800000004")
		fourth.Hears("welcome-zz", "menu").Presses("0")
		fourth.Rings("PJSIP/13900000001@carrier")
		fourth.HangsUp()
		second.HangsUp()
	})
}

func TestNewRoutesSaysEveryFault(t *testing.T) {
	_, err := ivr.NewRoutes([]ivr.Trunk{{Name: "carrier"}, {Name: "carrier"}, {}},
		map[ivr.Class][]string{"taxi": {"carrier"}, ivr.ForDuty: {"carier"}, ivr.ForEmergency: {"carrier"}, ivr.ForExternal: {}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"there twice", `"taxi"`, `did you mean "carrier"?`, "second trunk", "external calls: no trunk"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %q in:\n%v", want, err)
		}
	}
}
