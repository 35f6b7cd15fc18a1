package main

import (
	"testing"

	"hotline/cmd/rig"
)

// TestZZ_16_5_AlarmOutlivesTheProgram kills the hotline while a leader is being called
// about an emergency that reached nobody: the program after it calls again, until the
// leader presses 1.
func TestZZ_16_5_AlarmOutlivesTheProgram(t *testing.T) {
	r := testRig(t)
	w := testWorld(t, r)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.lines(ctx, map[string]line{
		"120": {Behaviour: "unavailable"}, leaderNumber: {Behaviour: "decline"}, deputyNumber: {Behaviour: "decline"},
	}))
	s, _, err := w.emergency(ctx, "2")
	must(err)
	defer hangUp(s)
	for _, number := range []string{leaderNumber, deputyNumber} { // for the caller, then by the alarm
		_, err = w.carrier.rung(ctx, number, 2)
		must(err)
	}
	hangUp(s)
	must(w.recordedEmergency(ctx, "120"))
	order, err := newest(ctx, w.console, "/api/v1/orders", func(o orderSeen) error { return want("urgent", o.Urgent, true) })
	must(err)

	r.Kill(rig.Hotline)
	must(w.lines(ctx, map[string]line{leaderNumber: {Behaviour: "answer", AnswerAfterMS: 200, Press: "1", PressAfterMS: 500}}))
	must(r.StartPart(ctx, rig.Hotline))
	_, err = w.carrier.rung(ctx, leaderNumber, 1)
	must(err)
	must(w.console.logIn(ctx))
	must(w.console.happened(ctx, order.Number, "urgent_confirmed"))
}
