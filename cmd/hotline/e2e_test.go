package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cmd/rig"
)

// TestMain lets the test binary be the hotline as well: the rig of the end-to-end tests
// starts it as its hotline, so that what runs there runs under the race detector too.
func TestMain(m *testing.M) {
	if os.Getenv("HOTLINE_TEST_MAIN") != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// testRig starts Redis, Asterisk, the carrier and this hotline on free ports in a folder
// of the test's own, and stops them when the test ends.
func testRig(t *testing.T, env ...string) *rig.Rig {
	t.Helper()
	return startRig(t, newTestRig(t, env...))
}

// startRig starts a rig that newTestRig prepared.
func startRig(t *testing.T, r *rig.Rig) *rig.Rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := r.Start(ctx); err != nil {
		t.Fatalf("start the rig: %v", err)
	}
	t.Cleanup(func() {
		r.Stop()
		if t.Failed() {
			for _, part := range []string{rig.Hotline, rig.Carrier, rig.Asterisk} {
				log, err := os.ReadFile(filepath.Join(r.Dir, "log", part+".log"))
				t.Logf("%s (%v):\n%s", part, err, lastOf(string(log), 120))
			}
		}
	})
	return r
}

// newTestRig prepares a rig whose hotline is this test binary and whose carrier is built
// from the source beside it.
func newTestRig(t *testing.T, env ...string) *rig.Rig {
	t.Helper()
	return newTestRigOf(t, func(c *rig.Config) { c.Env = append(c.Env, env...) })
}

