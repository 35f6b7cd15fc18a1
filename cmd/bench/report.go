package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/cmd/gauge"
)

// report is BENCH.md.
func (r *results) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# What a call costs

One Asterisk serves the same two-key call four ways in turn: by its **dialplan** alone (the limit), by a small
**FastAGI** server in Go, by an application on the Go library **ari/v5** as it is shipped, and by **Hotline** with
its whole runner: flow, emergency key, a note in Redis before each step, from which another controller can go on, and
a call record in SQLite at the beginning and at the end of each call. Once more it does so without notes and records;
the difference is what they cost.

Choosing between them: the dialplan and FastAGI are fastest and cheapest and hold a call's fate in one line of a file
or one connection; with ARI a program owns the call, can ring, bridge, record and survive, and pays for it in events.
The tables say how much, and what becomes of the calls when that program is killed.
All numbers of a table come from one run; %s.

%s`, plural(r.o.Rounds, "round", "each value is the median of %d rounds, with lowest and highest"), r.setting())
	r.aims(&b)
	for _, rate := range r.o.Rates {
		r.table(&b, rate)
	}
	for _, table := range []func(*strings.Builder){
		r.limitTable, r.heldTable, r.emergencyTable, r.takeoverTable, r.memoryTable, r.benchstatTable,
	} {
		table(&b)
	}
	b.WriteString(method)
	return b.String()
}

// plural is for a single round, which has no median.
func plural(n int, one, many string) string {
	if n == 1 {
		return "this is a single " + one
	}
	return fmt.Sprintf(many, n)
}

// setting is where and when it was measured.
func (r *results) setting() string {
	m := r.machine
	var b strings.Builder
	fmt.Fprintf(&b, "| | |\n|---|---|\n")
	for _, row := range [][2]string{
		{"date", r.began.UTC().Format("2006-01-02 15:04 UTC") + ", took " + r.took.Round(time.Second).String()},
		{"machine", fmt.Sprintf("%s, %d cores, %s, Linux %s; callers, Asterisk and contenders share it", m.Processor, m.Cores, m.Memory, m.Kernel)},
		{"versions", fmt.Sprintf("%s, %s, ari/v5 %s, Hotline %s", r.asterisk, m.Go, m.ARI, m.Commit)},
		{"load average", fmt.Sprintf("%.2f before, %.2f at the end%s", m.Load, m.LoadAfter, m.Busy())},
		{"offered", fmt.Sprintf("%s per cell; rounds: %d, contenders interleaved", r.o.For, r.o.Rounds)},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	return b.String()
}

// table is one rate.
func (r *results) table(b *strings.Builder, rate int) {
	fmt.Fprintf(b, "\n## %d calls per second\n\n", rate)
	b.WriteString("| served by | key → prompt p50 | p99 | INVITE → 200 p50 | p99 | calls | failed | CPU per call: Asterisk | controller |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range contenders {
		cells := r.of(c.Name, rate)
		calls, failed := 0, 0
		for _, m := range cells {
			calls, failed = calls+m.Calls, failed+m.Failed
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %d | %d | %s | %s |\n", c.Name,
			spread(cells, keyAt(50)), spread(cells, keyAt(99)), spread(cells, answerAt(50)), spread(cells, answerAt(99)),
			calls, failed, spread(cells, ofAsterisk), spread(cells, ofController))
	}
	if cells := r.of(nameHotline, rate); len(cells) > 0 {
		fmt.Fprintf(b, "\nRedis, which keeps Hotline's notes, takes %s a call besides.\n", spread(cells, ofRedis))
	}
}

// emergencyTable is from the key to the trunk.
func (r *results) emergencyTable(b *strings.Builder) {
	b.WriteString("\n## Emergency key → INVITE at the trunk (Hotline)\n\n")
	b.WriteString("9 and 2 during the welcome, measured from the end packet of the 2.\n\n")
	b.WriteString("| ordinary calls beside it | p50 | p99 | highest | calls | failed |\n|---|---|---|---|---|---|\n")
	for _, behind := range []int{0, r.o.Behind} {
		t := r.emergencies[behind]
		fmt.Fprintf(b, "| %d per second | %s | %s | %s | %d, at %d per second | %d |\n", behind, gauge.Millis(gauge.Percentile(t.Invite, 50)),
			gauge.Millis(gauge.Percentile(t.Invite, 99)), gauge.Millis(gauge.Percentile(t.Invite, 100)), t.Calls, r.o.EmergencyRate, t.Failed)
	}
}

// memoryTable is what contenders took of it.
func (r *results) memoryTable(b *strings.Builder) {
	b.WriteString("\n## Memory\n\nMost that a controller's process held during the calls at steady rates and the emergencies.\n\n| controller | resident |\n|---|---|\n")
	for _, c := range contenders {
		if c.Role != "" {
			fmt.Fprintf(b, "| %s | %d MB |\n", c.Name, r.memory[c.Name]>>20)
		}
	}
}

// of lists the rounds of one contender at one rate.
func (r *results) of(contender string, rate int) []cell {
	var all []cell
	for _, m := range r.cells {
		if m.Contender == contender && m.Rate == rate {
			all = append(all, m)
		}
	}
	return all
}

// figure reads one number of a cell.
type figure func(cell) time.Duration

func keyAt(p int) figure { return func(m cell) time.Duration { return gauge.Percentile(m.Key, p) } }
func answerAt(p int) figure {
	return func(m cell) time.Duration { return gauge.Percentile(m.Answer, p) }
}

func ofAsterisk(m cell) time.Duration   { return m.Asterisk }
func ofController(m cell) time.Duration { return m.Controller }
func ofRedis(m cell) time.Duration      { return m.Redis }

// sorted is a figure of some rounds, lowest first.
func sorted(cells []cell, f figure) []time.Duration {
	values := make([]time.Duration, len(cells))
	for i, m := range cells {
		values[i] = f(m)
	}
	slices.Sort(values)
	return values
}

// middle is the median of the rounds, the lower of two; zero of none.
func middle(cells []cell, f figure) time.Duration { return gauge.Percentile(sorted(cells, f), 50) }

// spread is the median with lowest and highest, in milliseconds.
func spread(cells []cell, f figure) string {
	v := sorted(cells, f)
	if len(v) == 0 || v[len(v)-1] == 0 {
		return "–"
	}
	if len(v) == 1 {
		return gauge.Millis(v[0])
	}
	return fmt.Sprintf("%s (%.1f – %.1f)", gauge.Millis(middle(cells, f)), v[0].Seconds()*1000, v[len(v)-1].Seconds()*1000)
}

// whole writes a time in whole milliseconds.
func whole(d time.Duration) string { return fmt.Sprintf("%.0f ms", d.Seconds()*1000) }

// method closes the report.
const method = `
## How to read this

