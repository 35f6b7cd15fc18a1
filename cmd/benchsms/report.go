package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/cmd/benchsms/windows"
)

// report is the texts' section of BENCH.md.
func (r *results) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# What a text costs

Texts go from Hotline's outbox in SQL through its gateway to a carrier, and the carrier's receipts back into SQL; beside
it, from Kannel's spool through Kannel. All take turns against the same simulated carrier. Every acceptance of Hotline's is
synced to the disk before anything is built on it (SQLite with synchronous=FULL, PostgreSQL as it comes); Kannel syncs
nothing in any mode. Of several rounds each value is the median, with lowest and highest.

%s`, r.setting())
	r.aims(&b)
	r.fastTable(&b)
	r.limitTables(&b)
	b.WriteString(windows.Report(r.windows))
	r.killTable(&b)
	b.WriteString(method)
	return b.String()
}

// setting is where and when it was measured.
func (r *results) setting() string {
	m := r.machine
	var b strings.Builder
	fmt.Fprintf(&b, "| | |\n|---|---|\n")
	for _, row := range [][2]string{
		{"date", r.began.UTC().Format("2006-01-02 15:04 UTC") + ", took " + r.took.Round(time.Second).String()},
		{"machine", fmt.Sprintf("%s, %d cores, %s, Linux %s; carrier and contenders share it", m.Processor, m.Cores, m.Memory, m.Kernel)},
		{"versions", fmt.Sprintf("%s, Kannel 1.4.5, Hotline %s", m.Go, m.Commit)},
		{"load average", fmt.Sprintf("%.2f before, %.2f at the end%s", m.Load, m.LoadAfter, m.Busy())},
		{"rounds", fmt.Sprintf("%d, contenders interleaved; %d texts of one segment each where the carrier answers at once", r.o.Rounds, r.o.Texts)},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	return b.String()
}

// of lists the rounds of one contender on so many links.
func of(cells []cell, name string, links int) []cell {
	var all []cell
	for _, m := range cells {
		if m.Contender == name && m.Links == links {
			all = append(all, m)
		}
	}
	return all
}

// figure reads one number of a cell.
type figure func(cell) float64

func rate(m cell) float64 { return m.Rate }
func cpu(m cell) float64  { return m.CPU.Seconds() * 1000 }
func inDB(m cell) float64 { return m.DB.Seconds() * 1000 }

// values are a figure of some rounds, lowest first.
func values(cells []cell, f figure) []float64 {
	all := make([]float64, len(cells))
	for i, m := range cells {
		all[i] = f(m)
	}
	slices.Sort(all)
	return all
}

// median is the middle of the rounds, the lower of two; zero of none.
func median(cells []cell, f figure) float64 {
	if v := values(cells, f); len(v) > 0 {
		return v[(len(v)-1)/2]
	}
	return 0
}

// spread is the median with lowest and highest.
func spread(cells []cell, f figure, format string) string {
	v := values(cells, f)
	switch {
	case len(v) == 0 || v[len(v)-1] == 0:
		return "–"
	case len(v) == 1:
		return fmt.Sprintf(format, v[0])
	}
	return fmt.Sprintf(format+" ("+format+" – "+format+")", median(cells, f), v[0], v[len(v)-1])
}

// left counts what was not delivered.
func left(cells []cell) (n int) {
	for _, m := range cells {
		n += m.Left
	}
	return n
}

func (r *results) fastTable(b *strings.Builder) {
	if len(r.fast) == 0 {
		return
	}
	b.WriteString("\n## As fast as it goes: SMPP, a window of 10, receipts on\n\n")
	b.WriteString("| from | texts/s | of Kannel's | CPU a text, ms | of it the database server's | not delivered |\n|---|---|---|---|---|---|\n")
	kannel := median(of(r.fast, nameKannel, 1), rate)
	for _, c := range contenders {
		cells := of(r.fast, c.Name, 1)
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %d |\n", c.Name, spread(cells, rate, "%.0f"), times(median(cells, rate), kannel),
			spread(cells, cpu, "%.2f"), spread(cells, inDB, "%.2f"), left(cells))
	}
}

// times is a as a multiple of b.
func times(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f ×", a/b)
}

func (r *results) limitTables(b *strings.Builder) {
	if len(r.smpp)+len(r.cmpp) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## At the link's own limit: the carrier answers after %s\n\nThe limit is window by round trip.\n\n", r.o.Latency)
	b.WriteString("| link | from | limit, texts/s | texts/s | of the limit | CPU a text, ms | not delivered |\n|---|---|---|---|---|---|---|\n")
	for _, c := range contenders {
		r.limitRow(b, fmt.Sprintf("SMPP, window %d", windowSMPP), of(r.smpp, c.Name, 1))
	}
	for _, links := range []int{1, 2, 4} {
		r.limitRow(b, fmt.Sprintf("CMPP, %d × window %d", links, windowCMPP), of(r.cmpp, nameSQLite, links))
	}
}

func (r *results) limitRow(b *strings.Builder, what string, cells []cell) {
	if len(cells) == 0 {
		return
	}
	fmt.Fprintf(b, "| %s | %s | %.0f | %s | %.1f %% | %s | %d |\n", what, cells[0].Contender, r.limit(cells), spread(cells, rate, "%.1f"),
		100*r.share(cells), spread(cells, cpu, "%.2f"), left(cells))
}

// limit is what the links of some rounds can carry in a second.
func (r *results) limit(cells []cell) float64 {
	window := windowSMPP
	if len(r.cmpp) > 0 && slices.ContainsFunc(r.cmpp, func(m cell) bool { return len(cells) > 0 && m == cells[0] }) {
		window = windowCMPP
	}
	if len(cells) == 0 {
		return 0
	}
	return float64(window*cells[0].Links) / r.o.Latency.Seconds()
}

// share is how much of its limit was reached.
func (r *results) share(cells []cell) float64 {
	if len(cells) == 0 {
		return 0
	}
	return median(cells, rate) / r.limit(cells)
}

// aim is a number to reach.
type aim struct {
	what, want, got string
	reached         bool
}

func (r *results) aims(b *strings.Builder) {
	all := slices.Concat(r.fastAims(), r.limitAims(), r.windowAims(), r.killAims())
	if len(all) == 0 {
		return
	}
	b.WriteString("\n## Aims\n\n| Hotline | aim | measured | |\n|---|---|---|---|\n")
	for _, a := range all {
		word := "**missed**"
		if a.reached {
			word = "reached"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", a.what, a.want, a.got, word)
	}
}

func (r *results) fastAims() (all []aim) {
	kannel := of(r.fast, nameKannel, 1)
	if len(kannel) == 0 {
		return nil
	}
	for _, name := range []string{nameSQLite, namePostgres} {
		cells := of(r.fast, name, 1)
		ours, theirs := median(cells, rate), median(kannel, rate)
		all = append(all,
			aim{name + ": texts/s, receipts on", "≥ 2 × Kannel's", fmt.Sprintf("%s: %.0f, Kannel %.0f", times(ours, theirs), ours, theirs), ours >= 2*theirs},
			aim{name + ": CPU a text", "below Kannel's", fmt.Sprintf("%.2f ms, Kannel %.2f ms", median(cells, cpu), median(kannel, cpu)),
				median(cells, cpu) < median(kannel, cpu)})
	}
	return all
}

func (r *results) limitAims() (all []aim) {
	for _, name := range []string{nameSQLite, namePostgres} {
		if cells := of(r.smpp, name, 1); len(cells) > 0 {
			share := r.share(cells)
			all = append(all, aim{fmt.Sprintf("%s: SMPP at %s", name, r.o.Latency), "≥ 95 % of window / round trip",
				fmt.Sprintf("%.1f %%, Kannel %.1f %%", 100*share, 100*r.share(of(r.smpp, nameKannel, 1))), share >= 0.95})
		}
	}
	for _, links := range []int{1, 2, 4} {
		if cells := of(r.cmpp, nameSQLite, links); len(cells) > 0 {
			all = append(all, aim{fmt.Sprintf("CMPP at %s, %d links of window %d", r.o.Latency, links, windowCMPP), "≥ 95 % of window / round trip each",
				fmt.Sprintf("%.1f %%: %.0f texts/s", 100*r.share(cells), median(cells, rate)), r.share(cells) >= 0.95})
		}
	}
	return all
}

func (r *results) windowAims() (all []aim) {
	for _, a := range windows.Aims(r.windows) {
		all = append(all, aim{a.What, a.Want, a.Got, a.Reached})
	}
	return all
}

// method closes the report.
const method = `
## With programs that are not ours

