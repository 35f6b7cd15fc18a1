package asterisk_test

import (
	"context"
	"testing"

	"hotline/asterisk"
	"hotline/asterisk/sipphone"
)

// TestZZ_10_3_ATrunkThatWasSilentIsDialledAllTheSame: Asterisk would leave out a trunk whose
// probe it had lost. It is asked to probe none, so that a lost packet keeps no emergency from
// a trunk that works.
func TestZZ_10_3_ATrunkThatWasSilentIsDialledAllTheSame(t *testing.T) {
	h := newHouse(t)
	h.carrier.SetState(sipphone.Silent) // from before Asterisk is asked anything
	sw := h.work(t, answering(func(ctx context.Context, _ *asterisk.Call) { <-ctx.Done() }), nil)
	soon(t, sw.Ready(), "the connection")
	if up, err := sw.Reachable(t.Context(), "carrier"); err != nil || !up {
		t.Errorf("Asterisk probes: reachable %v, %v", up, err)
	}
	h.carrier.SetState(sipphone.Up)
	h.carrier.Serve(func(in *sipphone.Incoming) { in.Answer() })
	d, err := sw.Ring(within(t, patience), asterisk.DialOptions{Endpoint: "PJSIP/120@carrier"})
	if err != nil || d.Outcome != asterisk.Answered {
		t.Errorf("dialled %+v, %v; want answered", d, err)
	}
}
