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
		c.Detail = target.service.Number
	})
	v.mem.Service = string(target.service.Key)
	defer func() { v.mem.Service = "" }() // pressed again, the key begins anew
	v.saveSoFar()
	return false, v.serve(target)
}

// serve puts the caller through to the service chosen.
func (v *visit) serve(target route) error {
	if v.dialService(target) {
		return v.say(promptCallEnded)
	}
	return v.dialDirectly(target)
}

// emergencyOn goes on with an emergency whose service was chosen before: it is rung again
// at once, or, where it could not be reached, the leader on duty is.
func (v *visit) emergencyOn() error {
	target, ok := v.r.cfg.Emergency.routes[v.mem.Service[0]]
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
func (v *visit) chooseService() (r route, back bool) {
	plan := v.r.cfg.Emergency
	prompt := plan.prompt()
	for range 2 {
		g, err := v.gather(ask{prompts: []string{prompt}, valid: plan.keys(), max: 1, first: plan.menu.FirstKey})
		if err != nil {
			return route{}, false
		}
		if g.End != asterisk.GatherDone {
			continue
		}
		if g.Digits == "*" {
			return route{}, true
		}
		if r, ok := plan.routes[g.Digits[0]]; ok {
			return r, false
		}
	}
	return plan.first(), false
}

// dialService rings the service on the first trunk and, failing that, once on the
// second. The number the caller hears of is the caller's own: it is presented to the
// service in From and P-Asserted-Identity.
func (v *visit) dialService(target route) (talked bool) {
	for i, endpoint := range target.dials {
		opening := promptEmergencyConnect
		if i > 0 {
			opening = promptEmergencyRetry
		}
		began := v.r.cfg.Clock.Now()
		v.step("emergency", fmt.Sprintf("呼叫 %s(第 %d 条中继)", target.service.Number, i+1))
		v.remember()
		d, err := v.phone.Dial(v.call, asterisk.DialOptions{
			Endpoint: endpoint, CallerID: v.presented(), Ring: v.r.cfg.Emergency.menu.Ring,
			Meanwhile: v.meanwhile(v.r.cfg.Emergency.menu.Ring, opening),
		})
		if err != nil {
			v.log.Error("emergency dial failed", "service", target.service.Number, "trunk", i+1, "err", err)
			d = asterisk.Dialed{Outcome: asterisk.Unreachable}
		}
		v.r.cfg.Observe(Happening{What: "emergency", Outcome: string(d.Outcome), Took: v.elapsed(began)})
		v.step("emergency", target.service.Number+":"+outcomeWords[d.Outcome])
		if v.call.Err() != nil {
			v.drop(d)
			return true // the caller left; there is nobody to talk to
		}
		if d.Outcome == asterisk.Answered && v.connectService(d, target) {
			return true
		}
	}
	return false
}

// tooBrief is a conversation nobody can have had: the line took the call and dropped it.
const tooBrief = 2 * time.Second

// connectService lets the caller talk with the service and reports whether they did.
func (v *visit) connectService(d asterisk.Dialed, target route) (talked bool) {
	began := v.r.cfg.Clock.Now()
	v.log.Info("emergency connected", "service", target.service.Number)
	left := v.talk(d, target.service.Number)
	return left != "" && !(left == asterisk.FarLeft && v.elapsed(began) < tooBrief)
}

// dialDirectly is the last resort: both trunks failed. The caller hears which number
// to dial, again and again while the leader on duty is rung for them; if the leader
// does not take the call, or the caller hangs up to dial as told, the alarm goes on
// ringing the leaders by itself.
func (v *visit) dialDirectly(target route) error {
	v.mem.Direct = true
	v.log.Error("emergency not connected on any trunk", "service", target.service.Number)
	v.note(func(c *dispatch.Call) { c.Detail = target.service.Number + " 未接通" })
	v.step("emergency", "两条中继均未接通,请来电人直接拨打"+target.service.Number+",并呼叫带班领导")
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
			v.note(func(c *dispatch.Call) { c.Detail = target.service.Number + " 未接通,转带班领导 " + leader.Name })
			return nil
		}
	}
	if !v.mem.Unserved {
		v.mem.Unserved = true
		v.raise(Alert{CallID: v.record().ID, Phone: v.phone.Caller(), Why: FailedEmergency, Service: target.service.Number},
			v.registerEmergency())
	}
	v.disarm()
	v.arm() // whoever does not hang up may try again
	return v.say(tell, tell)
}

// failedPrompt is the sentence that names the service's own number, or the one that
// names them all.
func (v *visit) failedPrompt(target route) string {
	if id := promptEmergencyFailed + "-" + target.service.Number; v.r.cfg.Prompts.Has(id) {
		return id
	}
	return promptEmergencyFailed
}
