package asterisk_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk"
	"hotline/asterisk/asterisktest"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
)

// crew runs a Fleet until the test ends, or until the func is called.
func crew(t *testing.T, handle asterisk.Handler, clock asterisk.Clock) (*asterisk.Fleet, func()) {
	t.Helper()
	f := asterisk.NewFleet(asterisk.Config{Clock: clock,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))})
	f.Handle(handle)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return f, stop
}

// becomes waits until the fleet is listed so: name, state, calls.
func becomes(t *testing.T, f *asterisk.Fleet, want ...asterisk.Member) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		diff := cmp.Diff(want, f.List())
		if diff == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the fleet (-want +got):\n%s", diff)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// TestFleetOfTwo: calls on two Asterisks have one handler; the death of one leaves the
// other's calls alone, and new ones come in; drained, an Asterisk sends new calls back to
// their carrier and keeps those it has.
func TestFleetOfTwo(t *testing.T) {
	h := newHouse(t)
	second := asterisktest.Start(t, asterisktest.Options{Configure: func(c *conf.Config) { h.configure(c); c.Name = "two" }})
	f, _ := crew(t, answering(func(ctx context.Context, c *asterisk.Call) {
		c.Gather(ctx, asterisk.GatherOptions{Prompt: asterisk.PlayOptions{Sounds: []string{h.sound("menu")}}, Max: 1, FirstDigit: time.Hour})
		c.Play(ctx, asterisk.PlayOptions{Sounds: []string{h.sound("sorry")}, NoBarge: true})
	}), &shiftClock{})
	for name, ast := range map[string]*asterisktest.Server{"one": h.ast, "two": second} {
		if err := f.Add(name, ast.ARI, ast.Config.ARIUser, ast.Config.ARIPass); err != nil {
			t.Fatal(err)
		}
	}
	soon(t, f.Ready(), "the fleet to be ready")
	becomes(t, f, asterisk.Member{Name: "one", State: asterisk.Up}, asterisk.Member{Name: "two", State: asterisk.Up})

	one, two := h.dial(t), h.dialOn(t, second)
	hears(t, one, "menu")
	hears(t, two, "menu")
	if calls := f.Calls(); len(calls) != 2 || calls[0].Switch != "one" || calls[1].Switch != "two" {
		t.Errorf("calls %+v, want one on each, the older first", calls)
	}
	second.Kill()
	becomes(t, f, asterisk.Member{Name: "one", State: asterisk.Up, Calls: 1}, asterisk.Member{Name: "two", State: asterisk.Down, Calls: 1})
	if !f.Connected() {
		t.Error("one Asterisk away, and nothing is connected")
	}
	press(t, one, "1")
	hears(t, one, "sorry")
	soon(t, one.Context().Done(), "the first call's end")
	second.Launch(t)
	becomes(t, f, asterisk.Member{Name: "one", State: asterisk.Up}, asterisk.Member{Name: "two", State: asterisk.Up})

	kept := h.dial(t)
	hears(t, kept, "menu")
	if err := f.Admit(t.Context(), "one", false); err != nil {
		t.Fatal(err)
	}
	becomes(t, f, asterisk.Member{Name: "one", State: asterisk.Draining, Calls: 1}, asterisk.Member{Name: "two", State: asterisk.Up})
	var refused *sipphone.Rejected
	if _, err := h.citizen.Call(within(t, patience), h.hotline(), sipphone.CallOptions{From: "13800138000"}); !errors.As(err, &refused) || refused.Status != 503 {
		t.Errorf("a call to an Asterisk that is drained: %v, want 503", err)
	}
	if err := f.Remove("one"); !errors.Is(err, asterisk.ErrBusy) {
		t.Errorf("removed with a call on it: %v", err)
	}
	press(t, kept, "1")
	hears(t, kept, "sorry")
	soon(t, kept.Context().Done(), "the end of the call that was kept")
	becomes(t, f, asterisk.Member{Name: "one", State: asterisk.Draining}, asterisk.Member{Name: "two", State: asterisk.Up})
	if err := f.Remove("one"); err != nil {
		t.Error(err)
	}
	hears(t, h.dialOn(t, second), "menu")
	if diff := cmp.Diff(uint64(2+1), f.Stats().Connects); diff != "" {
		t.Errorf("connects, the removed one's too (-want +got):\n%s", diff)
	}
}

