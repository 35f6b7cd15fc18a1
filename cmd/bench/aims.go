package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/cmd/gauge"
)

// aimRate, aimHeld and aimMost are the calls per second and the held callers that the
// aims speak of.
const (
	aimRate = 30
	aimHeld = 500
	aimMost = 1000
)

// aim is one figure to reach.
type aim struct {
	What    string
	Wanted  string
	Got     string
	Reached bool
}

// aims says plainly which were reached. What a run left out has no aims.
func (r *results) aims(b *strings.Builder) {
	b.WriteString("\n## Aims\n\n")
	all := slices.Concat(r.aimsOfRate(), r.aimsOfLimits(), r.aimsOfHeld(), r.aimsOfEmergencies(), r.aimsOfTakeover())
	if len(all) == 0 {
		b.WriteString("This run left out everything they speak of.\n")
		return
	}
	b.WriteString("| Hotline | aim | measured | |\n|---|---|---|---|\n")
	for _, a := range all {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", a.What, a.Wanted, a.Got, map[bool]string{true: "reached", false: "**missed**"}[a.Reached])
	}
}

// aimsOfRate are those at aimRate.
func (r *results) aimsOfRate() []aim {
	ours, dialplan := r.of(nameHotline, aimRate), r.of(nameDialplan, aimRate)
	if len(ours) == 0 || len(dialplan) == 0 {
		return nil
	}
	key, least := middle(ours, keyAt(50)), middle(dialplan, keyAt(50))
	p99, cpu := middle(ours, keyAt(99)), middle(ours, ofController)
	times := ratio(float64(key), float64(least))
	share := 100 * ratio(float64(cpu), float64(middle(ours, ofAsterisk)))
	failed := 0
	for _, m := range r.cells {
		if m.Contender == nameHotline {
			failed += m.Failed
		}
	}
	return []aim{
		{"key → prompt p50, 30 calls/s", "≤ 2.5 × the dialplan's", fmt.Sprintf("%.1f ×: %s", times, gauge.Millis(key)), key > 0 && times <= 2.5},
		{"key → prompt p99, 30 calls/s", "≤ 20 ms", gauge.Millis(p99), p99 > 0 && p99 <= 20*time.Millisecond},
		{"controller's CPU per call, notes and records on, 30 calls/s", "≤ 2.0 ms", gauge.Millis(cpu), cpu > 0 && cpu <= 2*time.Millisecond},
		{"the same as a share of Asterisk's", "≤ 20 %", fmt.Sprintf("%.0f %%", share), cpu > 0 && share <= 20},
		{"calls that failed, all rates above", "0", fmt.Sprint(failed), failed == 0},
	}
}

// aimsOfLimits compare highest rates.
func (r *results) aimsOfLimits() []aim {
	rate := map[string]float64{}
	for _, l := range r.limits {
		rate[l.Contender] = float64(l.Rate)
	}
	if len(rate) == 0 {
		return nil
	}
	share, times := 100*ratio(rate[nameHotline], rate[nameDialplan]), ratio(rate[nameHotline], rate[nameStock])
	return []aim{
		{"highest sustained rate beside the dialplan's", "≥ 80 %", fmt.Sprintf("%.0f %%", share), share >= 80},
		{"highest sustained rate beside ari/v5's", "≥ 1.3 ×", fmt.Sprintf("%.2f ×", times), times >= 1.3},
	}
}

// aimsOfHeld are beside callers who only listen.
func (r *results) aimsOfHeld() []aim {
	var all []aim
	for _, m := range r.held {
		if m.Contender != nameHotline {
			continue
		}
		if m.Callers == aimHeld {
			key := gauge.Percentile(m.Beside.Key, 50)
			all = append(all, aim{"key → prompt p50 beside 500 held calls", "≤ 5 ms", gauge.Millis(key), key > 0 && key <= 5*time.Millisecond})
		}
		if m.Callers == aimMost {
			all = append(all,
				aim{"1,000 calls held: events dropped", "0 on one socket", fmt.Sprintf("%d, sockets: %d; callers lost: %s", m.Dropped, m.Sockets, r.lostOf(m.Callers)), m.Dropped == 0 && m.Sockets == 1},
				aim{"1,000 calls held: controller's memory", "≤ 150 MB", fmt.Sprintf("%d MB", m.Own.Resident>>20),
					m.Own.Resident > 0 && m.Own.Resident <= 150<<20},
				aim{"goroutines left after they ended", "0", fmt.Sprint(m.Stays), m.Stays == 0})
		}
	}
	return all
}

// lostOf is how many of so many callers each contender did not serve: where the dialplan
// loses some, the machine is too small for Asterisk itself.
func (r *results) lostOf(callers int) string {
	var all []string
	for _, m := range r.held {
		if m.Callers == callers {
			all = append(all, fmt.Sprintf("%s %d", m.Contender, m.Failed+m.Left))
		}
	}
	return strings.Join(all, ", ")
}

// aimsOfEmergencies is the way to the trunk.
func (r *results) aimsOfEmergencies() []aim {
	t := r.emergencies[r.o.Behind]
	if t == nil {
		return nil
	}
	p99 := gauge.Percentile(t.Invite, 99)
	return []aim{{fmt.Sprintf("emergency key → INVITE p99, %d calls/s beside it", r.o.Behind), "≤ 30 ms, none failed",
		fmt.Sprintf("%s, %d failed", gauge.Millis(p99), t.Failed), p99 > 0 && p99 <= 30*time.Millisecond && t.Failed == 0}}
}

// aimsOfTakeover is what a kill costs.
func (r *results) aimsOfTakeover() []aim {
	t := r.takeover
	if t == nil {
		return nil
	}
	last, lost := gauge.Percentile(t.Heard, 100), t.Left+t.Deaf
	return []aim{{fmt.Sprintf("%d live calls controlled again after the new process began", t.Callers), "all within 2 s",
		fmt.Sprintf("%d, the last after %.2f s", len(t.Heard), last.Seconds()), t.Callers > 0 && lost == 0 && last <= 2*time.Second}}
}

// ratio is a over b; zero when there is no b.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