` + "`make interop`" + ` asks for it; it is no part of this run. Our link at an SMSC made of the npm package smpp 0.5.1: bound, a text
in UCS-2 and one of two segments arrived as they were, the receipt found its text by the id that was given in
hexadecimal, a handset's answer came in with its extension, everything was acknowledged, and the link took leave by an
unbind. Kannel 1.4.5 at our SMSC: it bound once and kept the line through a PDU of an unknown command, came again after
0x58, and 50 texts, their receipts and a handset's answer went through.

## How to read it

- Before a round all its texts are in the outbox or in the spool and the carrier's port is closed. From the carrier's
  first submit until the last receipt is acknowledged is the time that counts; the clock is the carrier's.
- CPU is what the kernel charged meanwhile to all that a contender needs: Hotline's process and the database server, or
  bearerbox and smsbox. Hotline logs each step to a file as it does in service; Kannel logs warnings alone.
- Kannel runs with store-type = spool, dlr-storage = internal, 10 submits at once as it comes, and is not asked to tell
  anybody about receipts. Hotline writes each receipt to SQL.
- *Not delivered* are texts that a contender itself does not count as done when its round is over.
- A kill is SIGKILL at a random moment of a gateway with its texts under way; it is started anew until all is sent, and
  then the carrier's own record is held against SQL. Its clock runs faster, so that claims that have to run out do.

Again: ` + "`make bench-sms`" + `; parts and sizes: ` + "`make bench-sms BENCH=-help`" + `.
`
