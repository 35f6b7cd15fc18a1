package gate

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/asterisk/asterisktest"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
)

func TestCount(t *testing.T) {
	for said, want := range map[string][2]int{
		"7 of 50 max active calls (14.00% of capacity)\n3 calls processed\n": {7, 50},
		"1 of 50 max active call ( 2.00% of capacity)\n":                     {1, 50},
		"12 active calls\n": {}, "": {}, "-1 of 50 max active calls": {}, "No such command 'core show calls'": {},
	} {
		if calls, limit := count(said); calls != want[0] || limit != want[1] {
			t.Errorf("%q: %d of %d", said, calls, limit)
		}
	}
}

func FuzzCount(f *testing.F) {
	f.Add("7 of 50 max active calls (14.00% of capacity)")
	f.Fuzz(func(t *testing.T, said string) {
		if calls, limit := count(said); calls < 0 || limit < 0 {
			t.Errorf("%q: %d of %d", said, calls, limit)
		}
	})
}

// TestDecide: from the high mark on it refuses, until the low one.
func TestDecide(t *testing.T) {
	for _, test := range []struct {
		calls, limit   int
		open, refusing bool
	}{
		{0, 0, false, false}, {900, 0, false, false}, // no limit
		{0, 60, false, false}, {36, 60, false, false}, {37, 60, false, true}, {39, 60, false, true},
		{40, 60, true, true}, {60, 60, true, true},
		{0, 15, false, false}, {9, 15, false, false}, {10, 15, true, true},
	} {
		if got := decide(test.calls, test.limit, false); got != test.open {
			t.Errorf("%d of %d, open: refuses %v", test.calls, test.limit, got)
		}
		if got := decide(test.calls, test.limit, true); got != test.refusing {
			t.Errorf("%d of %d, refusing: refuses %v", test.calls, test.limit, got)
		}
	}
}

// rush is an Asterisk that takes 10 calls, to whom it plays ten minutes of silence, and a
// phone that makes them.
type rush struct {
	t     *testing.T
	ast   *asterisktest.Server
	phone *sipphone.Phone
	lock  string
}

func newRush(t *testing.T) *rush {
	t.Parallel() // Asterisk waits for a controller, half a second a call
	r := &rush{t: t, lock: filepath.Join(t.TempDir(), "lock")}
	silence := filepath.Join(t.TempDir(), "silence")
	if err := os.WriteFile(silence+".alaw", bytes.Repeat([]byte{0xd5}, 600*8000), 0o600); err != nil {
		t.Fatal(err)
	}
	r.ast = asterisktest.Start(t, asterisktest.Options{Configure: func(c *conf.Config) {
		c.Calls, c.Claim = 10, 0
		c.Fallback.Prompts = map[string]string{"sorry": silence}
		c.Trunks = []conf.Trunk{{Name: "carrier", Addr: "127.0.0.1:39"}}
	}})
	phone, err := sipphone.Listen(t.Context(), sipphone.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { phone.Close() })
	r.phone = phone
	return r
}

// draining is the variable that the dialplan of conf looks at.
const draining = "HOTLINE_DRAINING"

// keep starts a gatekeeper, which ends with the test or when told to.
func (r *rush) keep() (end func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
	g := New(Config{Control: Control(conf.Socket(r.ast.Config.Dir)), Endpoints: conf.Inbound([]string{"carrier"}), Draining: draining, Log: slog.New(slog.DiscardHandler)})
	done := make(chan error, 1)
	go func() { done <- Keep(ctx, r.lock, g) }()
	end = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
		done <- nil
	}
	r.t.Cleanup(end)
	return end
}

// call calls; a refusal comes back as one.
func (r *rush) call() (*sipphone.Session, *sipphone.Rejected) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	s, err := r.phone.Call(ctx, "sip:12345@"+r.ast.SIP, sipphone.CallOptions{From: "13800138000"})
	var no *sipphone.Rejected
	if err != nil && !errors.As(err, &no) {
		r.t.Fatal(err)
	}
	return s, no
}

