package ivr

import (
	"fmt"

	"hotline/asterisk"
	"hotline/dispatch"
	"hotline/sms"
)

// dutyNode rings the officers on duty in turn (ZZ-20.2): the duty phone, then its
// backup, each for the profile's time. Whoever answers has to press 1, so that a
// mobile's own voicemail is not taken for a person.
//
//	duty: {verb: duty, none: voicemail}
type dutyNode struct{ none, then Exit }

func readDuty(o *object) verb {
	return &dutyNode{none: o.exit("none", "无人接听"), then: o.optionalExit("then", "通话后")}
}

func (n *dutyNode) exits() []Exit     { return present(n.none, n.then) }
func (n *dutyNode) prompts() []string { return nil }

func (n *dutyNode) run(v *visit) (string, error) {
	if !v.r.cfg.Profile.Duty.Officer {
		v.step("duty", "本热线下班后直接留言")
		return n.none.To, nil
	}
	answered, err := v.ringDuty()
	if err != nil {
		return "", err
	}
	if !answered {
		return n.none.To, nil
	}
	return n.talked(v)
}

func (n *dutyNode) talked(v *visit) (string, error) { return n.then.To, v.farewell(n.then) }

// ringDuty rings the officers on duty and talks with the one who accepts.
func (v *visit) ringDuty() (answered bool, err error) {
	open, _ := v.r.cfg.Profile.Hours.Open(v.r.cfg.Clock.Now())
	for i, officer := range v.onDuty() {
		c := v.officer(officer)
		switch {
		case i > 0:
			c.opening = []string{promptDutyNext}
		case !open:
			c.opening = []string{promptConnectDuty}
		}
		began := v.r.cfg.Clock.Now()
		dialed, err := v.ring(c)
		if err != nil {
			return false, err
		}
		v.r.cfg.Observe(Happening{What: "duty", Outcome: string(dialed.Outcome), Took: v.elapsed(began)})
		if dialed.Outcome == asterisk.Answered {
			v.note(func(c *dispatch.Call) { c.Outcome = outcomeAnswered })
			v.answeredBy("duty:"+officer.Name, "来电由"+c.title+"接听")
			if v.talk(dialed, c.title) != "" {
				return true, nil
			}
			if err := v.unanswered(func() {}); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// officer is how an officer's mobile is rung, on the first trunk that works.
func (v *visit) officer(o dispatch.Officer) called {
	return called{
		title: "值班 " + o.Name, ways: v.r.cfg.Routes.to(ForDuty, o.Phone), ring: v.r.cfg.Profile.Duty.Ring,
		accept: promptDutyAccept,
	}
}

// onDuty lists the officers to be rung in turn.
func (v *visit) onDuty() []dispatch.Officer {
	shift := v.r.shift()
	return append(append([]dispatch.Officer(nil), shift.Duty...), shift.Backup...)
}

// shift asks the roster; without one, or with a broken one, nobody is on duty and the
// caller gets the next best thing.
func (r *Runner) shift() (shift dispatch.Shift) {
	defer func() {
		if p := recover(); p != nil {
			r.cfg.Log.Error("roster failed", "panic", fmt.Sprint(p))
		}
	}()
	if r.cfg.Roster == nil {
		return dispatch.Shift{}
	}
	return r.cfg.Roster.At(r.cfg.Clock.Now())
}

// phones lists the officers' numbers, for texts.
func phones(officers ...dispatch.Officer) []string {
	var numbers []string
	for _, o := range officers {
		if n, err := sms.Normalize(o.Phone); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
