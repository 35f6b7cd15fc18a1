package smstest_test

import (
	"testing"

	"hotline/sms/smstest"
)

func TestKnobsAreSetAndRead(t *testing.T) {
	for name, values := range map[string][]string{ // what is set, as it is read; then what is refused
		"latency": {"50ms", "50ms", "-1s", "soon", "5"}, "clock-skew": {"-1h", "-1h0m0s", "1000h"}, "throttled": {"3", "3", "-1", "x"},
		"refuse": {"0x0B", "11", "-1", "0x1FFFFFFFF"}, "receipt-state": {"MA:0001", "MA:0001", "FAR TOO LONG", "a b"},
		"silent": {"on", "on", "yes"}, "outage": {"1h", "1h0m0s", "-1m"},
	} {
		k := knobOf(t, name)
		var all smstest.Knobs
		if err := k.Set(&all, values[0]); err != nil || k.Get(all) != values[1] {
			t.Errorf("%s: %q, %v", name, k.Get(all), err)
		}
		for _, bad := range values[2:] {
			if err := k.Set(&all, bad); err == nil || k.Get(all) != values[1] {
				t.Errorf("%s took %q: %q", name, bad, k.Get(all))
			}
		}
		if err := k.Set(&all, ""); err != nil || k.Get(all) != "" || all != (smstest.Knobs{}) {
			t.Errorf("%s turned back: %+v, %v", name, all, err)
		}
	}
}

func knobOf(t *testing.T, name string) smstest.Knob {
	t.Helper()
	for _, k := range smstest.KnobTable() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no knob %s", name)
	return smstest.Knob{}
}
