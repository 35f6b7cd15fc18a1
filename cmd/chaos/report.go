package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is what a run came to.
type report struct {
	o         options
	began     time.Time
	took      time.Duration
	machine   string
	rounds    []*outcome
	doubled   []string
	uncertain []string
}

func (r *report) add(o *outcome) { r.rounds = append(r.rounds, o) }

func (r *report) repeats(t *tap) { r.doubled, r.uncertain = t.repeats(repeatGrace) }

func (r *report) calls() (n int) {
	for _, o := range r.rounds {
		n += len(o.Calls)
	}
	return n
}

// machine is what it ran on.
func machine(repo string) string {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease") // empty where there is none
	commit, _ := exec.Command("git", "-C", repo, "describe", "--always", "--dirty").Output()
	asterisk, _ := exec.Command(repo+"/.cache/bin/asterisk", "-V").Output()
	return fmt.Sprintf("%d cores, Linux %s, %s, %s, Hotline %s", runtime.NumCPU(), strings.TrimSpace(string(kernel)),
		strings.TrimSpace(string(asterisk)), runtime.Version(), strings.TrimSpace(string(commit)))
}

// text is the report as it is committed.
func (r *report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What %d rounds of chaos found\n\n", len(r.rounds))
	fmt.Fprintf(&b, "| | |\n|---|---|\n")
	for _, row := range [][2]string{
		{"date", fmt.Sprintf("%s, took %v", r.began.UTC().Format("2006-01-02 15:04 UTC"), r.took.Round(time.Second))},
		{"machine", r.machine},
		{"hotline", fmt.Sprintf("controllers: %d, Asterisks: %d, Sentinel: %t, PostgreSQL", r.o.Nodes, r.o.Switches, r.o.Sentinel)},
		{"seed", fmt.Sprint(r.o.Seed)},
		{"calls", fmt.Sprint(r.calls())},
		{"texts repeated because the carrier's answer was never seen", fmt.Sprint(len(r.uncertain))},
		{"sound again after the victim was back", spread(r.each(func(o *outcome) []time.Duration { return o.Back }))},
		{"longest silence of each call that lived through a fault", spread(r.each(func(o *outcome) []time.Duration { return o.Silence }))},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	r.table(&b)
	b.WriteString(method)
	return b.String()
}

func (r *report) each(of func(*outcome) []time.Duration) (all []time.Duration) {
	for _, o := range r.rounds {
		all = append(all, of(o)...)
	}
	slices.Sort(all)
	return all
}

// spread is the median, the 99th percentile and the longest.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "–"
	}
	at := func(p int) string { return all[min(len(all)-1, len(all)*p/100)].Round(10 * time.Millisecond).String() }
	return fmt.Sprintf("p50 %s, p99 %s, longest %s (%d)", at(50), at(99), at(100), len(all))
}

// table has a line for each fault.
func (r *report) table(b *strings.Builder) {
	rounds, findings := map[string]int{}, map[string][]string{}
	var names []string
	for _, o := range r.rounds {
		if rounds[o.Fault]++; rounds[o.Fault] == 1 {
			names = append(names, o.Fault)
		}
		for _, f := range o.Findings {
			findings[o.Fault] = append(findings[o.Fault], fmt.Sprintf("round %d: %s", o.N, f))
		}
	}
	slices.Sort(names)
	fmt.Fprintf(b, "\n| fault | rounds | findings |\n|---|---|---|\n")
	for _, n := range names {
		fmt.Fprintf(b, "| %s | %d | %d |\n", n, rounds[n], len(findings[n]))
	}
	b.WriteString("\n")
	for _, n := range names {
		for _, f := range findings[n] {
			fmt.Fprintf(b, "- %s, %s\n", n, f)
		}
	}
}

// method closes the report.
const method = `
## How to read this

- Every round has some thirty calls, about three a second, in every phase: the menu, waiting for a desk, a desk that
  rings, talking, leaving a message, the emergency key. One thing breaks when all phases have somebody in them, and is
  mended some seconds later; a process that was killed is started again as systemd would.
- Prompts are cut to 1.2 s and the ring-back tone has no pauses, so that a caller always hears something. More than
  2 s of silence is a finding, plus 0.5 s and what this process itself was late by: on a busy machine callers are late too.
  It is counted from the fault on: what was quiet before is how a menu waits for a key.
- The auditor compares callers, the carrier's calls and texts, what each Asterisk wrote down of its channels (CEL), SQL and
  Redis, for 90 s at most: a carrier that was asked to come again with a text comes after a minute.
- What was said in the last 2 s before an Asterisk is killed is not missed: it writes recordings in blocks of that length.
- While the Asterisk or the carrier that has a call is dead, frozen or cut off, its calls may be silent or end; with one
  controller, so may all while it is away. Their records, orders and messages must be right all the same.
- *Sound again* is from the moment the victim works again to the first sound of a caller who heard nothing then.
- A text that went out twice counts as doubled when the carrier's answer to the first had come back over a connection
  that lived on for 3 s. One whose answer never came may have been lost; the hotline marks such repetitions.
- The clock that steps is the product's own (--dev): one controller's present, with timers kept, forward and back.
- Full disks are small file systems of their own below recordings and spools (mounting needs root).
- SIP goes through the wires from Asterisk to the carrier up to the answer; what follows goes directly.

One round again: chaos -seed SEED -only-round N. Random are the fault, its moment, its length and the callers; what
the machine does meanwhile is not.
`
