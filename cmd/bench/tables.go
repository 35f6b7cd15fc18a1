package main

import (
	"fmt"
	"strings"

	"hotline/cmd/gauge"
)

// limitTable is how far each contender goes.
func (r *results) limitTable(b *strings.Builder) {
	if len(r.limits) == 0 {
		return
	}
	fmt.Fprintf(b, `
## Each one's limit

The highest rate at which no call failed, key → prompt p99 was below %s and INVITE → 200 p99 below %s. Looked for in
steps of %d calls per second from %d, by turns, %s a try; a rate that fails is tried once more. The numbers are those
of a last try, of twice the time, at the rate found.

| served by | calls per second | of the dialplan's | key → prompt p50 | p99 | INVITE → 200 p99 | CPU per call: Asterisk | controller |
|---|---|---|---|---|---|---|---|
`, whole(limitKey), whole(limitAnswer), r.o.LimitStep, r.o.LimitFrom, r.o.LimitFor)
	least := 0
	for _, l := range r.limits {
		if l.Contender == nameDialplan {
			least = l.Rate
		}
	}
	for _, l := range r.limits {
		rate, p := fmt.Sprint(l.Rate), []cell{l.Proof}
		switch {
		case l.Rate == 0:
			fmt.Fprintf(b, "| %s | none served | – | – | – | – | – | – |\n", l.Contender)
			continue
		case l.Beyond:
			rate = "≥ " + rate
		}
		fmt.Fprintf(b, "| %s | %s | %.0f %% | %s | %s | %s | %s | %s |\n", l.Contender, rate, 100*ratio(float64(l.Rate), float64(least)),
			spread(p, keyAt(50)), spread(p, keyAt(99)), spread(p, answerAt(99)), spread(p, ofAsterisk), spread(p, ofController))
	}
}

// heldTable is what many calls cost that only last.
func (r *results) heldTable(b *strings.Builder) {
	if len(r.held) == 0 {
		return
	}
	fmt.Fprintf(b, `
## Calls held

Callers who pressed 2 and listen to a prompt of ten minutes, and two-key calls beside them, %d per second. Cores and
memory are those while nothing else goes on. One round.

| calls held | served by | key → prompt beside them p50 | p99 | calls, failed | hear their prompt | not served, or hung up on | Asterisk: cores | memory | controller: cores | memory |
|---|---|---|---|---|---|---|---|---|---|---|
`, besideRate)
	for _, level := range r.o.Held {
		for _, m := range r.held {
			if m.Callers == level {
				fmt.Fprintf(b, "| %d | %s | %s | %s | %d, %d | %d | %d | %.2f | %d MB | %s |\n", level, m.Contender,
					gauge.Millis(gauge.Percentile(m.Beside.Key, 50)), gauge.Millis(gauge.Percentile(m.Beside.Key, 99)), m.Beside.Calls, m.Beside.Failed,
					m.Hearing, m.Failed+m.Left, m.Asterisk.Cores, m.Asterisk.Resident>>20, own(m))
			}
		}
	}
	fmt.Fprintf(b, "\nTo listen took the callers %.2f of a core at most.\n", r.listening())
	b.WriteString("\nAfterwards, when all had hung up:\n\n| controller | goroutines more than before | events it could not read | sockets it opened |\n|---|---|---|---|\n")
	for _, m := range r.held {
		if m.Callers != r.o.Held[len(r.o.Held)-1] || m.Own.Resident == 0 {
			continue
		}
		events, opened := "does not tell", "does not tell"
		if m.Contender == nameHotline {
			events, opened = fmt.Sprint(m.Dropped), fmt.Sprint(m.Sockets)
		}
		fmt.Fprintf(b, "| %s | %d | %s | %s |\n", m.Contender, m.Stays, events, opened)
	}
}

// listening is the most that callers took to be held, in cores.
func (r *results) listening() (most float64) {
	for _, m := range r.held {
		most = max(most, m.Listening)
	}
	return most
}

// own is what the controller takes, if there is one.
func own(m heldCell) string {
	if m.Own.Resident == 0 {
		return "– | –"
	}
	return fmt.Sprintf("%.2f | %d MB", m.Own.Cores, m.Own.Resident>>20)
}

// takeoverTable is what callers notice of a controller that dies.
func (r *results) takeoverTable(b *strings.Builder) {
	t := r.takeover
	if t == nil {
		return
	}
	fmt.Fprintf(b, `
## The controller is killed (Hotline)

%d callers are in a menu when the process gets SIGKILL. It is started anew at once (%s later), and each caller listens
for what follows the prompt that Asterisk goes on playing by itself: the apology of the new process.

| counted from the new process's start | |
|---|---|
| first caller hears it | %s |
| half of them | %s |
| the last | %s |
| callers who heard nothing within %s | %d |
| callers hung up on | %d |
`, t.Callers, whole(t.Down), whole(gauge.Percentile(t.Heard, 0)), whole(gauge.Percentile(t.Heard, 50)), whole(gauge.Percentile(t.Heard, 100)),
		takeoverPatience, t.Deaf, t.Left)
}

// benchstatTable is the Go benchmarks of the hot path, if they were run.
func (r *results) benchstatTable(b *strings.Builder) {
	b.WriteString("\n## Go benchmarks of the hot path\n\n")
	if r.benchstat == "" {
		b.WriteString("Not part of this run. `make benchstat` compares them with the previous commit.\n")
		return
	}
	fmt.Fprintf(b, "Event decoding (ari/v5's beside ours), routing to one of a thousand calls, the flow of a whole two-key call; the previous\n"+
		"commit and this one by turns, six times each, compared by benchstat (`make benchstat`).\n\n```\n%s\n```\n", strings.TrimSpace(r.benchstat))
}
