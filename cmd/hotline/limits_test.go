package main

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hotline/ivr"
)

func TestReadLimits(t *testing.T) {
	s := settings{CallerLimit: "6/10", SourceLimit: "off"}
	s.outside.addrs = map[string]string{"carrier": "192.0.2.1:5060", "named": "sip.example.org:5060"}
	got, err := readLimits(s)
	want := ivr.Limits{Caller: ivr.Rate{PerMinute: 6, Burst: 10}, Trusted: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, bad := range []string{"", "6", "6/", "0/10", "6/0", "-1/1", "6/10/2", "6 per minute", "9999999/1"} {
		if r, err := readRate(bad); err == nil {
			t.Errorf("%q became %+v", bad, r)
		}
	}
}
