package ivr

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// round rings every leader once, until one confirms. A fault of ours costs one round
// and neither the alarm nor the program.
func (a *Alarm) round(ctx context.Context, alert Alert) (name string, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			a.cfg.Log.Error("panic in an alarm", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for i, leader := range a.leaders(alert) {
		if i > 0 && a.over(ctx, alert) { // an officer has confirmed by text meanwhile
			break
		}
		if a.confirmed(ctx, alert, leader) {
			return leader.Name, true
		}
		if ctx.Err() != nil {
			break
		}
	}
	return "", false
}

// leaders asks the roster anew each round: the shift may have changed. Without a
// leader the officers on duty must know.
func (a *Alarm) leaders(alert Alert) []dispatch.Officer {
	if len(alert.People) > 0 {
		return alert.People
	}
	if a.cfg.Roster == nil {
		return nil
	}
	shift := a.cfg.Roster.At(a.cfg.Clock.Now())
	if len(shift.Leader) > 0 {
		return shift.Leader
	}
	return append(append([]dispatch.Officer(nil), shift.Duty...), shift.Backup...)
}

// confirmed rings one leader, on the next trunk when the first is down.
func (a *Alarm) confirmed(ctx context.Context, alert Alert, leader dispatch.Officer) bool {
	ways := a.cfg.Routes.to(ForDuty, leader.Phone)
	d := ways.reach(func(w way) asterisk.Dialed {
		d, err := a.cfg.Ringer.Ring(ctx, asterisk.DialOptions{
			Endpoint: w.endpoint, CallerID: a.cfg.CallerID, CallerName: "热线告警", Ring: a.cfg.Ring,
			Confirm: &asterisk.Confirm{Prompt: a.prompt(alert), Key: '1', Timeout: 20 * time.Second},
		})
		if err != nil {
			a.cfg.Log.Warn("alarm call failed", "leader", leader.Name, "err", err)
			return asterisk.Dialed{Outcome: asterisk.Unreachable}
		}
		a.note(ctx, alert, leader, d.Outcome)
		return d
	})
	defer d.free()
	if d.Outcome != asterisk.Answered {
		return false
	}
	a.thank(ctx, alert, d.Dialed)
	return true
}

// prompt is what the leader hears until pressing 1.
func (a *Alarm) prompt(alert Alert) asterisk.PlayOptions {
	id, ok := map[string]string{FailedEmergency: promptLeaderEmergency, MajorMatter: promptLeaderMajor, SuddenMatter: promptLeaderMajor}[alert.Why]
	if !ok {
		id = promptLeaderAlert
	}
	return a.compose(phrase{id: id})
}

func (a *Alarm) compose(p phrase) asterisk.PlayOptions {
	s, err := a.cfg.Prompts.Compose(a.cfg.Language, p.id, p.slots)
	if err != nil {
		a.cfg.Log.Warn("prompt missing", "prompt", p.id, "err", err)
	}
	return asterisk.PlayOptions{Sounds: s.Sounds, Language: a.cfg.Language, Expect: s.Length}
}

// note writes to the order's timeline what came of ringing a leader.
func (a *Alarm) note(ctx context.Context, alert Alert, leader dispatch.Officer, o asterisk.DialOutcome) {
	save, word := Noter.Note, outcomeWords[o]
	if o == asterisk.Answered {
		save, word = Noter.EndAlarm, "已按1确认"
	}
	a.write(ctx, alert, func(ctx context.Context) error {
		return save(a.cfg.Orders, ctx, alert.Order, alert.actor(leader), fmt.Sprintf("呼叫%s %s:%s", alert.whom(), leader.Name, word))
	})
}

// thank tells the leader which order it is and hangs up.
func (a *Alarm) thank(ctx context.Context, alert Alert, d asterisk.Dialed) {
	if d.Leg == nil {
		return
	}
	phrases := []phrase{{id: promptLeaderConfirmed}}
	if alert.Digits != "" && alert.Phone != "" {
		phrases = append([]phrase{{id: promptLeaderOrder, slots: Slots{"ticket": alert.Digits, "phone": alert.Phone}}}, phrases...)
	}
	for _, p := range phrases {
		if _, err := d.Leg.Play(ctx, a.compose(p)); err != nil {
			a.cfg.Log.Warn("leader not told", "err", err)
		}
	}
	if err := d.Leg.Hangup(context.WithoutCancel(ctx), "normal"); err != nil {
		a.cfg.Log.Warn("leader's leg not hung up", "err", err)
	}
}