- A caller listens 0.3 s, presses 1 (RFC 4733, 100 ms), hears the second prompt, does so again and hangs up 2 s
  after the answer. Prompts are A-law files, never transcoded, longer than anybody listens: every key stops one.
- *Key → prompt* runs from the moment the caller sends the key's first end packet to the arrival of the first
  frame of the next prompt, which is recognised by its bytes. RTP goes out every 20 ms only once a prompt runs;
  the first frame does not wait for that.
- A call *failed* when it was not answered within 5 s, a prompt was not heard within 5 s, or it ended by itself.
- CPU is what the kernel charged to the process (user and system, in steps of 10 ms) from before the first call of
  a cell until after the last, divided by its calls. "Controller" is the contender's own process.
- Callers, Asterisk and contenders share the machine, so a limit is that of all three together; a try also counts as
  failed when the callers themselves fell 500 ms behind.
- Held callers share one socket and say next to nothing. What they hear is noted in steps of 5 ms, and the frame that
  tells it comes every 20 ms.
- Nothing is random but ports: prompts, keys and numbers are the same in every run. The order of contenders turns.
- ari/v5 runs as its examples show it, one subscription a call. It keeps no records and has no emergency key.

Again: ` + "`make bench`" + `; in a few minutes: ` + "`make bench BENCH=-quick`" + `; other rates and times: ` + "`go run ./cmd/bench -help`" + `.
A smoke test of it is part of ` + "`make test`" + `.
`
