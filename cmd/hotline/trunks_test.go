package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/ivr"
)

func TestReadOutside(t *testing.T) {
	o, err := readOutside(settings{
		Trunks: []string{"carrier=192.0.2.1:5060", "carrier2", "gsm.1"}, Simulated: []string{"carrier2"},
		TrunkMax: []string{"carrier=30"}, Routes: []string{"emergency=carrier2,carrier", "duty=gsm.1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ivr.Trunk{{Name: "carrier", Max: 30}, {Name: "carrier2", Simulated: true}, {Name: "gsm.1"}}, o.trunks); diff != "" {
		t.Error(diff)
	}
	if o.addrs["carrier"] != "192.0.2.1:5060" || len(o.addrs) != 1 {
		t.Errorf("addresses %v", o.addrs)
	}
	if diff := cmp.Diff([]string{"carrier2", "carrier"}, o.orders[ivr.ForEmergency]); diff != "" {
		t.Error(diff)
	}
}

func TestReadOutsideSaysWhatIsWrong(t *testing.T) {
	two := []string{"carrier", "carrier2"}
	for name, tt := range map[string]struct {
		set  settings
		want string
	}{
		"no trunk":                   {settings{}, "no trunk"},
		"a name with a command":      {settings{Trunks: []string{"a&b"}}, "--trunks"},
		"no port":                    {settings{Trunks: []string{"a=192.0.2.1"}}, "host:port"},
		"twice":                      {settings{Trunks: []string{"a", "a"}}, "twice"},
		"unknown in an order":        {settings{Trunks: two, Routes: []string{"duty=carier2"}}, `did you mean "carrier2"?`},
		"unknown class":              {settings{Trunks: two, Routes: []string{"emergncy=carrier"}}, "no class"},
		"no order":                   {settings{Trunks: two, Routes: []string{"duty"}}, "--route"},
		"a class twice":              {settings{Trunks: two, Routes: []string{"duty=carrier", "duty=carrier2"}}, "once"},
		"a trunk twice":              {settings{Trunks: two, Routes: []string{"duty=carrier,carrier"}}, "twice"},
		"emergency without a second": {settings{Trunks: two, Routes: []string{"emergency=carrier"}}, "second trunk"},
		"a maximum of nothing":       {settings{Trunks: two, TrunkMax: []string{"carrier=0"}}, "--trunk-max"},
		"a maximum of nobody":        {settings{Trunks: two, TrunkMax: []string{"carrier3=9"}}, "carrier3"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readOutside(tt.set); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
}