// fill calls until the gate refuses it. Asterisk's own 503, at its limit, has no Retry-After.
func (r *rush) fill() (inside []*sipphone.Session) {
	r.t.Helper()
	for {
		s, no := r.call()
		switch {
		case no == nil:
			inside = append(inside, s)
		case no.Status != 503:
			r.t.Fatal(no)
		case no.After > 0:
			return inside
		}
	}
}

// comesIn waits until a call is taken.
func (r *rush) comesIn() *sipphone.Session {
	r.t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		if s, no := r.call(); no == nil {
			return s
		}
	}
	r.t.Fatal("every call is refused")
	return nil
}

// TestARushIsRefusedUntilCallsEnd: the gate closes at the high mark, opens at the low one,
// and opens when its keeper goes, whoever is next.
func TestARushIsRefusedUntilCallsEnd(t *testing.T) {
	r := newRush(t)
	first := r.keep()
	inside := r.fill()
	// A gate that stood still for a moment let some of those in for whom there is a margin.
	if n := len(inside); n < 10 || n > 15 {
		t.Errorf("%d calls taken, want about 10", n)
	}
	for _, s := range inside[:4] {
		if err := s.Hangup(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	inside = append(inside[4:], r.comesIn())
	inside = append(inside, r.fill()...)
	first()
	inside = append(inside, r.comesIn())

	r.keep() // above the high mark at once
	r.fill()
	for _, s := range inside {
		if s.Context().Err() != nil {
			t.Errorf("a call that was taken ended: %v", context.Cause(s.Context()))
		}
	}
}

// TestAnAsteriskThatStartsAnewIsTold: a gate lives on when Asterisk does not, and learns of
// its limit again.
func TestAnAsteriskThatStartsAnewIsTold(t *testing.T) {
	r := newRush(t)
	r.keep()
	r.fill()
	r.ast.Kill()
	r.ast.Launch(t)
	r.comesIn()
	r.fill()
}

// TestWhoIsDrainedSaysWhenToComeAgain: the dialplan's 503 has no Retry-After, the gate's has.
// Calls that are in stay, and when calls are wanted again they come in.
func TestWhoIsDrainedSaysWhenToComeAgain(t *testing.T) {
	r := newRush(t)
	r.keep()
	inside := r.comesIn()
	say := func(value string) {
		t.Helper()
		if said, err := Control(conf.Socket(r.ast.Config.Dir)).Do(t.Context(), "dialplan set global "+draining+" "+value); err != nil {
			t.Fatal(said, err)
		}
	}
	say("1")
	for until, after := time.Now().Add(time.Minute), time.Duration(0); after == 0; {
		s, no := r.call()
		if s != nil {
			t.Fatal("a call came in while the Asterisk is being drained")
		}
		if no.Status != 503 || time.Now().After(until) {
			t.Fatalf("refused with %d, Retry-After %s; want 503 and 300 s", no.Status, no.After)
		}
		after = no.After
	}
	say("0")
	r.comesIn()
	if inside.Context().Err() != nil {
		t.Errorf("a call that was in ended: %v", context.Cause(inside.Context()))
	}
}

func TestIsSet(t *testing.T) {
	for said, want := range map[string]bool{
		"   HOTLINE_DRAINING=1\n\n    -- 1 variable(s)\n": true, "   HOTLINE_DRAINING=0\n": false, "   HOTLINE_DRAINING=11\n": false,
		"   X=HOTLINE_DRAINING=1\n": false, "": false,
	} {
		if got := isSet(said, draining); got != want {
			t.Errorf("%q: %v", said, got)
		}
	}
}

func TestControlShowsWhatTheConsoleSays(t *testing.T) {
	r := newRush(t)
	c := Control(conf.Socket(r.ast.Config.Dir))
	if said, err := c.Do(t.Context(), "core show calls"); err != nil || said != "0 of 15 max active calls ( 0.00% of capacity)\n0 calls processed\n" {
		t.Errorf("%q, %v", said, err)
	}
	if _, err := (c + "x").Do(t.Context(), "core show calls"); err == nil || !strings.Contains(err.Error(), "control socket") {
		t.Errorf("no socket: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Do(over, "core show calls"); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
