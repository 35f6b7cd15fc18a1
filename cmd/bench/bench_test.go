package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/cmd/gauge"
)

// TestMain lets the bench start this very program as a contender.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(asRole(role))
	}
	os.Exit(m.Run())
}

// Every contender serves calls, and the report has a row for everything.
func TestBench(t *testing.T) {
	out := filepath.Join(t.TempDir(), "BENCH.md")
	flags := "-claim 3s -patience 1m -rates 20 -rounds 1 -for 250ms -emergencies 4 -emergency-rate 4 -behind 4 " +
		"-limit-from 5 -limit-step 5 -limit-to 5 -limit-for 400ms -held 4 -takeover 4 -benchstat testdata/benchstat.txt -out " + out
	if code := run(t.Context(), strings.Fields(flags), t.Output()); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		rows[fields[0]] = fields
		if len(fields) > 1 {
			rows[fields[0]+" "+fields[1]] = fields
		}
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
		if got := rows[row]; len(got) != 6 || got[4] != "4, at 4 per second" || got[5] != "0" {
			t.Errorf("emergency row %q: %q", row, got)
		}
	}
	for _, who := range holders {
		if got := rows["4 "+who]; len(got) != 11 || got[5] != "4" || got[6] != "0" {
			t.Errorf("held by %s: %q", who, got)
		}
	}
	if got := rows[nameHotline+" 0"]; len(got) != 4 || got[2] != "0" || got[3] != "1" {
		t.Errorf("Hotline has goroutines left, or lost events: %q", got)
	}
	if got := rows["4 live calls controlled again after the new process began"]; len(got) != 4 || !strings.HasPrefix(got[2], "4, ") {
		t.Errorf("taken over: %q", got)
	}
	if !strings.Contains(string(text), "geomean") {
		t.Error("no table of benchstat")
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
	for _, wrong := range [][]string{{"-rates", "0"}, {"-rates", "ten"}, {"-rounds", "0"}, {"-held", "500,200"}, {"-takeover", "-1"}, {"-limit-step", "0"}, {"-nothing"}} {
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
		if got := gauge.Percentile(values, p); got != want {
			t.Errorf("p%d is %d, want %d", p, got, want)
		}
	}
	if gauge.Percentile(nil, 99) != 0 || gauge.Percentile(values[:1], 50) != 200 {
		t.Error("few values")
	}
}

// A missed aim is said to be missed.
func TestAimsAreJudged(t *testing.T) {
	ms := time.Millisecond
	at := func(name string, key, cpu time.Duration) cell {
		return cell{tally: &tally{Calls: 1, Key: []time.Duration{key}}, Contender: name, Rate: aimRate, Asterisk: 10 * ms, Controller: cpu}
	}
	beside := func(d time.Duration) *tally { return &tally{Calls: 1, Key: []time.Duration{d}} }
	r := results{o: options{Behind: 30}, cells: []cell{at(nameDialplan, ms, 0), at(nameHotline, 2*ms, 3*ms)},
		emergencies: map[int]*tally{30: {Invite: []time.Duration{31 * ms}}},
		limits:      []limit{{Contender: nameDialplan, Rate: 130}, {Contender: nameStock, Rate: 90}, {Contender: nameHotline, Rate: 110}},
		held: []heldCell{{Contender: nameHotline, Callers: 500, Beside: beside(4 * ms)},
			{Contender: nameHotline, Callers: 1000, Beside: beside(9 * ms), Own: usage{Resident: 40 << 20}, Sockets: 2}},
		takeover: &takeover{Callers: 2, Heard: []time.Duration{ms, 2001 * ms}},
	}
	var b strings.Builder
	r.aims(&b)
	var got []string
	for line := range strings.Lines(b.String()) {
		for _, word := range []string{"reached", "**missed**"} {
			if strings.HasSuffix(line, "| "+word+" |\n") {
				got = append(got, strings.Trim(word, "*"))
			}
		}
	}
	want := []string{
		"reached", "reached", "missed", "missed", "reached", // at 30 calls per second
		"reached", "missed", // limits
		"reached", "missed", "reached", "reached", // held
		"missed", "missed", // emergency, takeover
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, b.String())
	}
}

// A rate is served only when nothing is late and nobody was lost.
func TestServed(t *testing.T) {
	good := func() cell {
		return cell{tally: &tally{Calls: 2, Key: []time.Duration{99 * time.Millisecond}, Answer: []time.Duration{499 * time.Millisecond}}}
	}
	if !good().served() {
		t.Error("a good cell does not count")
	}
	for name, spoil := range map[string]func(*cell){
		"a call failed":     func(m *cell) { m.Failed = 1 },
		"keys are late":     func(m *cell) { m.Key[0] = 100 * time.Millisecond },
		"answers are late":  func(m *cell) { m.Answer[0] = 500 * time.Millisecond },
		"callers are late":  func(m *cell) { m.Late = time.Second },
		"nobody was served": func(m *cell) { m.tally = &tally{} },
	} {
		m := good()
		if spoil(&m); m.served() {
			t.Errorf("%s, and it counts", name)
		}
	}
}
