package ivr

import (
	"fmt"
	"time"

	"hotline/dispatch"
)

// Screen knows callers who have been blocked. It answers at once, from memory.
type Screen interface {
	Blocked(number string) bool
}

// refusedKey is how long a caller who is not served may still press the emergency key
// after being told so.
const refusedKey = 4 * time.Second

// welcome begins the flow, unless this caller has called too often or is blocked. It runs
// with the emergency key armed: whoever is refused everything else has that.
func (v *visit) welcome() error {
	if v.mem.Refused = v.refused(); v.mem.Refused != "" {
		return v.turnAway()
	}
	return v.comeIn()
}

// refused is the prompt for a caller who is not served; empty for everybody else, and
// whenever it cannot be told.
func (v *visit) refused() (prompt string) {
	defer func() {
		if p := recover(); p != nil {
			v.log.Error("nobody can be refused", "panic", fmt.Sprint(p))
			prompt = ""
		}
	}()
	switch c := v.r.cfg; {
	case c.Screen != nil && v.phone.Caller() != "" && c.Screen.Blocked(v.phone.Caller()):
		return promptBlocked
	case c.Limiter != nil && !c.Limiter.Admit(v.live, v.phone.Caller(), v.phone.Source()):
		return promptTooOften
	}
	return ""
}

// refusals tell in a record why somebody was not served.
var refusals = map[string]string{promptBlocked: "号码已被限制", promptTooOften: "来电过于频繁"}

// turnAway says one sentence, waits for the emergency key and says goodbye.
func (v *visit) turnAway() error {
	why := refusals[v.mem.Refused]
	v.log.Warn("caller not served", "why", v.mem.Refused, "source", v.phone.Source())
	v.r.cfg.Observe(Happening{What: "refused", Outcome: v.mem.Refused})
	v.note(func(c *dispatch.Call) { c.Outcome, c.Detail = outcomeRefused, why })
	v.step("refused", why)
	v.remember()
	if _, err := v.gather(ask{prompts: []string{v.mem.Refused}, max: 1, first: refusedKey}); err != nil {
		return err
	}
	return v.say(promptGoodbye)
}