// TestFleetRingsWhereItCan: an alarm goes out by an Asterisk that is there, by one that
// is being drained rather than by none.
func TestFleetRingsWhereItCan(t *testing.T) {
	away, drained := newWire(t), newWire(t)
	f, _ := crew(t, func(context.Context, *asterisk.Call) {}, &shiftClock{})
	if _, err := f.Ring(t.Context(), asterisk.DialOptions{Endpoint: "PJSIP/1@carrier"}); !errors.Is(err, asterisk.ErrNoSwitch) {
		t.Errorf("rung without an Asterisk: %v", err)
	}
	away.Close()
	add(t, f, "away", away)
	add(t, f, "drained", drained)
	soon(t, f.Ready(), "the fleet to be ready")
	if err := f.Admit(t.Context(), "drained", false); err != nil {
		t.Fatal(err)
	}
	becomes(t, f, asterisk.Member{Name: "away", State: asterisk.Connecting}, asterisk.Member{Name: "drained", State: asterisk.Draining})
	drained.on("POST /channels", answer{status: 500, body: `{"message":"no"}`})
	d, err := f.Ring(t.Context(), asterisk.DialOptions{Endpoint: "PJSIP/1@carrier"})
	if err != nil || d.Outcome != asterisk.Unreachable {
		t.Errorf("rung: %+v, %v; want the drained one's refusal", d, err)
	}
	drained.awaits("POST /channels")
	drained.on("GET /endpoints/PJSIP/carrier", answer{status: 200, body: `{"state":"online"}`})
	if diff := cmp.Diff(map[string]bool{"drained": true}, f.Reachable(t.Context(), "carrier")); diff != "" {
		t.Errorf("reached (-want +got):\n%s", diff)
	}
}

// TestFleetTellsAgain: an Asterisk hears on every connection whether it is to take calls;
// one that knows is not told again, one that refused to hear it is.
func TestFleetTellsAgain(t *testing.T) {
	w := newWire(t)
	f, _ := crew(t, func(context.Context, *asterisk.Call) {}, &shiftClock{})
	add(t, f, "main", w)
	soon(t, f.Ready(), "the fleet to be ready")
	admit := func(calls bool) {
		t.Helper()
		if err := f.Admit(t.Context(), "main", calls); err != nil {
			t.Error(err)
		}
	}
	times := 0
	told := func(want int) {
		t.Helper()
		for {
			select {
			case r := <-w.seen:
				if r == "POST /asterisk/variable" {
					times++
				}
				continue
			default:
			}
			break
		}
		if times != want {
			t.Errorf("told %d times, want %d", times, want)
		}
	}
	admit(true) // it was told when it came
	told(1)
	admit(false)
	admit(false)
	told(2)
	soon(t, w.sockets, "the first socket")
	w.cut()
	becomes(t, f, asterisk.Member{Name: "main", State: asterisk.Down})
	admit(true) // cannot be told now
	told(2)
	soon(t, w.sockets, "the second socket")
	becomes(t, f, asterisk.Member{Name: "main", State: asterisk.Up})
	told(3)
	w.on("POST /asterisk/variable", answer{status: 500, body: `{"message":"no"}`})
	if err := f.Admit(t.Context(), "main", false); err == nil {
		t.Error("Asterisk refused, and nobody says so")
	}
	w.on("POST /asterisk/variable", answer{status: 204})
	admit(false)
	told(5)
	if err := f.Admit(t.Context(), "other", true); !errors.Is(err, asterisk.ErrNoSwitch) {
		t.Errorf("an Asterisk that is not there: %v", err)
	}
}

