package asterisk_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
)

// TestFallback has no controller at all: what the dialplan does alone (D4).
func TestFallback(t *testing.T) {
	h := newHouseOf(t, func(c *conf.Config) { c.Claim = time.Second }) // the dialplan waits so long for the one who is away
	duty := make(chan *sipphone.Incoming, 5)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		switch in.To {
		case "110":
			in.Reject(503, "Service Unavailable")
		case "120":
			in.Busy()
		case "13900139000":
			in.Ring()
			duty <- in
		}
	})
	second := make(chan *sipphone.Incoming, 5)
	h.carrier2.Serve(func(in *sipphone.Incoming) {
		if in.To == "110" {
			in.Reject(503, "Service Unavailable")
			return
		}
		second <- in
		in.Answer()
	})

	t.Run("9 then 2 reaches 120 on the second trunk when the first is busy", func(t *testing.T) { key9Then2Reaches120OnTheSecondTrunkWhenTheFirstIsBusy(t, h, second) })

	t.Run("no trunk takes it: dial directly, and the leader is called", func(t *testing.T) { noTrunkTakesItDialDirectlyAndTheLeaderIsCalled(t, h, duty) })

	t.Run("9 while the duty phone rings", func(t *testing.T) { key9WhileTheDutyPhoneRings(t, h, duty) })

	t.Run("the duty officer presses 1", func(t *testing.T) { theDutyOfficerPresses1(t, h, duty) })

	t.Run("a machine does not press 1; the message is kept on hang-up and listed", func(t *testing.T) { aMachineDoesNotPress1TheMessageIsKeptOnHangUpAndListed(t, h, duty, second) })

	t.Run("only the hotline can be called", func(t *testing.T) { onlyTheHotlineCanBeCalled(t, h) })

	t.Run("a caller's number is digits before anything reads it", func(t *testing.T) { aCallerSNumberIsDigitsBeforeAnythingReadsIt(t, h) })
}

func pickUp(t *testing.T, in *sipphone.Incoming) *sipphone.Session {
	t.Helper()
	s, err := in.Answer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// messageOf waits for the call with a message in the fallback's list.
func messageOf(t *testing.T, h *house, caller string) conf.FallbackCall {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := within(t, patience); deadline.Err() == nil; <-tick.C {
		calls, err := conf.FallbackCalls(h.ast.Config.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range calls {
			if c.Outcome == "message" && c.Caller == caller && c.Message != "" {
				return c
			}
		}
	}
	t.Fatal("no message in the list")
	panic("unreachable")
}

func key9Then2Reaches120OnTheSecondTrunkWhenTheFirstIsBusy(t *testing.T, h *house, second chan *sipphone.Incoming) {
	s := h.dial(t)
	hears(t, s, "sorry")
	press(t, s, "92")
	in := soon(t, second, "the second trunk")
	if in.To != "120" || in.From != "13800138000" || in.PAI != "13800138000" || in.Codec != sipphone.PCMA {
		t.Errorf("INVITE to %s, from %s, P-Asserted-Identity %s, codec %s", in.To, in.From, in.PAI, in.Codec)
	}
}

func noTrunkTakesItDialDirectlyAndTheLeaderIsCalled(t *testing.T, h *house, duty chan *sipphone.Incoming) {
	s := h.dial(t)
	hears(t, s, "sorry")
	press(t, s, "91")
	hears(t, s, "dial-directly")
	if in := soon(t, duty, "the leader's phone"); in.To != "13900139000" {
		t.Errorf("called %s, want the leader", in.To)
	}
}

func key9WhileTheDutyPhoneRings(t *testing.T, h *house, duty chan *sipphone.Incoming) {
	s := h.dial(t)
	in := soon(t, duty, "the duty phone")
	press(t, s, "9")
	hears(t, s, "emergency-menu")
	soon(t, in.Context().Done(), "the CANCEL at the duty phone")
}

func theDutyOfficerPresses1(t *testing.T, h *house, duty chan *sipphone.Incoming) {
	s := h.dial(t)
	officer := pickUp(t, soon(t, duty, "the duty phone"))
	hears(t, officer, "accept")
	press(t, officer, "1")
	officer.Say(sipphone.Tone(440))
	if err := s.Ear().WaitTone(within(t, patience), 440); err != nil {
		t.Error("the citizen does not hear the officer:", err)
	}
}

func aMachineDoesNotPress1TheMessageIsKeptOnHangUpAndListed(t *testing.T, h *house, duty chan *sipphone.Incoming, second chan *sipphone.Incoming) {
	s := h.dial(t)
	machine := pickUp(t, soon(t, duty, "the duty phone"))
	if _, err := s.Ear().WaitPrompt(within(t, patience), "leave-message"); err != nil {
		t.Fatal(err, s.Ear().Heard())
	}
	soon(t, machine.Context().Done(), "the machine's hang-up")
	if err := s.Ear().WaitTone(within(t, patience), 950); err != nil {
		t.Fatal("no beep:", err)
	}
	say(t, s, 1500*time.Millisecond)
	s.Hangup(context.Background())
	call := messageOf(t, h, "13800138000")
	if info, err := os.Stat(call.Message); err != nil || info.Size() < 16000 {
		t.Errorf("message %v, %v; want at least a second", info, err)
	}
	if filepath.Base(call.Message) != call.ID+".wav" || call.End.Sub(call.Start) < 2*time.Second {
		t.Errorf("call %+v", call)
	}
}

func onlyTheHotlineCanBeCalled(t *testing.T, h *house) {
	for _, number := range []string{"110", "13900139000", "s", "9", "hotline-fallback"} {
		_, err := h.citizen.Call(within(t, patience), "sip:"+number+"@"+h.ast.SIP, sipphone.CallOptions{})
		if rejected, ok := err.(*sipphone.Rejected); !ok || rejected.Status != 404 {
			t.Errorf("%s: %v, want 404", number, err)
		}
	}
}

func aCallerSNumberIsDigitsBeforeAnythingReadsIt(t *testing.T, h *house) {
	caller := make(chan string, 1)
	d := h.work(t, func(ctx context.Context, c *asterisk.Call) { caller <- c.Caller() + c.CallerName() }, nil)
	defer d.stop()
	h.citizen.Call(within(t, patience), h.hotline(), sipphone.CallOptions{From: "+8613800138000", Name: "${SHELL(x)}"})
	if got := soon(t, caller, "the call"); got != "13800138000" {
		t.Errorf("caller %q, want 13800138000 without a name", got)
	}
}
