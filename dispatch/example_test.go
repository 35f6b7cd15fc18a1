package dispatch

import (
	"os"
	"testing"
)

// A sixth hotline is configuration only: three whose terms are unlike those of the five.
func TestASixthHotlineIsConfigurationOnly(t *testing.T) {
	files, days := os.DirFS("../deploy/examples"), loadCalendar(t)
	for _, c := range []struct {
		hotline   string
		typ       Type
		way       string
		from, due string
		rule      string
	}{
		{hotline: "gd", typ: Consult, from: "2026-02-12 10:00:00", due: "2026-02-15 00:00:00", rule: "GD-1"},
		{hotline: "gd", typ: Help, from: "2026-02-12 10:00:00", due: "2026-03-05 00:00:00", rule: "GD-2"},
		{hotline: "gd", typ: Suggestion, from: "2026-10-01 10:00:00", due: "2026-10-21 00:00:00", rule: "GD-2"},
		{hotline: "gd", typ: Complaint, from: "2026-02-12 10:00:00", due: "2026-03-12 00:00:00", rule: "GD-3"},
		{hotline: "gd", typ: Report, from: "2026-10-01 10:00:00", due: "2026-10-28 00:00:00", rule: "GD-3"},
		{hotline: "sd", typ: Complaint, from: "2026-09-30 10:00:00", due: "2026-10-14 00:00:00", rule: "SD-1"},
		{hotline: "sd", typ: Complaint, way: "complex", from: "2026-10-01 10:00:00", due: "2026-10-21 00:00:00", rule: "SD-2"},
		{hotline: "bj", typ: Help, way: "urgent", from: "2026-11-20 23:00:00", due: "2026-11-21 01:00:00", rule: "BJ-1"},
		{hotline: "bj", typ: Help, way: "utilities", from: "2026-11-20 10:00:00", due: "2026-11-21 10:00:00", rule: "BJ-2"},
		{hotline: "bj", typ: Help, from: "2026-11-20 10:00:00", due: "2026-11-28 00:00:00", rule: "BJ-3"},
		{hotline: "bj", typ: Help, way: "complex", from: "2026-11-20 10:00:00", due: "2026-12-06 00:00:00", rule: "BJ-4"},
	} {
		p, err := LoadPolicy(files, "hotlines/"+c.hotline+"/policy.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if problems := p.CheckRules(nil); len(problems) > 0 {
			t.Errorf("%s: %v", c.hotline, problems)
		}
		got := p.term(Order{Type: c.typ}, c.way).Deadline(p.Calendar(days), at(t, c.from))
		if !got.At.Equal(at(t, c.due)) || got.Rule != c.rule {
			t.Errorf("%s: %s (%s) of %s is due at %v by %s, want %s by %s", c.hotline, c.typ, c.way, c.from, got.At.In(Place), got.Rule, c.due, c.rule)
		}
	}
}