// TestSharedRecordings: an Asterisk with a name and a folder of recordings that is not its
// own gives ids that no other gives, and recordings that any may read.
func TestSharedRecordings(t *testing.T) {
	h, shared := newHouse(t), t.TempDir()
	second := asterisktest.Start(t, asterisktest.Options{Configure: func(c *conf.Config) {
		h.configure(c)
		c.Name, c.Recordings = "two", shared
	}})
	type made struct {
		id  string
		rec asterisk.Recording
		err error
	}
	done := make(chan made, 1)
	f, _ := crew(t, answering(func(ctx context.Context, c *asterisk.Call) {
		rec, err := c.Record(ctx, asterisk.RecordOptions{Name: "voicemail/2026-11-27/a-1", Max: time.Minute, StopKeys: "#", Beep: true})
		done <- made{c.ID(), rec, err}
		<-ctx.Done() // a call that ended with the key's first packet would end the pressing
	}), &shiftClock{})
	if err := f.Add("two", second.ARI, second.Config.ARIUser, second.Config.ARIPass); err != nil {
		t.Fatal(err)
	}
	soon(t, f.Ready(), "the fleet to be ready")
	s := h.dialOn(t, second)
	if err := s.Ear().WaitTone(within(t, patience), 950); err != nil {
		t.Fatal("no beep:", err)
	}
	say(t, s, 2*time.Second)
	press(t, s, "#")
	got := soon(t, done, "the recording")
	if got.err != nil || got.rec.End != asterisk.RecordKey || !strings.HasPrefix(got.id, "two-") {
		t.Errorf("recorded %+v, want a second on a channel of two", got)
	}
	if info, err := os.Stat(filepath.Join(shared, got.rec.Name+".wav")); err != nil || info.Size() < 8000 {
		t.Errorf("the shared folder: %v", err)
	}
	if err := f.StopRecording(t.Context(), "two", got.rec.Name); err != nil {
		t.Error(err)
	}
}

// TestFleetComesAndGoes: Asterisks are added and removed while others work, and what a
// controller that stops takes no calls of stays so for those added late.
func TestFleetComesAndGoes(t *testing.T) {
	w, late := newWire(t), newWire(t)
	f, stop := crew(t, func(context.Context, *asterisk.Call) {}, &shiftClock{})
	add(t, f, "main", w)
	add(t, f, "main", w) // again
	if err := f.Add("main", late.URL, "u", "p"); err == nil {
		t.Error("two Asterisks of one name")
	}
	if err := f.Add("odd", "nowhere", "u", "p"); err == nil {
		t.Error("an address that is none")
	}
	soon(t, f.Ready(), "the fleet to be ready")
	if err := f.Remove("main"); !errors.Is(err, asterisk.ErrBusy) {
		t.Errorf("removed while it takes calls: %v", err)
	}
	f.Drain()
	if err := f.Remove("main"); err != nil {
		t.Error(err)
	}
	if err := f.StopRecording(t.Context(), "main", "x"); !errors.Is(err, asterisk.ErrNoSwitch) {
		t.Errorf("a recording on an Asterisk removed: %v", err)
	}
	add(t, f, "late", late)
	becomes(t, f, asterisk.Member{Name: "late", State: asterisk.Up})
	late.send(ev("StasisStart", "1"))
	late.awaits("POST /channels/1/continue") // to the fallback
	if err := f.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	stop()
	add(t, f, "after", w)
	if diff := cmp.Diff(asterisk.Connecting, f.List()[0].State); diff != "" {
		t.Errorf("added to a fleet that has stopped (-want +got):\n%s", diff)
	}
}

func add(t *testing.T, f *asterisk.Fleet, name string, w *wire) {
	t.Helper()
	if err := f.Add(name, w.URL, "u", "p"); err != nil {
		t.Fatal(err)
	}
}

// TestTwinsAreTold: two Asterisks without a systemname would give out the same channel ids.
func TestTwinsAreTold(t *testing.T) {
	h := newHouse(t)
	second := asterisktest.Start(t, asterisktest.Options{Configure: h.configure})
	f, _ := crew(t, func(context.Context, *asterisk.Call) {}, &shiftClock{})
	for name, ast := range map[string]*asterisktest.Server{"one": h.ast, "two": second} {
		if err := f.Add(name, ast.ARI, ast.Config.ARIUser, ast.Config.ARIPass); err != nil {
			t.Fatal(err)
		}
	}
	becomes(t, f, asterisk.Member{Name: "one", State: asterisk.Up, Twin: "two"}, asterisk.Member{Name: "two", State: asterisk.Up, Twin: "one"})
}
