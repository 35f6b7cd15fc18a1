package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/cmd/gauge"
)

// report is the orders' section of BENCH.md.
func (r *results) report() string {
	var b strings.Builder
	m := r.machine
	fmt.Fprintf(&b, `# What an order costs

%d orders, %d of them not ended, under the rules of %s: %d were registered, given to a unit, signed, answered, reviewed, asked about by
text and archived one by one, each with its call, its texts and its timeline; the others are copies of those under other numbers. Every commit
is synced to the disk (SQLite with synchronous=FULL, PostgreSQL as it comes).

| | |
|---|---|
| date | %s, took %s |
| machine | %s, %d cores, %s, Linux %s; database and program share it |
| versions | %s, Hotline %s |
| load average | %.2f before, %.2f at the end%s |

`, r.o.Orders, r.o.Open, profile, min(models, max(1, r.o.Orders/10)), r.began.UTC().Format("2006-01-02 15:04 UTC"), r.took.Round(time.Second),
		m.Processor, m.Cores, m.Memory, m.Kernel, m.Go, m.Commit, m.Load, m.LoadAfter, m.Busy())
	r.aims(&b)
	for _, rec := range r.records {
		rec.figures(&b, r.o.Orders)
	}
	r.work.table(&b, r.o)
	return b.String()
}

// limits by database: register and dispatch.
var quick = map[string]time.Duration{words[onSQLite]: 20 * time.Millisecond, words[onPostgres]: 10 * time.Millisecond}

func (r *results) aims(b *strings.Builder) {
	b.WriteString("## Aims\n\n| | aim | measured | |\n|---|---|---|---|\n")
	row := func(what, aim, got string, reached bool) {
		word := "**missed**"
		if reached {
			word = "reached"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", what, aim, got, word)
	}
	for _, rec := range r.records {
		for _, t := range []struct {
			name string
			took []time.Duration
		}{{"register", rec.alone.register}, {"dispatch", rec.alone.give}} {
			row(rec.in+": "+t.name+" p99", "≤ "+gauge.Millis(quick[rec.in]), gauge.Millis(p99(t.took)), p99(t.took) <= quick[rec.in])
		}
		worst := list{}
		for _, l := range rec.lists {
			if l.aimed && p99(l.took) >= p99(worst.took) {
				worst = l
			}
		}
		row(rec.in+": slowest work-list page p99", "≤ 100.0 ms", gauge.Millis(p99(worst.took))+" ("+worst.name+")", p99(worst.took) <= 100*time.Millisecond)
		row(fmt.Sprintf("%s: sweep over %d open orders that all changed", rec.in, rec.clock.looked), "≤ 2000.0 ms", gauge.Millis(rec.clock.all), rec.clock.all <= 2*time.Second)
		each := rec.bytes / int64(r.o.Orders)
		row(rec.in+": database per order", "≤ 2048 bytes", fmt.Sprintf("%d bytes", each), each <= 2048)
	}
	w := r.work
	var all []time.Duration
	for name, took := range w.took {
		if name != "log in" {
			all = append(all, took...)
		}
	}
	row(fmt.Sprintf("%d clerks and %d units at once, %s: p99", r.o.Clerks, r.o.Units, w.in), "≤ 150.0 ms", gauge.Millis(p99(all)), p99(all) <= 150*time.Millisecond)
	row("the same: updates lost", "0", fmt.Sprint(len(w.missing)), len(w.missing) == 0)
	bad := 0
	for _, n := range w.refused {
		bad += n
	}
	row("the same: 5xx, errors, refusals", "0", fmt.Sprint(bad), bad == 0)
	b.WriteString("\n")
}

func (rec record) figures(b *strings.Builder, orders int) {
	fmt.Fprintf(b, "## %s\n\n| | p50 | p99 | highest | times |\n|---|---|---|---|---|\n", rec.in)
	line := func(name string, took []time.Duration) {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %d |\n", name, gauge.Millis(gauge.Percentile(took, 50)), gauge.Millis(p99(took)), gauge.Millis(gauge.Percentile(took, 100)), len(took))
	}
	line("register", rec.alone.register)
	line("dispatch", rec.alone.give)
	line(fmt.Sprintf("register, %d at once", together), rec.together.register)
	line(fmt.Sprintf("dispatch, %d at once", together), rec.together.give)
	for _, l := range rec.lists {
		kind := "list: "
		if l.aimed {
			kind = "work list: "
		}
		line(fmt.Sprintf("%s%s (%d rows)", kind, l.name, l.rows), l.took)
	}
	fmt.Fprintf(b, "\nThe sweep for surveys, with nothing due: %s. The sweep over open orders: %s when all %d had changed, %s when none had; before that\n%d things that had come due were done in %s.\n",
		gauge.Millis(rec.sweep), gauge.Millis(rec.clock.all), rec.clock.looked, gauge.Millis(rec.clock.nothing), rec.clock.acts, rec.clock.due.Round(time.Second))
	rec.sizes(b, float64(orders))
}

// sizes says of what the bytes are.
func (rec record) sizes(b *strings.Builder, orders float64) {
	b.WriteString("\n| bytes an order | rows | of a row | words in it | all rows | indices |\n|---|---|---|---|---|---|\n")
	var bytes, indices, rest float64
	for _, t := range rec.tables {
		if t.rows == 0 {
			rest += float64(t.bytes+t.indices) / orders
			continue
		}
		bytes, indices = bytes+float64(t.bytes)/orders, indices+float64(t.indices)/orders
		rows := float64(t.rows)
		fmt.Fprintf(b, "| %s | %.2f | %.0f | %.0f | %.0f | %.0f |\n", t.name, rows/orders, float64(t.bytes)/rows, float64(t.words)/rows,
			float64(t.bytes)/orders, float64(t.indices)/orders)
	}
	fmt.Fprintf(b, "| together | | | | %.0f | %.0f |\n\nOther tables: %.0f.\n\n", bytes, indices, rest)
}

func (w worked) table(b *strings.Builder, o options) {
	fmt.Fprintf(b, `## People at work

%d clerks and %d units work at the console over HTTP for %s, in %s, beside the orders above, each resting %s between two things. They were told of
%d things that they were done; %d more times somebody else had been faster (409). Each of the first was looked for in the record afterwards.

| asked for | p50 | p99 | highest | times |
|---|---|---|---|---|
`, o.Clerks, o.Units, w.duration.Round(time.Second), w.in, o.Pause, w.done, w.late)
	for _, name := range slices.Sorted(maps.Keys(w.took)) {
		took := w.took[name]
		fmt.Fprintf(b, "| %s | %s | %s | %s | %d |\n", name, gauge.Millis(gauge.Percentile(took, 50)), gauge.Millis(p99(took)), gauge.Millis(gauge.Percentile(took, 100)), len(took))
	}
	for _, what := range slices.Sorted(maps.Keys(w.refused)) {
		fmt.Fprintf(b, "\n%d times: %s", w.refused[what], what)
	}
	for _, what := range w.missing[:min(20, len(w.missing))] {
		fmt.Fprintf(b, "\nNot in the record: %s", what)
	}
	b.WriteString("\n")
}