// newTestRigOf prepares a rig that differs from the usual.
func newTestRigOf(t *testing.T, differ func(*rig.Config)) *rig.Rig {
	t.Helper()
	repo, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	h, err := rigHouse("zz", filepath.Join(repo, ".cache", "sounds"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := rig.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A hotline that stands still for a moment, on a machine that tests much, is not away.
	c := rig.Config{Claim: 3 * time.Second, Repo: repo, Dir: t.TempDir(), House: h, Ports: p, Dev: true, Password: "test-password",
		Drain: 5 * time.Second, Env: []string{"HOTLINE_TEST_MAIN=1", "HOTLINE_CALLER_LIMIT=off"},
		Programs: map[string]string{"hotline": self, "carrier": buildCarrier(t)}}
	differ(&c)
	r, err := rig.New(c)
	if err != nil {
		t.Fatalf("prepare the rig: %v", err)
	}
	return r
}

// buildCarrier builds the phone company; the build cache makes repeating it cheap.
func buildCarrier(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "carrier")
	if out, err := exec.Command("go", "build", "-o", file, "hotline/cmd/carrier").CombinedOutput(); err != nil {
		t.Fatalf("build the carrier: %v\n%s", err, out)
	}
	return file
}

// lastOf is the last n lines of a log.
func lastOf(log string, n int) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func testWorld(t *testing.T, r *rig.Rig) *world {
	t.Helper()
	w, err := newWorld(t.Context(), r.Ports, worldConfig{sounds: r.Sounds, password: r.Password, out: testWriter{t}})
	if err != nil {
		t.Fatalf("connect to the rig: %v", err)
	}
	t.Cleanup(w.citizen.Close)
	return w
}

// testWriter puts what a story tells into the test's log.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// proves are the rules that each scene of the story shows, scene by scene.
var proves = []string{"ZZ-16.1 ZZ-10.1", "ZZ-10.3", "ZZ-10.3", "ZZ-10.3 ZZ-16.5", "ZZ-3.1 ZZ-18.3", "KF-3.1.5", "ZZ-20.2 ZZ-20.3 ZZ-16.5", "ZZ-20.2",
	"ZQ-15.1 ZQ-15.4", "ZQ-15.5", "ZQ-15.2"}

// TestStory plays the citizen's day that `make demo` plays, and then looks at the figures
// and whether any number was left unmasked.
func TestStory(t *testing.T) {
	r := testRig(t)
	w := testWorld(t, r)
	for i, s := range story {
		ok := t.Run(proves[i]+" "+s.name, func(t *testing.T) {
			w.out = testWriter{t}
			if err := w.performOne(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		})
		if !ok {
			return // later scenes start from what this one leaves
		}
	}
	t.Run("ZZ-13.1 its health and its figures are shown", func(t *testing.T) {
		if err := w.console.get(t.Context(), "/healthz", new(string)); err != nil {
			t.Error(err)
		}
		noNumbers(t, r, w)
	})
}

// TestPartsAreReal names the versions of what the tests run on.
func TestPartsAreReal(t *testing.T) {
	repo, err := checkout()
	if err != nil {
		t.Fatal(err)
	}
	for program, flag := range map[string]string{"asterisk": "-V", "redis-server": "--version", "postgres": "--version", "espeak-ng": "--version"} {
		out, err := exec.Command(filepath.Join(repo, ".cache", "bin", program), flag).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", program, err)
		}
		t.Logf("%s", strings.TrimSpace(string(out)))
	}
}

// ariOf asks a rig's Asterisk.
func ariOf(r *rig.Rig) jsonClient {
	return jsonClient{base: "http://" + r.Asterisk.ARIUser + ":" + r.Asterisk.ARIPass + "@" + rig.Local(r.Ports.ARI)}
}

// noController is nil once Asterisk has noticed that the controller is away: a call that
// comes in the instant before waits for the next one.
func noController(ctx context.Context, r *rig.Rig) error {
	var apps []struct{ Name string }
	if err := ariOf(r).get(ctx, "/ari/applications", &apps); err != nil {
		return err
	}
	return want("controllers", len(apps), 0)
}

// TestZZ_1_Fallback stops the controller: a call's emergency key still reaches 110, and a
// message left then becomes an order when the controller is back (ZZ-1, D4).
func TestZZ_1_Fallback(t *testing.T) {
	r := testRig(t)
	w := testWorld(t, r)
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.lines(ctx, map[string]line{
		"110":      {Behaviour: "answer", AnswerAfterMS: 300, ToneHz: 800},
		dutyNumber: {Behaviour: "decline"}, backupNumber: {Behaviour: "decline"},
	}))
	r.Kill(rig.Hotline)
	must(eventually(ctx, func(ctx context.Context) error { return noController(ctx, r) }))

	s, err := w.dial(ctx, citizenNumber)
	must(err)
	must(w.hears(ctx, s, "fallback-sorry"))
	must(w.press(ctx, s, "91"))
	rung, err := w.carrier.rung(ctx, "110", 1)
	must(err)
	must(want("caller at 110", rung.From, citizenNumber))
	must(w.converse(ctx, s, talk{to: "110", far: 800, near: 440}))
	hangUp(s)

	s, err = w.dial(ctx, textNumber)
	must(err)
	must(w.hears(ctx, s, "fallback-sorry", "fallback-leave-message"))
	must(s.Ear().WaitTone(ctx, 950))
	must(w.speak(ctx, s, 4*time.Second))
	hangUp(s)

	must(r.StartPart(ctx, rig.Hotline))
	must(w.console.logIn(ctx))
	v, err := newest(ctx, w.console, "/api/v1/voicemails", func(v voicemailSeen) error {
		return want("reason", v.Reason, "fallback")
	})
	must(err)
	length, err := w.console.audio(ctx, v.ID)
	must(err)
	if length < 3*time.Second || v.Order == "" {
		t.Errorf("imported message lasts %v, order %q", length, v.Order)
	}
	_, err = w.carrier.text(ctx, dutyNumber, v.Order)
	must(err)
	var calls page[callSeen]
	must(eventually(ctx, func(ctx context.Context) error {
		must(w.console.get(ctx, "/api/v1/calls", &calls))
		return want("calls recorded", len(calls.Items), 2)
	}))
	for _, c := range calls.Items {
		if c.Emergency != (c.Outcome == "emergency") || c.Emergency && c.Detail != "110" {
			t.Errorf("imported call %+v", c)
		}
	}
}
