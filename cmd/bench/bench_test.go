package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the bench start this very program as a contender.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(asRole(role))
	}
	os.Exit(m.Run())
}

// Every contender serves calls, and the report has a row for everything.
func TestQuickBench(t *testing.T) {
	out := filepath.Join(t.TempDir(), "BENCH.md")
	if code := run(t.Context(), []string{"-quick", "-out", out}, t.Output()); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), " | ")
		rows[strings.TrimPrefix(fields[0], "| ")] = fields
	}
	for _, c := range contenders {
		if rows[c.Name] == nil {
			t.Errorf("%s has no row", c.Name)
		}
	}
	if n := strings.Count(string(text), "| 5 | 0 |"); n != len(contenders) {
		t.Errorf("%d contenders served all of their calls, want %d", n, len(contenders))
	}
	for _, row := range []string{"0 per second", "4 per second"} {
		if got := rows[row]; len(got) != 6 || got[4] != "4, at 4 per second" || got[5] != "0 |" {
			t.Errorf("emergency row %q: %q", row, got)
		}
	}
}

func TestFlags(t *testing.T) {
	o, err := parse([]string{"-rates", "1, 20", "-rounds", "2"}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 20}, o.Rates); diff != "" || o.Rounds != 2 {
		t.Errorf("%+v", o)
	}
	for _, wrong := range [][]string{{"-rates", "0"}, {"-rates", "ten"}, {"-rounds", "0"}, {"-nothing"}} {
		if code := run(context.Background(), wrong, t.Output()); code != 2 {
			t.Errorf("%v: exit code %d", wrong, code)
		}
	}
}

func TestPercentile(t *testing.T) {
	var values []time.Duration
	for i := range 200 {
		values = append(values, time.Duration(200-i))
	}
	for p, want := range map[int]time.Duration{50: 100, 99: 198, 100: 200} {
		if got := percentile(values, p); got != want {
			t.Errorf("p%d is %d, want %d", p, got, want)
		}
	}
	if percentile(nil, 99) != 0 || percentile(values[:1], 50) != 200 {
		t.Error("few values")
	}
}

// A missed aim is said to be missed.
func TestAimsAreJudged(t *testing.T) {
	ms := time.Millisecond
	at := func(name string, key, cpu time.Duration) cell {
		return cell{tally: &tally{Calls: 1, Key: []time.Duration{key}}, Contender: name, Rate: aimRate, Asterisk: 10 * ms, Controller: cpu}
	}
	r := results{o: options{Behind: 30}, cells: []cell{at(nameDialplan, ms, 0), at(nameHotline, 2*ms, 3*ms)},
		emergencies: map[int]*tally{30: {Invite: []time.Duration{31 * ms}}}}
	var b strings.Builder
	r.aims(&b)
	var got []string
	for line := range strings.Lines(b.String()) {
		switch {
		case strings.Contains(line, "| reached |"):
			got = append(got, "reached")
		case strings.Contains(line, "| **missed** |"):
			got = append(got, "missed")
		}
	}
	want := []string{"reached", "reached", "missed", "missed", "missed", "reached"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, b.String())
	}
}
