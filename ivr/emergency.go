package ivr

import (
	"fmt"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// emergency puts the caller through to the police, an ambulance, the fire brigade
// (ZZ-10.3). It is reached from anywhere by the emergency key, with all that was going
// on stopped, and it needs the switch and nothing else: what it dials was worked out
// at start-up, and every record of it is written after the call. It reports whether
// the caller asked to go back to the menu; errEmergency is a caller who pressed the key
// again because the line dropped or could not be reached.
func (v *visit) emergency() (back bool, err error) {
	v.live = v.call                          // the key is off; nothing may leave this branch but the caller
	if v.mem.Branch && v.mem.Service != "" { // taken over from a controller that died
		return false, v.emergencyOn()
	}
	v.log.Info("emergency key")
	v.step("emergency", "按9,紧急求助")
	v.mem.Branch, v.mem.Service, v.mem.Direct, v.mem.Tried = true, "", false, nil
	target, back := v.chooseService()
	if back {
		v.step("emergency", "返回主菜单")
		return true, nil
	}
	if err := v.gone(); err != nil { // who hangs up here may have been made to
		v.note(func(c *dispatch.Call) {
			c.Emergency, c.Outcome, c.Detail = true, outcomeEmergency, "未选择即挂机"
		})
		return false, err
	}
	v.note(func(c *dispatch.Call) {
		c.Emergency = true
		c.Outcome = outcomeEmergency
		c.Detail = target.Number
	})
	v.mem.Service = string(target.Key)
	defer func() { v.mem.Service = "" }() // pressed again, the key begins anew
	v.saveSoFar()
	return false, v.serve(target)
}

// serve puts the caller through to the service chosen.
func (v *visit) serve(target Service) error {
	if v.dialService(target) {
		return v.say(promptCallEnded)
	}
	return v.dialDirectly(target)
}

// emergencyOn goes on with an emergency whose service was chosen before: it is rung again
// at once, or, where it could not be reached, the leader on duty is.
func (v *visit) emergencyOn() error {
	target, ok := v.r.cfg.Emergency.services[v.mem.Service[0]]
	if !ok {
		target = v.r.cfg.Emergency.first()
	}
	v.step("emergency", "系统中断后继续紧急求助")
	defer func() { v.mem.Service = "" }()
	if v.mem.Direct {
		return v.dialDirectly(target)
	}
	return v.serve(target)
}

// chooseService asks which service. Keys typed ahead count, so that 9 2 at once is an
// ambulance. Whoever presses nothing twice, or something else, may be unable to press
// anything: that is the first service's case.
func (v *visit) chooseService() (s Service, back bool) {
	plan := v.r.cfg.Emergency
	prompt := plan.prompt()
	for range 2 {
		g, err := v.gather(ask{prompts: []string{prompt}, valid: plan.keys(), max: 1, first: plan.menu.FirstKey})
		if err != nil {
			return Service{}, false
		}
		if g.End != asterisk.GatherDone {
			continue
		}
		if g.Digits == "*" {
			return Service{}, true
		}
		if s, ok := plan.services[g.Digits[0]]; ok {
			return s, false
		}
	}
	return plan.first(), false
}

// dialService rings the service on one trunk after the other until the caller has talked
// with it, whatever a trunk says: busy is tried elsewhere too. The number the caller hears
// of is the caller's own: it is presented to the service in From and P-Asserted-Identity.
func (v *visit) dialService(target Service) (talked bool) {
	ways := v.r.cfg.Emergency.routes.to(ForEmergency, target.Number)
	for tried := 0; len(ways.left) > 0; {
		d := ways.reach(func(w way) asterisk.Dialed {
			tried++
			return v.dialEmergency(target, w, tried)
		})
		if v.call.Err() != nil {
			d.free()
			v.drop(d.Dialed)
			return true // the caller left; there is nobody to talk to
		}
		if d.Outcome == asterisk.Answered && v.connectService(d, target) {
			return true
		}
	}
	return false
}

// dialEmergency rings the service on one trunk, the first, second ... tried.
func (v *visit) dialEmergency(target Service, w way, tried int) asterisk.Dialed {
	if v.call.Err() != nil {
		return asterisk.Dialed{Outcome: asterisk.Abandoned}
	}
	opening := promptEmergencyConnect
	if tried > 1 {
		opening = promptEmergencyRetry
	}
	began := v.r.cfg.Clock.Now()
	v.step("emergency", fmt.Sprintf("呼叫 %s(第 %d 条中继 %s)", target.Number, tried, w.trunk.Name))
	v.remember()
	d, err := v.phone.Dial(v.call, asterisk.DialOptions{
		Endpoint: w.endpoint, CallerID: v.presented(), Ring: v.r.cfg.Emergency.menu.Ring,
		Meanwhile: v.meanwhile(v.r.cfg.Emergency.menu.Ring, opening),
	})
	if err != nil {
		v.log.Error("emergency dial failed", "service", target.Number, "trunk", w.trunk.Name, "err", err)
		d = asterisk.Dialed{Outcome: asterisk.Unreachable}
	}
	v.r.cfg.Observe(Happening{What: "emergency", Outcome: string(d.Outcome), Took: v.elapsed(began)})
	v.step("emergency", target.Number+":"+outcomeWords[d.Outcome])
	return d
}

// tooBrief is a conversation nobody can have had: the line took the call and dropped it.
const tooBrief = 2 * time.Second

// connectService lets the caller talk with the service and reports whether they did.
func (v *visit) connectService(d reached, target Service) (talked bool) {
	began := v.r.cfg.Clock.Now()
	v.log.Info("emergency connected", "service", target.Number)
	left := v.talk(d, target.Number)
	return left != "" && !(left == asterisk.FarLeft && v.elapsed(began) < tooBrief)
}

// dialDirectly is the last resort: every trunk failed. The caller hears which number
// to dial, again and again while the leader on duty is rung for them; if the leader
// does not take the call, or the caller hangs up to dial as told, the alarm goes on
// ringing the leaders by itself.
func (v *visit) dialDirectly(target Service) error {
	v.mem.Direct = true
	v.log.Error("emergency not connected on any trunk", "service", target.Number)
	v.note(func(c *dispatch.Call) { c.Detail = target.Number + " 未接通" })
	v.step("emergency", "各条中继均未接通,请来电人直接拨打"+target.Number+",并呼叫带班领导")
	tell := v.failedPrompt(target)
	v.disarm() // a line that answered and dropped has armed it
	v.live = v.call
	for _, leader := range v.r.shift().Leader {
		c := v.officer(leader)
		c.title, c.accept, c.opening = "带班领导 "+leader.Name, promptLeaderEmergency, []string{tell}
		d, err := v.ring(c)
		if err != nil {
			break
		}
		if d.Outcome == asterisk.Answered && v.talk(d, c.title) != "" {
			v.note(func(c *dispatch.Call) { c.Detail = target.Number + " 未接通,转带班领导 " + leader.Name })
			return nil
		}
	}
	if !v.mem.Unserved {
		v.mem.Unserved = true
		v.raise(Alert{CallID: v.record().ID, Phone: v.phone.Caller(), Why: FailedEmergency, Service: target.Number},
			v.registerEmergency())
	}
	v.disarm()
	v.arm() // whoever does not hang up may try again
	return v.say(tell, tell)
}

// failedPrompt is the sentence that names the service's own number, or the one that
// names them all.
func (v *visit) failedPrompt(target Service) string {
	if id := promptEmergencyFailed + "-" + target.Number; v.r.cfg.Prompts.Has(id) {
		return id
	}
	return promptEmergencyFailed
}
